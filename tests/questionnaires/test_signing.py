import json

import pytest

from portal.access import Conflict, Refused
from portal.enums import Role
from questionnaires import actions, queries
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory
from tests.questionnaires.personas import STATEMENTS, clean_weaver

pytestmark = pytest.mark.django_db

WORDS = {"name": "Demo Signatory", "title": "Director", "authority": "Registered representative"}


@pytest.fixture
def response():
    from portal import clock

    return ResponseFactory(answers=clean_weaver(clock.today("Asia/Shanghai")))


@pytest.fixture
def signatory(response):
    return UserFactory(holds=(Role.SIGNATORY, response.supplier))


def content(response, by, **changes):
    given = {"statements": STATEMENTS, "language": "en", **WORDS} | changes
    return actions.content_to_sign(response, by=by, **given)


def sign(response, by, **changes):
    given = {"statements": STATEMENTS, "language": "en", **WORDS} | changes
    expected = changes.pop("expected", None) or content(response, by).sha256
    return actions.freeze(response=response, by=by, **(given | {"expected": expected}))


def test_a_complete_response_is_ready(response):
    draft = queries.draft(response)

    assert draft.missing == ()
    assert draft.evaluation.invalid == ()
    assert draft.is_ready


def test_what_is_stored_is_what_was_shown(response, signatory):
    shown = content(response, signatory)

    submission = sign(response, signatory, expected=shown.sha256)

    assert (submission.snapshot, submission.sha256) == (shown.text, shown.sha256)
    response.refresh_from_db()
    assert response.state == ResponseState.SUBMITTED
