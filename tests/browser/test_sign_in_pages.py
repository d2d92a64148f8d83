import re

import pytest
from allauth.mfa.totp.internal.auth import (
    format_hotp_value,
    hotp_value,
    yield_hotp_counters_from_time,
)

from portal.actions import people
from portal.enums import Language, Role
from portal.models import OutboxMessage
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def company():
    return OrganisationFactory(supplier=True, buyer__service_name="Quellen 来源")


def newest_code():
    mail = OutboxMessage.objects.filter(is_secret=True).order_by("-written_at").first()
    return re.search(r"\d{4}-\d{4}", mail.body)[0]


def press(page):
    page.locator("main form button[type=submit]").first.click()


def test_a_contact_comes_in_by_telephone_in_chinese(phone, company, accessible, shot):
    offer = people.invite(
        organisation=company,
        role=Role.CONTACT,
        email="liu@supplier.example",
        language=Language.ZH,
        by="installation",
    )
    phone.goto(f"/invitations/{offer.pk}/?next=/account/2fa/")
    accessible(phone)
    shot(phone, "invitation")
    press(phone)
    accessible(phone)
    shot(phone, "invitation-error")
    phone.fill("#id_email", "liu@supplier.example")
    press(phone)
    accessible(phone)
    shot(phone, "code")
    phone.fill("#id_code", "1")
    press(phone)
    accessible(phone)
    shot(phone, "code-error")
    phone.fill("#id_code", newest_code())
    press(phone)
    accessible(phone)
    shot(phone, "welcome")
    phone.fill("#id_name", "刘𠮷")
    press(phone)
    accessible(phone)
    shot(phone, "offer")
    press(phone)
    accessible(phone)
    shot(phone, "how-you-sign-in")

    assert phone.url.endswith("/account/2fa/")
    assert phone.locator("html").get_attribute("lang") == "zh-hans"


def test_an_analyst_sets_up_the_second_step(page, company, accessible, shot):
    people.invite(
        organisation=company.buyer,
        role=Role.ANALYST,
        email="analyst@buyer.example",
        name="Demo Analyst",
        by="installation",
    )
    page.goto("/account/login/code/?next=/account/2fa/")
    accessible(page)
    shot(page, "sign-in")
    page.fill("#id_email", "analyst@buyer.example")
    press(page)
    page.fill("#id_code", newest_code())
    press(page)
    press(page)
    accessible(page)
    shot(page, "two-ways")
    page.locator("main a[href='/account/2fa/totp/activate/']").click()
    accessible(page)
    shot(page, "set-up")
    assert page.locator("svg path#qr-path").bounding_box()["width"] > 100
    page.locator("details summary").click()
    secret = page.locator("details .x-hash").inner_text().replace(" ", "").replace("\n", "")
    accessible(page)
    shot(page, "set-up-key")
    counter = list(yield_hotp_counters_from_time())[1]
    page.fill("#id_code", format_hotp_value(hotp_value(secret, counter)))
    press(page)
    accessible(page)
    shot(page, "recovery-codes")


def test_a_person_looks_after_its_second_step(page, company, accessible, shot):
    sign_in_page(page, UserFactory(holds=(Role.ANALYST, company.buyer)))
    page.goto("/account/2fa/")
    accessible(page)
    shot(page, "factors")
    page.goto("/account/prove/")
    shot(page, "prove")
    press(page)
    accessible(page)
    shot(page, "prove-code")
    page.goto("/account/logout/")
    shot(page, "sign-out")
