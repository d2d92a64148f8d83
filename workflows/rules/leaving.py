"""Who may do what around an exit without moving the case: plan, reply, checklist, trade.

Source: domain note, sections 12 and 13; README point 44.
"""

from collections.abc import Iterable
from uuid import UUID

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User
from workflows.enums import ExitRole, ExitTrack, Stage
from workflows.models import Case, ExitConsent, ExitPlan
from workflows.rules.case import SUPPLIER_SIDE, may_clear

IN_EXIT = frozenset({Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL})
NOTIFIED = frozenset({Stage.WINDING_DOWN, Stage.DISENGAGED})
TRADING = frozenset(
    {
        Stage.REVIEW,
        Stage.WITH_COUNSEL,
        Stage.REMEDIATION,
        Stage.SUSPENDED,
        Stage.CLEARED,
        *IN_EXIT,
        *NOTIFIED,
    }
)


def may_save_exit_plan(user: User, case: Case) -> Verdict:
    """The analyst writes it before it is presented; on the immediate track while it is decided."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may write the plan."))
    is_immediate = case.exit_track == ExitTrack.IMMEDIATE
    if case.stage == Stage.EXIT_REVIEW or (is_immediate and case.stage == Stage.EXIT_APPROVAL):
        return ALLOWED
    return untimely(_("The plan can't be changed now: it is as it was presented."))


def may_reply_to_exit(user: User, case: Case) -> Verdict:
    """The supplier's people: to a proposal before it is decided, and to a notice at any time.

    On the immediate track nothing is said before the notice (domain note, section 12).
    """
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may reply."))
    is_proposed = case.stage in IN_EXIT and case.exit_track == ExitTrack.RESPONSIBLE
    if is_proposed or case.stage in NOTIFIED:
        return ALLOWED
    return untimely(_("There is nothing to reply to at the moment."))


def may_answer_exit_reply(user: User, case: Case) -> Verdict:
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may answer a reply."))
    if case.stage not in IN_EXIT | NOTIFIED:
        return untimely(_("This exit is no longer open, so write a message instead."))
    return ALLOWED


def may_wind_down(user: User, case: Case) -> Verdict:
    """Keep the checklist and the weekly look: an analyst, while trade winds down."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may keep the checklist."))
    if case.stage != Stage.WINDING_DOWN:
        return untimely(_("Trade is not winding down at the moment."))
    return ALLOWED


def may_review_exit(user: User, case: Case) -> Verdict:
    """Look at the effects after 3, 6 and 12 months: an analyst, once trade has ended."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may write down the effects."))
    if case.stage != Stage.DISENGAGED:
        return untimely(_("Effects are looked at once trade has ended."))
    return ALLOWED


def may_set_trading(user: User, case: Case) -> Verdict:
    """One approver alone, at once and reversible; what may be set, the action asks."""
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may say what applies to orders."))
    if case.stage not in TRADING:
        return untimely(_("What applies to orders can't be changed at this stage."))
    return ALLOWED


def may_grade_proof(user: User, case: Case) -> Verdict:
    """An analyst: in review, and after an exit, when a company shows that its cause ended."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may do this."))
    if case.stage not in {Stage.REVIEW, Stage.DISENGAGED}:
        return untimely(_("Findings and proof are judged while the case is in review."))
    return ALLOWED


def holds(user: User, case: Case, role: ExitRole) -> bool:
    """Tell whether a person can agree in this capacity at all."""
    return user.works_on(case, Role(str(role)))


def may_consent(
    user: User, case: Case, *, role: ExitRole, plan: ExitPlan, given: Iterable[ExitConsent]
) -> Verdict:
    """Agree to a step of an exit as approver or as counsel: one of each, by two people.

    `given` are the consents that stand for this step. Whoever presented the plan, like
    whoever proposed the exit, leaves its decision to others.
    """
    if not holds(user, case, role):
        return refused(_("You do not hold the role in which you would agree."))
    known = list(given)
    if any(one.by_id == user.pk for one in known):
        return untimely(_("You agreed already. Another person must agree, too."))
    if any(one.role == role for one in known):
        return untimely(
            _("An approver agreed already; counsel's concurrence is missing.")
            if role == ExitRole.APPROVER
            else _("Counsel concurred already; an approver's agreement is missing.")
        )
    if case.stage == Stage.EXIT_APPROVAL and user.pk in {
        plan.presented_by_id,
        plan.proposed_by_id,
    }:
        return refused(_("You presented the plan, so colleagues must decide it."))
    return ALLOWED


def may_concur_clear(user: User, case: Case) -> Verdict:
    """Counsel's word before a company is cleared that had been left (domain note, section 8)."""
    if not user.works_on(case, Role.COUNSEL):
        return refused(_("Only the buyer's counsel may concur here."))
    if user.pk == case.proposed_by_id:
        return refused(_("You recommended this, so other counsel must concur."))
    if case.stage != Stage.REVIEW or case.proposed_by_id is None:
        return untimely(_("No analyst recommends clearing this case as it stands now."))
    return ALLOWED


def may_clear_after_exit(
    user: User, case: Case, *, needs_counsel: bool, concurred_by: UUID | None
) -> Verdict:
    """Clear; after a re-entry only once counsel, a third person, concurred."""
    verdict = may_clear(user, case)
    if not verdict or not needs_counsel:
        return verdict
    if concurred_by is None:
        return untimely(_("Trade with this company had ended: counsel must concur first."))
    if concurred_by == user.pk:
        return refused(_("You concurred as counsel, so another person must decide."))
    return ALLOWED
