"""A person's own sessions and its second mailbox."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal.access import Conflict, Refused
from portal.actions import addresses, membership, step_up
from portal.agents import browser_of
from portal.enums import Role
from portal.models import Membership, OutboxMessage, User, Visit
from tests.factories.portal import OrganisationFactory, UserFactory, VisitFactory
from tests.portal.test_sign_in import ASK, TYPE, by_code, newest_code
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

HOW = "/account/2fa/"
SESSIONS = "/account/sessions/"
ADDRESS = "/account/address/"
SECOND = "liu@qq.example"
PHONE = "Mozilla/5.0 (Linux; Android 15) AppleWebKit Chrome/130 Mobile MicroMessenger/8.0"


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen")


@pytest.fixture
def contact(company):
    return UserFactory(email="liu@supplier.example", holds=(Role.CONTACT, company))


@pytest.fixture
def analyst(company):
    return UserFactory(email="ann@buyer.example", holds=(Role.ANALYST, company.buyer))


def in_the_other_browser(user):
    browser = Client(headers={"user-agent": PHONE})
    by_code(browser, user)
    return browser


# --- sessions --------------------------------------------------------------------------


def test_every_session_stands_on_the_list_with_its_browser(client, contact):
    in_the_other_browser(contact)
    by_code(client, contact)

    page = client.get(SESSIONS).text

    assert "WeChat on Android" in page
    assert page.count("This session") == 1
    assert "30 minutes" in page


def test_one_is_ended_from_the_other_and_asks_to_sign_in(client, contact):
    other = in_the_other_browser(contact)
    by_code(client, contact)
    theirs = Visit.objects.exclude(key=client.session.session_key).get()

    answer = client.post(f"/account/sessions/{theirs.pk}/end/", follow=True)

    assert "That session has ended." in answer.text
    assert other.get(SESSIONS)["Location"].startswith(ASK)
    assert client.get(SESSIONS).status_code == 200
    assert Visit.objects.count() == 1


def test_ending_ones_own_asks_to_sign_out(client, contact):
    by_code(client, contact)
    mine = Visit.objects.get()

    assert client.post(f"/account/sessions/{mine.pk}/end/")["Location"] == "/account/logout/"


def test_a_strangers_session_is_not_found(client, contact):
    sign_in(client, contact)
    theirs = VisitFactory()

    assert client.post(f"/account/sessions/{theirs.pk}/end/").status_code == 404
    assert client.get(f"/account/sessions/{theirs.pk}/end/").status_code == 405
    assert Visit.objects.filter(pk=theirs.pk).exists()


def test_signing_out_takes_the_session_off_the_list(client, contact):
    by_code(client, contact)

    client.post("/account/logout/")

    assert not Visit.objects.exists()


def test_an_idle_session_and_an_old_one_are_not_shown(client, contact, analyst):
    sign_in(client, contact)
    now = timezone.now()
    VisitFactory(user=contact, seen_at=now - timedelta(minutes=31))
    VisitFactory(user=contact, begun_at=now - timedelta(hours=13))
    VisitFactory(user=contact, seen_at=now - timedelta(minutes=29))

    assert client.get(SESSIONS).text.count("Firefox on Linux") == 2
    sign_in(client, analyst)
    VisitFactory(user=analyst, seen_at=now - timedelta(minutes=16))
    assert "Only here." in client.get(SESSIONS).text
    assert "15 minutes" in client.get(SESSIONS).text


def test_being_seen_is_written_once_a_minute(client, contact):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        by_code(client, contact)
        first = Visit.objects.get().seen_at
        clock.shift(30)
        client.get(HOW)
        assert Visit.objects.get().seen_at == first
        clock.shift(31)
        client.get(HOW)
        assert Visit.objects.get().seen_at == first + timedelta(seconds=61)


@pytest.mark.parametrize(("who", "minutes"), [("contact", 30), ("analyst", 15)])
def test_an_idle_session_ends_and_leaves_the_list(client, who, minutes, request):
    user = request.getfixturevalue(who)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, user)
        VisitFactory(user=user, key=client.session.session_key)
        clock.shift(minutes * 60 + 1)

        assert client.get(HOW)["Location"].startswith(ASK)
    assert not Visit.objects.exists()


def test_twelve_hours_end_a_session_that_is_never_idle(client, contact):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        sign_in(client, contact)
        for _quarter in range(48):
            clock.shift(15 * 60)
            assert client.get(HOW).status_code == 200
        clock.shift(1)

        assert client.get(HOW).status_code == 302


def test_lines_of_sessions_long_over_go_at_the_next_sign_in(client, contact):
    VisitFactory(user=contact, begun_at=timezone.now() - timedelta(hours=13))

    by_code(client, contact)

    assert Visit.objects.count() == 1


def test_a_proof_gives_a_new_key_and_keeps_the_line(client, contact):
    by_code(client, contact)
    before = Visit.objects.get()
    asked = client.post("/account/prove/")
    client.post(asked["Location"], {"code": newest_code()})

    after = Visit.objects.get()

    assert after.pk == before.pk
    assert after.key == client.session.session_key != before.key
    assert not Session.objects.filter(session_key=before.key).exists()


def test_a_role_that_ends_ends_every_session(client, contact, company):
    other = in_the_other_browser(contact)
    by_code(client, contact)
    administrator = UserFactory(holds=(Role.ADMINISTRATOR, company.buyer))

    membership.end_role(membership=Membership.objects.get(user=contact), by=administrator)

    for browser in (client, other):
        assert browser.get(HOW)["Location"].startswith(ASK)
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        ("", "Unknown browser"),
        ("curl/8", "Unknown browser"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/130 Safari Edg/130", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU like Mac OS X) Version/18 Safari", "Safari on iPhone"),
        ("Something HarmonyOS", "HarmonyOS"),
        (PHONE, "WeChat on Android"),
    ],
)
def test_a_browser_is_named_as_far_as_it_is_known(agent, said):
    assert browser_of(agent) == said


# --- the second address ----------------------------------------------------------------


def add(client, address=SECOND):
    asked = client.post(ADDRESS, {"address": address})
    return asked, client.post(asked["Location"], {"code": newest_code()})


def test_a_second_address_is_added_by_a_code_sent_there(client, contact, company):
    sign_in(client, contact)

    asked = client.post(ADDRESS, {"address": SECOND.upper()})
    code_mail = OutboxMessage.objects.get(purpose="step_up")
    assert client.get(asked["Location"]).status_code == 200
    wrong = client.post(asked["Location"], {"code": "1"})
    done = client.post(asked["Location"], {"code": newest_code()})

    assert (code_mail.to, code_mail.recipient) == (SECOND, contact)
    assert "tries left" in wrong.text
    assert done["Location"] == HOW
    assert User.objects.get(pk=contact.pk).second_email == SECOND
    told = OutboxMessage.objects.filter(purpose="second_address_added")
    assert set(told.values_list("to", flat=True)) == {contact.email, SECOND}
    entry = company.chain.entries.order_by("seq").last()
    assert entry.event == "person.second_address_added"
    assert SECOND not in entry.body
    assert SECOND in client.get(HOW).text


def test_codes_to_sign_in_go_to_the_address_that_was_typed(client, contact):
    add(sign_in(Client(), contact))

    client.post(ASK, {"email": SECOND})
    mail = OutboxMessage.objects.filter(purpose="login_code").get()
    answer = client.post(TYPE, {"code": newest_code()})

    assert (mail.to, mail.recipient) == (SECOND, contact)
    assert answer.status_code == 302
    assert client.session["_auth_user_id"] == str(contact.pk)


def test_other_codes_go_there_when_asked_to(client, contact):
    sign_in(client, contact)
    add(client)

    asked = client.post("/account/prove/", {"second": "1"})

    mail = OutboxMessage.objects.filter(purpose="step_up").order_by("written_at").last()
    assert mail.to == SECOND
    assert SECOND in client.get(asked["Location"]).text


def test_adding_and_removing_end_the_other_sessions(client, contact):
    other = in_the_other_browser(contact)
    by_code(client, contact)
    add(client)
    assert other.get(HOW).status_code == 302
    other = in_the_other_browser(contact)

    client.post("/account/address/remove/")

    assert other.get(HOW).status_code == 302
    assert client.get(HOW).status_code == 200
    assert User.objects.get(pk=contact.pk).second_email == ""
    told = OutboxMessage.objects.filter(purpose="second_address_removed")
    assert set(told.values_list("to", flat=True)) == {contact.email, SECOND}
    assert Client().post(ASK, {"email": SECOND}).status_code == 302
    assert OutboxMessage.objects.filter(purpose="login_code", to=SECOND).count() == 0


def test_removing_twice_changes_nothing(client, contact):
    sign_in(client, contact)

    client.post("/account/address/remove/")

    assert not OutboxMessage.objects.exists()


def test_another_second_address_replaces_the_first_which_is_told(client, contact):
    sign_in(client, contact)
    add(client)
    add(client, "liu@163.example")

    told = OutboxMessage.objects.filter(purpose="second_address_added")

    assert User.objects.get(pk=contact.pk).second_email == "liu@163.example"
    assert told.filter(to=SECOND).count() == 2


@pytest.mark.parametrize("kind", ["first", "second"])
def test_an_address_of_somebody_else_looks_the_same_and_gets_nothing(client, contact, kind):
    if kind == "first":
        UserFactory(email=SECOND)
    else:
        UserFactory(second_email=SECOND)
    sign_in(client, contact)

    asked = client.post(ADDRESS, {"address": SECOND})

    assert asked.status_code == 302
    assert SECOND in client.get(asked["Location"]).text
    assert not OutboxMessage.objects.exists()


@pytest.mark.parametrize("typed", ["", "no address", "a@b", "x" * 400 + "@example.com"])
def test_what_is_no_address_is_said_at_the_field(client, contact, typed):
    answer = sign_in(client, contact).post(ADDRESS, {"address": typed})

    assert answer.status_code == 200
    assert 'href="#id_address"' in answer.text


def test_ones_own_address_and_the_buyers_are_refused_with_a_sentence(client, contact, analyst):
    sign_in(client, contact)

    own = client.post(ADDRESS, {"address": contact.email})
    theirs = client.post(ADDRESS, {"address": "spy@buyer.example"})

    assert "This is an address of yours already." in own.text
    assert "belongs to the buyer you answer" in theirs.text


def test_people_of_a_buyer_have_no_second_address(client, analyst):
    answer = sign_in(client, analyst).get(ADDRESS)

    assert answer.status_code == 403
    assert "a second address is not for it" in answer.text
    assert "Add a second address" not in client.get(HOW).text


def test_nobodys_person_has_none_either(client):
    answer = sign_in(client, UserFactory()).get(ADDRESS)

    assert answer.status_code == 403
    assert "Only people of a supplier" in answer.text


def test_the_pages_answer_no_other_method_and_no_stranger(client, contact):
    asked = sign_in(Client(), contact).post(ADDRESS, {"address": SECOND})
    stranger = sign_in(
        client, UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))
    )

    assert stranger.get(asked["Location"]).status_code == 404
    assert stranger.delete(asked["Location"]).status_code == 405
    assert stranger.get("/account/address/remove/").status_code == 405


def test_an_address_typed_over_meanwhile_asks_anew(client, contact):
    sign_in(client, contact)
    first = client.post(ADDRESS, {"address": SECOND})
    client.post(ADDRESS, {"address": "liu@163.example"})

    assert client.post(first["Location"], {"code": newest_code()})["Location"] == ADDRESS


def test_an_old_session_proves_itself_first(client, contact):
    by_code(client, contact)

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        assert client.get(ADDRESS)["Location"].startswith("/account/prove/")


def test_an_address_taken_between_code_and_click_is_a_conflict(client, contact):
    sign_in(client, contact)
    client.post(ADDRESS, {"address": SECOND})
    asked = contact.step_ups.get()
    UserFactory(email=SECOND)

    with pytest.raises(Conflict), transaction.atomic():
        addresses.add_second(
            by=contact, address=SECOND, asked=asked, code=newest_code(), session=client.session
        )
    contact.refresh_from_db()
    assert contact.second_email == ""
    assert contact.step_ups.get().used_at is None


def test_the_code_fits_that_address_alone(client, contact):
    sign_in(client, contact)
    client.post(ADDRESS, {"address": SECOND})
    asked = contact.step_ups.get()

    with pytest.raises(Conflict), transaction.atomic():
        addresses.add_second(
            by=contact,
            address="other@x.example",
            asked=asked,
            code=newest_code(),
            session=client.session,
        )


def test_a_buyers_person_is_refused_in_the_action_too(client, analyst):
    sign_in(client, analyst)

    with pytest.raises(Refused):
        addresses.ask_second(by=analyst, address=SECOND, session=client.session, buyer=None)
    assert not step_up.StepUp.objects.exists()


def test_a_new_first_address_by_the_buyer_forgets_second_address_and_passkeys(
    client, contact, company
):
    from tests.passkeys import set_up

    sign_in(client, contact)
    add(client)
    set_up(client)
    administrator = UserFactory(
        email="admin@buyer.example", holds=(Role.ADMINISTRATOR, company.buyer)
    )

    membership.change_address(
        supplier=company,
        person=contact,
        address="new@supplier.example",
        reason="called the switchboard",
        by=administrator,
    )

    person = User.objects.get(pk=contact.pk)
    assert (person.email, person.second_email) == ("new@supplier.example", "")
    assert not re.search("webauthn", str(list(person.authenticator_set.values_list("type"))))
    assert client.get(HOW).status_code == 302


def test_the_sessions_page_costs_the_same_for_many(client, contact, django_assert_num_queries):
    sign_in(client, contact)
    VisitFactory.create_batch(3, user=contact)

    # session, person, roles, sessions, service name
    with django_assert_num_queries(5):
        client.get(SESSIONS)
