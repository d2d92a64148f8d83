"""Events as plain sentences: each that a case may hold has one, and hides what it must."""

import ast
import re
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

import pytest
from django.conf import settings as real_settings
from django.utils import translation

from portal import clock, ledger
from portal.enums import Audience
from portal.models import User
from portal.templatetags.portal import day
from questionnaires import actions as answering
from questionnaires.enums import CommentAudience
from tests.factories.portal import UserFactory
from tests.workflows import acts, world
from workflows import actions, engine, timeline
from workflows.enums import DutyKind, Stage
from workflows.models import Case, Duty
from workflows.timeline import lines

pytestmark = pytest.mark.django_db

TOP = Path(real_settings.BASE_DIR)
# written to the chain of an organisation or of the installation, never of a case
ELSEWHERE = {
    "campaign.created",
    "campaign.launched",
    "demo.clock_moved",
    "list.uploaded",
    "organisation.changed",
    "organisation.founded",
    "questionnaire.published",
    "suppliers.imported",
    "work.retried",
}
ELSEWHERE_KINDS = ("person.", "role.", "invitation.")


@pytest.fixture
def made():
    return world.world()


def names_in_code():
    """Every name of an event that our code writes."""
    for app in ("portal", "documents", "questionnaires", "workflows"):
        for path in (TOP / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Constant) and isinstance(node.value, str):
                    yield path, node.value


def recorded():
    """Those of them that are names of events: two words with a dot, given to a recorder."""
    kinds = "case finding proof response evidence dossier mail"
    form = re.compile(rf"({'|'.join(kinds.split())})\.[a-z_]+")
    return {
        name
        for path, name in names_in_code()
        if form.fullmatch(name) and "timeline" not in path.parts and "forms" not in path.parts
    }


def event(name, **data):
    return ledger.Event(
        seq=1,
        at=clock.now(),
        name=name,
        actor={"system": "clock"},
        data=MappingProxyType(data),
        words={},
        hash="0" * 64,
    )


def test_every_event_of_a_case_has_a_sentence():
    written = {
        name
        for name in recorded()
        if name not in ELSEWHERE and not name.startswith(ELSEWHERE_KINDS)
    }

    assert {"case.issued", "evidence.linked", "mail.refused"} <= written
    assert written - set(timeline.SENTENCES) == set()


def test_what_has_no_sentence_is_told_by_its_plain_name():
    assert timeline.sentence(event("thing.was_done")) == "thing: was done"


@pytest.mark.parametrize(
    ("language", "day"), [("en", "4 October 2026"), ("zh-hans", "2026年10月4日")]
)
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("case.issued", {"due": "2026-10-04T21:59:59+00:00"}),
        ("case.extended", {"how": "TAKEN", "due": "2026-10-04", "due_before": "2026-09-01"}),
        ("duty.opened", {"kind": "SITE_DILIGENCE", "due": "2026-10-04"}),
        ("case.suspended", {"review": "2026-10-04"}),
    ],
)
def test_a_day_in_a_sentence_is_written_as_people_write_it(name, data, language, day):
    with translation.override(language):
        said = timeline.sentence(event(name, **data))

    assert day in said
    assert not re.search(r"\d-\d", said)


@pytest.mark.parametrize(
    ("zone", "due"),
    [
        ("Asia/Shanghai", "2026-10-04T15:59:59Z"),
        ("America/Sao_Paulo", "2026-10-05T02:59:59Z"),
    ],
)
def test_a_due_date_is_told_as_the_day_where_the_supplier_is(zone, due):
    assert "4 October 2026" in timeline.sentence(event("case.issued", due=due), zone)


def test_the_days_of_a_case_are_told_as_they_are_where_its_supplier_is(made):
    made.supplier.zone = "America/Sao_Paulo"
    made.supplier.save()
    case = world.acknowledged_case(made)
    actions.take_time(case=case, by=case.contact)

    told = next(line for line in timeline.of(case) if line.name == "case.extended").sentence

    due_at = acts.fresh(case).due_at
    assert clock.day_of(due_at, "UTC") != clock.day_of(due_at, "America/Sao_Paulo")
    assert day(clock.day_of(due_at, "America/Sao_Paulo")) in told


def test_the_buyers_own_days_are_told_as_they_are_where_it_is(made):
    made.buyer.zone = "Europe/Berlin"
    made.buyer.save()
    case = world.submitted_case(made)

    told = [line.sentence for line in timeline.of(case) if line.name == "duty.opened"]

    owed = Duty.objects.get(case=case, kind=DutyKind.SITE_DILIGENCE)
    here = clock.day_of(owed.due_at, made.buyer.zone)
    assert here != clock.day_of(owed.due_at, case.supplier.zone)
    assert any(day(here) in one for one in told)


def test_a_code_that_no_longer_exists_is_shown_as_it_is():
    assert "GONE" in timeline.sentence(event("case.reply_code_set", code="GONE"))


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_a_whole_journey_reads_in_plain_sentences(made, language):
    case = world.submitted_case(made)
    case = acts.advised(acts.referred(case, made.analyst), made.counsel)
    case = world.submit(acts.queried(case, made.analyst))
    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())
    actions.escalate(
        case=case, task=engine.open_task(case), by=made.analyst, to=made.approver, reason="Demo."
    )
    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    with translation.override(language):
        told = timeline.of(case)

    assert [line.seq for line in told] == sorted(line.seq for line in told)
    ends = ".。" if language == "zh-hans" else "."
    for line in told:
        assert line.sentence[-1] in ends, line.sentence
        assert not re.search(r"[a-z]_[a-z]|%\(|[A-Z]{2,}_", line.sentence), line.sentence
        assert line.who


def test_each_line_says_who_acted_and_for_which_side(made):
    case = world.submitted_case(made)

    by_name = {line.name: line for line in timeline.of(case)}

    assert by_name["case.issued"].who == made.manager.name
    assert by_name["case.issued"].is_suppliers is False
    assert by_name["case.submitted"].who == made.contact.name
    assert by_name["case.submitted"].is_suppliers is True
    assert by_name["response.signed"].hash == case.chain.entries.get(event="response.signed").hash


def test_the_clock_and_the_service_have_a_name_too(made):
    case = acts.lapsed(world.issued_case(made))

    assert {line.who for line in timeline.of(case) if line.name == "case.lapsed"} == {"The clock"}
    nobody = ledger.Event(1, clock.now(), "case.taken", {"user": "?"}, {}, {}, "")
    assert lines._who(nobody.actor, {}) == "A person no longer named"
    assert lines._who({"system": "installation"}, {}) == "The service"


def test_what_counsel_alone_reads_is_in_counsels_timeline_alone(made):
    case = acts.referred(world.issued_case(made), made.analyst)

    def words(**how):
        return [word for line in timeline.of(case, **how) for word in line.words]

    assert "Demo note for counsel." in words(counsel=True)
    assert "Demo note for counsel." not in words()


def test_names_and_addresses_are_not_repeated_as_words(made):
    case = world.acknowledged_case(made)

    assert made.contact.email not in str([line.words for line in timeline.of(case, counsel=True)])


def test_what_suppliers_say_among_themselves_is_not_the_buyers_to_read(made):
    case = world.acknowledged_case(made)
    for audience, text in (
        (CommentAudience.SUPPLIER, "among ourselves"),
        (CommentAudience.BOTH, "to both of us"),
    ):
        answering.comment(response=case.response, by=made.contact, text=text, audience=audience)

    words = [word for line in timeline.of(case, counsel=True) for word in line.words]

    assert "to both of us" in words
    assert "among ourselves" not in words


def save(case, title, *, by, rev):
    answering.save_section(
        response=case.response,
        section="you",
        data={"job_title": title},
        rev=rev,
        by=by,
        explicit=True,
        language="en",
    )


def test_a_run_of_saves_by_one_person_is_one_line(made):
    case = world.acknowledged_case(made)
    colleague = User.objects.get(pk=UserFactory(holds=("CONTACT", made.supplier)).pk)
    for rev, (title, by) in enumerate(
        [("One", made.contact), ("Two", made.contact), ("Three", colleague)]
    ):
        save(case, title, by=by, rev=rev)

    saves = [line.who for line in timeline.of(case) if line.name == "response.saved"]

    assert saves == [made.contact.name, colleague.name]


def test_a_part_of_the_events_may_be_read_and_an_empty_one_is_empty(made):
    case = world.issued_case(made)
    told = timeline.of(case)

    assert timeline.of(case, since=told[0].seq) == told[1:]
    assert timeline.of(case, until=told[0].seq) == told[:1]
    assert timeline.of(case, since=10_000) == []


def test_reading_costs_three_queries(made, django_assert_num_queries):
    case = Case.objects.select_related("buyer", "supplier").get(pk=world.submitted_case(made).pk)

    with django_assert_num_queries(3):
        timeline.of(case)


def test_the_way_of_a_case_is_the_stages_it_stood_in(made, django_assert_num_queries):
    moment = clock.now()
    case = world.issued_case(made)
    with clock.at(moment + timedelta(days=1)):
        case = acts.referred(case, made.analyst)
    with clock.at(moment + timedelta(days=2)):
        case = acts.advised(case, made.counsel)
    with clock.at(moment + timedelta(days=3)):
        actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    with django_assert_num_queries(2):
        way = timeline.way(case)

    assert [step.stage for step in way] == [
        Stage.INSTRUCTED,
        Stage.WITH_COUNSEL,
        Stage.INSTRUCTED,
        Stage.WITHDRAWN,
    ]
    assert [step.until for step in way] == [step.since for step in way[1:]] + [None]


def test_a_submission_that_stays_in_review_is_no_new_stage(made):
    case = acts.lapsed(world.acknowledged_case(made))
    world.answer(case)
    world.submit(case)

    assert [step.stage for step in timeline.way(case)] == [
        Stage.INSTRUCTED,
        Stage.ANSWERING,
        Stage.REVIEW,
    ]


def test_names_of_audiences_are_those_of_the_ledger():
    assert {*timeline.COUNSEL, *timeline.BOTH} == {Audience.PERSONAL, Audience.COUNSEL}
