import uuid

from django.conf import settings
from django.db import models

from portal.models import BuyerSideQuerySet, Organisation
from workflows import clauses
from workflows.enums import Limbs


class Policy(models.Model):
    """One version of a buyer's choices; a case pins its version at issue. Days are working days.

    Source: domain note, section 7. A version never changes; a new one is a new row.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="policies")
    number = models.PositiveIntegerField(default=1)
    b5_limbs = models.CharField(max_length=10, choices=Limbs, default=Limbs.EITHER)
    due_days = models.PositiveSmallIntegerField(default=clauses.DUE_DAYS)
    lapse_days = models.PositiveSmallIntegerField(default=clauses.LAPSE_DAYS)
    query_days = models.PositiveSmallIntegerField(default=clauses.QUERY_DAYS)
    review_days = models.PositiveSmallIntegerField(default=clauses.REVIEW_DAYS)
    counsel_days = models.PositiveSmallIntegerField(default=clauses.COUNSEL_DAYS)
    escalation_days = models.PositiveSmallIntegerField(default=clauses.ESCALATION_DAYS)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    created_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                name="a_policy_version_has_one_number", fields=["buyer", "number"]
            )
        ]

    def __str__(self) -> str:
        return f"policy {self.number}"
