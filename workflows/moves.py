"""What a flow asks of its case and does by itself; never mail, PDF or network."""

from datetime import datetime, timedelta

from portal import clock, ledger
from workflows import calendar, queries
from workflows.enums import MilestoneState
from workflows.models import Case, Milestone


def is_reached(case: Case) -> bool:
    """Whether the newest mail to the contact was accepted, or a logged contact reached somebody.

    Silence counts only then (domain note, section 1, rule 7; README points 20 and 38): a rung
    that was overtaken counts as passed once a later one was accepted. What went to a former
    contact, to one who said to be the wrong person, or came back, reached nobody.
    """
    if any(one.is_reached for one in queries.contacts(case)):
        return True
    if case.stall or case.wrong_person_at is not None:
        return False
    newest = queries.newest_to_contact(case, queries.asked_by_mail(case))
    return newest is not None and queries.is_accepted(newest)


def put_off(case: Case) -> datetime | None:
    """Return the later moment a deadline must move to, or None if it may fire.

    Nothing falls due in a quiet time, and silence counts only once somebody was reached; nor
    while the supplier waits for our answer and that is late.
    """
    now, place = clock.now(), case.place
    today = clock.today(place.zone)
    later = calendar.out_of_quiet(today, place.country)
    if later != today:
        return calendar.end_of(later, place.zone)
    if is_reached(case) and not queries.is_paused(case):
        return None
    later_at = calendar.after(now, 1, place.country, place.zone) + timedelta(seconds=1)
    day = clock.day_of(later_at, place.zone)
    if not calendar.is_quiet(day, place.country):
        return later_at
    return calendar.end_of(calendar.out_of_quiet(day, place.country), place.zone)


def note_lapse(case: Case) -> None:
    """Record that time ran out; the response stays open (domain note, section 8)."""
    now = clock.now()
    case.lapsed_at = now
    case.proposed_by = case.proposed_at = None
    case.next_act_at = case.ours_by(now, case.policy.review_days)
    ledger.record("case.lapsed", by="clock", on=case, data={"stage": str(case.stage)})


def note_missed(case: Case) -> None:
    """Record that a milestone of the plan was missed; the case comes back to a person."""
    now = clock.now()
    missed = Milestone.objects.filter(
        plan__case=case, plan__closed_at=None, state=MilestoneState.OPEN, due_at__lte=now
    )
    keys = sorted(missed.values_list("key", flat=True))
    missed.update(missed_at=now)
    case.proposed_by = case.proposed_at = None
    case.next_act_at = case.ours_by(now, case.policy.review_days)
    ledger.record("case.milestone_missed", by="clock", on=case, data={"steps": keys})
