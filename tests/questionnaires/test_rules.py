import uuid

import pytest

from portal.enums import Role
from questionnaires import rules
from questionnaires.enums import CommentAudience, ResponseState
from questionnaires.models import Response
from tests.factories.portal import UserFactory

BUYER, SUPPLIER, OTHER = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
SUPPLIERS = {Role.CONTACT, Role.CONTRIBUTOR, Role.SIGNATORY}


def person(role, at=None):
    built = UserFactory.build(pk=uuid.uuid4())
    built.roles = {at or (SUPPLIER if role in SUPPLIERS else BUYER): {role}}
    return built


def response(state=ResponseState.OPEN):
    return Response(pk=uuid.uuid4(), buyer_id=BUYER, supplier_id=SUPPLIER, state=state)


@pytest.mark.parametrize("role", Role)
def test_who_reads(role):
    reads = {Role.CONTACT, Role.SIGNATORY, Role.CAMPAIGN_MANAGER, Role.ANALYST} | {
        Role.APPROVER,
        Role.COUNSEL,
    }
    assert rules.may_read(person(role), response()).allowed == (role in reads)
    assert not rules.may_read(person(role, OTHER), response()).allowed


@pytest.mark.parametrize("state", ResponseState)
@pytest.mark.parametrize("role", Role)
def test_who_edits_and_when(role, state):
    verdict = rules.may_edit(person(role), response(state))

    is_right = role in (Role.CONTACT, Role.SIGNATORY)
    is_open = state in (ResponseState.OPEN, ResponseState.CORRECTING)
    assert verdict.allowed == (is_right and is_open)
    assert verdict.late == (is_right and not is_open)
    assert verdict.allowed or verdict.sentence


@pytest.mark.parametrize("state", ResponseState)
@pytest.mark.parametrize("role", Role)
def test_who_signs_and_when(role, state):
    verdict = rules.may_freeze(person(role), response(state))

    is_open = state in (ResponseState.OPEN, ResponseState.CORRECTING)
    assert verdict.allowed == (role == Role.SIGNATORY and is_open)
    assert verdict.late == (role == Role.SIGNATORY and not is_open)


@pytest.mark.parametrize("state", ResponseState)
@pytest.mark.parametrize("role", Role)
def test_who_sends_back_and_when(role, state):
    verdict = rules.may_reopen(person(role), response(state))

    assert verdict.allowed == (role == Role.ANALYST and state == ResponseState.SUBMITTED)
    assert verdict.late == (role == Role.ANALYST and state != ResponseState.SUBMITTED)


@pytest.mark.parametrize("audience", CommentAudience)
@pytest.mark.parametrize("role", Role)
def test_who_writes_to_whom(role, audience):
    supplies = {Role.CONTACT, Role.SIGNATORY}
    expected = {
        CommentAudience.BOTH: supplies | {Role.ANALYST, Role.APPROVER, Role.COUNSEL},
        CommentAudience.SUPPLIER: supplies,
        CommentAudience.BUYER: {Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL},
        CommentAudience.COUNSEL: supplies | {Role.COUNSEL},
    }
    verdict = rules.may_comment(person(role), response(), audience)
    assert verdict.allowed == (role in expected[audience])
