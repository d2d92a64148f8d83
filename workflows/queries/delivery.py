"""Whether our mails arrived, as far as anybody knows: what silence may rest on.

"Accepted" is a mail server's word and never means read (domain note, section 8).
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from portal.enums import Delivery
from portal.models import OutboxMessage
from workflows import outcome
from workflows.clauses import ACCEPTED_WITHIN_DAYS
from workflows.enums import Channel, Stall
from workflows.models import Case, ContactLog

# mails that ask the supplier for its answer
ASKING = (
    "case_issued",
    "case_renewed",
    "case_queried",
    "case_resumed",
    "case_reminder",
    "case_overdue",
    "case_second_contact",
    "case_chased",
)
# how long after it was written a mail is looked at, until a server took it
LOOKS = (timedelta(hours=1), timedelta(days=1), timedelta(days=ACCEPTED_WITHIN_DAYS))


def asked_by_mail(case: Case) -> list[OutboxMessage]:
    """Return what asked for the answer since the case was sent, the oldest first."""
    rows = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose__in=ASKING)
    if case.asked_at is not None:
        rows = rows.filter(written_at__gte=case.asked_at)
    return list(
        rows.exclude(delivery=Delivery.DROPPED)
        .select_related("bounce")
        .defer("body")
        .order_by("written_at", "pk")
    )


def is_accepted(mail: OutboxMessage) -> bool:
    """Whether a mail server took it and nobody logged that it came back."""
    return mail.delivery == Delivery.ACCEPTED and not hasattr(mail, "bounce")


def newest_to_contact(case: Case, mails: Iterable[OutboxMessage]) -> OutboxMessage | None:
    found = [mail for mail in mails if mail.recipient_id == case.contact_id]
    return found[-1] if found else None


def stall_of(mail: OutboxMessage | None, now: datetime) -> Stall | None:
    """Return why the ladder must stop at this mail, or None."""
    if mail is None:
        return None
    if hasattr(mail, "bounce"):
        return Stall.BOUNCED
    if mail.delivery == Delivery.REFUSED:
        return Stall.REFUSED
    if mail.delivery != Delivery.ACCEPTED and now >= sent_at(mail) + LOOKS[-1]:
        return Stall.UNACCEPTED
    return None


def sent_at(mail: OutboxMessage) -> datetime:
    """Return when it was to go: what is held back for office hours waits for nobody's server."""
    return max(mail.written_at, mail.next_attempt_at) if not mail.attempts else mail.written_at


def look_at(mail: OutboxMessage | None, now: datetime) -> datetime | None:
    """Return when to look again whether a server took this mail; None if one did."""
    if mail is None or is_accepted(mail):
        return None
    moments = [sent_at(mail) + wait for wait in LOOKS]
    return next((moment for moment in moments if moment > now), None)


def contacts(case: Case) -> list[ContactLog]:
    """Return what was logged since the case was sent."""
    rows = ContactLog.objects.filter(case=case)
    return list(rows.filter(at__gte=case.asked_at) if case.asked_at else rows)


def silence(case: Case) -> outcome.Silence:
    """Return what was done to reach a supplier that does not reply; two queries."""
    accepted = [mail for mail in asked_by_mail(case) if is_accepted(mail)]
    logged = contacts(case)
    return outcome.Silence(
        accepted=len(accepted),
        addresses=len({mail.to for mail in accepted}),
        is_called=any(one.channel == Channel.CALL for one in logged),
        is_reached=any(one.is_reached for one in logged),
    )


def silence_counts(case: Case) -> bool:
    """Whether the bounce rule allows `NO_REPLY` for this case (domain note, section 8).

    Time ran out, nothing was signed, three mails were accepted at two addresses, a call was
    logged and a contact reached a person: a plain mail relay's acceptance alone proves nothing.
    Two queries.
    """
    if case.lapsed_at is None or case.submitted_at is not None:
        return False
    if case.wrong_person_at is not None:
        return False
    found = silence(case)
    return found.is_complete and found.is_reached
