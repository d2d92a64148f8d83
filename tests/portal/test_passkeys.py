"""Passkeys: set up, offered, used as second step and as proof, removed; and a signature of one."""

import hashlib
import json
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.test import Client
from django.utils import timezone

from portal import passkeys
from portal.access import Conflict, Refused
from portal.actions import step_up
from portal.enums import Role, StepUpPurpose
from portal.models import OutboxMessage, StepUp
from portal.passkeys import Touch
from portal.sign_in import Strength, strength
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.passkeys import SoftKey, set_up
from tests.portal.test_sign_in import by_code, with_app
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

ADD = "/account/passkeys/add/"
PROVE = "/account/passkeys/prove/"
HOW = "/account/2fa/"
LATER = timedelta(minutes=11)
SIGNED = hashlib.sha256(b"what is signed").hexdigest()


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen")


@pytest.fixture
def contact(company):
    return UserFactory(holds=(Role.CONTACT, company))


@pytest.fixture
def analyst(company):
    return UserFactory(holds=(Role.ANALYST, company.buyer))


def touched(key, page):
    return {"credential": json.dumps(key.touch(page.context["options"]))}


# --- setting up ------------------------------------------------------------------------


def test_a_passkey_is_set_up_named_and_told_by_mail(client, contact):
    sign_in(client, contact)

    _key, answer = set_up(client)

    assert answer["Location"] == "/account/2fa/recovery-codes/"
    mail = OutboxMessage.objects.get(purpose="webauthn_added")
    assert "My telephone" in mail.body
    assert "Extricate" not in mail.body + mail.subject
    page = client.get(HOW)
    assert "My telephone" in page.text
    assert "10 are left" in " ".join(page.text.split())


def test_a_second_passkey_makes_no_new_recovery_codes(client, contact):
    sign_in(client, contact)
    set_up(client)

    _key, answer = set_up(client, name="")

    assert answer["Location"] == HOW
    assert client.get(HOW).context["ways"].passkeys[1].name == "Passkey"


def test_setting_one_up_makes_the_session_strong_and_ends_the_others(client, analyst):
    other = sign_in(Client(), analyst)
    sign_in(client, analyst, second_factor=False)

    set_up(client)

    assert strength(client.session) == Strength.MFA
    assert client.get(HOW).status_code == 200
    assert other.get(HOW).status_code == 302


@pytest.mark.parametrize(
    "typed", ["", "{", "[]", "{}", '{"id": 1}', "[" * 30_000, '{"id": "x", "response": 3}', "null"]
)
def test_what_is_no_passkey_sets_nothing_up(client, contact, typed):
    sign_in(client, contact)
    client.get(ADD)

    answer = client.post(ADD, {"credential": typed, "name": "x"})

    assert answer.status_code == 200
    assert "There is a problem" in answer.text
    assert not Authenticator.objects.exists()


@pytest.mark.parametrize(
    "key",
    [SoftKey(verifies=False), SoftKey("evil.example"), SoftKey(origin="https://evil.example")],
    ids=["not verified", "another host", "another origin"],
)
def test_a_passkey_of_another_host_or_without_verification_is_refused(client, contact, key):
    sign_in(client, contact)

    _key, answer = set_up(client, key)

    assert answer.status_code == 200
    assert not Authenticator.objects.exists()


def test_a_stale_challenge_sets_nothing_up(client, contact):
    sign_in(client, contact)
    key = SoftKey()
    old = key.make(client.get(ADD).context["options"])
    client.get(ADD)

    assert client.post(ADD, {"credential": json.dumps(old)}).status_code == 200
    assert not Authenticator.objects.exists()


def test_one_passkey_is_never_two_peoples(client, contact, analyst):
    key, _answer = set_up(sign_in(client, contact))

    _key, answer = set_up(sign_in(Client(), analyst), key)

    assert "This passkey is set up already." in answer.text


def test_ten_passkeys_are_enough(client, contact):
    sign_in(client, contact)
    for _number in range(10):
        set_up(client)

    _key, answer = set_up(client)

    assert "Ten passkeys are enough." in answer.text


def test_a_host_that_is_a_number_offers_none(client, contact):
    sign_in(client, contact)

    page = client.get(ADD, headers={"host": "127.0.0.1"})

    assert "opened by a number" in page.text
    assert page.context["options"] is None


# --- the offer -------------------------------------------------------------------------


def test_a_suppliers_person_is_offered_one_once(client, company):
    new = UserFactory(holds=(Role.CONTACT, company), noticed_at=None)
    sign_in(client, new)
    welcome = client.post("/account/welcome/", {"name": "Liu", "language": "en", "next": HOW})

    page = client.get(welcome["Location"])
    again = client.post("/account/welcome/", {"name": "Liu", "language": "en", "next": HOW})

    assert welcome["Location"].startswith("/account/offer/")
    assert "A passkey" in page.text
    assert "A second mail address" in page.text
    assert again["Location"] == HOW
    assert client.post("/account/offer/", {"next": HOW})["Location"] == HOW


def test_a_buyers_person_is_not_offered_one_but_told_to_set_a_second_step_up(client, company):
    new = UserFactory(holds=(Role.ANALYST, company.buyer), noticed_at=None)
    sign_in(client, new, second_factor=False)

    answer = client.post("/account/welcome/", {"name": "Ann", "language": "en", "next": HOW})

    assert answer["Location"] == HOW
    step = client.get(HOW)
    assert step["Location"] == "/account/second-step/?next=%2Faccount%2F2fa%2F"
    assert "Set up a passkey" in client.get(step["Location"]).text


# --- signing in ------------------------------------------------------------------------


def test_a_passkey_alone_signs_in_and_counts_as_strong(client, analyst):
    key, _answer = set_up(sign_in(client, analyst))
    browser = Client()
    asked = browser.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})

    told = key.touch(asked.json()["request_options"])
    answer = browser.post(
        "/account/2fa/webauthn/login/", {"credential": json.dumps(told), "next": HOW}
    )

    assert answer["Location"] == HOW
    assert strength(browser.session) == Strength.MFA
    assert browser.get(HOW).status_code == 200
    assert not OutboxMessage.objects.filter(purpose="login_code").exists()


def test_a_passkey_nobody_has_leads_back_to_the_sign_in_page(client, contact):
    client.post("/account/2fa/webauthn/login/", {"credential": "{}"})
    stranger = SoftKey()
    asked = client.get("/account/2fa/webauthn/login/", headers={"accept": "application/json"})

    told = json.dumps(stranger.touch(asked.json()["request_options"]))
    answer = client.post("/account/2fa/webauthn/login/", {"credential": told}, follow=True)

    assert "_auth_user_id" not in client.session
    assert "Sign in" in answer.text


def test_the_second_step_at_sign_in_takes_the_passkey(client, analyst):
    key, _answer = set_up(sign_in(client, analyst))
    browser = Client()

    assert by_code(browser, analyst)["Location"] == "/account/2fa/authenticate/"
    page = browser.get("/account/2fa/authenticate/")
    told = key.touch(page.context["js_data"]["request_options"])
    wrong = browser.post("/account/2fa/authenticate/", {"credential": json.dumps({"id": "x"})})
    page = browser.get("/account/2fa/authenticate/")
    told = key.touch(page.context["js_data"]["request_options"])
    done = browser.post("/account/2fa/authenticate/", {"credential": json.dumps(told)})

    assert wrong.status_code == 200
    assert done.status_code == 302
    assert strength(browser.session) == Strength.MFA


def test_a_recovery_code_says_how_many_are_left(client, analyst):
    set_up(sign_in(client, analyst))
    code = client.get("/account/2fa/recovery-codes/").context["unused_codes"][0]
    browser = Client()
    by_code(browser, analyst)

    browser.post("/account/2fa/authenticate/", {"code": code})

    assert "You used a recovery code. 9 are left." in browser.get(HOW).text


def test_the_last_recovery_code_says_so(client, analyst):
    set_up(sign_in(client, analyst))
    codes = client.get("/account/2fa/recovery-codes/").context["unused_codes"]
    row = Authenticator.objects.get(type="recovery_codes")
    row.data["used_mask"] = (1 << 10) - 2
    row.save()
    browser = Client()
    by_code(browser, analyst)

    browser.post("/account/2fa/authenticate/", {"code": codes[0]})

    assert "That was your last recovery code." in browser.get(HOW).text
    assert "All of them are used." in browser.get(HOW).text


@pytest.mark.parametrize("page", ["", "add/", "reauthenticate/", "keys/1/remove/", "signup/"])
def test_the_librarys_own_pages_of_passkeys_are_closed(client, contact, page):
    sign_in(client, contact)

    assert client.get(f"/account/2fa/webauthn/{page}").status_code == 404
    assert client.post(f"/account/2fa/webauthn/{page}").status_code == 404


# --- proof before factors change -------------------------------------------------------


def test_who_has_a_passkey_proves_itself_by_it_not_by_its_mailbox(client, contact):
    sign_in(client, contact)
    key, _answer = set_up(client)
    session = client.session
    for one in session["account_authentication_methods"]:
        one["at"] -= 3600
    session["proved_at"] = timezone.now().timestamp()
    session.save()

    asked = client.get(ADD)
    page = client.get(asked["Location"])
    before = client.session.session_key
    done = client.post(asked["Location"], touched(key, page))

    assert asked["Location"].startswith(PROVE)
    assert done["Location"] == ADD
    assert client.session.session_key != before
    assert client.get(ADD).status_code == 200


def test_another_devices_passkey_proves_nothing(client, contact):
    sign_in(client, contact)
    set_up(client)
    stranger = SoftKey()

    answer = client.post(PROVE, touched(stranger, client.get(PROVE)))

    assert "This passkey did not fit." in answer.text


def test_without_a_passkey_the_mailbox_is_the_proof(client, contact):
    sign_in(client, contact)

    assert client.get(PROVE)["Location"].startswith("/account/prove/")


def test_five_wrong_passkeys_make_one_wait(client, contact):
    sign_in(client, contact)
    key, _answer = set_up(client)
    stranger = SoftKey()
    for _try in range(10):
        client.post(PROVE, touched(stranger, client.get(PROVE)))

    answer = client.post(PROVE, touched(key, client.get(PROVE)))

    assert answer.status_code == 200


def test_a_weak_session_of_a_passkeys_owner_is_lifted_by_it(client, analyst):
    key, _answer = set_up(sign_in(Client(), analyst))
    analyst.refresh_from_db()
    sign_in(client, analyst, second_factor=False)

    asked = client.get(HOW)
    assert asked["Location"].startswith(PROVE)
    client.post(asked["Location"], touched(key, client.get(asked["Location"])))

    assert strength(client.session) == Strength.MFA


# --- removing --------------------------------------------------------------------------


def remove_url():
    return f"/account/passkeys/{Authenticator.objects.filter(type='webauthn').last().pk}/remove/"


def test_a_supplier_removes_its_passkey_and_its_codes_go_with_it(client, contact):
    sign_in(client, contact)
    set_up(client)
    other = sign_in(Client(), contact)

    assert "Remove the passkey" in client.get(remove_url()).text
    client.post(remove_url())

    assert not Authenticator.objects.exists()
    assert other.get(HOW).status_code == 302
    assert OutboxMessage.objects.filter(purpose="webauthn_removed").exists()


def test_the_only_second_step_of_a_role_that_needs_one_stays(client, analyst):
    sign_in(client, analyst)
    set_up(client)

    assert "this is the only one" in client.get(remove_url()).text
    assert client.post(remove_url()).status_code == 409
    set_up(client)
    assert client.post(remove_url()).status_code == 302


def test_an_app_may_go_once_there_is_a_passkey(client, analyst):
    with_app(client, analyst)
    set_up(client)

    client.post("/account/2fa/totp/deactivate/")

    assert not Authenticator.objects.filter(type="totp").exists()


def test_a_strangers_passkey_is_not_found(client, contact, analyst):
    set_up(sign_in(Client(), analyst))

    assert sign_in(client, contact).get(remove_url()).status_code == 404
    assert client.post(remove_url()).status_code == 404


@pytest.mark.parametrize("page", [ADD, PROVE, "/account/offer/"])
def test_other_methods_are_refused(client, contact, page):
    assert sign_in(client, contact).delete(page).status_code == 405


def test_the_page_costs_the_same_for_many(client, contact, django_assert_num_queries):
    sign_in(client, contact)
    set_up(client)
    set_up(client)

    # session, person, roles, ways, service name
    with django_assert_num_queries(5):
        client.get(HOW)


# --- a signature -----------------------------------------------------------------------


@pytest.fixture
def session():
    store = SessionStore()
    store.create()
    return store


@pytest.fixture
def key(client, contact):
    found, _answer = set_up(sign_in(client, contact))
    return found


def ask(user, session, content=SIGNED):
    return step_up.ask_passkey(
        user=user, session=session, purpose=StepUpPurpose.SIGN, content_hash=content
    )


def touch(key, asked):
    return Touch(key.touch(step_up.touch_options(asked, "testserver")), "testserver")


def spend(asked, proof, session, content=SIGNED):
    with transaction.atomic():
        return step_up.spend(step_up=asked, code=proof, content_hash=content, session=session)


def test_a_passkey_confirms_and_what_it_signed_is_kept(contact, key, session):
    asked = ask(contact, session)
    proof = touch(key, asked)

    assert step_up.confirm(step_up=asked, code=proof, session=session)
    spent = spend(asked, proof, session)

    assert spent.method == "passkey"
    assert set(spent.assertion) == {
        "credential_id",
        "public_key",
        "client_data",
        "authenticator_data",
        "signature",
    }
    assert not OutboxMessage.objects.filter(purpose="step_up").exists()


def test_it_is_spent_once(contact, key, session):
    asked = ask(contact, session)
    proof = touch(key, asked)
    spend(asked, proof, session)

    with pytest.raises(Conflict):
        spend(asked, proof, session)


def test_it_fits_only_what_was_shown(contact, key, session):
    asked = ask(contact, session)
    other = hashlib.sha256(b"what a colleague saved meanwhile").hexdigest()

    with pytest.raises(Conflict):
        spend(asked, touch(key, asked), session, other)


def test_a_signature_over_another_step_is_worth_nothing(contact, key, session):
    first = ask(contact, session)
    proof = touch(key, first)
    second = ask(contact, session)

    verdict = step_up.confirm(step_up=second, code=proof, session=session)

    assert "did not confirm this" in verdict.sentence
    with pytest.raises(Refused):
        spend(second, proof, session)
    assert StepUp.objects.get(pk=first.pk).expires_at <= timezone.now()


def test_another_session_another_person_and_no_verification_are_refused(
    contact, key, session, analyst
):
    asked = ask(contact, session)
    proof = touch(key, asked)
    other = SessionStore()
    other.create()

    assert not step_up.confirm(step_up=asked, code=proof, session=other)
    key.verifies = False
    assert not step_up.confirm(step_up=asked, code=touch(key, asked), session=session)
    theirs = ask(analyst, session)
    key.verifies = True
    assert not step_up.confirm(step_up=theirs, code=touch(key, theirs), session=session)


def test_a_code_is_no_passkey_and_a_passkey_no_code(contact, key, session):
    asked = ask(contact, session)
    mailed = step_up.ask(
        user=contact,
        session=session,
        purpose=StepUpPurpose.FACTORS,
        content_hash=SIGNED,
        what="x",
    )

    assert not step_up.confirm(step_up=asked, code="", session=session)
    assert not step_up.confirm(step_up=mailed, code=touch(key, mailed), session=session)


@pytest.mark.parametrize("said", [None, [], {}, {"id": "x"}, "x", {"response": {}}])
def test_what_is_no_answer_of_a_device_is_unfit(contact, key, session, said):
    asked = ask(contact, session)

    assert not step_up.confirm(step_up=asked, code=Touch(said, "testserver"), session=session)


def test_five_tries_are_all(contact, key, session):
    asked = ask(contact, session)
    for _try in range(5):
        step_up.confirm(step_up=asked, code=Touch({}, "testserver"), session=session)

    verdict = step_up.confirm(step_up=asked, code=touch(key, asked), session=session)

    assert "can no longer be used" in verdict.sentence


def test_it_runs_out_after_five_minutes(contact, key, session):
    asked = ask(contact, session)
    proof = touch(key, asked)

    with time_machine.travel(timezone.now() + timedelta(minutes=6)), pytest.raises(Conflict):
        spend(asked, proof, session)


def test_passkeys_and_codes_share_ten_an_hour(contact, key, session):
    for _row in range(10):
        ask(contact, session)

    with pytest.raises(Conflict):
        ask(contact, session)


def test_another_host_than_it_was_made_for_is_unfit(contact, key, session):
    asked = ask(contact, session)
    proof = touch(key, asked)

    with pytest.raises(passkeys.Unfit):
        passkeys.check(contact, Touch(proof.credential, "other.example"), b"x" * 32)
