"""What the buyer owes to its suppliers and to the promise it made: the duty register."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from portal.enums import Role
from portal.models import BuyerSideQuerySet, Organisation
from workflows import clauses
from workflows.enums import DutyKind, DutyState, ReplyCode
from workflows.models.campaign import Campaign
from workflows.models.case import Case

PENDING = (DutyState.OPEN, DutyState.MISSED)


@dataclass(frozen=True)
class DutyTerms:
    """The clause of a duty, its clock in working days of the buyer, and whose it is.

    Without `days` the act that opens it names the day, or does it at once. Days named in no
    note are judgement.
    """

    clause: str
    days: int | None
    roles: tuple[Role, ...] = (Role.ANALYST,)


A, P, C, M = Role.ANALYST, Role.APPROVER, Role.COUNSEL, Role.CAMPAIGN_MANAGER
K = DutyKind
TERMS: Mapping[DutyKind, DutyTerms] = {
    K.MAP_TIERS: DutyTerms("A", clauses.MAP_DAYS, (A, M)),
    K.SITE_DILIGENCE: DutyTerms("A2.1", clauses.SITE_DAYS),
    K.DIRECT: DutyTerms("B3", None, (M,)),
    K.INSTRUCT: DutyTerms("B4", None, (M,)),
    K.OFFER_SOURCES: DutyTerms("B4", clauses.SOURCES_DAYS),
    K.ADJUST_PURCHASING: DutyTerms("B4", clauses.ADJUST_DAYS),
    K.ASSIST_EVIDENCE: DutyTerms("B4", clauses.OBTAIN_DAYS),
    K.ANSWER_QUESTION: DutyTerms("B4", clauses.QUESTION_DAYS),
    K.ANSWER_CONDITIONS: DutyTerms("B4", clauses.TALKS_DAYS),
    K.KEEP_CONDITION: DutyTerms("B4", clauses.ADJUST_DAYS),
    K.OFFER_TERMS: DutyTerms("B5", clauses.TALKS_DAYS, (A, C)),
    K.INSPECT: DutyTerms("B5", clauses.INSPECT_DAYS),
    K.CALL_ONCE: DutyTerms("B5", clauses.REPLY_DAYS),
    K.READ_REASONS: DutyTerms("B5", clauses.REPLY_DAYS, (P,)),
    K.FIND_CONTACT: DutyTerms("B4", clauses.REPLY_DAYS, (A, M)),
    K.PAY_ORDERS: DutyTerms("B5", None, (A, P)),
    K.ASSESS_IMPACT: DutyTerms("B5", None),
    K.ENCOURAGE: DutyTerms("B6", None, (M,)),
    K.ONE_STANDARD: DutyTerms("C1", None, (A, P, C)),
    K.HOLD_GOODS: DutyTerms("C2", clauses.DENIED_DAYS, (A, P, C)),
}
# an exit under B5 waits for these: what was asked of us, and what each reply asks for first
HOLDS_EXIT = frozenset(
    {
        K.DIRECT,
        K.INSTRUCT,
        K.OFFER_SOURCES,
        K.ADJUST_PURCHASING,
        K.ASSIST_EVIDENCE,
        K.ANSWER_QUESTION,
        K.ANSWER_CONDITIONS,
        K.KEEP_CONDITION,
        K.OFFER_TERMS,
        K.INSPECT,
        K.CALL_ONCE,
        K.READ_REASONS,
        K.FIND_CONTACT,
    }
)
HOLDS_PLAN = frozenset({K.ASSESS_IMPACT})
HOLDS_COMPLETION = frozenset({K.PAY_ORDERS})
OUTLASTS_TRADE = frozenset({K.PAY_ORDERS, K.HOLD_GOODS})


class DutyQuerySet(BuyerSideQuerySet):
    def pending(self) -> Self:
        """What is neither met nor waived, late or not."""
        return self.filter(state__in=PENDING)


class Duty(models.Model):
    """One duty of a buyer: towards one case, one campaign, or of the company as a whole.

    `reply_code` is the reading of a reply that asks for it, if one does. `asked` holds codes of
    `HelpKind`, or rows of sites; `about` says in words what it is about;
    `how` and `proof` what was done; `is_moot` that a new reading or reply, or the end of the case,
    left nothing to do.
    `key` keeps one act from opening it twice. A clock that ran out never moves a case. Source:
    domain note, section 9.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    buyer = models.ForeignKey(Organisation, models.PROTECT, related_name="duties")
    case = models.ForeignKey(Case, models.PROTECT, null=True, blank=True, related_name="duties")
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="duties"
    )
    kind = models.CharField(max_length=20, choices=DutyKind)
    clause = models.CharField(max_length=4)
    reply_code = models.CharField(max_length=30, choices=ReplyCode, blank=True)
    asked = models.JSONField(default=list, blank=True)
    about = models.CharField(max_length=2000, blank=True)
    key = models.CharField(max_length=160, unique=True)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True, blank=True)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    state = models.CharField(max_length=8, choices=DutyState, default=DutyState.OPEN)
    missed_at = models.DateTimeField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)
    how = models.CharField(max_length=4000, blank=True)
    proof = models.CharField(max_length=400, blank=True)
    is_moot = models.BooleanField(default=False)

    objects = DutyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="a_duty_is_settled_by_a_person_at_a_moment",
                condition=Q(state__in=PENDING, settled_by__isnull=True, settled_at__isnull=True)
                | Q(
                    state__in=[DutyState.MET, DutyState.WAIVED],
                    settled_by__isnull=False,
                    settled_at__isnull=False,
                ),
            ),
            models.CheckConstraint(
                name="a_late_duty_says_since_when",
                condition=~Q(state=DutyState.MISSED) | Q(missed_at__isnull=False),
            ),
        ]
        indexes = [
            models.Index(name="duties_of_a_buyer", fields=["buyer", "state", "due_at"]),
            models.Index(name="duties_of_a_case", fields=["case", "opened_at"]),
            models.Index(
                name="duties_that_run",
                fields=["due_at"],
                condition=Q(state=DutyState.OPEN),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"

    @property
    def terms(self) -> DutyTerms:
        return TERMS[DutyKind(self.kind)]

    @property
    def is_pending(self) -> bool:
        return self.state in PENDING

    def is_late(self, now: datetime) -> bool:
        """Whether its clock ran out, seen by the sweep or not yet."""
        return self.is_pending and self.due_at is not None and self.due_at < now


class Importer(models.Model):
    """That a buyer imports into the United States, so that C1 and C2 bind it, since when."""

    buyer = models.OneToOneField(Organisation, models.PROTECT, related_name="importer")
    imports = models.BooleanField()
    said_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    said_at = models.DateTimeField()

    objects = BuyerSideQuerySet.as_manager()

    def __str__(self) -> str:
        return f"importer {self.buyer_id}"
