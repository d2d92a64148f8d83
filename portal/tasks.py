"""Background handlers of this floor: deliver a mail, work off what is due."""

import hashlib
import random
from datetime import timedelta
from smtplib import SMTPRecipientsRefused, SMTPResponseException
from time import monotonic

from django.apps import apps
from django.conf import settings
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.module_loading import import_string
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from portal import clock, ledger, work
from portal.enums import Delivery
from portal.models import OutboxMessage

SWEEP_SECONDS = 300
PERMANENT = range(500, 600)
# A hint that runs that long has lost its worker; one that ended so long ago tells nobody anything.
DESERTED, FORGOTTEN = timedelta(hours=6), timedelta(days=1)


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
        if not _is_wanted(message):
            OutboxMessage.objects.filter(pk=pk).update(delivery=Delivery.DROPPED)
            work.drop(message, "what it reminds of was done before it could be sent")
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


def _is_wanted(message: OutboxMessage) -> bool:
    """Ask the floor above whether a mail that waited still has its reason."""
    asks = settings.MAIL_ASKS.get(message.purpose)
    return asks is None or bool(import_string(asks)(message))


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


def forget_hints() -> int:
    """Delete old hints of the database's queue; part of tick. Returns how many.

    Those of dead workers are marked as failed first: to delete one under a worker that lives
    after all would end it (RealOrangeOne/django-tasks issue 46).
    """
    now = timezone.now()
    deserted = DBTaskResult.objects.running().filter(started_at__lt=now - DESERTED)
    deserted.update(status="FAILED", finished_at=now)
    old = DBTaskResult.objects.finished().filter(finished_at__lt=now - FORGOTTEN)
    return old.delete()[0]
