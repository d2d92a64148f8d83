"""Passkeys in a real browser: set up, signed in with, signed with."""

import base64
import hashlib
import json
import re

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.urls import reverse
from fido2 import cbor
from fido2.cose import CoseKey

from portal.enums import Role
from portal.models import LedgerEntry, OutboxMessage, StepUp, Visit
from portal.sign_in import Strength, strength
from tests.browser.passkeys import Device, by_name
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in_page
from tests.workflows import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, settings):
    """The address by name; cookies of tests are set for it."""
    settings.BASE_URL = by_name(live_server.url)
    return settings.BASE_URL


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen 来源")


def newest_code():
    mail = OutboxMessage.objects.filter(is_secret=True).order_by("-written_at").first()
    return re.search(r"\d{4}-\d{4}", mail.body)[0]


def press(page, words):
    page.locator("main").get_by_role("button", name=words).click()


def look(page, accessible, shot, name):
    accessible(page)
    shot(page, name)


def sign_out(page):
    with page.expect_navigation():
        page.get_by_role("button", name="Sign out").click()


def session_of(page):
    cookie = next(one for one in page.context.cookies() if one["name"] == "session")
    return Session.objects.get(session_key=cookie["value"]).get_decoded()


def set_up(page, site, name="My telephone"):
    page.goto(f"{site}/account/passkeys/add/")
    page.fill("[name=name]", name)
    press(page, "Set up a passkey")
    page.wait_for_url("**/recovery-codes/")


def come_in_for_the_first_time(page, site, liu):
    page.goto(f"{site}/account/login/code/?next=/account/2fa/")
    page.fill("#id_email", liu.email)
    press(page, "Send me a code")
    page.fill("#id_code", newest_code())
    press(page, "Sign in")
    page.fill("#id_name", "Liu")
    press(page, "Continue")


def test_a_supplier_is_offered_a_passkey_once_and_comes_back_with_it_alone(
    page, site, company, accessible, shot
):
    liu = UserFactory(holds=(Role.CONTACT, company), noticed_at=None, name="")
    Device(page)
    come_in_for_the_first_time(page, site, liu)
    look(page, accessible, shot, "passkey-offer")
    page.get_by_role("link", name="Set up a passkey").click()
    look(page, accessible, shot, "passkey-add")
    page.fill("[name=name]", "My telephone")
    press(page, "Set up a passkey")
    page.wait_for_url("**/recovery-codes/")
    look(page, accessible, shot, "passkey-recovery-codes")
    page.goto(f"{site}/account/2fa/")
    look(page, accessible, shot, "how-you-sign-in")
    assert page.get_by_text("My telephone", exact=True).is_visible()
    mails = OutboxMessage.objects.filter(purpose="login_code").count()

    sign_out(page)
    page.goto(f"{site}/account/login/code/?next=/account/sessions/")
    look(page, accessible, shot, "sign-in-with-passkey")
    with page.expect_navigation(url="**/account/sessions/"):
        press(page, "Sign in with my passkey")
    look(page, accessible, shot, "sessions")

    assert OutboxMessage.objects.filter(purpose="login_code").count() == mails
    assert session_of(page)["_auth_user_id"] == str(liu.pk)
    assert Visit.objects.filter(user=liu).count() == 1
    liu.refresh_from_db()
    assert liu.offered_at is not None


def test_an_analyst_takes_a_passkey_as_second_step(page, site, company, accessible, shot):
    analyst = UserFactory(holds=(Role.ANALYST, company.buyer))
    Device(page)
    sign_in_page(page, analyst, second_factor=False)
    page.goto(f"{site}/people/")
    page.goto(f"{site}/desk/")
    assert "/account/second-step/" in page.url
    accessible(page)
    shot(page, "second-step")
    page.get_by_role("link", name="Set up a passkey").click()
    press(page, "Set up a passkey")
    page.wait_for_url("**/recovery-codes/")
    page.goto(f"{site}/account/2fa/")
    sign_out(page)

    page.goto(f"{site}/account/login/code/?next=/account/2fa/")
    page.fill("#id_email", analyst.email)
    press(page, "Send me a code")
    page.fill("#id_code", newest_code())
    press(page, "Sign in")
    accessible(page)
    shot(page, "second-step-with-passkey")
    press(page, "Use my passkey")
    page.wait_for_url("**/account/2fa/")

    assert strength(session_of(page)) == Strength.MFA


def test_a_device_that_does_not_verify_its_user_is_refused(page, site, company):
    analyst = UserFactory(holds=(Role.ANALYST, company.buyer))
    device = Device(page)
    sign_in_page(page, analyst)
    set_up(page, site)
    device.verifies(yes=False)
    page.goto(f"{site}/account/passkeys/prove/?next=/account/2fa/")
    press(page, "Use my passkey")

    page.get_by_role("alert").get_by_text("The passkey was not used").wait_for()
    assert "/account/passkeys/prove/" in page.url


def test_a_passkey_proves_who_is_there_before_factors_change(page, site, company, shot):
    analyst = UserFactory(holds=(Role.ANALYST, company.buyer))
    Device(page)
    sign_in_page(page, analyst)
    set_up(page, site)
    for row in Session.objects.all():
        kept = row.get_decoded()
        for one in kept["account_authentication_methods"]:
            one["at"] -= 3600
        row.session_data = Session.objects.encode(kept)
        row.save()

    page.goto(f"{site}/account/passkeys/add/")
    assert "/account/passkeys/prove/" in page.url
    shot(page, "passkey-prove")
    press(page, "Use my passkey")
    page.wait_for_url("**/account/passkeys/add/")


def plain(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def test_a_signatory_signs_with_a_passkey_and_the_record_proves_it_alone(
    page, site, accessible, shot
):
    made = world.world()
    case = world.acknowledged_case(made)
    world.answer(case)
    Device(page)
    sign_in_page(page, made.contact)
    set_up(page, site)
    page.goto(site + reverse("workflows:request_sign", args=[case.response_id]))
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    page.fill("[name=title]", "General Manager")
    page.fill("[name=authority]", "Legal representative")
    press(page, "Continue")
    accessible(page)
    shot(page, "sign-with-passkey")
    press(page, "Sign with my passkey")
    page.wait_for_url("**/receipt/**")

    entry = LedgerEntry.objects.get(event="case.submitted")
    data = json.loads(entry.body)["data"]
    kept = data["passkey"]
    client_data = json.loads(plain(kept["client_data"]))
    step_up = StepUp.objects.get(pk=kept["step_up"])
    expected = hashlib.sha256(bytes.fromhex(data["sha256"]) + step_up.pk.bytes).digest()
    assert plain(client_data["challenge"]) == expected
    assert client_data["origin"] == site
    signed = (
        plain(kept["authenticator_data"]) + hashlib.sha256(plain(kept["client_data"])).digest()
    )
    key = CoseKey.parse(cbor.decode(plain(kept["public_key"])))
    key.verify(signed, plain(kept["signature"]))
    assert data["step_up"] == "passkey"
    assert step_up.content_hash == data["sha256"]
    assert Authenticator.objects.filter(user=made.contact, type="webauthn").exists()


def test_a_mailed_code_still_signs_where_a_passkey_is_not_at_hand(page, site):
    made = world.world()
    case = world.acknowledged_case(made)
    world.answer(case)
    Device(page)
    sign_in_page(page, made.contact)
    set_up(page, site)
    page.goto(site + reverse("workflows:request_sign", args=[case.response_id]))
    for box in page.locator("main input[type=checkbox]").all():
        box.check()
    page.fill("[name=title]", "General Manager")
    page.fill("[name=authority]", "Legal representative")
    press(page, "Continue")
    press(page, "Send me a code instead")
    page.fill("[name=code]", newest_code())
    page.locator("main").get_by_role("button", name="Sign", exact=True).click()
    page.wait_for_url("**/receipt/**")

    data = json.loads(LedgerEntry.objects.get(event="case.submitted").body)["data"]
    assert (data["step_up"], "passkey" in data) == ("mailed code", False)
