"""The leak scan over everything 2026.1 adds, and over the way from one version to the next."""

import pytest
from django.urls import reverse

from portal import clock
from portal.enums import Wording
from questionnaires.models import Response, SectionDocument
from tests.factories.questionnaires import split_files
from tests.questionnaires import sectors
from tests.workflows import world
from tests.workflows.test_leaks import SERVICE, crawl, found_leaks, leaks_in_page, signed_in
from workflows import actions
from workflows.models import Case

pytestmark = [pytest.mark.django_db, pytest.mark.whole]

PACKS = ("p_cotton", "p_silica", "p_tomato", "p_pvc", "p_aluminium")


@pytest.fixture
def made(settings):
    settings.SOURCE_URL = "https://source.example/"
    made = world.world()
    made.buyer.service_name = SERVICE
    made.buyer.save()
    made.campaign.version = world.newest_version()
    made.campaign.save()
    return made


@pytest.fixture
def case(made):
    """A supplier of all five sectors, in neutral wording, with all of 2026.1 on its screen."""
    found = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    given = sectors.everything(clock.today("Asia/Shanghai"))
    given["markets"]["answers"]["market_split"] = "yes"
    given["help"]["answers"] = {"help": ["source"]}
    for document in SectionDocument.objects.filter(response=found.response):
        if document.section in given:
            document.data, _files = split_files(
                given[document.section], found.response, document.section
            )
            document.save()
    return found


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_page_of_the_newest_version_names_what_it_must_not(case, language):
    client = signed_in(case.contact, language)
    start = reverse("questionnaires:overview", args=[case.response_id])

    pages = dict(crawl(client, start, only=start))

    assert {path: found for path, page in pages.items() if (found := leaks_in_page(page))} == {}
    for section in (*PACKS, "help", "new_sources", "markets", "market_lines", "denied_list"):
        assert f"{start}sections/{section}/" in pages
    for section in PACKS:
        assert any(path.startswith(f"{start}sections/{section}/rows/") for path in pages)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_way_to_a_newer_version_names_nothing_either(settings, language):
    settings.SOURCE_URL = "https://source.example/"
    made = world.world(name="Demo Buyer Two GmbH")
    made.buyer.service_name = SERVICE
    made.buyer.save()
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    world.answer(case)
    actions.offer_version(case=case, version=world.newest_version(), by=made.analyst)
    client = signed_in(case.contact, language)

    before = reverse("workflows:request_newer", args=[case.response_id])
    assert leaks_in_page(client.get(before)) == []
    client.post(before, {"version": str(Response.objects.get(case=case).offered_id)})

    new = Case.objects.get(pk=case.pk).response
    for there in ("carried", "overview"):
        start = reverse(f"questionnaires:{there}", args=[new.pk])
        assert found_leaks(client, start, only=start) == {}
    old = reverse("questionnaires:check", args=[new.previous_id])
    assert leaks_in_page(client.get(old)) == []
