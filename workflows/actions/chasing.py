"""What people do when no answer comes: another address, a letter, a mail that came back."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.actions import people
from portal.enums import Role
from portal.models import OutboxMessage, User
from workflows import engine, letters, mail, queries, rules, rungs
from workflows.actions import letter
from workflows.enums import LetterKind, RungKind
from workflows.models import Bounce, Case, SentLetter


def write_second_contact(*, case: Case, by: User, email: str, name: str) -> Case:
    """Bring in somebody else at the supplier, beside the contact, and write to them.

    Raises Refused, ValidationError for a bad address, Conflict if it is the contact's own.
    """
    with engine.locked(case) as held:
        require(rules.may_write_second(by, held))
        address = email.strip().lower()
        if held.contact is not None and held.contact.email == address:
            raise Conflict(_("This is the contact we already write to. Enter another address."))
        known = next((one for one in queries.second_contacts(held) if one.email == address), None)
        url, person = mail.request_url(held), known
        if person is None:
            offer = people.invite(
                organisation=held.supplier,
                role=Role.CONTACT,
                email=address,
                name=name,
                language=held.supplier.language,
                by=by if by.holds(Role.CAMPAIGN_MANAGER, held.buyer_id) else "installation",
                announce=False,
            )
            person, url = offer.user, people.pointer(offer, mail.request_path(held))
        rungs.done(held, (RungKind.SECOND_CONTACT,), by)
        rungs.look_again(held)
        held.save()
        entry = ledger.record(
            "case.second_contact_written",
            by=by,
            on=held,
            data={"user": str(person.pk)},
            words={"name": name or person.name, "address": address},
        )
        mail.second_contact_written(held, [person], url, entry.seq)
    return held


def chase(*, case: Case, by: User, note: str, seen: str = "") -> SentLetter:
    """Write to the signatory as an approver, when the ladder came to that rung."""
    with engine.locked(case) as held:
        require(rules.may_chase(by, held))
        rungs.done(held, (RungKind.APPROVER,), by)
        held.save()
        entry = ledger.record("case.chased", by=by, on=held)
        return letter.send(
            held=held,
            kind=LetterKind.OVERDUE,
            by=by,
            facts=overdue_facts(held, by, note),
            once=entry.seq,
            seen=seen,
        )


def overdue_facts(case: Case, by: User, note: str) -> dict[str, object]:
    """Return what the letter on an overdue answer says, for page and action alike."""
    return {
        "was_due_on": letters.day_of(case.due_at, case),
        "lapse_on": letters.day_of(case.lapse_at, case),
        "note": note,
        "speaker": str(by),
    }


@dataclass(frozen=True)
class CameBack:
    """A mail that came back: when, and the server's own words."""

    at: datetime
    said: str


def log_bounce(
    *, case: Case, mail_: OutboxMessage, by: ledger.Actor, came_back: CameBack
) -> Bounce:
    """Log that a mail of a case came back; if it was the newest to the contact, the ladder stops.

    Harmless twice. Raises Refused, or Conflict for a mail that is none of this case's.
    """
    with engine.locked(case) as held:
        if isinstance(by, User):
            require(rules.may_log_bounce(by, held))
        if mail_.chain_id != held.chain_id or mail_.supplier_id != held.supplier_id:
            raise Conflict(_("This mail does not belong to this case."))
        bounce, is_new = Bounce.objects.get_or_create(
            mail=mail_,
            defaults={
                "buyer_id": held.buyer_id,
                "case": held,
                "at": came_back.at,
                "said": came_back.said,
                "by": by if isinstance(by, User) else None,
                "logged_at": clock.now(),
            },
        )
        if is_new:
            ledger.record(
                "mail.came_back",
                by=by,
                on=held,
                data={"mail": str(mail_.pk), "purpose": mail_.purpose},
                words={"said": came_back.said, "address": mail_.to},
            )
            if held.is_with_supplier:
                rungs.climb(held)
    return bounce
