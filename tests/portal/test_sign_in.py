import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core.exceptions import ImproperlyConfigured
from django.test import Client, RequestFactory
from django.utils import timezone

from portal import sign_in as portal_sign_in
from portal import tasks
from portal.access import Refused
from portal.actions import people
from portal.enums import Delivery, Language, Queue, Role
from portal.models import OutboxMessage, User
from portal.sign_in import SecondFactorAdapter, Strength, strength
from tests.factories.portal import InvitationFactory, OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

ASK = "/account/login/code/"
TYPE = "/account/login/code/confirm/"
SET_UP = "/account/2fa/totp/activate/"
SECOND = "/account/2fa/authenticate/"
NO_ADDRESSES = ["", "no address", "a@b", "x" * 400 + "@example.com", "\u202e@example.com"]


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen")


@pytest.fixture
def contact(company):
    return UserFactory(holds=(Role.CONTACT, company))


@pytest.fixture
def analyst(company):
    return UserFactory(holds=(Role.ANALYST, company.buyer))


def newest_code():
    mail = OutboxMessage.objects.filter(is_secret=True).order_by("-written_at").first()
    return re.search(r"\d{4}-\d{4}", mail.body)[0]


def by_code(client, user):
    client.post(ASK, {"email": user.email})
    return client.post(TYPE, {"code": newest_code()})


def app_code(secret, at=None):
    counter = int((at or timezone.now()).timestamp()) // 30
    return format_hotp_value(hotp_value(secret, counter))


def with_app(client, user):
    """Sign in by code and set up an app, two minutes ago; returns its secret."""
    with time_machine.travel(timezone.now() - timedelta(minutes=2)):
        by_code(client, user)
        client.get(SET_UP)
        secret = client.session["mfa.totp.secret"]
        client.post(SET_UP, {"code": app_code(secret)})
    return secret


# --- the mailed code -------------------------------------------------------------------


def test_a_mailed_code_signs_in_and_leads_on(client, contact):
    asked = client.post(ASK, {"email": contact.email.upper(), "next": "/account/2fa/"})
    answer = client.post(TYPE, {"code": newest_code(), "next": "/account/2fa/"})

    assert asked["Location"] == TYPE + "?next=%2Faccount%2F2fa%2F"
    assert answer["Location"] == "/account/2fa/"
    assert client.session["_auth_user_id"] == str(contact.pk)
    assert strength(client.session) == Strength.CODE


def test_the_code_travels_through_the_urgent_outbox_and_is_wiped(client, contact, mailbox):
    before = timezone.now()
    client.post(ASK, {"email": contact.email})
    mail = OutboxMessage.objects.get()

    assert (mail.queue, mail.is_secret, mail.purpose) == (Queue.URGENT, True, "login_code")
    assert mail.subject == "Your code for Quellen"
    assert "Extricate" not in mail.body
    assert timedelta(seconds=595) < mail.expires_at - before < timedelta(seconds=605)

    tasks.deliver.call(str(mail.pk))

    mail.refresh_from_db()
    assert (mail.delivery, mail.body) == (Delivery.ACCEPTED, "")


def test_an_unknown_address_gets_the_same_answer_and_no_mail(contact):
    known, unknown = Client(), Client()

    answers = [
        known.post(ASK, {"email": contact.email}),
        unknown.post(ASK, {"email": "somebody@example.com"}),
    ]
    pages = [
        known.get(TYPE).text.replace(contact.email, "X"),
        unknown.get(TYPE).text.replace("somebody@example.com", "X"),
    ]

    assert answers[0]["Location"] == answers[1]["Location"]
    hidden = r'name="csrfmiddlewaretoken" value="\w+"'
    assert re.sub(hidden, "", pages[0]) == re.sub(hidden, "", pages[1])
    assert OutboxMessage.objects.count() == 1
    assert "This code is not the one" in unknown.post(TYPE, {"code": "1234-5678"}).text


def test_a_closed_account_gets_the_same_answer_and_no_mail(client, contact):
    contact.is_active = False
    contact.save()

    assert client.post(ASK, {"email": contact.email}).status_code == 302
    assert not OutboxMessage.objects.exists()


def test_the_code_is_worth_nothing_in_another_browser(client, contact):
    client.post(ASK, {"email": contact.email})

    answer = Client().post(TYPE, {"code": newest_code()})

    assert answer["Location"] == ASK


@pytest.mark.parametrize("shape", ["{0}{1}", "{0} {1}", " {0}-{1} ", "full-width"])
def test_the_code_may_be_typed_as_people_type(client, contact, shape):
    client.post(ASK, {"email": contact.email})
    first, second = newest_code().split("-")
    typed = shape.format(first, second)
    if shape == "full-width":
        typed = "".join(chr(ord(one) + 0xFEE0) for one in first + second)

    assert client.post(TYPE, {"code": typed}).status_code == 302
    assert client.session["_auth_user_id"] == str(contact.pk)


def test_the_fifth_wrong_code_ends_it(client, contact):
    client.post(ASK, {"email": contact.email})
    code = newest_code()
    wrong = "0000-0000" if code != "0000-0000" else "1111-1111"

    for _try in range(4):
        assert "This code is not the one" in client.post(TYPE, {"code": wrong}).text
    last = client.post(TYPE, {"code": wrong})

    assert last["Location"] == ASK
    assert client.post(TYPE, {"code": code})["Location"] == ASK


def test_the_code_runs_out_after_ten_minutes(client, contact):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post(ASK, {"email": contact.email})
        clock.shift(601)

        assert client.post(TYPE, {"code": newest_code()})["Location"] == ASK


def test_another_code_replaces_the_first_and_gains_no_time(client, contact):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        client.post(ASK, {"email": contact.email})
        first, ends_at = newest_code(), OutboxMessage.objects.get().expires_at
        clock.shift(120)
        client.post(TYPE, {"action": "resend"})
        second = OutboxMessage.objects.order_by("written_at").last()

        assert abs(second.expires_at - ends_at) < timedelta(seconds=1)
        assert client.post(TYPE, {"code": first}).status_code == 200
        assert client.post(TYPE, {"code": newest_code()}).status_code == 302


def test_three_codes_a_minute_go_to_one_address(contact):
    answers = [Client().post(ASK, {"email": contact.email}).status_code for _one in range(4)]

    assert answers == [302, 302, 302, 200]
    assert OutboxMessage.objects.count() == 3


def test_twenty_codes_a_minute_go_to_one_network():
    answers = [
        Client().post(ASK, {"email": f"nobody{number}@example.com"}).status_code
        for number in range(21)
    ]

    assert answers == [302] * 20 + [200]


@pytest.mark.parametrize("typed", NO_ADDRESSES)
def test_what_is_no_address_is_said_at_the_field(client, typed):
    answer = client.post(ASK, {"email": typed})

    assert answer.status_code == 200
    assert 'href="#id_email"' in answer.text


def test_nobody_can_sign_up(client):
    assert client.post("/account/signup/", {"email": "new@example.com"}).status_code == 404
    assert not User.objects.exists()


def test_the_session_gets_a_new_key_at_sign_in(client, contact):
    client.post(ASK, {"email": contact.email})
    before = client.session.session_key
    client.post(TYPE, {"code": newest_code()})

    assert client.session.session_key != before


def test_the_language_of_the_person_is_spoken_after_sign_in(client, contact):
    contact.language = Language.ZH
    contact.save()

    by_code(client, contact)

    assert client.get("/account/2fa/").headers["Content-Language"] == "zh-hans"
    assert OutboxMessage.objects.get().language == Language.ZH


def test_no_code_stands_in_a_log(client, contact, caplog):
    caplog.set_level("DEBUG")

    by_code(client, contact)

    assert newest_code() not in caplog.text
    assert newest_code().replace("-", "") not in caplog.text


def test_signing_out_ends_the_session(client, contact):
    by_code(client, contact)

    assert client.get("/account/logout/").status_code == 200
    client.post("/account/logout/")

    assert client.get("/account/2fa/")["Location"].startswith(ASK)


def test_the_pages_bear_the_name_the_buyer_chose(client, contact):
    by_code(client, contact)

    said = client.get("/account/2fa/").text

    assert "Quellen" in said
    assert 'alt="Extricate"' not in said


# --- the second factor -----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_buyers_person_sets_up_an_app_and_is_strong_from_then_on(client, analyst):
    by_code(client, analyst)
    assert client.get("/account/2fa/")["Location"].startswith("/account/second-step/")

    page = client.get(SET_UP)
    assert "<svg" in page.text
    assert "data:image" not in page.text
    secret = client.session["mfa.totp.secret"]
    answer = client.post(SET_UP, {"code": app_code(secret)})

    assert answer["Location"] == "/account/2fa/recovery-codes/"
    assert strength(client.session) == Strength.MFA
    shown = client.get(answer["Location"])
    assert len(re.findall(r"<li>\d{8}</li>", shown.text)) == 10
    assert OutboxMessage.objects.filter(purpose="totp_activated").exists()


def test_a_wrong_code_of_the_app_sets_nothing_up(client, analyst):
    by_code(client, analyst)
    client.get(SET_UP)

    answer = client.post(SET_UP, {"code": "000000"})

    assert "This code is not right." in answer.text
    assert strength(client.session) == Strength.CODE
    assert not Authenticator.objects.exists()


def test_from_then_on_the_app_is_asked_at_sign_in(client, analyst):
    secret = with_app(client, analyst)
    again = Client()

    assert by_code(again, analyst)["Location"] == SECOND
    assert again.get("/account/2fa/")["Location"].startswith(ASK)
    assert "This code is not right." in again.post(SECOND, {"code": "000000"}).text
    assert again.post(SECOND, {"code": app_code(secret)}).status_code == 302

    assert strength(again.session) == Strength.MFA


def test_a_code_of_the_app_works_once(client, analyst):
    secret = with_app(client, analyst)

    answers = []
    start = timezone.now() + timedelta(minutes=5)
    # the same code is within its three periods each time
    for seconds, browser in ((0, Client()), (1, Client()), (31, Client())):
        with time_machine.travel(start + timedelta(seconds=seconds)):
            by_code(browser, analyst)
            code = app_code(secret, start)
            answers.append(browser.post(SECOND, {"code": code}).status_code)

    assert answers == [302, 200, 200]


def test_a_recovery_code_takes_the_place_of_the_app_once(client, analyst):
    with_app(client, analyst)
    shown = client.get("/account/2fa/recovery-codes/").text
    spare = re.search(r"<li>(\d{8})</li>", shown)[1]

    answers = []
    for browser in (Client(), Client()):
        by_code(browser, analyst)
        answers.append(browser.post(SECOND, {"code": spare}).status_code)

    assert answers == [302, 200]


def test_an_older_weak_session_is_asked_for_the_app_not_for_a_new_one(client, analyst):
    weak = sign_in(Client(), analyst, second_factor=False)
    with_app(client, analyst)

    answer = weak.get("/account/2fa/")

    assert answer["Location"].startswith("/account/2fa/reauthenticate/")


def test_the_app_is_asked_again_before_factors_change(client, analyst):
    secret = with_app(client, analyst)

    with time_machine.travel(timezone.now() + timedelta(minutes=4)):
        asked = client.get("/account/2fa/recovery-codes/")
        assert asked["Location"].startswith("/account/2fa/reauthenticate/")
        assert client.get(asked["Location"]).status_code == 200
        done = client.post(asked["Location"], {"code": app_code(secret)})

    assert done["Location"] == "/account/2fa/recovery-codes/"


def test_who_needs_the_second_step_cannot_remove_it(client, analyst):
    with_app(client, analyst)

    answer = client.post("/account/2fa/totp/deactivate/")

    assert "Your role needs a second step." in answer.text
    assert Authenticator.objects.filter(type="totp").exists()


def test_a_suppliers_person_may_add_and_remove_it(client, contact):
    with_app(client, contact)
    client.post("/account/2fa/totp/deactivate/")

    assert not Authenticator.objects.exists()
    assert OutboxMessage.objects.filter(purpose="totp_deactivated").exists()


def test_new_recovery_codes_replace_the_old_ones(
    client, analyst, django_capture_on_commit_callbacks
):
    with_app(client, analyst)
    before = client.get("/account/2fa/recovery-codes/download/").text

    assert client.get("/account/2fa/recovery-codes/generate/").status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/account/2fa/recovery-codes/generate/")

    assert client.get("/account/2fa/recovery-codes/download/").text != before
    assert OutboxMessage.objects.filter(purpose="recovery_codes_generated").exists()


def test_an_old_session_proves_itself_before_a_factor_is_added(client, contact):
    by_code(client, contact)

    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        answer = client.get(SET_UP)
        assert answer["Location"] == "/account/prove/?next=%2Faccount%2F2fa%2Ftotp%2Factivate%2F"
        assert client.get(answer["Location"]).status_code == 200
        asked = client.post("/account/prove/", {"next": SET_UP})
        assert client.get(asked["Location"]).status_code == 200
        assert "tries left" in client.post(asked["Location"], {"code": "1"}).text
        before = client.session.session_key
        proved = client.post(asked["Location"], {"code": newest_code()})

        assert proved["Location"] == SET_UP
        assert client.session.session_key != before
        assert client.get(SET_UP).status_code == 200


def test_a_strangers_proof_is_not_found(client, contact, analyst):
    sign_in(client, contact)
    asked = client.post("/account/prove/")

    assert sign_in(Client(), analyst).get(asked["Location"]).status_code == 404


def test_the_secret_of_an_app_is_stored_encrypted(client, analyst):
    secret = with_app(client, analyst)

    stored = Authenticator.objects.get(type="totp").data["secret"]

    assert secret not in stored
    assert SecondFactorAdapter().decrypt(stored) == secret


def test_secrets_survive_a_new_secret_key_and_a_key_of_their_own(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
    settings.MFA_KEY = ""
    stored = SecondFactorAdapter().encrypt("seed")

    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    settings.MFA_KEY = "own"

    assert SecondFactorAdapter().decrypt(stored) == "seed"
    assert SecondFactorAdapter().encrypt("seed").partition(":")[0] != stored.partition(":")[0]


def test_a_lost_key_is_named(settings):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
    stored = SecondFactorAdapter().encrypt("seed")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", []

    with pytest.raises((ValueError, ImproperlyConfigured), match="set MFA_KEY"):
        SecondFactorAdapter().decrypt(stored)


# --- a demonstration -------------------------------------------------------------------


def request_of(client):
    request = RequestFactory().get("/")
    request.session = client.session
    return request


def test_becoming_somebody_is_possible_in_a_demonstration_alone(client, analyst):
    with pytest.raises(Refused):
        portal_sign_in.become(request_of(client), analyst)


def test_in_a_demonstration_the_second_factor_counts_as_given(client, analyst, settings):
    settings.EXTRICATE_DEMO = True
    request = request_of(client)

    portal_sign_in.become(request, analyst)

    assert strength(request.session) == Strength.MFA
    settings.EXTRICATE_DEMO = False
    assert strength(request.session) == Strength.CODE


def test_becoming_somebody_new_in_a_demonstration_skips_the_welcome(client, settings):
    settings.EXTRICATE_DEMO = True
    newcomer = UserFactory(noticed_at=None)

    portal_sign_in.become(request_of(client), newcomer)

    newcomer.refresh_from_db()
    assert newcomer.noticed_at is not None


# --- in whose name ---------------------------------------------------------------------


def test_the_newest_offer_decides_in_whose_name_a_code_is_sent(contact):
    other = OrganisationFactory(supplier=True, buyer__service_name="Woher")
    InvitationFactory(user=contact, organisation=other)

    assert portal_sign_in.buyer_of(contact) == other.buyer


def test_a_person_without_any_company_is_written_to_by_the_service():
    assert portal_sign_in.buyer_of(UserFactory()) is None
    assert portal_sign_in.service_of(None) == {"name": "Extricate", "is_buyers": False}


def test_open_invitations_are_accepted_at_sign_in(client):
    invitation = InvitationFactory()

    by_code(client, invitation.user)

    assert invitation.user.memberships.get().organisation == invitation.organisation
    assert people.accept_open(by=invitation.user) == []
