import pytest
from django.urls import reverse

from portal.enums import Role
from questionnaires import queries
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.factories.questionnaires import ResponseFactory

pytestmark = pytest.mark.django_db


def url(name, response, *args):
    return reverse(f"questionnaires:{name}", args=[response.pk, *args])


def pages(response):
    yield url("overview", response)
    yield url("check", response)
    yield url("evidence", response)
    draft = queries.draft(response)
    for section in draft.sections:
        yield url("section", response, section.key)
        for row in draft.answers[section.key].get("rows", ()):
            yield url("row", response, section.key, row["id"])


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("wording", ["explicit", "traceability"])
def test_every_page_shows(client, response, contact, wording, language):
    response.wording = wording
    response.save()
    client.force_login(contact)
    client.cookies["django_language"] = language

    for page in pages(response):
        answer = client.get(page)

        assert answer.status_code == 200, page
