"""What people of the buyer decided and whom they reached: the buyer's side only."""

import uuid

from django.conf import settings
from django.db import models

from portal.models import BuyerSideQuerySet, Organisation
from workflows.enums import Channel, Outcome, Verb
from workflows.models.case import Case


class Decision(models.Model):
    """One act of a named person with its reason, and what the engine proposed at that moment.

    `counsel_text` is read by counsel alone.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=25, choices=Verb)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    reason = models.TextField()
    counsel_text = models.TextField(blank=True)
    to_whom = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    proposal = models.CharField(max_length=20, choices=Outcome, blank=True)
    acknowledged_unscanned = models.BooleanField(default=False)
    is_stale = models.BooleanField(default=False)

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.verb} {self.at:%Y-%m-%d}"


class ContactLog(models.Model):
    """A call, letter or meeting; `is_reached` when it came to the person it was for.

    `offers_help`: the buyer offered its help then (domain note, section 6).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    case = models.ForeignKey(Case, models.PROTECT, related_name="contact_logs")
    channel = models.CharField(max_length=10, choices=Channel)
    is_reached = models.BooleanField()
    offers_help = models.BooleanField(default=False)
    at = models.DateTimeField()
    note = models.CharField(max_length=2000)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    logged_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.channel} {self.at:%Y-%m-%d}"
