"""Asking a cleared case anew: after the policy's months, or when an analyst says so."""

from datetime import datetime

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from workflows import engine, ladder, mail, queries, rules, rungs
from workflows.actions.deciding import decide
from workflows.actions.policy import latest_policy
from workflows.enums import Stage, Verb
from workflows.models import Case, Decision


def renew(*, case: Case, by: User | None, reason: str = "") -> Case:
    """Ask a cleared case anew as a new run; `by` is None where the clock does it.

    What was written and may still hold stands there to be confirmed; the rest is given anew,
    and all is signed anew. The round keeps the buyer's policy of today. Raises Refused, or
    Conflict if it is not cleared any more or, by the clock, not due.
    """
    with engine.locked(case) as held:
        if by is None:
            _require_due(held)
        else:
            require(rules.may_renew(by, held))
        before = held.policy.number
        due, lapse = _begin_round(held)
        if by is not None:
            decide(held, Verb.RENEW, by, reason)
        Decision.objects.filter(case=held, verb=Verb.RECOMMEND).update(is_stale=True)
        actor: ledger.Actor = by if by is not None else "clock"
        entry = ledger.record(
            "case.renewed",
            by=actor,
            on=held,
            data={
                "policy_before": before,
                "policy": held.policy.number,
                "due": ledger.moment(due),
                "lapse": ledger.moment(lapse),
            },
            words={"reason": reason} if reason else {},
        )
        answers.ask_anew(response=queries.response_of(held), by=actor)
        engine.start(held, by, reason, at="renew")
        mail.case_renewed(held, entry.seq)
    return held


def _require_due(case: Case) -> None:
    if case.stage != Stage.CLEARED or case.renew_at is None or case.renew_at > clock.now():
        raise Conflict("not due to be asked anew")


def _begin_round(case: Case) -> tuple[datetime, datetime]:
    """Set every clock anew and forget what the last round came to; the run saves the case.

    Returns when the answer is due and when time runs out.
    """
    now = clock.now()
    case.policy = latest_policy(case.buyer)
    days = case.policy.lapse_days
    case.asked_at = now
    due = ladder.due_after(now, case.policy.due_days, case.place)
    lapse = ladder.lapse_at(due, days, case.policy, case.place)
    case.due_at, case.lapse_at, case.next_act_at = due, lapse, due
    case.last_verb = Verb.RENEW
    case.cleared_at = case.ended_at = case.renew_at = None
    case.submitted_at = case.declined_at = case.lapsed_at = case.put_off_at = None
    case.proposed_by = case.proposed_at = None
    case.escalated_to, case.escalated_person, case.escalated_at = "", None, None
    case.reply_code = ""
    rungs.begin(case, days)
    return due, lapse
