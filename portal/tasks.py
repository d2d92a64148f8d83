"""Background handlers of this floor: deliver a mail, work off what is due."""

import hashlib
import random
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from time import monotonic

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task

from portal import clock, ledger, work
from portal.enums import Delivery
from portal.models import OutboxMessage

SWEEP_SECONDS = 300
PERMANENT = range(500, 600)


@task(queue_name="default")
def deliver(pk: str) -> None:
    """Hand one mail to the mail server; the same Message-ID whenever it is tried again."""
    message = work.claim(OutboxMessage, pk)
    if message is None:
        return
    with work.retrying(message):
        # codes live on real time, like the session that waits for them
        if message.expires_at and message.expires_at <= timezone.now():
            message.delivery = Delivery.DROPPED
            OutboxMessage.objects.filter(pk=pk).update(delivery=Delivery.DROPPED, body="")
            work.drop(message, "it was out of date before it could be sent")
            return
        OutboxMessage.objects.filter(pk=pk).update(handed_over_at=clock.now())
        try:
            answer = _hand_over(message)
        except (SMTPRecipientsRefused, SMTPResponseException) as error:
            if _code(error) not in PERMANENT:
                raise
            _settle(message, Delivery.REFUSED, str(error))
        else:
            _settle(message, Delivery.ACCEPTED, answer)


def message_id(message: OutboxMessage) -> str:
    """Return the Message-ID that belongs to the mail's key, today and after a restore."""
    digest = hashlib.sha256(message.key.encode()).hexdigest()[:32]
    return f"<{digest}@{settings.MESSAGE_ID_DOMAIN}>"


def _hand_over(message: OutboxMessage) -> str:
    mail = EmailMessage(
        subject=message.subject,
        body=message.body,
        from_email=message.sender,
        to=[message.to],
        headers={"Message-ID": message_id(message), "Auto-Submitted": "auto-generated"},
    )
    mail.send()
    return "accepted"


def _code(error: SMTPRecipientsRefused | SMTPResponseException) -> int:
    if isinstance(error, SMTPRecipientsRefused):
        return next(iter(error.recipients.values()), (0, b""))[0]
    return error.smtp_code


def _settle(message: OutboxMessage, delivery: Delivery, answer: str) -> None:
    accepted = delivery == Delivery.ACCEPTED
    with work.finish(message):
        OutboxMessage.objects.filter(pk=message.pk).update(
            delivery=delivery,
            answer=answer[:400],
            accepted_at=clock.now() if accepted else None,
            **({"body": ""} if message.is_secret else {}),
        )
        if message.chain is not None:
            ledger.record(
                "mail.accepted" if accepted else "mail.refused",
                by="clock",
                on=message.chain,
                data={"purpose": message.purpose, "mail": str(message.pk)},
                words={"address": message.to},
            )


@task(queue_name="default")
def sweep(label: str, queue: str) -> None:
    """Work off what is due of one kind and queue, for five minutes at most."""
    model = apps.get_model(label)
    until = monotonic() + SWEEP_SECONDS
    while monotonic() < until:
        oldest = model.objects.due().filter(queue=queue).order_by("next_attempt_at")[:100]
        due = list(oldest.values_list("pk", flat=True))
        if not due:
            return
        # a sample keeps two sweeps off the same rows
        for pk in random.sample(due, min(20, len(due))):
            import_string(model.task).call(str(pk))
