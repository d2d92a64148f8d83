"""Suspending trade, looking at it again, and resuming it: an approver, told to the supplier."""

from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import clauses, engine, letters, mail, queries, rules
from workflows.actions import letter
from workflows.actions.deciding import decide
from workflows.actions.plan import accepted_version, plan_told, take_up
from workflows.actions.trading import change_trading
from workflows.enums import LetterKind, Trading, Verb
from workflows.models import Case, Suspension

PAUSES = frozenset({Trading.NO_NEW_ORDERS, Trading.PAUSED})


@dataclass(frozen=True)
class Pause:
    """What a suspension says: to the supplier from `ground` on, `reason` for the record."""

    trading: str
    reason: str
    from_on: date
    paused: str
    needed: str
    ground: str = ""


def suspend(*, case: Case, task: int, by: User, pause: Pause, seen: str = "") -> Case:
    """Suspend trade: paused or no new orders, from a day, until what is named is shown.

    Counsel is told; the approver looks at it every 30 working days, 90 at most (domain note,
    section 8). Raises Refused, Conflict, LetterChanged.
    """
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_suspend(by, held))
        if pause.trading not in PAUSES:
            raise Conflict(_("Choose what is paused: new orders, or all orders."))
        now = clock.now()
        standing = Suspension.objects.create(
            buyer_id=held.buyer_id,
            case=held,
            trading=pause.trading,
            reason=pause.reason,
            paused=pause.paused,
            needed=pause.needed,
            from_on=pause.from_on,
            by=by,
            at=now,
            review_at=held.ours_by(now, clauses.SUSPENSION_DAYS),
            most_at=held.ours_by(now, clauses.SUSPENSION_MOST_DAYS),
        )
        held.next_act_at = standing.review_at
        held.proposed_by = held.proposed_at = None
        held.escalated_to, held.escalated_person, held.escalated_at = "", None, None
        change_trading(held=held, by=by, trading=pause.trading)
        decide(held, Verb.SUSPEND, by, pause.reason)
        entry = ledger.record(
            "case.suspended",
            by=by,
            on=held,
            data={
                "trading": str(pause.trading),
                "from": pause.from_on.isoformat(),
                "review": ledger.moment(standing.review_at),
            },
            words={"reason": pause.reason},
        )
        step.finish(by, Verb.SUSPEND)
        letter.send(
            held=held,
            kind=LetterKind.SUSPENSION,
            by=by,
            facts=suspension_facts(held, by, pause),
            once=entry.seq,
            seen=seen,
        )
        mail.case_suspended(held, entry.seq)
    return held


def suspension_facts(case: Case, by: User, pause: Pause) -> dict[str, object]:
    """Return what the letter of a suspension that begins now says."""
    return {
        "from_on": pause.from_on,
        "paused": pause.paused,
        "needed": pause.needed,
        "ground": pause.ground,
        "review_on": letters.day_of(case.ours_by(clock.now(), clauses.SUSPENSION_DAYS), case),
        "speaker": str(by),
    }


def review_suspension(*, case: Case, task: int, by: User, reason: str) -> Suspension:
    """Say why the pause stays until it is looked at again; never beyond 90 working days."""
    with engine.holding(case, task, "suspended") as step:
        held = step.process.case
        require(rules.may_review_suspension(by, held))
        standing = queries.suspension_of(held)
        if standing is None:
            raise Conflict(_("No suspension stands any more."))
        now = clock.now()
        if standing.review_at >= standing.most_at or now >= standing.most_at:
            raise Conflict(
                _("A suspension lasts 90 working days at most: resume, or propose an exit.")
            )
        later = held.ours_by(now, clauses.SUSPENSION_DAYS)
        standing.review_at = min(later, standing.most_at)
        standing.reviews += 1
        standing.save(update_fields=["review_at", "reviews"])
        held.next_act_at = standing.review_at
        decide(held, Verb.SUSPEND, by, reason)
        ledger.record(
            "case.suspension_reviewed",
            by=by,
            on=held,
            data={"review": ledger.moment(standing.review_at), "number": standing.reviews},
            words={"reason": reason},
        )
        step.again()
    return standing


@dataclass(frozen=True)
class Return:
    """How trade goes on: `to` is the stage, `orders` what the supplier reads of its orders."""

    to: str
    trading: str
    reason: str
    from_on: date
    orders: str = ""


def resume(*, case: Case, task: int, by: User, back: Return, seen: str = "") -> Case:
    """End a suspension: back to review, or to the plan that both sides accepted.

    Raises Refused, Conflict, LetterChanged.
    """
    with engine.holding(case, task, "suspended") as step:
        held = step.process.case
        require(rules.may_resume(by, held))
        standing = queries.suspension_of(held)
        if standing is None:
            raise Conflict(_("No suspension stands any more."))
        standing.ended_by, standing.ended_at = by, clock.now()
        standing.save(update_fields=["ended_by", "ended_at"])
        told: dict[str, object] = {}
        if back.to == "remediation":
            told = _go_on_with_plan(held, by)
        else:
            held.next_act_at = held.ours_by(clock.now(), held.policy.review_days)
        change_trading(held=held, by=by, trading=back.trading)
        decide(held, Verb.RESUME, by, back.reason)
        entry = ledger.record(
            "case.resumed",
            by=by,
            on=held,
            data={"back_to": back.to.upper(), "trading": str(back.trading), **told},
            words={"reason": back.reason},
        )
        step.finish(by, Verb.RESUME, to=back.to)
        letter.send(
            held=held,
            kind=LetterKind.RESUMPTION,
            by=by,
            facts=resumption_facts(by, back),
            once=entry.seq,
            seen=seen,
        )
    return held


def resumption_facts(by: User, back: Return) -> dict[str, object]:
    """Return what the letter that ends a suspension says."""
    return {"from_on": back.from_on, "orders": back.orders, "speaker": str(by)}


def _go_on_with_plan(case: Case, by: User) -> dict[str, object]:
    """Take up what the signatory accepted last, perhaps a stronger plan than before.

    Returns what the event tells of it.
    """
    plan = queries.open_plan(case)
    newest = queries.newest_version(plan) if plan else None
    if newest is None:
        raise Conflict(_("No plan was shown to the supplier yet."))
    version = accepted_version(held=case, agrees=by, sha256=newest.sha256)
    take_up(held=case, by=by, version=version)
    return plan_told(case, version)
