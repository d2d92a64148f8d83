"""Who may change trade, open an exit and end it: one rule for each verb after review.

What an act needs besides person and stage (a ground, duties met, a plan) its action asks.
Source: domain note, sections 8, 12 and 13.
"""

from django.utils.translation import gettext as _

from portal.access import Verdict, refused, untimely
from portal.models import User
from workflows.enums import Verb
from workflows.models import Case
from workflows.rules.case import in_stage, is_party


def may_raise_finding(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.RAISE_FINDING):
        return refused(_("Only an analyst of the buyer may raise a finding."))
    return in_stage(case, Verb.RAISE_FINDING)


def may_agree_plan(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.AGREE_PLAN)


def may_report(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.REPORT):
        return refused(_("Only the company that was asked may report on its plan."))
    return in_stage(case, Verb.REPORT)


def may_suspend(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.SUSPEND)


def may_resume(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.RESUME)


def may_propose_exit(user: User, case: Case) -> Verdict:
    return _may_propose(user, case, Verb.PROPOSE_EXIT)


def may_propose_immediate_exit(user: User, case: Case) -> Verdict:
    return _may_propose(user, case, Verb.PROPOSE_IMMEDIATE_EXIT)


def may_accept_reply(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.ACCEPT_REPLY)


def may_present_plan(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.PRESENT_PLAN):
        return refused(_("Only an analyst of the buyer may present the plan."))
    return in_stage(case, Verb.PRESENT_PLAN)


def may_approve_exit(user: User, case: Case) -> Verdict:
    """An approver and counsel, neither of them the proposer: three persons in all."""
    if not is_party(user, case, Verb.APPROVE_EXIT):
        return refused(_("Only an approver and counsel of the buyer decide this together."))
    if user.pk == case.proposed_by_id:
        return refused(_("You proposed this, so colleagues must decide it."))
    verdict = in_stage(case, Verb.APPROVE_EXIT)
    if verdict and case.proposed_by_id is None:
        return untimely(_("Nobody proposes this exit as it stands now."))
    return verdict


def may_return_exit(user: User, case: Case) -> Verdict:
    """Either of the two, with a reason; counsel's objection cannot be overridden."""
    if not is_party(user, case, Verb.RETURN_EXIT):
        return refused(_("Only an approver or counsel of the buyer may return this."))
    return in_stage(case, Verb.RETURN_EXIT)


def may_complete_exit(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.COMPLETE_EXIT)


def may_halt_exit(user: User, case: Case) -> Verdict:
    """An approver and counsel, as they approved it."""
    if not is_party(user, case, Verb.HALT_EXIT):
        return refused(_("Only an approver and counsel of the buyer decide this together."))
    return in_stage(case, Verb.HALT_EXIT)


def may_open_reentry(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.OPEN_REENTRY)


def may_renew(user: User, case: Case) -> Verdict:
    if not is_party(user, case, Verb.RENEW):
        return refused(_("Only an analyst of the buyer may ask anew."))
    return in_stage(case, Verb.RENEW)


def may_close(user: User, case: Case) -> Verdict:
    return _may_approve(user, case, Verb.CLOSE)


def _may_approve(user: User, case: Case, verb: Verb) -> Verdict:
    if not is_party(user, case, verb):
        return refused(_("Only an approver of the buyer may do this."))
    return in_stage(case, verb)


def _may_propose(user: User, case: Case, verb: Verb) -> Verdict:
    if not is_party(user, case, verb):
        return refused(_("Only an analyst or an approver of the buyer may propose an exit."))
    return in_stage(case, verb)
