"""The only door for mail: writes an OutboxMessage in the transaction of its act."""

from collections.abc import Mapping
from datetime import datetime
from email.utils import formataddr
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from portal import clock, work
from portal.enums import Queue
from portal.models import LedgerChain, Organisation, OutboxMessage, User


def sender_of(buyer: Organisation | None) -> str:
    """Return the From address: the buyer's own name and address where it set them."""
    if buyer is None:
        return settings.DEFAULT_FROM_EMAIL
    address = buyer.sender_address or settings.SENDER_ADDRESS
    return formataddr((buyer.sender_name or buyer.shown_service, address))


def send(  # noqa: PLR0913 - all that one mail needs
    *,
    purpose: str,
    key: str,
    to: User,
    template: str,
    address: str = "",
    context: Mapping[str, Any] | None = None,
    chain: LedgerChain | None = None,
    buyer: Organisation | None = None,
    supplier: Organisation | None = None,
    language: str = "",
    expires_at: datetime | None = None,
    is_secret: bool = False,
    queue: Queue = Queue.DEFAULT,
    not_before: datetime | None = None,
) -> OutboxMessage:
    """Write one mail to one person in that person's language; sent by a worker after commit.

    `key` is unique for the whole installation: the same key again returns the mail that is
    there. `address` is where it goes if not to the person's first address. `not_before` holds it
    back until then. The template's first line is the subject. `is_secret` bodies are wiped once
    accepted.
    """
    spoken = language or to.language
    said = {"service": buyer.shown_service if buyer else settings.SERVICE_NAME, "to": to}
    with translation.override(spoken):
        text = render_to_string(template, said | dict(context or {}))
    subject, _, body = text.strip().partition("\n")
    message, is_new = OutboxMessage.objects.get_or_create(
        key=key,
        defaults={
            "purpose": purpose,
            "queue": queue,
            "max_attempts": 70,
            "recipient": to,
            "to": address or to.email,
            "sender": sender_of(buyer),
            "language": spoken,
            "subject": " ".join(subject.split())[:300],
            "body": body.strip() + "\n",
            "is_secret": is_secret,
            "chain": chain,
            "buyer": buyer,
            "supplier": supplier,
            "written_at": clock.now(),
            "expires_at": expires_at,
            "next_attempt_at": not_before or clock.now(),
        },
    )
    if is_new:
        work.hint(message)
    return message
