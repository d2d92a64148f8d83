import uuid
from typing import TYPE_CHECKING, Self

from django.db import models
from django.db.models import Q

from portal.models import Organisation
from questionnaires.models.append_only import AppendOnly

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser

    from portal.models import User


class QuestionnaireVersionQuerySet(models.QuerySet["QuestionnaireVersion"]):
    def visible_to(self, user: "User | AnonymousUser") -> Self:
        """Versions of the installation, and those of buyers whose cases this person reads."""
        if not user.is_authenticated:
            return self.none()
        buying, _supplying = user.organisation_ids()
        return self.filter(Q(buyer=None) | Q(buyer_id__in=buying))

    def light(self) -> Self:
        """Without the definition's text, which is cached by its hash once parsed."""
        return self.defer("definition")


class QuestionnaireVersion(AppendOnly):
    """One published version of a questionnaire; it never changes.

    `definition` is canonical JSON with all parts expanded, `sha256` its hash in hex.
    Without a buyer it serves the whole installation.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(
        Organisation, models.PROTECT, null=True, blank=True, related_name="+"
    )
    key = models.CharField(max_length=80)
    version = models.CharField(max_length=20)
    definition = models.TextField()
    sha256 = models.CharField(max_length=64)
    published_at = models.DateTimeField()

    objects = QuestionnaireVersionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_version_is_published_once",
                fields=["key", "version"],
                condition=Q(buyer=None),
            ),
            models.UniqueConstraint(
                name="a_version_of_a_buyer_is_published_once",
                fields=["buyer", "key", "version"],
                condition=Q(buyer__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key} {self.version}"
