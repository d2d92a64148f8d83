"""The pages around an account, looked at on a desk and on a telephone in Chinese."""

import pytest
from django.test import Client
from django.urls import reverse
from playwright.sync_api import expect

from portal.actions import factors
from portal.enums import Language, Role
from portal.models import Visit
from tests.browser.passkeys import Device, by_name
from tests.factories.portal import CaseGrantFactory, UserFactory, VisitFactory
from tests.passkeys import SoftKey, set_up
from tests.sessions import sign_in, sign_in_page
from tests.workflows import world

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def site(live_server, settings):
    settings.BASE_URL = by_name(live_server.url)
    return settings.BASE_URL


@pytest.fixture
def made():
    return world.world(language="zh-hans")


def look(page, url, accessible, shot, name):
    page.goto(url)
    assert page.url == url
    accessible(page)
    shot(page, name)


def test_a_suppliers_person_looks_after_its_account_by_telephone(
    phone, site, made, accessible, shot
):
    case = world.acknowledged_case(made)
    person = made.contact
    person.second_email = "liu@qq.example"
    person.save()
    Device(phone)
    sign_in_page(phone, person)
    phone.goto(f"{site}/account/passkeys/add/")
    phone.locator("main form button").click()
    phone.wait_for_url("**/recovery-codes/")
    VisitFactory(user=person)
    for url, name in (
        ("/account/2fa/", "account"),
        ("/account/passkeys/add/", "passkey-new"),
        ("/account/passkeys/prove/", "passkey-proof"),
        ("/account/offer/", "offer"),
        ("/account/sessions/", "my-sessions"),
        ("/account/address/", "second-address"),
        ("/account/prove/", "prove"),
        (reverse("workflows:request_hand_over", args=[case.pk]), "hand-over"),
    ):
        look(phone, site + url, accessible, shot, name)
    phone.fill("[name=email]", "none")
    phone.locator("main form button[type=submit]").first.click()
    expect(phone.locator(".govuk-error-summary")).to_be_visible()
    accessible(phone)
    shot(phone, "hand-over-error")

    assert Visit.objects.filter(user=person).exists()


@pytest.fixture(params=["page", "phone"])
def seen(request, site, settings):
    """Either screen; opening one sets the address by number, so it is set by name again."""
    found = request.getfixturevalue(request.param)
    settings.BASE_URL = site
    return found


def test_an_administrator_and_counsel_look_after_people(seen, site, made, accessible, shot):
    case = world.issued_case(made)
    language = Language.ZH if seen.viewport_size["width"] < 400 else Language.EN
    first, counsel = made.administrator, made.counsel
    second = UserFactory(name="Demo Second", holds=(Role.ADMINISTRATOR, made.buyer))
    for one in (first, counsel):
        one.language = language
        one.save()
    set_up(sign_in(Client(), made.analyst), SoftKey())
    lawyer = UserFactory(name="Demo Lawyer", holds=(Role.OUTSIDE_COUNSEL, made.buyer))
    CaseGrantFactory(user=lawyer, buyer=made.buyer, chain=case.chain, given_by=counsel)
    sign_in_page(seen, first)
    people = f"{site}/companies/{made.buyer.pk}/people/{made.analyst.pk}/second-step/"
    look(seen, people, accessible, shot, "second-step-lost")
    asked = factors.ask_reset(
        company=made.buyer,
        person=made.analyst,
        reason="Called at the number on file, knew the voice.",
        by=second,
    )
    look(seen, f"{site}/people/", accessible, shot, "people")
    look(seen, f"{site}/people/second-steps/{asked.pk}/", accessible, shot, "second-step-reset")
    look(seen, f"{site}/counsel/outside/", accessible, shot, "outside")
    sign_in_page(seen, made.manager)
    look(seen, f"{site}/suppliers/import/", accessible, shot, "import")
