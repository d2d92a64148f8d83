"""The buyer's duties: taken, met or waived by named people, and told when their clock ran out.

A clock that runs out here never moves a case (domain note, sections 8 and 9).
"""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.enums import Wording
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import CommentAudience
from questionnaires.static_checks.texts import leaks
from workflows import calendar, clauses, engine, ladder, mail, queries, rules, rungs
from workflows.enums import DutyKind, DutyState
from workflows.models import Case, Duty
from workflows.models.duty import OUTLASTS_TRADE


@contextmanager
def _holding(duty: Duty) -> Iterator[tuple[Duty, Case | None]]:
    """Hold the duty's case, or the row itself where it has none; yields it fresh."""
    if duty.case is not None:
        with engine.locked(duty.case) as held:
            yield _held_row(duty), held
    else:
        with engine.unhindered(), transaction.atomic():
            yield _held_row(duty), None


def _held_row(duty: Duty) -> Duty:
    rows = Duty.objects.select_for_update(of=("self",), no_key=True)
    return rows.select_related("buyer").get(pk=duty.pk)


def take_duty(*, duty: Duty, by: User) -> Duty:
    """Say that one does this, so that the register names a person."""
    with _holding(duty) as (held, case):
        require(rules.may_take_duty(by, held))
        if held.owner_id == by.pk:
            return held
        held.owner = by
        held.save(update_fields=["owner"])
        ledger.record("duty.taken", by=by, on=case or held.buyer, data={"duty": str(held.pk)})
    return held


def meet_duty(*, duty: Duty, by: User, how: str, proof: str = "", tell: str = "") -> Duty:
    """Say what was done; `tell` goes to the supplier as a message in the same act.

    Raises Refused, or Conflict when it is settled, or the words say more than the wording may.
    """
    with _holding(duty) as (held, case):
        if (held.state, held.how, held.settled_by_id) == (DutyState.MET, how, by.pk):
            return held  # the same form sent twice
        require(rules.may_meet_duty(by, held))
        if tell and case is not None:
            say_to_supplier(case, by, tell)
        settle(held, by, DutyState.MET, case=case, how=how, proof=proof)
    return held


def waive_duty(*, duty: Duty, by: User, reason: str) -> Duty:
    """Do without a duty, with a reason that the dossier prints (domain note, section 9)."""
    with _holding(duty) as (held, case):
        if (held.state, held.how, held.settled_by_id) == (DutyState.WAIVED, reason, by.pk):
            return held
        require(rules.may_waive_duty(by, held))
        settle(held, by, DutyState.WAIVED, case=case, how=reason)
    return held


def settle(
    duty: Duty,
    by: User,
    state: DutyState,
    *,
    case: Case | None,
    how: str = "",
    proof: str = "",
) -> None:
    """Write that a duty is met or waived; its case, if any, is held. A late answer moves dates."""
    was_missed = duty.state == DutyState.MISSED
    duty.state, duty.how, duty.proof = state, how[:4000], proof[:400]
    duty.settled_by, duty.settled_at = by, clock.now()
    duty.save(update_fields=["state", "how", "proof", "settled_by", "settled_at"])
    ledger.record(
        "duty.waived" if state == DutyState.WAIVED else "duty.met",
        by=by,
        on=case or duty.buyer,
        data={"duty": str(duty.pk), "kind": duty.kind, "late": was_missed},
        words={"how": how, "proof": proof},
    )
    if duty.kind == DutyKind.ANSWER_QUESTION and was_missed and case is not None:
        _clock_goes_on(case, duty, by)


def _clock_goes_on(case: Case, duty: Duty, by: User) -> None:
    """The supplier's clock stood still while our answer was late: move its dates by as much."""
    if not case.is_with_supplier or duty.due_at is None:
        return
    if case.due_at is None or case.lapse_at is None:
        return
    stood = clock.now() - duty.due_at
    days = case.days_to_lapse
    case.due_at, case.lapse_at = ladder.shifted(
        (case.due_at, case.lapse_at), stood, days, case.policy, case.place
    )
    case.next_act_at = case.due_at
    rungs.begin(case, days)
    case.save()
    engine.rearm(case)
    ledger.record(
        "case.clock_moved",
        by=by,
        on=case,
        data={
            "seconds": int(stood.total_seconds()),
            "due": ledger.moment(case.due_at),
            "lapse": ledger.moment(case.lapse_at),
        },
    )


def met_by(held: Case, kinds: Collection[DutyKind], by: User, *, how: str = "") -> None:
    """Meet every open duty of these kinds towards a held case, by the act that does them."""
    for duty in list(queries.pending(held, kinds).select_related("buyer")):
        settle(duty, by, DutyState.MET, case=held, how=how)


def make_moot(held: Case, by: User) -> None:
    """Close what a former reading of the reply asked for: nothing is left to do."""
    asked = Duty.objects.pending().filter(case=held).exclude(reply_code="")
    close_moot(asked, held, by)


def end_with_trade(held: Case, by: User) -> None:
    """Close what is owed no longer once a case has ended: part of the act that ends it.

    Goods refused entry are held back and orders are paid whatever becomes of trade.
    """
    owed = Duty.objects.pending().filter(case=held)
    close_moot(owed.exclude(kind__in=OUTLASTS_TRADE), held, by)


def close_moot(rows: Iterable[Duty], on: ledger.Chained, by: User) -> None:
    """Close duties that nothing asks for any more; they stay in the register."""
    found = [one.pk for one in rows]
    if not found:
        return
    Duty.objects.filter(pk__in=found).update(
        state=DutyState.MET, is_moot=True, settled_by=by, settled_at=clock.now()
    )
    ledger.record("duty.moot", by=by, on=on, data={"duties": [str(pk) for pk in found]})


def say_to_supplier(held: Case, by: User, text: str, key: object = "") -> None:
    """Write to the supplier as part of another act; what it asked is answered by that.

    Raises Conflict if the text says more than the case's wording may (domain note, section 4).
    """
    require_neutral(held, text)
    written = answers.comment(
        response=queries.response_of(held), by=by, text=text, audience=CommentAudience.BOTH
    )
    to = {one for one in (held.contact, held.signatory) if one is not None}
    mail.message_written(held, to, key or written.pk, for_supplier=True)


def require_neutral(held: Case, *texts: str) -> None:
    """Raise Conflict where words typed for a supplier say more than its wording."""
    if held.wording == Wording.TRACEABILITY and any(leaks(text) for text in texts):
        raise Conflict(
            _("These words say more than the wording chosen for this company. Change them.")
        )


# What the clock does ---------------------------------------------------------------------------


def miss_due() -> int:
    """Note each duty whose clock ran out and tell approvers; later the administrator.

    Returns how many were noted. Each in a transaction of its own.
    """
    now, done = clock.now(), 0
    for duty in queries.run_out(now)[: queries.SHOWN]:
        done += _miss(duty.pk, now)
    for duty in queries.still_late(now - timedelta(days=clauses.TELL_ON_DAYS))[: queries.SHOWN]:
        _tell_on(duty.pk, now)
    return done


def _miss(pk: UUID, now: datetime) -> int:
    with transaction.atomic():
        rows = Duty.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        duty = rows.filter(pk=pk, state=DutyState.OPEN).select_related("buyer", "case").first()
        if duty is None:
            return 0
        duty.state, duty.missed_at = DutyState.MISSED, now
        duty.save(update_fields=["state", "missed_at"])
        ledger.record(
            "duty.missed",
            by="clock",
            on=duty.case or duty.buyer,
            data={"duty": str(duty.pk), "kind": duty.kind},
        )
        mail.duty_missed(duty)
    return 1


def _tell_on(pk: UUID, now: datetime) -> None:
    with transaction.atomic():
        rows = Duty.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
        late = rows.filter(pk=pk, state=DutyState.MISSED, told_at=None)
        duty = late.select_related("buyer", "case").first()
        if duty is None or duty.missed_at is None or _told_by(duty, duty.missed_at) > now:
            return
        duty.told_at = now
        duty.save(update_fields=["told_at"])
        ledger.record(
            "duty.told_on", by="clock", on=duty.case or duty.buyer, data={"duty": str(duty.pk)}
        )
        mail.duty_missed_still(duty)


def _told_by(duty: Duty, missed_at: datetime) -> datetime:
    buyer = duty.buyer
    return calendar.after(missed_at, clauses.TELL_ON_DAYS, buyer.country, buyer.zone)
