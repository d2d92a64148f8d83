"""More time for the supplier: due date, lapse, engine timer and rungs move in one act."""

from datetime import date, datetime
from typing import cast

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import engine, ladder, letters, mail, queries, rules, rungs
from workflows.actions import letter
from workflows.enums import ExtensionState, LetterKind
from workflows.models import Case, Extension
from workflows.rules.case import SUPPLIER_SIDE


def take_time(*, case: Case, by: User) -> Extension:
    """Take the supplier's one extension, no reason needed (domain note, section 8).

    By the days of the case's policy, counted from the due date. Raises Refused, or Conflict
    when it was taken before or no deadline runs.
    """
    with engine.locked(case) as held:
        require(rules.may_take_time(by, held))
        if queries.has_taken_time(held):
            raise Conflict(_("You already took this once. You may ask for more, with a reason."))
        before = _due(held)
        _move(held, own_extension(held))
        extension = _keep(held, by, ExtensionState.TAKEN, before)
        number = _record("case.extended", held, by, extension)
        _write(held, by, before, number)
        mail.extension_taken(held, number)
    return extension


def own_extension(case: Case) -> datetime:
    """Return when the answer falls due if the supplier takes its extension now."""
    start = max(_due(case), clock.now())
    return ladder.due_after(start, case.policy.extension_days, case.place)


def ask_time(*, case: Case, by: User, until: date, reason: str) -> Extension:
    """Ask the analyst for more time, with a reason; nothing moves until it is granted."""
    with engine.locked(case) as held:
        require(rules.may_ask_time(by, held))
        _require_later(held, until)
        if held.wish_on is not None:
            raise Conflict(_("You asked already; the buyer has not answered yet."))
        # a wish of an earlier round, overtaken by an answer
        held.extensions.filter(state=ExtensionState.ASKED).update(state=ExtensionState.MOOT)
        extension = Extension.objects.create(
            case=held,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            state=ExtensionState.ASKED,
            by=by,
            at=clock.now(),
            reason=reason,
            wished_on=until,
        )
        held.wish_on = until
        held.save(update_fields=["wish_on"])
        entry = ledger.record(
            "case.extension_asked",
            by=by,
            on=held,
            data={"extension": str(extension.pk), "wished": until.isoformat()},
            words={"reason": reason},
        )
        mail.extension_asked(held, until, entry.seq)
    return extension


def grant_time(
    *, extension: Extension, by: User, until: date, answer: str, seen: str = ""
) -> Extension:
    """Grant a wish, until the day asked for or another; a letter tells the supplier.

    `seen` is the hash of the letter the page showed.
    """
    with engine.locked(extension.case) as held:
        fresh = Extension.objects.get(pk=extension.pk)
        fresh.case = held
        require(rules.may_answer_wish(by, fresh))
        _require_later(held, until)
        return _grant(fresh, by, until, answer, seen)


def _grant(extension: Extension, by: User, until: date, answer: str, seen: str) -> Extension:
    held = extension.case
    before, held.wish_on = _due(held), None
    _move(held, ladder.due_at(until, held.place))
    _answer(extension, by, ExtensionState.GRANTED, answer)
    extension.due_before, extension.due_after = before, held.due_at
    extension.save()
    number = _record("case.extended", held, by, extension, answer)
    _write(held, by, before, number, note=answer, seen=seen)
    return extension


def refuse_time(*, extension: Extension, by: User, answer: str) -> Extension:
    """Refuse a wish with a reason, which the supplier reads; nothing moves."""
    with engine.locked(extension.case) as held:
        fresh = Extension.objects.get(pk=extension.pk)
        fresh.case = held
        require(rules.may_answer_wish(by, fresh))
        if letters.forbidden(LetterKind.EXTENSION, held, {"note": answer}):
            raise Conflict(
                _("This says more than the wording chosen for this company. Change your words.")
            )
        _answer(fresh, by, ExtensionState.REFUSED, answer)
        fresh.save()
        held.wish_on = None
        held.save(update_fields=["wish_on"])
        entry = ledger.record(
            "case.extension_refused",
            by=by,
            on=held,
            data={"extension": str(fresh.pk)},
            words={"reason": answer},
        )
        mail.extension_refused(held, answer, entry.seq)
    return fresh


def give_time(*, case: Case, by: User, until: date, reason: str, seen: str = "") -> Extension:
    """Give more time unasked, with a reason; an open wish is granted by it."""
    with engine.locked(case) as held:
        require(rules.may_give_time(by, held))
        _require_later(held, until)
        if (asked := queries.asked_for_time(held)) is not None:
            asked.case = held
            return _grant(asked, by, until, reason, seen)
        before = _due(held)
        _move(held, ladder.due_at(until, held.place))
        extension = _keep(held, by, ExtensionState.GIVEN, before, reason)
        number = _record("case.extended", held, by, extension, reason)
        _write(held, by, before, number, note=reason, seen=seen)
    return extension


def _require_later(case: Case, until: date) -> None:
    zone = case.supplier.zone
    due = clock.day_of(_due(case), zone)
    require(rules.is_a_later_day(until, due, clock.today(zone)))


def _due(case: Case) -> datetime:
    """Return the due date of a case whose clock runs: the rule saw to it."""
    return cast("datetime", case.due_at)


def _move(case: Case, due: datetime) -> None:
    """Move every clock of the supplier at once; raises Conflict if no deadline is armed."""
    days = case.days_to_lapse
    case.due_at = case.next_act_at = due
    case.lapse_at = ladder.lapse_at(due, days, case.policy, case.place)
    case.put_off_at = None
    stall, stalled_at = case.stall, case.stalled_at
    rungs.begin(case, days)
    # more time does not make a mail arrive
    case.stall, case.stalled_at = stall, stalled_at
    case.save()
    engine.rearm(case)


def _keep(
    case: Case, by: User, state: ExtensionState, before: datetime, reason: str = ""
) -> Extension:
    return Extension.objects.create(
        case=case,
        buyer_id=case.buyer_id,
        supplier_id=case.supplier_id,
        state=state,
        by=by,
        at=clock.now(),
        reason=reason,
        due_before=before,
        due_after=case.due_at,
    )


def _answer(extension: Extension, by: User, state: ExtensionState, answer: str) -> None:
    extension.state, extension.answer = state, answer
    extension.decided_by, extension.decided_at = by, clock.now()


def _record(event: str, case: Case, by: User, extension: Extension, reason: str = "") -> int:
    return ledger.record(
        event,
        by=by,
        on=case,
        data={
            "extension": str(extension.pk),
            "how": str(extension.state),
            "due_before": ledger.moment(cast("datetime", extension.due_before)),
            "due": ledger.moment(_due(case)),
            "lapse": ledger.moment(cast("datetime", case.lapse_at)),
        },
        words={"reason": reason} if reason else {},
    ).seq


def time_facts(case: Case, by: User, until: date, note: str) -> dict[str, object]:
    """Return what the letter on more time says before the clock moves, for page and action."""
    due = ladder.due_at(until, case.place)
    return _facts(case, by, _due(case), due, note)


def _facts(case: Case, by: User, before: datetime, due: datetime, note: str) -> dict[str, object]:
    is_suppliers = by.holds_any(SUPPLIER_SIDE, case.supplier_id)
    return {
        "due_on": letters.day_of(due, case),
        "was_due_on": letters.day_of(before, case),
        "note": note,
        "speaker": "" if is_suppliers else str(by),
    }


def _write(
    case: Case, by: User, before: datetime, once: object, *, note: str = "", seen: str = ""
) -> None:
    facts = _facts(case, by, before, _due(case), note)
    letter.send(held=case, kind=LetterKind.EXTENSION, by=by, facts=facts, once=once, seen=seen)
