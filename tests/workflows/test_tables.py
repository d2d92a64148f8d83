"""The desk's table: views, search, sorting, keyset pages, words beside a case."""

from datetime import timedelta

import pytest

from portal import clock
from portal.enums import Role
from portal.models import User
from tests.factories.documents import EvidenceFactory
from tests.factories.portal import MembershipFactory, OrganisationFactory, UserFactory
from tests.workflows import desks, world
from workflows import tables
from workflows.enums import EscalationTarget, ReplyCode, Stage
from workflows.models import Case

pytestmark = pytest.mark.django_db


def shown(user, **wanted):
    page = tables.desk(user, tables.Wanted(**wanted))
    return [row.case.pk for row in page.rows]


@pytest.fixture
def made():
    return world.world()


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("k7qf3mx9", "K7QF-3MX9"),
        ("K7QF-3MX9", "K7QF-3MX9"),
        ("k7qf 3mx9", "K7QF-3MX9"),
        ("OIL0-1", "0110-1"),
        ("k7", "K7"),
        ("", ""),
    ],
)
def test_a_reference_is_read_as_it_was_said(typed, read):
    assert tables.as_reference(typed) == read


@pytest.mark.parametrize("sort", tables.SORTS)
@pytest.mark.parametrize("descending", [False, True])
def test_pages_walk_forth_and_back_over_every_case_once(made, monkeypatch, sort, descending):
    monkeypatch.setattr(tables, "ROWS_A_PAGE", 4)
    cases = desks.plain_cases(made, 11)
    for case in cases[:3]:
        Case.objects.filter(pk=case.pk).update(next_act_at=None, issued_at=None)
    for case in cases[3:6]:
        Case.objects.filter(pk=case.pk).update(stage=Stage.REVIEW)
    wanted = {"sort": sort, "descending": descending, "view": "all"}

    there, key = [], ""
    while True:
        page = tables.desk(made.analyst, tables.Wanted(**wanted, after=key))
        there.append([row.case.pk for row in page.rows])
        if not page.next:
            break
        key = page.next
    back, key = [], page.previous
    while key:
        page = tables.desk(made.analyst, tables.Wanted(**wanted, before=key))
        back.append([row.case.pk for row in page.rows])
        key = page.previous

    assert [len(rows) for rows in there] == [4, 4, 3]
    assert {pk for rows in there for pk in rows} == {case.pk for case in cases}
    assert back == there[1::-1]


def test_what_has_no_date_stands_last_in_either_order(made):
    dated, undated = desks.plain_cases(made, 2)
    Case.objects.filter(pk=undated.pk).update(next_act_at=None)

    assert shown(made.analyst) == [dated.pk, undated.pk]
    assert shown(made.analyst, descending=True) == [dated.pk, undated.pk]


@pytest.mark.parametrize(
    "key", ["nonsense", "~", "~2026-01-01", "6f1c~", "6f1c2d9e-0000-4000-8000-000000000000~x"]
)
def test_a_page_key_that_is_none_of_ours_means_the_first_page(made, key):
    case = desks.plain_case(made, 1)

    assert shown(made.analyst, after=key) == [case.pk]


@pytest.mark.parametrize("word", ["示例𠮷", "Rare Demo", "OWN-77", "{reference}", "rare demo"])
def test_a_case_is_found_by_name_own_number_or_reference(made, word):
    supplier = OrganisationFactory(
        supplier=True,
        buyer=made.buyer,
        name="示例𠮷有限公司",
        name_en="Rare Demo Ltd",
        reference="OWN-77",
    )
    case = desks.plain_case(made, 1, supplier=supplier)
    desks.plain_case(made, 2)

    assert shown(made.analyst, words=word.format(reference=case.reference)) == [case.pk]


def test_the_campaign_and_the_stage_narrow_the_table(made):
    case = desks.plain_case(made, 1)
    cleared = desks.plain_case(made, 2, stage=Stage.CLEARED, cleared_at=clock.now())

    assert shown(made.analyst, campaign="demo CAMP") == [case.pk]
    assert shown(made.analyst, campaign="no such") == []
    assert shown(made.analyst, stage=Stage.CLEARED) == [cleared.pk]
    assert shown(made.analyst, stage="NOT_A_STAGE") == [case.pk]
    assert set(shown(made.analyst, view="all")) == {case.pk, cleared.pk}


def test_drafts_are_shown_only_when_asked_for(made):
    draft = world.draft_case(made)

    assert shown(made.analyst) == []
    assert shown(made.analyst, view="all") == []
    assert shown(made.analyst, stage=Stage.DRAFT) == [draft.pk]


def waiting_world(made):
    now = clock.now()
    review = {"stage": Stage.REVIEW}
    proposed = {"proposed_by": made.analyst, "proposed_at": now}
    put_before = {
        "escalated_to": EscalationTarget.APPROVER,
        "escalated_person": made.second_approver,
        "escalated_at": now + timedelta(minutes=1),
    }
    return {
        "answering": desks.plain_case(made, 1),
        "review": desks.plain_case(made, 2, **review),
        "recommended": desks.plain_case(made, 3, **review, **proposed),
        "escalated": desks.plain_case(made, 4, **review, **put_before),
        "escalated_later": desks.plain_case(made, 5, **review, **proposed, **put_before),
        "counsel": desks.plain_case(
            made, 6, stage=Stage.WITH_COUNSEL, held_from=Stage.REVIEW, held_at=now
        ),
        "wrong_person": desks.plain_case(made, 7, wrong_person_at=now),
        "put_off": desks.plain_case(made, 8, put_off_at=now),
    }


@pytest.mark.parametrize(
    ("person", "names"),
    [
        ("analyst", {"review", "wrong_person", "put_off"}),
        ("approver", {"recommended"}),
        ("second_approver", {"recommended", "escalated", "escalated_later"}),
        ("counsel", {"counsel"}),
        ("manager", {"wrong_person", "put_off"}),
    ],
)
def test_each_role_finds_what_waits_for_it(made, person, names):
    cases = waiting_world(made)
    user = getattr(made, person)

    page = tables.desk(user, tables.Wanted(view="waiting"))

    assert {row.case.pk for row in page.rows} == {cases[name].pk for name in names}
    assert {one["count"] for one in page.views if one["key"] == "waiting"} == {len(names)}


def test_who_recommended_waits_for_a_colleague(made):
    MembershipFactory(user=made.analyst, organisation=made.buyer, role=Role.APPROVER)
    both = User.objects.get(pk=made.analyst.pk)
    now = clock.now()
    desks.plain_case(made, 1, stage=Stage.REVIEW, proposed_by=both, proposed_at=now)

    assert shown(both, view="waiting") == []


def test_mine_are_cases_i_review_brought_in_or_was_given(made):
    mine = desks.plain_case(made, 1, stage=Stage.REVIEW, reviewer=made.analyst)
    given = desks.plain_case(
        made, 2, stage=Stage.REVIEW, escalated_person=made.approver, escalated_at=clock.now()
    )

    assert shown(made.analyst, view="mine") == [mine.pk]
    assert shown(made.approver, view="mine") == [given.pk]
    assert set(shown(made.manager, view="mine")) == {mine.pk, given.pk}


def test_late_is_what_is_past_its_moment_on_either_side(made):
    past = clock.now() - timedelta(days=1)
    desks.plain_case(made, 1)
    late = [
        desks.plain_case(made, 2, due_at=past),
        desks.plain_case(made, 3, stage=Stage.REVIEW, next_act_at=past),
        desks.plain_case(made, 4, stage=Stage.REVIEW, lapsed_at=past),
    ]

    assert set(shown(made.analyst, view="late")) == {case.pk for case in late}


def test_serving_a_supplier_gives_no_desk(made):
    case = desks.plain_case(made, 1)
    other = OrganisationFactory()
    person = UserFactory(holds=[(Role.ANALYST, other), (Role.CONTACT, case.supplier)])

    assert shown(person, view="all") == []


def test_roles_count_in_the_company_where_they_are_held(made):
    other = world.world(name="Demo Other GmbH")
    person = UserFactory(holds=[(Role.ANALYST, made.buyer), (Role.APPROVER, other.buyer)])
    now = clock.now()
    theirs = {"stage": Stage.REVIEW, "proposed_by": made.analyst, "proposed_at": now}
    desks.plain_case(made, 1, **theirs)
    to_decide = desks.plain_case(other, 2, **theirs)

    assert shown(person, view="waiting") == [to_decide.pk]


@pytest.mark.parametrize(
    ("fields", "flags"),
    [
        ({}, []),
        ({"wrong_person_at": "now"}, ["Wrong person"]),
        ({"put_off_at": "now"}, ["Nobody reached"]),
        ({"due_at": "past"}, ["Overdue"]),
        ({"stage": Stage.REVIEW, "lapsed_at": "now"}, ["Time ran out"]),
        ({"reply_code": ReplyCode.LEGAL_CONSTRAINT_CLAIMED}, ["Held for counsel"]),
    ],
)
def test_a_row_says_what_is_unusual_in_words(made, fields, flags):
    now = clock.now()
    moments = {"now": now, "past": now - timedelta(days=1)}
    desks.plain_case(made, 1, **{key: moments.get(one, one) for key, one in fields.items()})

    (row,) = tables.desk(made.analyst, tables.Wanted()).rows

    assert [flag.text for flag in row.flags] == flags


def test_a_row_says_what_stands_recommended_escalated_or_held(made):
    now = clock.now()
    case = desks.plain_case(
        made,
        1,
        stage=Stage.REVIEW,
        proposed_by=made.analyst,
        proposed_at=now,
        escalated_person=made.approver,
        escalated_at=now,
    )
    EvidenceFactory(supplier=case.supplier, buyer=made.buyer, chain=case.chain, held=True)

    (row,) = tables.desk(made.approver, tables.Wanted()).rows

    assert [flag.text for flag in row.flags] == ["Put before you", "Recommended", "File held"]
    assert row.proposal == f"Clear, says {made.analyst}"


def test_a_name_is_shown_in_the_readers_script_first(made):
    case = desks.plain_case(made, 1)

    assert tables.names(case) == (case.supplier.name_en, case.supplier.name)

    case.supplier.name_en = ""
    assert tables.names(case) == (case.supplier.name, "")


def test_only_files_that_are_held_count_as_held(made):
    case = desks.plain_case(made, 1)
    EvidenceFactory(supplier=case.supplier, buyer=made.buyer, chain=case.chain, released=True)

    (row,) = tables.desk(made.analyst, tables.Wanted()).rows

    assert row.flags == []
