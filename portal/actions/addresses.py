"""A supplier's second mailbox that may also receive codes (settled point 4 of the design)."""

from hashlib import sha256
from uuid import uuid4

from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from portal import ledger, mail, queries, rules
from portal.access import Conflict, require
from portal.actions import step_up
from portal.enums import StepUpPurpose
from portal.models import Organisation, StepUp, User


def content_hash(user: User, address: str) -> str:
    """Return the SHA-256 (hex) that a code for this address of this person is bound to."""
    content = {"person": str(user.pk), "address": address, "purpose": StepUpPurpose.ADDRESS.value}
    return sha256(ledger.canonical(content)).hexdigest()


def ask_second(
    *, by: User, address: str, session: SessionBase, buyer: Organisation | None
) -> StepUp:
    """Mail a code to the address a person wants to add; whoever reads it may type it.

    An address that is another person's gets nothing, and the answer is the same: nobody
    learns who is known here. Raises Refused, Conflict, or ValidationError if it is no address.
    """
    address = address.strip().lower()
    validate_email(address)
    require(rules.may_add_address(by, address, queries.buyer_domains(by)))
    return step_up.ask(
        user=by,
        session=session,
        purpose=StepUpPurpose.ADDRESS,
        content_hash=content_hash(by, address),
        what=address,
        buyer=buyer,
        address=address,
        is_silent=queries.reading(address) not in {None, by},
    )


@transaction.atomic
def add_second(*, by: User, address: str, asked: StepUp, code: str, session: SessionBase) -> User:
    """Keep the second address whose code was typed; both addresses are told, as is the record.

    Raises Refused or Conflict, also when somebody else took it meanwhile.
    """
    person = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    require(rules.may_add_address(by, address, queries.buyer_domains(by)))
    step_up.spend(
        step_up=asked, code=code, content_hash=content_hash(by, address), session=session
    )
    if queries.reading(address) not in {None, person}:
        raise Conflict(_("This address cannot be used here. Choose another one."))
    before, person.second_email = person.second_email, address
    person.save(update_fields=["second_email"])
    by.second_email = address
    _record(by, "person.second_address_added", before, address)
    for mailbox in {person.email, address, before} - {""}:
        _tell(person, mailbox, "second_address_added", address)
    return person


@transaction.atomic
def remove_second(*, by: User) -> User:
    """Forget the second address; both mailboxes are told. Again, and nothing happens."""
    person = User.objects.select_for_update(of=("self",)).get(pk=by.pk)
    if not person.second_email:
        return person
    before, person.second_email = person.second_email, ""
    person.save(update_fields=["second_email"])
    by.second_email = ""
    _record(by, "person.second_address_removed", before, "")
    for mailbox in (person.email, before):
        _tell(person, mailbox, "second_address_removed", before)
    return person


def _record(by: User, event: str, before: str, after: str) -> None:
    for organisation in Organisation.objects.filter(pk__in=by.roles).order_by("pk"):
        ledger.record(
            event,
            by=by,
            on=organisation,
            data={"user": str(by.pk)},
            words={"before": before, "after": after},
        )


def _tell(person: User, mailbox: str, template: str, address: str) -> None:
    mail.send(
        purpose=template,
        key=f"{template}:{person.pk}:{uuid4()}",
        to=person,
        address=mailbox,
        template=f"mail/{template}.txt",
        context={"address": address, "url": settings.BASE_URL},
        buyer=queries.buyer_of(person),
    )
