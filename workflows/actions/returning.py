"""How an exit that is not carried out comes back to review: parts of the acts that do it."""

from portal import clock
from portal.models import User
from questionnaires import actions as answers
from workflows import engine, mail, queries
from workflows.actions import duties
from workflows.enums import Stage, Verb
from workflows.models import Case, Duty, ExitPlan
from workflows.models.duty import HOLDS_COMPLETION, HOLDS_PLAN
from workflows.queries import exits

PROPOSED = frozenset({Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL})


def take_back(case: Case, verb: Verb) -> ExitPlan | None:
    """Let the exit of a held case stand no longer; call it before its step is finished.

    The rows of the exit stay: who agreed to what is part of the record.
    """
    now, plan = clock.now(), exits.plan_of(case)
    if plan is not None:
        plan.ended_at, plan.ended_as = now, verb
        plan.save(update_fields=["ended_at", "ended_as"])
    case.proposed_by = case.proposed_at = None
    case.exit_track = ""
    case.next_act_at = case.ours_by(now, case.policy.review_days)
    return plan


def reopen(case: Case, by: User, reason: str = "") -> None:
    """Open the run at review in which the case goes on, after its exit's run was closed.

    What the exit asked of the buyer is asked no longer.
    """
    of_exit = Duty.objects.pending().filter(case=case, kind__in=HOLDS_PLAN | HOLDS_COMPLETION)
    duties.close_moot(of_exit, case, by)
    engine.start(case, by, reason=reason[:400], at="reopen")


def shut_form(case: Case, by: User) -> None:
    """End the form that an exit kept open; one that time left open stays open in review."""
    if case.lapsed_at is None:
        answers.shut(response=queries.response_of(case), by=by)


def by_late_answer(case: Case, by: User, number: int) -> None:
    """Bring an exit that is not approved back to review, after an answer was signed."""
    reopen(case, by)
    mail.exit_told(case, "answered", f"answer-{number}", by)
