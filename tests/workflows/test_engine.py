"""What the engine promises: each act once, whole or not at all, from a page of today."""

from contextlib import contextmanager

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import ProtectedError
from viewflow.workflow import STATUS
from viewflow.workflow.exceptions import FlowLockFailed, FlowRuntimeError
from viewflow.workflow.models import Process, Task

from documents.models import Evidence
from portal import ledger
from portal.access import Conflict, Refused
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.questionnaires import personas
from tests.workflows import acts, acts_remedy, world
from tests.workflows.leaving_acts import LEAVING
from workflows import actions, engine
from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.locks import RowLock
from workflows.models import Case, CaseRun, Decision, Finding, Proof
from workflows.models.case import TIMED

pytestmark = pytest.mark.django_db

ACTS = acts.ACTS | acts_remedy.ACTS | LEAVING
SILENT = {"prepare_decline"}  # opens a page; declining is the act
ENDED = {Stage.DRAFT, Stage.CLEARED, Stage.DISENGAGED, Stage.WITHDRAWN}
REFUSES = {
    "sqlite": """
        CREATE TRIGGER ledger_is_full BEFORE INSERT ON portal_ledgerentry
        BEGIN SELECT RAISE(ABORT, 'the ledger is full'); END
    """,
    "postgresql": """
        CREATE FUNCTION ledger_is_full() RETURNS trigger LANGUAGE plpgsql
        AS $$ BEGIN RAISE EXCEPTION 'the ledger is full'; END $$;
        CREATE TRIGGER ledger_is_full BEFORE INSERT ON portal_ledgerentry
        FOR EACH ROW EXECUTE FUNCTION ledger_is_full();
    """,
}


@pytest.fixture
def made():
    return world.world()


@contextmanager
def a_ledger_that_is_full():
    """A database that takes no more entries, until the block ends."""
    before = transaction.savepoint()
    with connection.cursor() as cursor:
        cursor.execute(REFUSES[connection.vendor])
    yield
    transaction.savepoint_rollback(before)


def stands(case):
    """The stage of the row, of its open task and of its armed deadline agree."""
    case = acts.fresh(case)
    expected = []
    if case.stage not in ENDED:
        expected.append((case.stage.lower(), STATUS.NEW))
    if case.stage in TIMED:
        expected.append((f"{case.stage.lower()}_lapse", STATUS.SCHEDULED))
        (armed,) = Task.objects.filter(process__run__case=case, status=STATUS.SCHEDULED)
        assert armed.scheduled == case.lapse_at
    runs = CaseRun.objects.filter(case=case)
    assert runs.filter(closed_at=None).count() == (case.stage not in ENDED)
    assert not Task.objects.filter(process__run__case=case).exclude(owner=None).exists()
    return acts.unfinished(case) == expected


@pytest.mark.parametrize("name", ACTS)
def test_an_act_counts_once_whole_or_not_at_all(made, name):
    other = world.issued_case(made)
    ready = ACTS[name](made, acts.another(made))
    before = acts.rows()

    with pytest.raises(Refused):
        ready.do(by=UserFactory.build())
    assert acts.rows() == before

    if name not in SILENT:
        with a_ledger_that_is_full(), pytest.raises(DatabaseError, match="ledger is full"):
            ready.do()
    assert acts.rows() == before

    if ready.has_page:
        with pytest.raises(Conflict):
            ready.do(task=engine.open_task(other))
        with pytest.raises(Conflict):
            ready.do(case=other)
        assert acts.rows() == before

    ready.do()

    after = acts.rows()
    assert after != before
    assert stands(ready.case)
    assert stands(other)
    assert ledger.verify().is_intact
    if ready.has_page:
        with pytest.raises(Conflict):
            ready.do()
        assert acts.rows() == after


@pytest.mark.django_db(transaction=True)
def test_a_case_held_elsewhere_is_a_conflict_for_every_act(made):
    ready = {
        name: act(made, acts.another(made)) for name, act in ACTS.items() if name != "log_evidence"
    }
    before, met = acts.rows(), {}

    for name, one in ready.items():
        with acts.held_elsewhere(one.case), acts.impatient():
            try:
                one.do()
            except Conflict:
                met[name] = "Conflict"
            except DatabaseError as error:
                met[name] = repr(error)

    assert met == dict.fromkeys(ready, "Conflict")
    assert acts.rows() == before
    assert ready["take"].do().reviewer == made.analyst


@pytest.mark.django_db(transaction=True)
def test_proof_logged_in_a_case_held_elsewhere_is_a_conflict_and_no_proof(made):
    """Its file was stored before: PostgreSQL keeps it, and says so in the ledger."""
    ready = acts.log_evidence(made, acts.another(made))
    proofs = Proof.objects.filter(case=ready.case).count()

    with acts.held_elsewhere(ready.case), acts.impatient(), pytest.raises(Conflict):
        ready.do()

    assert Proof.objects.filter(case=ready.case).count() == proofs
    logged = Evidence.objects.filter(chain=ready.case.chain, received_by="MAIL")
    received = ready.case.chain.entries.filter(event="evidence.received")
    assert logged.count() == received.count() == (0 if connection.vendor == "sqlite" else 1)
    assert not ready.case.chain.entries.filter(event="proof.logged").exists()


# Journeys: after each step stage, task and deadline agree


def test_every_step_of_the_long_way_stands(made):
    case = world.draft_case(made)
    assert stands(case)
    actions.issue(case=case, by=made.manager)
    assert stands(case)
    case = acts.advised(acts.referred(acts.fresh(case), made.analyst), made.counsel)
    assert (case.stage, stands(case)) == (Stage.INSTRUCTED, True)
    actions.acknowledge(case=case, task=engine.open_task(case), by=case.contact)
    case = acts.advised(acts.referred(acts.fresh(case), case.contact), made.counsel)
    assert (case.stage, stands(case)) == (Stage.ANSWERING, True)
    actions.name_signatory(case=case, by=case.contact, email=case.contact.email, name="Demo")
    world.answer(case)
    case = world.submit(acts.fresh(case))
    assert (case.stage, stands(case)) == (Stage.REVIEW, True)
    case = acts.queried(case, made.analyst)
    case = acts.advised(acts.referred(case, made.approver), made.counsel)
    assert (case.stage, stands(case)) == (Stage.QUERIED, True)
    case = world.submit(case)
    case = acts.advised(acts.referred(case, made.analyst), made.counsel)
    assert (case.stage, stands(case)) == (Stage.REVIEW, True)
    actions.escalate(
        case=case, task=engine.open_task(case), by=made.analyst, to=made.counsel, reason="Demo."
    )
    assert stands(case)
    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")
    assert (acts.fresh(case).stage, stands(case)) == (Stage.WITHDRAWN, True)


def test_a_finished_journey_leaves_nothing_open(made):
    case = world.cleared_case(made)

    assert stands(case)
    assert acts.unfinished(case) == []
    run = CaseRun.objects.get(case=case)
    assert (run.outcome, run.process.status) == (Stage.CLEARED, STATUS.DONE)
    assert run.closed_at is not None


@pytest.mark.parametrize("stage", ["INSTRUCTED", "ANSWERING", "REVIEW", "QUERIED", "WITH_COUNSEL"])
def test_stopping_a_case_leaves_no_task_and_no_deadline(made, stage):
    case = {
        "INSTRUCTED": world.issued_case,
        "ANSWERING": world.acknowledged_case,
        "REVIEW": world.submitted_case,
        "QUERIED": lambda made: acts.queried(world.submitted_case(made), made.analyst),
        "WITH_COUNSEL": lambda made: acts.referred(world.issued_case(made), made.analyst),
    }[stage](made)
    assert case.stage == stage

    actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    case = acts.fresh(case)
    assert (case.stage, case.held_from, case.held_at) == (Stage.WITHDRAWN, "", None)
    assert acts.unfinished(case) == []
    run = CaseRun.objects.get(case=case)
    assert (run.outcome, run.process.status) == (Stage.WITHDRAWN, STATUS.CANCELED)
    assert case.response.state == ResponseState.CLOSED
    with pytest.raises(Conflict):
        actions.withdraw(case=case, by=made.manager, reason="Again.")


def test_a_run_is_stopped_once(made):
    case = world.issued_case(made)

    with engine.locked(case) as held:
        engine.stop(held, "MOVED")

    with pytest.raises(Conflict, match="already ended"), engine.locked(case) as held:
        engine.stop(held, "MOVED")
    with pytest.raises(Conflict, match="already ended"), engine.locked(case) as held:
        engine.renew_review(held)
    assert engine.open_task(case) is None
    assert acts.unfinished(case) == []


def test_after_a_stop_a_new_run_of_the_same_case_may_open(made):
    case = world.issued_case(made)

    with engine.locked(case) as held:
        engine.stop(held, "MOVED")
        engine.start(held, made.manager, reason="A newer version of the flow.")

    assert stands(case)
    assert [run.outcome for run in CaseRun.objects.filter(case=case).order_by("pk")] == [
        "MOVED",
        "",
    ]


# What a step refuses


@pytest.mark.parametrize(
    ("verb", "to"),
    [
        (Verb.ADVISE, None),
        (Verb.ADVISE, "cleared"),
        (Verb.ADVISE, "nowhere"),
    ],
)
def test_a_verb_that_leads_nowhere_saves_nothing(made, verb, to):
    case = acts.referred(world.issued_case(made), made.analyst)
    before = acts.rows()

    def finish():
        with engine.holding(case, engine.open_task(case), "with_counsel") as step:
            step.process.case.held_from = ""
            step.finish(made.counsel, verb, to=to)

    with pytest.raises(FlowRuntimeError, match=r"leads to [05] places"):
        finish()

    assert acts.rows() == before


def test_a_verb_that_is_not_of_this_stage_saves_nothing(made):
    case = world.submitted_case(made)
    before = acts.rows()

    def finish(by, verb):
        with engine.holding(case, engine.open_task(case), "review") as step:
            ledger.record("case.taken", by=by, on=step.process.case)
            step.finish(by, verb)

    with pytest.raises(Conflict):
        finish(made.approver, Verb.COMPLETE_EXIT)
    with pytest.raises(Refused):
        finish(made.approver, Verb.QUERY)
    with pytest.raises(Conflict):
        finish(case.signatory, Verb.SUBMIT)
    with pytest.raises(FlowRuntimeError, match="leads to 0 places"):
        finish(made.manager, Verb.WITHDRAW)
    assert acts.rows() == before


def test_a_page_of_another_stage_is_an_old_page(made):
    case = world.submitted_case(made)

    with (
        pytest.raises(Conflict, match="already taken"),
        engine.holding(case, engine.open_task(case), "answering"),
    ):
        pytest.fail("the step was given out")


def test_a_case_that_is_not_there_is_a_conflict():
    with pytest.raises(Conflict), engine.locked(Case()):
        pytest.fail("nothing was held")


def test_a_human_task_is_finished_or_cancelled_and_nothing_else(made):
    case = world.submitted_case(made)

    with engine.holding(case, engine.open_task(case), "review") as step:
        for forbidden in (step.assign, step.start, step.revive, step.undo):
            with pytest.raises(FlowRuntimeError, match="finished or cancelled"):
                forbidden(made.analyst)
        assert step.flow_task.can_assign(made.analyst, step.task) is False
    assert stands(case)


def test_entering_a_process_holds_its_case(made):
    case = world.issued_case(made)
    run = CaseRun.objects.get(case=case)

    with RowLock()(AttestationV1, run.process_id):
        assert connection.in_atomic_block
    with pytest.raises(FlowLockFailed), RowLock()(AttestationV1, run.process_id + 1):
        pytest.fail("there is no such process")


def test_a_step_finished_twice_in_one_hold_is_a_conflict(made):
    case = world.judged_case(made)
    before = acts.rows()

    def finish_twice():
        with engine.holding(case, engine.open_task(case), "review") as step:
            step.finish(made.analyst, Verb.RECOMMEND)
            step.finish(made.analyst, Verb.RECOMMEND)

    with pytest.raises(Conflict):
        finish_twice()

    assert acts.rows() == before


# Old pages and stale recommendations (README point 31)


def clear(case, task, by):
    return actions.clear(case=case, task=task, by=by, reason="Demo.", knows_unscanned=True)


def is_stale(case):
    case = acts.fresh(case)
    told = case.chain.entries.filter(event="case.recommendation_stale").count()
    marked = set(
        Decision.objects.filter(case=case, verb=Verb.RECOMMEND).values_list("is_stale", flat=True)
    )
    return (case.proposed_by, case.proposed_at, marked, told)


def test_renewing_the_review_makes_every_page_shown_before_an_old_one(made):
    case = world.recommended_case(made)
    shown = engine.open_task(case)

    with engine.locked(case) as held:
        engine.renew_review(held)

    assert engine.open_task(case) != shown
    assert stands(case)
    with pytest.raises(Conflict, match="already taken"):
        clear(case, shown, made.approver)
    assert acts.fresh(case).stage == Stage.REVIEW


def test_proof_logged_later_empties_the_recommendation(made):
    case = world.recommended_case(made)
    shown = engine.open_task(case)

    actions.log_evidence(case=case, by=made.analyst, logged=acts.logged_file())

    assert is_stale(case) == (None, None, {True}, 1)
    with pytest.raises(Conflict, match="already taken"):
        clear(case, shown, made.approver)
    with pytest.raises(Conflict, match="No analyst recommends"):
        clear(case, engine.open_task(case), made.approver)


def test_proof_logged_while_counsel_has_the_case_empties_it_too(made):
    case = acts.referred(world.recommended_case(made), made.approver)

    actions.log_evidence(case=case, by=made.analyst, logged=acts.logged_file())
    case = acts.advised(case, made.counsel)

    assert is_stale(case) == (None, None, {True}, 1)
    assert stands(case)
    with pytest.raises(Conflict, match="No analyst recommends"):
        clear(case, engine.open_task(case), made.approver)


def test_a_confirmed_finding_empties_the_recommendation(made):
    case = world.judged_case(made, personas.agrees_on_conditions)
    actions.recommend(case=case, task=engine.open_task(case), by=made.analyst, reason="Demo.")
    shown = engine.open_task(case)

    actions.judge_finding(
        finding=Finding.objects.get(case=case, key="conditional"),
        by=made.analyst,
        state="CONFIRMED",
        reason="Seen again.",
    )

    assert is_stale(case) == (None, None, {True}, 1)
    with pytest.raises(Conflict, match="already taken"):
        clear(case, shown, made.approver)


def test_a_dismissed_finding_leaves_the_recommendation_alone(made):
    case = world.recommended_case(made)
    shown = engine.open_task(case)
    finding = Finding.objects.filter(case=case).first()

    actions.judge_finding(finding=finding, by=made.analyst, state="DISMISSED", reason="Again.")

    assert is_stale(case) == (made.analyst, acts.fresh(case).proposed_at, {False}, 0)
    assert engine.open_task(case) == shown


def test_a_late_submission_empties_the_recommendation_of_what_was_sent_before(made):
    case = acts.queried(world.judged_case(made), made.analyst)
    case = acts.lapsed(case)
    actions.recommend(case=case, task=engine.open_task(case), by=made.analyst, reason="Demo.")
    shown = engine.open_task(case)
    assert acts.fresh(case).proposed_by == made.analyst

    world.submit(acts.fresh(case))

    assert is_stale(case)[:3] == (None, None, {True})
    with pytest.raises(Conflict, match="already taken"):
        clear(case, shown, made.approver)


def test_questions_sent_back_empty_recommendation_and_escalation(made):
    case = world.recommended_case(made)
    actions.escalate(
        case=case, task=engine.open_task(case), by=made.analyst, to=made.approver, reason="Demo."
    )

    case = acts.queried(acts.fresh(case), made.analyst)

    assert is_stale(case)[:3] == (None, None, {True})
    assert (case.escalated_to, case.escalated_person, case.escalated_at) == ("", None, None)


# Those who acted stay


@pytest.mark.parametrize("who", ["manager", "contact", "analyst", "approver"])
def test_who_acted_cannot_be_deleted(made, who):
    case = world.cleared_case(made)
    person = getattr(made, who)

    with pytest.raises(ProtectedError):
        person.delete()

    assert ledger.verify(case.chain).is_intact


def test_rows_of_the_library_hold_no_business_data(made):
    world.cleared_case(made)

    for model in (Process, Task):
        kept = list(model.objects.values_list("data", flat=True))
        assert kept
        assert not any(kept)
