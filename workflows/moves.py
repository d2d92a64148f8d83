"""What a flow asks of its case and does by itself; never mail, PDF or network."""

from datetime import datetime, timedelta

from portal import clock, ledger
from portal.enums import Delivery
from portal.models import OutboxMessage
from workflows import calendar
from workflows.models import Case, ContactLog

INSTRUCTION = "case_issued"


def is_reached(case: Case) -> bool:
    """Whether the contact's instruction mail was accepted, or a logged contact reached somebody.

    Silence counts only then (domain note, section 1, rule 7; README point 38). What went to
    a former contact, or to one who said to be the wrong person, reached nobody.
    """
    accepted = OutboxMessage.objects.filter(
        chain_id=case.chain_id,
        purpose=INSTRUCTION,
        delivery=Delivery.ACCEPTED,
        recipient_id=case.contact_id,
    )
    if case.wrong_person_at is None and accepted.exists():
        return True
    return ContactLog.objects.filter(case=case, is_reached=True).exists()


def put_off(case: Case) -> datetime | None:
    """Return the later moment a deadline must move to, or None if it may fire."""
    if is_reached(case):
        return None
    country, zone = case.supplier.country, case.supplier.zone
    return calendar.after(clock.now(), 1, country, zone) + timedelta(seconds=1)


def note_lapse(case: Case) -> None:
    """Record that time ran out; the response stays open (domain note, section 8)."""
    now = clock.now()
    case.lapsed_at = now
    case.proposed_by = case.proposed_at = None
    case.next_act_at = case.ours_by(now, case.policy.review_days)
    ledger.record("case.lapsed", by="clock", on=case, data={"stage": str(case.stage)})
