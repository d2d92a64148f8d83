"""Climbing the escalation ladder of one held case: what a rung sends, and what stops it.

Each rung once for each due date; after a pause only the latest of each kind. A mail that
did not arrive stops the ladder and becomes a task of the buyer (domain note, section 8).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import cast

from portal import clock, ledger
from portal.actions import people
from portal.enums import Role
from portal.models import Invitation, OutboxMessage, User
from workflows import clauses, ladder, mail, queries
from workflows.enums import RungKind, Stall
from workflows.models import Case

FIRST_LOOK = queries.LOOKS[0]
# an UNACCEPTED mail may be taken later after all; what was refused or came back stays so
AGAIN = timedelta(days=1)
# who hears of a rung: of each the latest one only, after a pause
AUDIENCES = (
    frozenset({RungKind.REMIND, RungKind.OVERDUE}),
    frozenset({RungKind.SECOND_CONTACT}),
    frozenset({RungKind.PHONE, RungKind.APPROVER}),
)


def begin(case: Case, days: int) -> None:
    """Set the ladder anew on a held case's due date; the caller saves.

    `days` is when time runs out, in working days after that date.
    """
    now = clock.now()
    case.dated_at, case.chase = now, ""
    case.stall, case.stalled_at = "", None
    case.next_rung_at = _first(ladder.upcoming(_steps(case, days), now), now)


def _steps(case: Case, days: int) -> list[ladder.Step]:
    if case.due_at is None:
        return []
    return ladder.steps(case.due_at, days, case.policy, case.place)


def _first(step: ladder.Step | None, now: datetime) -> datetime:
    look = now + FIRST_LOOK
    return min(look, step.at) if step else look


def is_due(case: Case, now: datetime) -> bool:
    """Whether the ladder has something to look at in this case."""
    return case.is_with_supplier and case.next_rung_at is not None and case.next_rung_at <= now


def climb(case: Case) -> int:
    """Look at deliveries of a held case, open what is due, and save.

    Returns how many rungs were opened.
    """
    now = clock.now()
    mails = queries.asked_by_mail(case)
    _look(case, queries.newest_to_contact(case, mails), now)
    steps = _steps(case, case.days_to_lapse)
    opened = 0
    if not case.stall and case.wrong_person_at is None:
        due = _due(case, steps, now)
        if due and not _is_there(case):
            stop(case, Stall.GONE, now)
        else:
            opened = sum(_open(case, step, now) for step in due)
    newest = queries.newest_to_contact(case, queries.asked_by_mail(case) if opened else mails)
    case.next_rung_at = _next(case, steps, newest, now)
    case.save(
        update_fields=["next_rung_at", "chase", "stall", "stalled_at", "next_act_at", "put_off_at"]
    )
    return opened


def look_again(case: Case) -> None:
    """Go on after somebody was reached or another address was found; the caller saves."""
    if not case.is_with_supplier:
        return
    now = clock.now()
    case.stall, case.stalled_at, case.put_off_at = "", None, None
    if not case.chase:
        case.next_act_at = case.due_at
    case.next_rung_at = _first(ladder.upcoming(_steps(case, case.days_to_lapse), now), now)


def done(case: Case, kinds: Iterable[RungKind], by: User) -> None:
    """Note that a person did what rungs of these kinds wait for; the caller saves the case."""
    wanted = set(kinds)
    rows = case.reminders.filter(kind__in=wanted, done_at=None)
    rows.update(done_at=clock.now(), done_by=by)
    if case.chase in wanted:
        case.chase = ""
        if case.is_with_supplier:
            case.next_act_at = case.due_at


def _look(case: Case, newest: OutboxMessage | None, now: datetime) -> None:
    why = queries.stall_of(newest, now)
    if why is None and case.stall and newest is not None and queries.is_accepted(newest):
        case.stall, case.stalled_at = "", None
        case.next_act_at = case.due_at
    elif why is not None and case.stall != why:
        stop(case, why, now)


def stop(case: Case, why: Stall, now: datetime) -> None:
    """Stop the ladder and make it a task of the buyer; the caller saves."""
    case.stall, case.stalled_at = why, now
    case.next_act_at = case.ours_by(now, clauses.CHASE_DAYS)
    entry = ledger.record("case.ladder_stopped", by="clock", on=case, data={"why": str(why)})
    mail.case_unreached(case, entry.seq)


def _due(case: Case, steps: list[ladder.Step], now: datetime) -> list[ladder.Step]:
    """Return of each audience the latest rung that came and was not climbed."""
    since = case.dated_at or case.asked_at or now
    came = [step for step in steps if since < step.at <= now]
    if not came:
        return []
    rows = case.reminders.filter(due_at=case.due_at)  # type: ignore[misc]
    climbed = dict(rows.order_by("rung").values_list("kind", "rung"))
    found = []
    for audience in AUDIENCES:
        highest = max((climbed[kind] for kind in audience if kind in climbed), default=None)
        latest = [step for step in came if step.kind in audience][-1:]
        found += [step for step in latest if highest is None or step.rung > highest]
    return found


def _open(case: Case, step: ladder.Step, now: datetime) -> int:
    due = cast("datetime", case.due_at)  # without one there are no steps
    reminder, is_new = case.reminders.get_or_create(
        due_at=due, rung=step.rung, defaults={"kind": step.kind, "at": now}
    )
    if not is_new:
        return 0
    once = f"{due:%Y%m%d%H%M}:{step.rung}"
    ledger.record(
        "case.rung_climbed",
        by="clock",
        on=case,
        data={
            "rung": step.rung,
            "kind": str(step.kind),
            "due": ledger.moment(due),
        },
    )
    if step.kind in {RungKind.REMIND, RungKind.OVERDUE}:
        is_overdue = step.kind == RungKind.OVERDUE
        contact = cast("User", case.contact)  # an issued case has one
        mail.case_reminded(case, contact, _way_in(case), once, is_overdue=is_overdue)
    elif step.kind == RungKind.SECOND_CONTACT and (others := queries.second_contacts(case)):
        mail.second_contact_written(case, others, mail.request_url(case), once)
        reminder.done_at = now
        reminder.save(update_fields=["done_at"])
    else:
        case.chase = step.kind
        case.next_act_at = case.ours_by(now, clauses.CHASE_DAYS)
        mail.case_chase(case, step.kind, once)
    return 1


def _offer(case: Case) -> Invitation | None:
    """Return the contact's invitation that was not accepted yet."""
    rows = Invitation.objects.filter(user=case.contact_id, organisation=case.supplier_id)
    return rows.filter(role=Role.CONTACT, accepted_at=None, withdrawn_at=None).first()


def _serves(case: Case) -> bool:
    return case.contact is not None and any(
        case.contact.holds(role, case.supplier_id) for role in (Role.CONTACT, Role.SIGNATORY)
    )


def _is_there(case: Case) -> bool:
    return _serves(case) or _offer(case) is not None


def _way_in(case: Case) -> str:
    """Return the link of a reminder: who never came in gets the invitation, good for a while."""
    if _serves(case) or case.contact is None:
        return mail.request_url(case)
    offer = people.invite(
        organisation=case.supplier,
        role=Role.CONTACT,
        email=case.contact.email,
        by="installation",
        announce=False,
    )
    return people.pointer(offer, mail.request_path(case))


def _next(
    case: Case, steps: list[ladder.Step], newest: OutboxMessage | None, now: datetime
) -> datetime | None:
    if case.wrong_person_at is not None:
        return None
    if case.stall:
        return now + AGAIN if case.stall == Stall.UNACCEPTED else None
    step = ladder.upcoming(steps, now)
    moments = [step.at if step else None, queries.look_at(newest, now)]
    return min((one for one in moments if one is not None), default=None)
