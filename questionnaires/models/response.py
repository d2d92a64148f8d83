"""What a supplier writes until it signs: one document per section, links to evidence."""

import secrets
import uuid
from typing import Any, Self

from django.conf import settings
from django.db import models

from portal.enums import Language, Wording
from portal.models import LedgerChain, Shared, SharedQuerySet
from questionnaires.enums import OPEN_STATES, ResponseState
from questionnaires.models.questionnaire import QuestionnaireVersion


def new_salt() -> str:
    return secrets.token_hex(16)


class ResponseQuerySet(SharedQuerySet):
    def with_parties(self) -> Self:
        """With what each page shows: versions (without their texts), buyer and supplier."""
        related = ("version", "offered", "previous", "buyer", "supplier")
        return self.select_related(*related).defer("version__definition", "offered__definition")


class Response(Shared):
    """One supplier's answers to one version in one wording, for one buyer.

    A renewal, another wording or another version is a new response with `previous`.
    `zone` is the supplier's IANA time zone, `due_on` the date the pages show. `offered` is
    a newer version the buyer asks the supplier to change to; the supplier does it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    chain = models.ForeignKey(LedgerChain, models.PROTECT, related_name="+")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="responses")
    wording = models.CharField(max_length=20, choices=Wording)
    language = models.CharField(max_length=10, choices=Language, default=Language.EN)
    previous = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="following"
    )
    state = models.CharField(max_length=20, choices=ResponseState, default=ResponseState.WAITING)
    zone = models.CharField(max_length=60, default="UTC")
    due_on = models.DateField(null=True, blank=True)
    salt = models.CharField(max_length=32, default=new_salt)
    opened_at = models.DateTimeField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField(null=True, blank=True)
    offered = models.ForeignKey(
        QuestionnaireVersion, models.PROTECT, null=True, blank=True, related_name="+"
    )
    offered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    offered_at = models.DateTimeField(null=True, blank=True)

    objects = ResponseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["supplier", "state"], name="response_by_supplier"),
        ]

    def __str__(self) -> str:
        return f"{self.version_id} of {self.supplier_id}"

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_STATES

    @property
    def is_carried_over(self) -> bool:
        """Whether its answers came from an earlier version; `previous` should be loaded."""
        return self.previous is not None and self.previous.offered_id == self.version_id


class SectionDocument(models.Model):
    """The draft of one section.

    `data` maps question keys to answers; of a table it holds `rows`, each with `id` and
    `answers`, and under `removed` the row taken out last, for undo. `last` beside `answers`
    holds answers carried over that count once confirmed. `rev` counts saves.
    """

    response = models.ForeignKey(Response, models.PROTECT, related_name="documents")
    section = models.CharField(max_length=80)
    data: "models.JSONField[Any, Any]" = models.JSONField(default=dict)
    rev = models.PositiveIntegerField(default=0)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    updated_at = models.DateTimeField(null=True, blank=True)
    language = models.CharField(max_length=10, choices=Language, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_section_has_one_document", fields=["response", "section"]
            )
        ]

    def __str__(self) -> str:
        return f"{self.section} rev {self.rev}"


class EvidenceLinkQuerySet(models.QuerySet["EvidenceLink"]):
    def current(self) -> Self:
        return self.filter(removed_at=None)


class EvidenceLink(models.Model):
    """That a piece of evidence answers the file question at `path`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    response = models.ForeignKey(Response, models.PROTECT, related_name="evidence_links")
    path = models.CharField(max_length=160)
    evidence = models.ForeignKey("documents.Evidence", models.PROTECT, related_name="answer_links")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )

    objects = EvidenceLinkQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="evidence_answers_a_question_once",
                fields=["response", "path", "evidence"],
                condition=models.Q(removed_at=None),
            )
        ]

    def __str__(self) -> str:
        return f"{self.path} {self.evidence_id}"
