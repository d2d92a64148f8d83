"""What reviewers send back, and what both sides say beside an answer."""

import uuid
from typing import Self

from django.conf import settings
from django.db import models

from questionnaires.enums import CommentAudience
from questionnaires.models.append_only import AppendOnly
from questionnaires.models.response import Response
from questionnaires.models.submission import Submission


class CorrectionQuerySet(models.QuerySet["Correction"]):
    def standing(self) -> Self:
        return self.filter(withdrawn_at=None)


class Correction(models.Model):
    """One answer sent back with a reason; `path` may be `table[*]`, for a whole table."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    submission = models.ForeignKey(Submission, models.PROTECT, related_name="corrections")
    path = models.CharField(max_length=160)
    reason = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    objects = CorrectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="an_answer_is_sent_back_once",
                fields=["submission", "path"],
                condition=models.Q(withdrawn_at=None),
            )
        ]

    def __str__(self) -> str:
        return self.path


class Comment(AppendOnly):
    """A sentence beside one answer, or, with an empty path, beside the whole case."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="comments")
    path = models.CharField(max_length=160, blank=True)
    audience = models.CharField(max_length=20, choices=CommentAudience)
    text = models.TextField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.path or 'case'} {self.at:%Y-%m-%d}"
