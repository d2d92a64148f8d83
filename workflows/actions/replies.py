"""Reading a reply: the code a person confirms, and what follows from each (domain note, 6)."""

from datetime import datetime

from portal import clock, ledger
from portal.access import require
from portal.models import User
from workflows import calendar, clauses, engine, outcome, queries, rules
from workflows.actions import conditions, duties, duty_opening
from workflows.actions.case import refer
from workflows.enums import ConstraintOutcome, DutyKind, ReplyCode
from workflows.models import Case, ContactLog


def set_reply_code(*, case: Case, by: User, code: str, reason: str) -> Case:
    """Confirm what the reply amounts to; the engine only proposes (domain note, section 6).

    A claimed legal constraint goes to counsel in the same act, with `reason` as the note. Any
    other code opens what the buyer owes for it. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_set_reply_code(by, held))
        if held.reply_code == code:
            return held  # the same form sent twice
        _require_fit(held, code)
        if held.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED and not held.constraint_outcome:
            held.constraint_outcome = ConstraintOutcome.NO_LIMIT
        _read_as(held, by, code, reason)
        if code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED:
            return refer(case=held, task=engine.open_task(held) or 0, by=by, note=reason)
    return held


def mark_unreachable(*, case: Case, by: User, reason: str) -> Case:
    """Say that no address answers while the case waits for the supplier: a task of the buyer."""
    with engine.locked(case) as held:
        require(rules.may_mark_unreachable(by, held))
        if held.reply_code == ReplyCode.UNREACHABLE:
            return held
        _require_fit(held, ReplyCode.UNREACHABLE)
        _read_as(held, by, ReplyCode.UNREACHABLE, reason)
    return held


def _require_fit(held: Case, code: str) -> None:
    silence, counts = queries.silence(held), queries.silence_counts(held)
    require(rules.fits_reply(held, code, silence=silence, silence_counts=counts))


def _read_as(held: Case, by: User, code: str, reason: str) -> None:
    now = clock.now()
    duties.make_moot(held, by)
    held.reply_code, held.reply_code_at = code, now
    held.reply_until = _until(held, code, now)
    if code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED:
        held.constraint_outcome = ""
    held.save(update_fields=["reply_code", "reply_code_at", "reply_until", "constraint_outcome"])
    entry = ledger.record(
        "case.reply_code_set",
        by=by,
        on=held,
        data={"code": code, "until": ledger.moment(held.reply_until) if held.reply_until else ""},
        words={"reason": reason},
    )
    if code == ReplyCode.AGREES_ON_CONDITIONS:
        conditions.lay_out(held, by)
    kind = queries.DUTY_OF.get(code)
    if kind is not None and _is_still_owed(held, kind):
        duty_opening.opened(
            of=held, kind=kind, by=by, key=entry.seq, due_at=held.reply_until, reply_code=code
        )


def _until(held: Case, code: str, now: datetime) -> datetime | None:
    """How long a code holds its limb: talks by our days, evidence of others by the supplier's."""
    if code in outcome.TALKS:
        return held.ours_by(now, clauses.TALKS_DAYS)
    if code == ReplyCode.AGREES_CANNOT_OBTAIN:
        supplier = held.supplier
        return calendar.after(now, clauses.OBTAIN_DAYS, supplier.country, supplier.zone)
    return None


def _is_still_owed(held: Case, kind: DutyKind) -> bool:
    if kind != DutyKind.CALL_ONCE:
        return True
    # one call is owed for one reply, whatever the reading between
    offered = ContactLog.objects.filter(case=held, offers_help=True, is_reached=True)
    return not offered.filter(at__gte=held.submitted_at or held.created_at).exists()
