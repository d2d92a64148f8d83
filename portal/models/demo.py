"""Rows that exist in a demonstration only."""

from django.conf import settings
from django.db import models

from portal.enums import Door


class DemoClock(models.Model):
    """How many days the demonstration's clock runs ahead; at most one row."""

    days = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.days} days ahead"


class DemoMail(models.Model):
    """A copy of each mail sent in a demonstration, codes included."""

    sent_at = models.DateTimeField()
    sender = models.CharField(max_length=320)
    to = models.CharField(max_length=320)
    subject = models.CharField(max_length=300)
    body = models.TextField()

    def __str__(self) -> str:
        return self.subject


class DemoDoor(models.Model):
    """Where one door of the front page leads: as whom, and to which path of this site."""

    kind = models.CharField(max_length=20, choices=Door, unique=True)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    path = models.CharField(max_length=200)

    def __str__(self) -> str:
        return f"{self.kind} as {self.person_id}"
