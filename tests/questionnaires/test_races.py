"""Two at once, with real threads and real commits."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from portal import clock
from portal.access import Conflict
from portal.enums import Role
from questionnaires import actions
from questionnaires.enums import ResponseState
from questionnaires.models import Response
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory
from tests.questionnaires.personas import clean_weaver
from tests.questionnaires.test_responding import save
from tests.questionnaires.test_signing import content, sign

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def response():
    return ResponseFactory(answers=clean_weaver(clock.today("Asia/Shanghai")))


@pytest.fixture
def signatory(response):
    return UserFactory(holds=(Role.SIGNATORY, response.supplier))


def at_once(*acts):
    """Run all at the same moment; returns what each returned, or the conflict it met."""
    start = Barrier(len(acts))

    def run(act):
        start.wait()
        try:
            return act()
        except Conflict as conflict:
            return conflict
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


@pytest.mark.parametrize("_try", range(3))
def test_of_two_saves_one_is_behind(response, signatory, _try):
    said = at_once(
        *(
            lambda text=text: save(response, signatory, job_title=text, rev=0)
            for text in ("One", "Two")
        )
    )

    document = response.documents.get(section="you")
    assert sum(isinstance(one, Conflict) for one in said) == 1
    assert document.rev == 1
    assert document.data["answers"]["job_title"] in ("One", "Two")


@pytest.mark.parametrize("_try", range(3))
def test_a_save_and_a_signature_never_both_count(response, signatory, _try):
    expected = content(response, signatory).sha256

    saved, signed = at_once(
        lambda: save(response, signatory, job_title="Late change", rev=0),
        lambda: sign(response, signatory, expected=expected),
    )

    state = Response.objects.get(pk=response.pk).state
    if isinstance(signed, Conflict):
        assert not isinstance(saved, Conflict)
        assert state == ResponseState.OPEN
    else:
        assert isinstance(saved, Conflict)
        assert state == ResponseState.SUBMITTED
        assert "Late change" not in signed.snapshot


def test_of_two_signatures_one_counts(response, signatory):
    expected = content(response, signatory).sha256

    at_once(*[lambda: sign(response, signatory, expected=expected)] * 2)

    assert response.submissions.count() == 1


def test_rows_added_at_once_are_both_there(response, signatory):
    given = {"response": response, "section": "sites", "by": signatory, "language": "en"}

    at_once(*[lambda: actions.add_row(**given)] * 3)

    assert len(response.documents.get(section="sites").data["rows"]) == 5


def test_the_same_file_linked_twice_is_one_link(response, signatory):
    evidence = response.evidence_links.get(path="own_licence").evidence
    given = {"response": response, "path": "site[site-2].site_doc", "evidence": evidence}

    at_once(*[lambda: actions.link(**given, by=signatory)] * 3)

    assert response.evidence_links.filter(path="site[site-2].site_doc").count() == 1
