"""Who may record what was learned elsewhere, hear the supplier, and work on a plan.

Source: domain note, sections 3, 5, 8, 11 and 13; README points 31, 32 and 44.
"""

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User
from workflows.enums import Stage, Verb
from workflows.models import Case
from workflows.rules.case import NOT_OPEN, SUPPLIER_SIDE, _may_analyse, _not_in
from workflows.rules.exit import may_raise_finding
from workflows.transitions import sources

# stages in which a finding is raised without moving the case
NOTED = frozenset({Stage.REVIEW, Stage.REMEDIATION, Stage.SUSPENDED})
# stages in which the supplier is asked about what was learned elsewhere
ASKED = frozenset({Stage.REVIEW, Stage.REMEDIATION, Stage.SUSPENDED, Stage.EXIT_REVIEW})
# stages in which a plan is written and accepted
PLANNED = frozenset({Stage.REVIEW, Stage.SUSPENDED})
OVER = frozenset({Stage.DRAFT, Stage.WITHDRAWN})


def may_record_source(user: User, case: Case) -> Verdict:
    """Write down what was learned about a supplier elsewhere, at any time once it was sent."""
    verdict = _may_analyse(user, case)
    return _not_in(case) if verdict and case.stage in OVER else verdict


def may_note_finding(user: User, case: Case) -> Verdict:
    """Raise a finding upon sources where the case stays as it is."""
    verdict = _may_analyse(user, case)
    return _not_in(case) if verdict and case.stage not in NOTED else verdict


def stays(case: Case) -> bool:
    """Whether a finding raised now leaves the case where it is."""
    return case.stage in NOTED


def may_raise(user: User, case: Case) -> Verdict:
    """Raise a finding upon sources, whether the case moves by it or not."""
    if stays(case):
        return may_note_finding(user, case)
    return may_raise_finding(user, case)


def is_carried(missing: list[str]) -> Verdict:
    """Refuse confirming what its sources do not carry, or what the supplier was not asked."""
    if not missing:
        return ALLOWED
    return untimely(_("This cannot be confirmed yet.") + " " + " ".join(missing))


def nothing_missing(problems: list[str]) -> Verdict:
    """Refuse what is not whole yet, and say what is missing."""
    return untimely(" ".join(problems)) if problems else ALLOWED


def may_ask_supplier(user: User, case: Case) -> Verdict:
    """Put a question to the supplier about what was learned elsewhere."""
    verdict = _may_analyse(user, case)
    if verdict and case.stage not in ASKED:
        return untimely(_("The supplier is asked about it once the case is in review."))
    return verdict


def may_reply(user: User, case: Case) -> Verdict:
    """Answer such a question: the supplier's people, as long as the case has not ended."""
    verdict = _serves(user, case, _("Only the company that was asked may reply here."))
    if verdict and case.stage in {*NOT_OPEN, Stage.DISENGAGED}:
        return untimely(_("This request has ended, so no reply can be sent here."))
    return verdict


def may_lift_presumption(user: User, case: Case) -> Verdict:
    """Lift clause B's presumption: an approver, in review, upon evidence."""
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may lift the presumption."))
    if case.presumed_at is None:
        return untimely(_("No presumption stands over this case."))
    return ALLOWED if case.stage == Stage.REVIEW else _not_in(case)


def may_draft_plan(user: User, case: Case) -> Verdict:
    """Write a plan and show it to the supplier: an analyst, in review or while suspended."""
    verdict = _may_analyse(user, case)
    if verdict and case.stage not in PLANNED:
        return untimely(_("A plan is written while the case is in review or suspended."))
    return verdict


def may_close_plan(user: User, case: Case) -> Verdict:
    """End a plan without success: an approver, where a new one could be written."""
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may end a plan."))
    return ALLOWED if case.stage in PLANNED else _not_in(case)


def may_remark_plan(user: User, case: Case) -> Verdict:
    """Comment on a plan or propose changes: the supplier's contact and signatory."""
    verdict = _serves(user, case, _("Only the company that was asked may comment on its plan."))
    if verdict and case.stage not in {*PLANNED, Stage.REMEDIATION}:
        return untimely(_("No plan is open for comments at the moment."))
    return verdict


def may_accept_plan(user: User, case: Case) -> Verdict:
    if not user.holds(Role.SIGNATORY, case.supplier_id):
        return refused(_("Only the signatory named by the company may accept the plan."))
    if case.stage not in PLANNED:
        return untimely(_("No plan waits to be accepted at the moment."))
    return ALLOWED


def may_show_proof(user: User, case: Case) -> Verdict:
    """Add files to a step of the plan while it runs."""
    verdict = _serves(user, case, _("Only the company that was asked may add files here."))
    if verdict and case.stage != Stage.REMEDIATION:
        return untimely(_("Files are added to a step while the plan runs."))
    return verdict


def may_judge_milestone(user: User, case: Case) -> Verdict:
    verdict = _may_analyse(user, case)
    if verdict and case.stage != Stage.REVIEW:
        return untimely(_("What was shown for a step is judged while the case is in review."))
    return verdict


def may_review_suspension(user: User, case: Case) -> Verdict:
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may do this."))
    return ALLOWED if case.stage in sources(Verb.RESUME) else _not_in(case)


def _serves(user: User, case: Case, sentence: str) -> Verdict:
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(sentence)
    return ALLOWED
