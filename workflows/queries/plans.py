"""Plans and suspensions of a case: what was shown, accepted and agreed, and what is spent."""

from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from portal import clock
from workflows import plans
from workflows.enums import MilestoneState, PlanState
from workflows.models import Case, Milestone, Plan, PlanRemark, PlanVersion, Suspension

DONE_WITH = frozenset({MilestoneState.ACCEPTED, MilestoneState.DROPPED})


def is_plan_spent(case: Case, at: datetime | None = None) -> bool:
    """Whether a plan both sides agreed was tried to its end: then B5's proof limb may count.

    A plan is spent when it was carried out or an approver ended it without success, and none
    is open, at `at` or now; one of an earlier round is no try of this one.
    """
    until = at or clock.now()
    known = Plan.objects.filter(case_id=case.pk, drafted_at__lte=until)
    if known.filter(Q(closed_at=None) | Q(closed_at__gt=until)).exists():
        return False
    tried = known.filter(agreed_at__lte=until)
    if case.asked_at is not None:
        tried = tried.filter(agreed_at__gte=case.asked_at)
    return tried.exists()


def open_plan(case: Case) -> Plan | None:
    """Return the plan that is being drafted or runs."""
    return Plan.objects.filter(case=case, closed_at=None).select_related("agreed").first()


def newest_version(plan: Plan) -> PlanVersion | None:
    """Return what was shown to the supplier last."""
    return (
        PlanVersion.objects.filter(plan=plan)
        .select_related("accepted_by", "shown_by")
        .order_by("-number")
        .first()
    )


def remarks_on(plan: Plan) -> QuerySet[PlanRemark]:
    return (
        PlanRemark.objects.filter(version__plan=plan)
        .select_related("by", "version")
        .order_by("at", "pk")
    )


def milestones_of(plan: Plan) -> QuerySet[Milestone]:
    """Return the steps of an agreed plan by their day, with files and people."""
    return (
        Milestone.objects.filter(plan=plan)
        .exclude(state=MilestoneState.DROPPED)
        .select_related("reported_by", "judged_by")
        .prefetch_related("files")
        .order_by("due_at", "key")
    )


def next_step(plan: Plan) -> Milestone | None:
    """Return the first step that is still to be shown."""
    found = Milestone.objects.filter(plan=plan, state=MilestoneState.OPEN)
    return found.order_by("due_at", "key").first()


def is_carried_out(plan: Plan) -> bool:
    """Whether every step that is part of the plan was accepted."""
    states = set(Milestone.objects.filter(plan=plan).values_list("state", flat=True))
    return MilestoneState.ACCEPTED in states and states <= DONE_WITH


def plan_in_the_way(case: Case) -> list[str]:
    """Return why a case cannot be cleared yet: its plan still runs."""
    if Plan.objects.filter(case=case, state=PlanState.AGREED).exists():
        return [_("A plan is still running: judge its steps, or let an approver end it.")]
    return []


def suspension_of(case: Case) -> Suspension | None:
    """Return the pause that stands."""
    return Suspension.objects.filter(case=case, ended_at=None).select_related("by").first()


@dataclass(frozen=True)
class Remedy:
    """What stands open in plan and suspension, as pages and next acts read it."""

    plan: Plan | None = None
    version: PlanVersion | None = None
    milestones: list[Milestone] = field(default_factory=list)
    remarks: list[PlanRemark] = field(default_factory=list)
    suspension: Suspension | None = None

    @property
    def content(self) -> plans.Content | None:
        """What was shown last."""
        return plans.restored(self.version.content) if self.version else None

    @property
    def is_accepted(self) -> bool:
        """Whether the signatory accepted the newest version."""
        return self.version is not None and self.version.accepted_at is not None

    @property
    def is_agreed(self) -> bool:
        """Whether the newest version is the one both sides agreed."""
        return (
            self.plan is not None
            and self.version is not None
            and self.plan.agreed_id == self.version.pk
        )

    @property
    def waits_for_supplier(self) -> bool:
        return self.version is not None and not self.is_accepted

    @property
    def reported(self) -> list[Milestone]:
        return [one for one in self.milestones if one.state == MilestoneState.REPORTED]

    @property
    def open_steps(self) -> list[Milestone]:
        return [one for one in self.milestones if one.state == MilestoneState.OPEN]

    def may_go_on(self, now: datetime) -> bool:
        """Whether the agreed plan has a step to come, none missed and none unjudged."""
        due = [one.due_at for one in self.open_steps]
        return self.is_agreed and bool(due) and min(due) > now and not self.reported

    @property
    def goes_on(self) -> bool:
        return self.may_go_on(clock.now())


def remedy(case: Case) -> Remedy:
    """Read plan and suspension of a case; one query for each where there is none."""
    plan = open_plan(case)
    suspension = suspension_of(case)
    if plan is None:
        return Remedy(suspension=suspension)
    version = newest_version(plan)
    return Remedy(
        plan=plan,
        version=version,
        milestones=list(milestones_of(plan)) if plan.state == PlanState.AGREED else [],
        remarks=list(remarks_on(plan)) if version else [],
        suspension=suspension,
    )


def ended_plan(case: Case) -> Plan | None:
    """Return the plan that both sides agreed and that ended last."""
    rows = Plan.objects.filter(case=case).exclude(closed_at=None).exclude(agreed=None)
    return rows.select_related("agreed").order_by("-number").first()


def ended_remedy(case: Case) -> Remedy:
    """Read that plan with its steps; empty where there is none."""
    plan = ended_plan(case)
    if plan is None:
        return Remedy()
    return Remedy(
        plan=plan,
        version=plan.agreed,
        milestones=list(milestones_of(plan)),
        remarks=list(remarks_on(plan)),
    )


def past_plans(case: Case) -> QuerySet[Plan]:
    """Return plans that have ended with their steps, newest first."""
    steps = Milestone.objects.select_related("judged_by").order_by("due_on", "key")
    return (
        Plan.objects.filter(case=case)
        .exclude(closed_at=None)
        .select_related("agreed", "closed_by", "agreed_by")
        .prefetch_related(Prefetch("milestones", steps))
        .order_by("-number")
    )


def past_suspensions(case: Case) -> QuerySet[Suspension]:
    return (
        Suspension.objects.filter(case=case)
        .exclude(ended_at=None)
        .select_related("by", "ended_by")
        .order_by("-at")
    )
