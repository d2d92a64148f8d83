"""What is kept of how people sign in: their sessions, and a lost second step."""

import uuid
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.models.organisation import Organisation


class Visit(models.Model):
    """One session of a person, as its list of sessions shows it; real time.

    `key` is Django's session key, which a browser gets anew at sign-in and at each proof.
    `agent` is what the browser said of itself.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="visits")
    key = models.CharField(max_length=40, unique=True)
    agent = models.CharField(max_length=300, blank=True)
    begun_at = models.DateTimeField()
    seen_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.user_id} since {self.begun_at:%Y-%m-%d %H:%M}"


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def open(self, at: datetime) -> Self:
        return self.filter(done_at=None, dropped_at=None, expires_at__gt=at)


class FactorReset(models.Model):
    """That one administrator asked, after a call, for a person's lost second step to be removed.

    Another administrator of the same buyer does it (security note, section 2.3).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="resets")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=1000)
    expires_at = models.DateTimeField()
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    done_at = models.DateTimeField(null=True, blank=True)
    dropped_at = models.DateTimeField(null=True, blank=True)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_reset_is_done_by_a_person_at_a_moment",
                condition=Q(done_by__isnull=True) ^ Q(done_at__isnull=False),
            ),
            models.CheckConstraint(
                name="a_reset_takes_two_people",
                condition=Q(done_by__isnull=True) | ~Q(done_by=models.F("asked_by")),
            ),
            models.UniqueConstraint(
                name="a_person_has_one_open_reset",
                fields=["user", "organisation"],
                condition=Q(done_at=None, dropped_at=None),
            ),
        ]

    def __str__(self) -> str:
        return f"second step of {self.user_id}"
