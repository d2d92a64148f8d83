from datetime import UTC, datetime

import pytest

from portal import clock
from portal.access import Refused
from portal.actions import demo
from portal.enums import Door, Role
from portal.models import DemoClock, DemoDoor, DemoMail, LedgerEntry
from tests.factories.portal import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def demonstration(settings):
    settings.EXTRICATE_DEMO = True


@pytest.fixture
def approver():
    buyer = OrganisationFactory(name="Demo Buyer GmbH", service_name="Quellen")
    return UserFactory(name="Demo Approver", holds=(Role.APPROVER, buyer))


def mail(number, body="Your code: 1234-5678"):
    return DemoMail.objects.create(
        sent_at=datetime(2026, 11, number, tzinfo=UTC),
        sender="Quellen <no-reply@example.com>",
        to="chen@supplier.example",
        subject=f"Mail {number}",
        body=body,
    )


@pytest.mark.parametrize("path", ["/demo/", "/demo/mails/"])
def test_outside_a_demonstration_there_is_no_such_page(client, path):
    assert client.get(path).status_code == 404


def test_outside_a_demonstration_nobody_becomes_anybody_and_the_clock_stays(client, approver):
    assert client.post(f"/demo/become/{approver.pk}/").status_code == 404
    assert client.post("/demo/forward/").status_code == 404
    with pytest.raises(Refused):
        demo.forward(days=3, by=approver)

    assert not DemoClock.objects.exists()


@pytest.mark.usefixtures("demonstration")
def test_an_empty_demonstration_says_how_it_is_filled(client):
    assert "seed_demo" in client.get("/").text


@pytest.mark.usefixtures("demonstration")
def test_the_front_page_has_its_doors_and_everybody(client, approver):
    contact = UserFactory(holds=(Role.CONTACT, OrganisationFactory(supplier=True)))
    for kind in (Door.DOSSIER, Door.SIGNING, Door.DECISION):
        DemoDoor.objects.create(kind=kind, person=approver, path="/people/")
    mail(1)

    page = client.get("/").text

    places = [page.index(str(kind.label)) for kind in Door]
    assert places == sorted(places)
    assert page.count("Be this person") == 2
    assert contact.name in page
    assert "Read 1 mail" in page
    assert "– Extricate" in page


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.usefixtures("demonstration")
def test_the_front_page_costs_the_same_for_many(client, count, django_assert_num_queries):
    for _company in range(count):
        supplier = OrganisationFactory(supplier=True)
        UserFactory(holds=[(Role.CONTACT, supplier), (Role.SIGNATORY, supplier)])

    # doors, companies, their people, invitations, the clock, number of mails
    with django_assert_num_queries(6):
        page = client.get("/demo/").text

    assert page.count("Be this person") == count


@pytest.mark.usefixtures("demonstration")
def test_one_click_and_the_visitor_is_that_person_second_factor_included(client, approver):
    administrator = UserFactory(holds=(Role.ADMINISTRATOR, OrganisationFactory()))

    assert client.post(f"/demo/become/{approver.pk}/")["Location"] == "/"
    answer = client.post(f"/demo/become/{administrator.pk}/", {"next": "/people/"}, follow=True)

    assert answer.redirect_chain == [("/people/", 302)]
    assert answer.context["user"] == administrator


@pytest.mark.usefixtures("demonstration")
def test_a_door_leads_nowhere_else(client, approver):
    answer = client.post(f"/demo/become/{approver.pk}/", {"next": "https://evil.example/"})

    assert answer["Location"] == "/"


@pytest.mark.usefixtures("demonstration")
def test_an_account_that_is_closed_is_nobody(client):
    closed = UserFactory(is_active=False)

    assert client.post(f"/demo/become/{closed.pk}/").status_code == 404
    assert client.get(f"/demo/become/{closed.pk}/").status_code == 405


@pytest.mark.usefixtures("demonstration")
def test_mails_stand_newest_first_with_codes_and_links_and_nothing_runs(client):
    assert "No mail yet" in client.get("/demo/mails/").text
    mail(1)
    mail(2, "See http://127.0.0.1:8000/requests/ <script>alert(1)</script>")

    page = client.get("/demo/mails/").text

    assert page.index("Mail 2") < page.index("Mail 1")
    assert "1234-5678" in page
    assert 'href="http://127.0.0.1:8000/requests/"' in page
    assert "<script>alert" not in page


@pytest.mark.usefixtures("demonstration")
def test_mails_come_50_to_a_page(client):
    for number in range(51):
        mail(1 + number % 28)

    assert client.get("/demo/mails/").text.count("<details") == 50
    assert client.get("/demo/mails/", {"page": "2"}).text.count("<details") == 1


@pytest.mark.usefixtures("demonstration")
def test_the_clock_moves_three_days_and_says_what_followed(client, settings, approver):
    settings.TICKS = []
    before = clock.now()

    quiet = client.post("/demo/forward/", follow=True)
    settings.TICKS = ["tests.portal.test_demo.something_falls_due"]
    busy = client.post("/demo/forward/", follow=True)

    assert (clock.now() - before).days == 6
    assert "The clock moved three days on. Nothing fell due." in quiet.text
    assert "1 event was recorded. 0 mails were written." in busy.text
    assert LedgerEntry.objects.filter(event="demo.clock_moved").count() == 2


def something_falls_due():
    from portal import ledger

    ledger.record("something.due", by="clock", on=ledger.installation())


@pytest.mark.usefixtures("demonstration")
def test_the_clock_stops_after_ten_years(approver):
    demo.forward(days=demo.MOST_DAYS, by=approver)

    with pytest.raises(Refused, match="ten years"):
        demo.forward(days=1, by=approver)
