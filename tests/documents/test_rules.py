import pytest

from documents import rules
from documents.enums import DossierState, Edition, EvidenceState, Problem
from portal.enums import Role, WorkState
from tests.factories.documents import DossierFactory, EvidenceFactory
from tests.factories.portal import UserFactory

BUYER, SUPPLIER, ELSEWHERE = 1, 2, 3
BUYERS = {
    Role.CAMPAIGN_MANAGER,
    Role.ANALYST,
    Role.APPROVER,
    Role.COUNSEL,
    Role.ADMINISTRATOR,
}
READERS = {Role.ANALYST, Role.APPROVER, Role.COUNSEL}
OWNERS = {Role.CONTACT, Role.SIGNATORY}
SENDERS = OWNERS | {Role.CONTRIBUTOR}


def person(role, organisation=None):
    side = BUYER if role in BUYERS else SUPPLIER
    made = UserFactory.build()
    made.__dict__["roles"] = {organisation or side: {role}}
    return made


def evidence(state, **options):
    return EvidenceFactory.build(state=state, supplier=None, buyer=None, chain=None, **options)


def of(row):
    row.buyer_id, row.supplier_id = BUYER, SUPPLIER
    return row


@pytest.mark.parametrize("state", EvidenceState)
@pytest.mark.parametrize("role", Role)
def test_only_a_released_file_is_opened_and_only_by_those_concerned(role, state):
    verdict = rules.may_download(person(role), of(evidence(state)))

    concerned = role in READERS | OWNERS
    assert verdict.allowed == (concerned and state == EvidenceState.RELEASED)
    assert verdict.late == (concerned and state != EvidenceState.RELEASED)


@pytest.mark.parametrize("role", READERS | OWNERS)
def test_the_right_role_elsewhere_opens_nothing(role):
    stranger = person(role, ELSEWHERE)

    assert not rules.may_download(stranger, of(evidence(EvidenceState.RELEASED)))
    assert not rules.may_describe(stranger, of(evidence(EvidenceState.RELEASED)))
    assert not rules.may_grade(stranger, of(evidence(EvidenceState.RELEASED)))
    assert not rules.may_decide_on(stranger, of(evidence(EvidenceState.HELD)))


@pytest.mark.parametrize("state", EvidenceState)
@pytest.mark.parametrize("role", Role)
def test_a_held_file_is_decided_by_its_supplier_for_personal_data_else_by_an_analyst(role, state):
    for problem in Problem:
        verdict = rules.may_decide_on(person(role), of(evidence(state, problem=problem)))

        held = state == EvidenceState.HELD
        personal = held and problem in {Problem.ID_NUMBERS, Problem.GEOTAGGED}
        concerned = role in (OWNERS if personal else {Role.ANALYST})
        assert verdict.allowed == (concerned and held)
        assert verdict.late == (concerned and not held)


@pytest.mark.parametrize("state", EvidenceState)
@pytest.mark.parametrize("role", Role)
def test_who_sent_a_file_or_reviews_it_describes_it(role, state):
    verdict = rules.may_describe(person(role), of(evidence(state)))

    concerned = role in SENDERS | {Role.ANALYST}
    gone = state in {EvidenceState.REFUSED, EvidenceState.DESTROYED}
    assert verdict.allowed == (concerned and not gone)
    assert verdict.late == (concerned and gone)


@pytest.mark.parametrize("state", EvidenceState)
@pytest.mark.parametrize("role", Role)
def test_an_analyst_grades_what_was_released(role, state):
    verdict = rules.may_grade(person(role), of(evidence(state)))

    released = state == EvidenceState.RELEASED
    assert verdict.allowed == (role == Role.ANALYST and released)
    assert verdict.late == (role == Role.ANALYST and not released)


AUDIENCES = {
    Edition.COUNSEL: {Role.COUNSEL},
    Edition.WORKING: READERS,
    Edition.SUPPLIER: READERS | SENDERS | {Role.CAMPAIGN_MANAGER},
}


@pytest.mark.parametrize("state", DossierState)
@pytest.mark.parametrize("edition", Edition)
@pytest.mark.parametrize("role", Role)
def test_each_edition_has_its_readers(role, edition, state):
    row = of(
        DossierFactory.build(edition=edition, state=state, supplier=None, buyer=None, chain=None)
    )

    verdict = rules.may_open(person(role), row)

    concerned = role in AUDIENCES[edition]
    assert verdict.allowed == (concerned and state == DossierState.ISSUED)
    assert verdict.late == (concerned and state != DossierState.ISSUED)
    assert rules.may_read(person(role), row).allowed == concerned


def test_a_document_nobody_writes_any_more_says_so():
    row = of(
        DossierFactory.build(work_state=WorkState.DEAD, supplier=None, buyer=None, chain=None)
    )

    assert "could not be written" in rules.may_open(person(Role.ANALYST), row).sentence
