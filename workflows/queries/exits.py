"""What an exit rests on, who agreed to it, what it lacks, and what comes after."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from documents.enums import Grade
from documents.models import Evidence
from portal import clock
from portal.enums import Delivery, Role
from portal.models import Membership, OutboxMessage, User
from workflows import calendar, clauses, exit_plan, outcome
from workflows.enums import (
    ExitRole,
    FindingState,
    LetterKind,
    Level,
    Limbs,
    Outcome,
    ReplyCode,
    Stage,
    Trading,
    Verb,
)
from workflows.models import (
    Case,
    Closure,
    ContactLog,
    Decision,
    ExitConsent,
    ExitLook,
    ExitPlan,
    ExitReply,
    ExitReview,
    ExitStep,
    Finding,
    Proof,
    SentLetter,
)
from workflows.models.duty import HOLDS_COMPLETION
from workflows.queries.duties import unmet_duties
from workflows.queries.plans import is_plan_spent
from workflows.queries.standing import Standing

# a company is left for these; for what else is found there are other ways
GROUNDS = (Outcome.B3, Outcome.B2, Outcome.B5_AGREEMENT, Outcome.B5_PROOF)
EARLY_DAYS = 14
# as many documents as a list of choices can hold and still be read
DOCUMENTS = 200
LIMBS = {Outcome.B5_AGREEMENT: "agreement", Outcome.B5_PROOF: "proof"}


@dataclass(frozen=True)
class Ground:
    """What an exit may rest on, and the findings behind it."""

    outcome: Outcome
    findings: list[Finding] = field(default_factory=list)

    @property
    def clause(self) -> str:
        return "B5" if self.outcome in LIMBS else str(self.outcome)

    @property
    def limb(self) -> str:
        return LIMBS.get(self.outcome, "")

    @property
    def rests_on_reply(self) -> bool:
        """Whether duties of the buyer and what counsel holds stand in its way (rank 6 and 7)."""
        return self.outcome in LIMBS

    def kept(self) -> list[dict[str, Any]]:
        """Return the findings as a plan keeps them."""
        return [
            {"key": one.key, "clause": one.clause, "subject": one.subject, "text": one.text}
            for one in self.findings
        ]


def grounds(case: Case, standing: Standing) -> list[Ground]:
    """Return what a responsible exit may rest on now, by rank (domain note, sections 5 and 8).

    B3 and B2 need a finding confirmed by a person; the agreement limb a confirmed refusal, the
    proof limb a plan and a ladder that are spent. `NO_REPLY` fails both limbs.
    """
    found = [
        Ground(code, confirmed)
        for code in (Outcome.B3, Outcome.B2)
        if (confirmed := _confirmed(standing, str(code)))
    ]
    refusals = [one for one in _confirmed(standing, "B5") if one.limb == "agreement"]
    is_silent = standing.submission is None and case.reply_code == ReplyCode.NO_REPLY
    agrees = not (refusals or is_silent)
    proves = not (is_silent or (not standing.proves and proof_is_spent(case, standing)))
    failed = outcome.limb_findings(
        agrees=agrees, proves=proves, policy=Limbs(case.policy.b5_limbs)
    )
    if Outcome.B5_AGREEMENT in failed:
        found.append(Ground(Outcome.B5_AGREEMENT, refusals))
    if Outcome.B5_PROOF in failed:
        found.append(Ground(Outcome.B5_PROOF))
    return found


def _confirmed(standing: Standing, clause: str) -> list[Finding]:
    return [
        one
        for one in standing.findings
        if one.clause == clause and one.level == Level.EXIT and one.state == FindingState.CONFIRMED
    ]


def location(standing: Standing) -> Ground | None:
    """Return the confirmed location of the supplier itself (B1), or None.

    A sub-supplier's location ends that link, not the trade with the supplier (section 5).
    """
    found = [one for one in _confirmed(standing, "B1") if one.about == "supplier"]
    return Ground(Outcome.B1, found) if found else None


def proof_is_spent(case: Case, standing: Standing) -> bool:
    """Whether a plan was agreed and tried to its end without bringing the proof."""
    return standing.submission is not None and is_plan_spent(case)


def obstacles_to_exit(case: Case, standing: Standing, ground: Ground) -> list[str]:
    """Return in words what holds an exit under B5; empty for B2 and B3, which rest on facts."""
    if not ground.rests_on_reply:
        return []
    found = list(unmet_duties(case))
    if standing.is_held:
        found.append(_("Counsel has not yet closed a note that limits the reply."))
    return found


def reply_by(case: Case) -> datetime:
    """Return by when a supplier replies to an exit proposed now, in its calendar, in UTC."""
    supplier = case.supplier
    return calendar.after(
        clock.now(), case.policy.exit_reply_days, supplier.country, supplier.zone
    )


def plan_of(case: Case) -> ExitPlan | None:
    """Return the exit that stands or, once trade ended, that ended it."""
    rows = ExitPlan.objects.standing().filter(case=case)
    return rows.select_related("proposed_by", "presented_by", "saved_by").first()


def last_plan(case: Case) -> ExitPlan | None:
    return ExitPlan.objects.filter(case=case).order_by("-proposed_at").first()


def consents(plan: ExitPlan, verb: str) -> list[ExitConsent]:
    """Return who agreed to a step and stands by it, with the reason."""
    rows = ExitConsent.objects.filter(plan=plan, verb=verb, is_stale=False)
    return list(rows.select_related("by", "decision").order_by("at"))


def missing_role(given: Iterable[ExitConsent]) -> ExitRole | None:
    """Return whose agreement is missing when one of the two agreed; None if nobody did yet."""
    roles = {one.role for one in given}
    left = [role for role in ExitRole if role not in roles]
    return left[0] if len(left) == 1 else None


def replies(plan: ExitPlan) -> list[ExitReply]:
    rows = ExitReply.objects.filter(plan=plan).select_related("by", "answered_by")
    return list(rows.prefetch_related("files").order_by("at", "pk"))


def replies_in(case: Case) -> QuerySet[ExitReply]:
    rows = ExitReply.objects.filter(plan__case=case).select_related("by", "answered_by")
    return rows.prefetch_related("files")


def reviews_in(case: Case) -> QuerySet[ExitReview]:
    """Return the looks at the effects of the exit that stands."""
    return ExitReview.objects.filter(plan__case=case, plan__ended_at=None)


def documents_of(case: Case) -> QuerySet[Evidence]:
    """Return the documents of a case that are kept, the newest first."""
    rows = Evidence.objects.kept().filter(chain_id=case.chain_id)
    return rows.order_by("-received_at", "pk")


def reply_files(case: Case, user: User) -> QuerySet[Evidence]:
    """Return what this person sent for a reply, whether or not the reply went since."""
    return documents_of(case).filter(sent_by=user, about="exit")


def last_letter(case: Case) -> SentLetter | None:
    """Return the newest letter about an exit."""
    kinds = (LetterKind.EXIT_PROPOSAL, LetterKind.EXIT_NOTICE, LetterKind.DISENGAGEMENT)
    return SentLetter.objects.filter(case=case, kind__in=kinds).order_by("-written_at").first()


def why_not_presented(
    case: Case, plan: ExitPlan, said: Iterable[ExitReply], now: datetime
) -> list[str]:
    """Return in words what stands in the way of presenting the plan, apart from its gaps."""
    known = list(said)
    if unanswered := [one for one in known if one.answered_at is None]:
        return [_("The reply is not answered yet: %d.") % len(unanswered)]
    if known:
        return []
    if plan.reply_by_at is not None and now <= plan.reply_by_at:
        return [_("The supplier may still reply, and has not yet.")]
    if not letter_arrived(case, plan):
        return [
            _("No mail server accepted the letter, and no contact reached the company: reach it.")
        ]
    return []


def letter_arrived(case: Case, plan: ExitPlan) -> bool:
    """Whether silence counts: the letter was accepted, or a contact since reached somebody."""
    sent = SentLetter.objects.filter(
        case=case, kind=LetterKind.EXIT_PROPOSAL, written_at__gte=plan.proposed_at
    ).first()
    if sent is not None:
        mails = OutboxMessage.objects.filter(key__startswith=f"{sent.mail_key}:")
        if mails.filter(delivery=Delivery.ACCEPTED).exists():
            return True
    return ContactLog.objects.filter(case=case, is_reached=True, at__gte=plan.proposed_at).exists()


def open_points(plan: ExitPlan) -> list[str]:
    """Return the points of the checklist that are not met, in words."""
    met = set(ExitStep.objects.filter(plan=plan).values_list("key", flat=True))
    return [str(label) for key, label in exit_plan.CHECKLIST.items() if key not in met]


def why_not_complete(case: Case, plan: ExitPlan, now: datetime) -> list[str]:
    """Return in words what winding down still lacks (domain note, sections 9 and 12)."""
    found = open_points(plan)
    last = ExitLook.objects.filter(plan=plan).order_by("-at").first()
    if last is None or last.at < now - timedelta(days=clauses.LOOK_DAYS):
        found.append(_("The weekly look, within the last seven days"))
    return [*found, *unmet_duties(case, HOLDS_COMPLETION)]


def why_not_reentered(case: Case, plan: ExitPlan, *, is_mistake: bool) -> list[str]:
    """Return in words what re-entry waits for: graded proof, and the six-month review.

    What shows a mistake about location (B1) waits for neither (domain note, section 12).
    """
    if is_mistake:
        shown = ExitReply.objects.filter(plan=plan, is_mistake=True)
        return [] if shown.exists() else [_("Nobody has shown that the location is a mistake.")]
    found = []
    proofs = Proof.objects.filter(
        case=case, grade=Grade.A, counts=True, graded_at__gte=plan.completed_at
    )
    if not proofs.exists():
        found.append(_("No record of grade A that the cause ended, graded since trade ended."))
    reviewed = ExitReview.objects.filter(
        plan=plan, months=clauses.REENTRY_MONTHS, done_at__isnull=False
    )
    if not reviewed.exists():
        found.append(_("The review after six months is not done."))
    return found


def next_review(plan: ExitPlan) -> ExitReview | None:
    rows = ExitReview.objects.filter(plan=plan, done_at=None)
    return rows.order_by("due_at").first()


def first_day_of(review: ExitReview, case: Case) -> date:
    """Return the first day on which a review may be done: a fortnight before it is due."""
    return review.due_at.astimezone(ZoneInfo(case.buyer.zone)).date() - timedelta(days=EARLY_DAYS)


def reentered(case: Case) -> ExitPlan | None:
    """Return the exit whose company came back and is not cleared since; None for all others."""
    found = last_plan(case)
    if found is None or found.ended_as != Verb.OPEN_REENTRY:
        return None
    # counsel's own word is kept as a decision, too: only an approver's clears
    cleared = Decision.objects.filter(
        case=case, verb=Verb.CLEAR, at__gte=found.ended_at, consent=None
    )
    return None if cleared.exists() else found


def concurrence(case: Case, plan: ExitPlan | None) -> ExitConsent | None:
    """Return counsel's word on the recommendation that stands, and on no earlier one."""
    if plan is None or case.proposed_at is None:
        return None
    rows = ExitConsent.objects.filter(
        plan=plan, verb=Verb.CLEAR, is_stale=False, at__gte=case.proposed_at
    )
    return rows.select_related("by", "decision").first()


def trading_choices(case: Case, *, is_located: bool) -> list[Trading]:
    """Return what an approver may set for orders now; `is_located` is a confirmed B1.

    Before winding down only new orders stop, and only that is lifted (section 12).
    """
    now, stop = Trading(case.trading), Trading.NO_NEW_ORDERS
    if case.stage == Stage.WINDING_DOWN:
        return [one for one in Trading if one != now]
    if case.stage == Stage.DISENGAGED:
        return [] if now == Trading.ENDED else [Trading.ENDED]
    if case.stage == Stage.CLEARED:
        return [] if now == Trading.OPEN else [Trading.OPEN]
    if now == stop:
        return [Trading.OPEN]
    may_stop = is_located or case.stage in {Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL}
    return [stop] if may_stop and now == Trading.OPEN else []


def lacks_three(buyer_id: UUID) -> bool:
    """Whether a buyer lacks three different people to propose, approve and concur (section 2)."""
    held: dict[str, set[UUID]] = {Role.ANALYST: set(), Role.APPROVER: set(), Role.COUNSEL: set()}
    rows = Membership.objects.filter(
        organisation_id=buyer_id, role__in=held, ended_at=None, user__is_active=True
    )
    for role, person in rows.values_list("role", "user_id"):
        held[role].add(person)
    return not exit_plan.is_three(
        proposers=held[Role.ANALYST],
        approvers=held[Role.APPROVER],
        counsel=held[Role.COUNSEL],
    )


@dataclass(frozen=True)
class Exit:
    """One exit with all that belongs to it, for a page and for the audit trail."""

    plan: ExitPlan
    consents: list[ExitConsent]
    replies: list[ExitReply]
    steps: list[ExitStep]
    looks: list[ExitLook]
    reviews: list[ExitReview]

    def agreed(self, verb: str) -> list[ExitConsent]:
        return [one for one in self.consents if one.verb == verb and not one.is_stale]


def read(plan: ExitPlan) -> Exit:
    """Read an exit with its rows; six queries."""
    return Exit(
        plan=plan,
        consents=list(plan.consents.select_related("by", "decision").order_by("at")),
        replies=replies(plan),
        steps=list(plan.steps.select_related("by").order_by("at")),
        looks=list(plan.looks.select_related("by").order_by("-at")),
        reviews=list(plan.reviews.select_related("done_by").order_by("months")),
    )


def exits_of(case: Case) -> list[Exit]:
    """Return all exits of a case, the oldest first."""
    rows = ExitPlan.objects.filter(case=case).select_related("proposed_by", "presented_by")
    return [read(plan) for plan in rows.order_by("proposed_at")]


def closures(case: Case) -> QuerySet[Closure]:
    return Closure.objects.filter(case=case).select_related("proof", "decision__by")
