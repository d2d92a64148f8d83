import re
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.actions import people
from portal.enums import Language, Role
from portal.models import Invitation, LedgerEntry, OutboxMessage, User
from tests.factories.portal import InvitationFactory, OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

TYPE = "/account/login/code/confirm/"


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen")


@pytest.fixture
def administrator(company):
    return UserFactory(holds=(Role.ADMINISTRATOR, company.buyer))


@pytest.fixture
def invitation(company, administrator):
    return people.invite(
        organisation=company,
        role=Role.CONTACT,
        email=" Liu@Supplier.example ",
        name="Demo Contact",
        language=Language.ZH,
        by=administrator,
    )


def page_of(invitation, onward=""):
    return f"/invitations/{invitation.pk}/" + (f"?next={onward}" if onward else "")


def code():
    mail = OutboxMessage.objects.filter(is_secret=True).order_by("-written_at").first()
    return re.search(r"\d{4}-\d{4}", mail.body)[0]


# --- inviting --------------------------------------------------------------------------


def test_an_invitation_makes_a_person_without_password_and_no_role_yet(invitation, company):
    user = User.objects.get(email="liu@supplier.example")

    assert not user.has_usable_password()
    assert (user.name, user.language) == ("Demo Contact", Language.ZH)
    assert user.roles == {}
    assert invitation.expires_at - invitation.invited_at == timedelta(days=30)
    assert ledger.verify(company.chain).is_intact
    assert [entry.event for entry in company.chain.entries.all()] == ["person.invited"]


def test_the_mail_is_in_the_persons_language_and_names_the_buyer_alone(invitation, company):
    mail = OutboxMessage.objects.get()

    assert (mail.language, mail.to) == ("zh-hans", "liu@supplier.example")
    assert mail.sender == "Quellen <no-reply@example.com>"
    assert f"http://127.0.0.1:8000/invitations/{invitation.pk}/" in mail.body
    assert company.buyer.name in mail.subject
    assert "Extricate" not in mail.subject + mail.body + mail.sender


def test_the_mail_may_lead_on_to_a_page(company, administrator):
    people.invite(
        organisation=company,
        role=Role.SIGNATORY,
        email="sign@supplier.example",
        by=administrator,
        next_url="/cases/1/",
    )

    assert "/?next=%2Fcases%2F1%2F" in OutboxMessage.objects.get().body


def test_the_callers_own_mail_may_carry_the_pointer(company):
    offer = people.invite(
        organisation=company,
        role=Role.CONTACT,
        email="a@supplier.example",
        by="installation",
        announce=False,
    )

    assert not OutboxMessage.objects.exists()
    assert people.pointer(offer).endswith(f"/invitations/{offer.pk}/")
    assert offer.invited_by is None


def test_the_same_invitation_twice_is_one_offer_and_two_mails(invitation, company, administrator):
    with clock.at(clock.now() + timedelta(days=10)):
        again = people.invite(
            organisation=company,
            role=Role.CONTACT,
            email="liu@supplier.example",
            by=administrator,
        )

    assert again.pk == invitation.pk
    assert again.expires_at - invitation.expires_at > timedelta(days=9)
    assert OutboxMessage.objects.count() == 2


def test_a_person_may_be_offered_a_second_role(invitation, company, administrator):
    other = people.invite(
        organisation=company,
        role=Role.SIGNATORY,
        email="liu@supplier.example",
        by=administrator,
    )

    assert other.user == invitation.user
    assert other.pk != invitation.pk


def test_who_holds_the_role_is_not_invited_to_it(company, administrator):
    UserFactory(email="li@supplier.example", holds=(Role.CONTACT, company))

    with pytest.raises(Conflict):
        people.invite(
            organisation=company,
            role=Role.CONTACT,
            email="li@supplier.example",
            by=administrator,
        )


def test_a_stranger_invites_nobody(company):
    stranger = UserFactory(holds=(Role.ADMINISTRATOR, OrganisationFactory()))

    with pytest.raises(Refused):
        people.invite(
            organisation=company, role=Role.CONTACT, email="x@supplier.example", by=stranger
        )
    assert not OutboxMessage.objects.exists()
    assert not Invitation.objects.exists()


@pytest.mark.parametrize("email", ["", "nobody", "a@b", "a@example.com\nBcc: b@example.com"])
def test_what_is_no_address_invites_nobody(company, administrator, email):
    with pytest.raises(ValidationError):
        people.invite(organisation=company, role=Role.CONTACT, email=email, by=administrator)


def test_a_contact_brings_in_a_colleague_of_its_own_domain_alone(company):
    contact = UserFactory(email="li@supplier.example", holds=(Role.CONTACT, company))

    people.invite(
        organisation=company, role=Role.SIGNATORY, email="boss@supplier.example", by=contact
    )
    with pytest.raises(Refused):
        people.invite(
            organisation=company, role=Role.SIGNATORY, email="boss@other.example", by=contact
        )


# --- the page --------------------------------------------------------------------------


def test_looking_at_the_page_changes_nothing_and_tells_nothing(client, invitation, company):
    before = Invitation.objects.values().get()

    for _scanner in range(3):
        answer = client.get(page_of(invitation))

    assert answer.status_code == 200
    assert Invitation.objects.values().get() == before
    assert OutboxMessage.objects.filter(is_secret=True).count() == 0
    assert "Quellen" in answer.text
    for secret in ("liu", company.name, company.name_en, "Demo Contact", "Extricate"):
        assert secret not in answer.text.replace("/extricate.css", "")


def test_the_right_address_gets_a_code_and_becomes_a_member(client, invitation, company):
    asked = client.post(
        page_of(invitation), {"email": "LIU@supplier.example", "next": "/account/2fa/"}
    )
    assert asked["Location"] == TYPE + "?next=%2Faccount%2F2fa%2F"
    assert "Quellen" in client.get(asked["Location"]).text

    answer = client.post(asked["Location"], {"code": code(), "next": "/account/2fa/"})

    assert answer["Location"] == "/account/2fa/"
    membership = invitation.user.memberships.get()
    assert (membership.role, membership.organisation) == (Role.CONTACT, company)
    invitation.refresh_from_db()
    assert invitation.accepted_at is not None
    events = [entry.event for entry in company.chain.entries.order_by("seq")]
    assert events == ["person.invited", "person.joined"]


def test_another_address_gets_the_same_answer_and_nothing_else(invitation):
    right, wrong = Client(), Client()

    answers = [
        right.post(page_of(invitation), {"email": "liu@supplier.example"}),
        wrong.post(page_of(invitation), {"email": "eve@supplier.example"}),
    ]

    assert answers[0]["Location"] == answers[1]["Location"] == TYPE + "?next=%2F"
    assert OutboxMessage.objects.filter(is_secret=True).count() == 1


def test_a_code_typed_elsewhere_opens_nothing(client, invitation):
    client.post(page_of(invitation), {"email": "liu@supplier.example"})

    assert Client().post(TYPE, {"code": code()})["Location"] == "/account/login/code/"
    assert not invitation.user.memberships.exists()


def test_the_first_time_asks_for_name_and_language_and_shows_the_notice(
    client, invitation, company, settings
):
    settings.HOSTING_REGION = "Frankfurt"
    client.post(page_of(invitation), {"email": "liu@supplier.example"})
    client.post(TYPE, {"code": code()})

    answer = client.get("/account/2fa/")
    assert answer["Location"] == "/account/welcome/?next=%2Faccount%2F2fa%2F"
    client.post("/account/language/", {"language": "en"})
    page = client.get(answer["Location"])
    assert "Frankfurt" in page.text
    assert company.buyer.name in page.text
    assert "five years" in page.text

    wrong = client.post(answer["Location"], {"name": "", "language": "xx"})
    assert "Type your name." in wrong.text
    done = client.post(answer["Location"], {"name": " 刘𠮷 ", "language": "zh-hans"})

    assert done["Location"] == "/account/offer/?next=%2Faccount%2F2fa%2F"
    user = User.objects.get(email="liu@supplier.example")
    assert (user.name, user.language) == ("刘𠮷", "zh-hans")
    assert user.noticed_at is not None
    assert client.get("/account/2fa/").headers["Content-Language"] == "zh-hans"
    assert company.chain.entries.order_by("seq").last().event == "person.introduced"


def test_an_accepted_invitation_still_leads_its_person_in(client, invitation):
    people.accept(invitation=invitation, by=invitation.user)

    asked = client.post(page_of(invitation), {"email": "liu@supplier.example"})

    assert asked.status_code == 302
    assert client.post(TYPE, {"code": code()}).status_code == 302
    assert invitation.user.memberships.count() == 1


@pytest.mark.parametrize("change", ["expired", "withdrawn"])
def test_what_ran_out_says_so_and_sends_nothing(client, invitation, change):
    now = timezone.now()
    if change == "expired":
        invitation.expires_at = now - timedelta(seconds=1)
    else:
        invitation.withdrawn_at = now
    invitation.save()

    assert "This invitation has run out" in client.get(page_of(invitation)).text
    client.post(page_of(invitation), {"email": "liu@supplier.example"})

    assert not OutboxMessage.objects.filter(is_secret=True).exists()


def test_no_such_invitation_is_a_404(client):
    answer = client.get("/invitations/00000000-0000-4000-8000-000000000000/")

    assert answer.status_code == 404


def test_the_page_is_shown_thirty_times_a_minute(client, invitation):
    answers = [client.get(page_of(invitation)).status_code for _look in range(31)]

    assert answers == [200] * 30 + [429]


def test_codes_are_limited_here_too(invitation):
    answers = [
        Client().post(page_of(invitation), {"email": "liu@supplier.example"}) for _one in range(4)
    ]

    assert [answer.status_code for answer in answers] == [302, 302, 302, 200]
    assert "Too many tries." in answers[-1].text


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "javascript:x"])
def test_the_page_leads_nowhere_else(client, invitation, onward):
    page = client.get(page_of(invitation, onward))

    assert re.findall(r'<input type="hidden" name="next" value="(.*?)">', page.text)[-1] == "/"
    asked = client.post(page_of(invitation), {"email": "liu@supplier.example", "next": onward})
    assert asked["Location"] == TYPE + "?next=%2F"


def test_the_invited_person_accepts_in_a_session_of_its_own(client, invitation):
    sign_in(client, invitation.user)

    assert "接受邀请" in client.get(page_of(invitation)).text
    answer = client.post(page_of(invitation), {"next": "/account/2fa/"})

    assert answer["Location"] == "/account/2fa/"
    assert invitation.user.memberships.get().role == Role.CONTACT


def test_somebody_else_is_told_who_is_signed_in(client, invitation):
    other = UserFactory(email="other@example.com")
    sign_in(client, other)

    page = client.get(page_of(invitation)).text
    client.post(page_of(invitation))

    assert "You are signed in as other@example.com." in page
    assert not invitation.user.memberships.exists()


# --- accepting -------------------------------------------------------------------------


def test_nobody_accepts_for_another(invitation):
    with pytest.raises(Refused):
        people.accept(invitation=invitation, by=UserFactory())


def test_a_withdrawn_or_late_invitation_is_not_accepted(invitation):
    with clock.at(clock.now() + timedelta(days=31)), pytest.raises(Conflict):
        people.accept(invitation=invitation, by=invitation.user)
    invitation.withdrawn_at = timezone.now()
    invitation.save()
    with pytest.raises(Conflict):
        people.accept(invitation=invitation, by=invitation.user)


def test_accepting_twice_is_accepting_once(invitation):
    first = people.accept(invitation=invitation, by=invitation.user)
    second = people.accept(invitation=invitation, by=invitation.user)

    assert first.pk == second.pk
    assert LedgerEntry.objects.filter(event="person.joined").count() == 1


def test_no_chain_tells_of_another_companys_person(invitation):
    user = invitation.user
    InvitationFactory(user=user)

    people.accept_open(by=user)

    bodies = LedgerEntry.objects.filter(event="person.joined").values_list("body", flat=True)
    assert len(bodies) == 1 or all("roles" in body for body in bodies)
    for organisation in {entry.organisation for entry in user.memberships.all()}:
        told = "".join(entry.body for entry in organisation.chain.entries.all())
        others = user.memberships.exclude(organisation=organisation)
        assert not any(str(other.organisation_id) in told for other in others)
