"""Who may take, meet and waive a duty of the buyer, and who says what binds it as a whole."""

from uuid import UUID

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User
from workflows.enums import DutyKind
from workflows.models import Duty

# what another act does by itself: meeting it by hand would leave that act undone
BY_ANOTHER_ACT = frozenset(
    {
        DutyKind.ANSWER_CONDITIONS,
        DutyKind.OFFER_TERMS,
        DutyKind.CALL_ONCE,
        DutyKind.READ_REASONS,
    }
)


def may_take_duty(user: User, duty: Duty) -> Verdict:
    return _may_work_on(user, duty)


def may_meet_duty(user: User, duty: Duty) -> Verdict:
    """Say what was done: whoever holds one of the duty's roles."""
    verdict = _may_work_on(user, duty)
    if verdict and duty.kind in BY_ANOTHER_ACT:
        return untimely(_("This duty is met by its own act on the page of the case."))
    return verdict


def may_waive_duty(user: User, duty: Duty) -> Verdict:
    """An approver, with a reason that the dossier prints (domain note, section 9)."""
    if not user.holds(Role.APPROVER, duty.buyer_id):
        return refused(_("Only an approver of the buyer may waive a duty."))
    return _is_pending(duty)


def _may_work_on(user: User, duty: Duty) -> Verdict:
    if not user.holds_any(duty.terms.roles, duty.buyer_id):
        return refused(_("This duty belongs to another role of your company."))
    return _is_pending(duty)


def _is_pending(duty: Duty) -> Verdict:
    if not duty.is_pending:
        return untimely(_("This duty was already met or waived."))
    return ALLOWED


def may_declare_importer(user: User, buyer_id: UUID) -> Verdict:
    """Say whether the buyer imports into the United States: clauses C1 and C2 bind it then."""
    if not user.holds_any({Role.COUNSEL, Role.APPROVER}, buyer_id):
        return refused(_("Only counsel or an approver may say this."))
    return ALLOWED


def may_log_denial(user: User, buyer_id: UUID) -> Verdict:
    """Log a shipment of the buyer's own that was refused entry (clause C2)."""
    if not user.holds_any({Role.ANALYST, Role.APPROVER, Role.COUNSEL}, buyer_id):
        return refused(_("Only an analyst, an approver or counsel may log this."))
    return ALLOWED
