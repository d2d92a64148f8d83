from datetime import timedelta

from django.conf import settings
from django.db import models

from portal.enums import Delivery, Language
from portal.models.ledger import LedgerChain
from portal.models.organisation import Organisation
from portal.models.work import Work, WorkQuerySet


class OutboxMessage(Work):
    """One mail to one person, written in the transaction of the act it tells of.

    `key` is unique, so that a mail planned twice is sent once; the Message-ID is made
    from it. `body` is wiped once a code was accepted.
    """

    task = "portal.tasks.deliver"
    lease = timedelta(minutes=2)

    key = models.CharField(max_length=200, unique=True)
    purpose = models.CharField(max_length=40)
    delivery = models.CharField(max_length=12, choices=Delivery, default=Delivery.QUEUED)
    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    to = models.EmailField()
    sender = models.CharField(max_length=320)
    language = models.CharField(max_length=10, choices=Language)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    is_secret = models.BooleanField(default=False)
    chain = models.ForeignKey(LedgerChain, models.PROTECT, null=True, related_name="mails")
    buyer = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    supplier = models.ForeignKey(Organisation, models.PROTECT, null=True, related_name="+")
    written_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    handed_over_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    answer = models.CharField(max_length=400, blank=True)

    objects = WorkQuerySet.as_manager()

    class Meta(Work.Meta):
        pass

    def __str__(self) -> str:
        return f"{self.purpose} to {self.to}"
