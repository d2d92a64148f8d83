"""Who may move a clock, or do what the ladder waits for (README point 44).

None of these moves a stage but `renew`, whose rule stands with the other verbs.
"""

from datetime import date

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User
from workflows.enums import ExtensionState, RungKind
from workflows.models import Case, Extension
from workflows.models.case import WITH_SUPPLIER
from workflows.rules.case import SUPPLIER_SIDE, may_still_answer

# readings of silence, not of a reply
# the longest a clock is moved in one act; more is a slip of the hand
MOST_DAYS_AHEAD = 366


def may_take_time(user: User, case: Case) -> Verdict:
    """The supplier's own extension, before time ran out; `has_taken_time` says whether it had."""
    return _for_supplier(user, case) and _is_running(case)


def may_ask_time(user: User, case: Case) -> Verdict:
    return _for_supplier(user, case) and _is_running(case)


def may_give_time(user: User, case: Case) -> Verdict:
    """The analyst, any time the clock runs, with a reason."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may give more time."))
    return _is_running(case)


def may_answer_wish(user: User, extension: Extension) -> Verdict:
    verdict = may_give_time(user, extension.case)
    if verdict and extension.state != ExtensionState.ASKED:
        return untimely(_("This was already answered."))
    return verdict


def is_a_later_day(day: date, due: date, today: date) -> Verdict:
    """More time ends after the day that holds now, lies ahead, and within a year."""
    if day <= due:
        return untimely(_("Choose a day after the one that holds now."))
    if day <= today:
        return untimely(_("Choose a day that lies ahead."))
    if (day - today).days > MOST_DAYS_AHEAD:
        return untimely(_("Choose a day within a year."))
    return ALLOWED


def may_write_second(user: User, case: Case) -> Verdict:
    """Find somebody else at the supplier and write to them."""
    if not user.holds_any({Role.ANALYST, Role.CAMPAIGN_MANAGER}, case.buyer_id):
        return refused(_("Only a campaign manager or an analyst may write to a second contact."))
    return _is_running(case)


def may_chase(user: User, case: Case) -> Verdict:
    """An approver writes to the signatory once the ladder came to that rung."""
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may write this letter."))
    verdict = _is_running(case)
    if verdict and case.chase != RungKind.APPROVER:
        return untimely(_("The ladder has not come to this letter, or it was written already."))
    return verdict


def may_log_bounce(user: User, case: Case) -> Verdict:
    if not user.holds_any({Role.ANALYST, Role.CAMPAIGN_MANAGER}, case.buyer_id):
        return refused(_("Only a campaign manager or an analyst may log this."))
    if case.issued_at is None:
        return untimely(_("Nothing was sent in this case yet."))
    return ALLOWED


def _for_supplier(user: User, case: Case) -> Verdict:
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may ask for more time."))
    return ALLOWED


def _is_running(case: Case) -> Verdict:
    if case.stage in WITH_SUPPLIER and case.due_at is not None:
        return ALLOWED
    if may_still_answer(case):
        return untimely(_("Time ran out. The form is open all the same: a late answer is read."))
    return untimely(_("No time of the supplier is running in this case."))
