import pytest
from playwright.sync_api import expect

from portal.enums import Door, Language, Role
from portal.models import DemoDoor, DemoMail
from tests.factories.portal import InvitationFactory, OrganisationFactory, UserFactory
from tests.sessions import sign_in_page

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def buyer():
    return OrganisationFactory(name="Demo Outdoor GmbH", service_name="Quellen 来源")


@pytest.fixture
def supplier(buyer):
    return OrganisationFactory(supplier=True, buyer=buyer)


@pytest.fixture
def administrator(buyer):
    return UserFactory(
        name="Demo Administrator",
        email="admin@outdoor.example",
        holds=[(Role.ADMINISTRATOR, buyer), (Role.COUNSEL, buyer)],
    )


@pytest.fixture
def contact(supplier):
    return UserFactory(name="刘𠮷", email="liu@supplier.example", holds=(Role.CONTACT, supplier))


@pytest.fixture(params=["desk", "telephone"])
def screen(request, new_page):
    if request.param == "desk":
        return new_page()
    return new_page(width=380, height=800, locale="zh-CN")


def test_pages_for_everybody(screen, accessible, shot):
    for path in ("", "about/", "privacy/", "help/"):
        screen.goto(f"/{path}")
        accessible(screen)
        shot(screen, path.strip("/") or "front")


def test_a_visitor_of_the_demonstration_becomes_a_person(
    screen, settings, administrator, contact, accessible, shot
):
    settings.EXTRICATE_DEMO = True
    settings.TICKS = []
    for kind in Door:
        DemoDoor.objects.create(kind=kind, person=administrator, path="/people/")
    DemoMail.objects.create(
        sent_at="2026-11-20T10:00:00Z",
        sender="Quellen <no-reply@example.com>",
        to=contact.email,
        subject="1234-5678",
        body="Code: 1234-5678\n\nhttp://127.0.0.1:8000/requests/",
    )
    screen.goto("/")
    accessible(screen)
    shot(screen, "demo")
    screen.locator('form[action$="/demo/forward/"] button').click()
    accessible(screen)
    shot(screen, "demo-moved")
    screen.goto("/demo/mails/")
    accessible(screen)
    shot(screen, "demo-mails")
    screen.goto("/demo/")
    screen.locator(".x-door button").first.click()

    assert screen.url.endswith("/people/")
    assert screen.locator(".x-masthead__person").inner_text() == "Demo Administrator"


def test_an_administrator_at_work(screen, supplier, administrator, contact, accessible, shot):
    buyer = supplier.buyer
    screen_is_chinese = screen.viewport_size["width"] == 380
    administrator.language = Language.ZH if screen_is_chinese else Language.EN
    administrator.save()
    InvitationFactory(organisation=buyer, role=Role.ANALYST)
    role = contact.memberships.get()
    sign_in_page(screen, administrator)
    for path in (
        "people/",
        "people/suppliers/",
        f"companies/{buyer.pk}/invite/",
        f"companies/{buyer.pk}/people/{administrator.pk}/role/",
        f"companies/{supplier.pk}/people/{contact.pk}/address/",
        f"people/roles/{role.pk}/end/",
        "settings/",
        "operations/",
    ):
        screen.goto(f"/{path}")
        accessible(screen)
        shot(screen, path.strip("/").rsplit("/", 1)[-1])

    screen.goto(f"/companies/{buyer.pk}/invite/")
    screen.locator("main form button[type=submit]").click()
    expect(screen.locator(".govuk-error-summary")).to_be_visible()
    accessible(screen)
    shot(screen, "invite-errors")
