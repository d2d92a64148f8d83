"""What was signed, as it was signed."""

import json
import uuid
from typing import Any

from django.conf import settings
from django.db import models

from portal.enums import Language, Wording
from portal.models import Shared, SharedQuerySet
from questionnaires.enums import SubmissionKind
from questionnaires.models.append_only import AppendOnly
from questionnaires.models.response import Response


class Submission(AppendOnly, Shared):
    """One frozen, signed text; never changed, never deleted.

    `snapshot` is canonical JSON after RFC 8785 and `sha256` its hash in hex: what the
    signatory's code was bound to. `evaluation` is what the evaluator said that day.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="submissions")
    number = models.PositiveIntegerField()
    kind = models.CharField(
        max_length=20, choices=SubmissionKind, default=SubmissionKind.ATTESTATION
    )
    snapshot = models.TextField()
    sha256 = models.CharField(max_length=64)
    evaluation = models.TextField()
    wording = models.CharField(max_length=20, choices=Wording)
    language = models.CharField(max_length=10, choices=Language)
    signatory = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    signatory_name = models.CharField(max_length=200)
    signatory_title = models.CharField(max_length=200)
    authority = models.CharField(max_length=400)
    signed_at = models.DateTimeField()

    objects = SharedQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="submissions_of_a_response_are_numbered", fields=["response", "number"]
            )
        ]

    def __str__(self) -> str:
        return f"submission {self.number} of {self.response_id}"

    @property
    def content(self) -> dict[str, Any]:
        """The snapshot, read."""
        return json.loads(self.snapshot)

    @property
    def findings(self) -> list[dict[str, Any]]:
        """What the evaluator raised that day: `key` and, for a table, `row`."""
        return json.loads(self.evaluation)["findings"]


class CounselText(models.Model):
    """An answer only the buyer's counsel reads; the snapshot holds its salted hash."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="counsel_texts")
    path = models.CharField(max_length=160)
    salt = models.CharField(max_length=32)
    text = models.TextField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_counsel_text_has_one_path", fields=["submission", "path"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} of {self.submission_id}"


class CodedAnswer(models.Model):
    """One chosen code of one submission: an index, rebuilt from snapshots at will."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="coded_answers")
    question = models.CharField(max_length=80)
    item = models.CharField(max_length=40, blank=True)
    code = models.CharField(max_length=80)

    class Meta:
        indexes = [models.Index(fields=["question", "code"], name="coded_answer_by_code")]

    def __str__(self) -> str:
        return f"{self.question} = {self.code}"
