"""Why a supplier declined: who may read its words, and that an approver did."""

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import engine, mail, queries, rules
from workflows.actions import duties
from workflows.enums import DutyKind
from workflows.models import Case, ReasonsRelease


def read_reasons(*, case: Case, by: User, note: str) -> Case:
    """Say that one read why the supplier declined: an approver, before an exit is proposed."""
    with engine.locked(case) as held:
        require(rules.may_read_reasons(by, held))
        duties.met_by(held, {DutyKind.READ_REASONS}, by, how=note)
    return held


def release_reasons(*, case: Case, by: User, reason: str = "") -> ReasonsRelease:
    """Let analyst and approver read a reply's words: its supplier, or counsel with a reason."""
    with engine.locked(case) as held:
        require(rules.may_release_reasons(by, held))
        submission = queries.latest_submission(held)
        if submission is None or not queries.has_reasons_text(submission):
            raise Conflict(_("The reply holds no words that counsel alone reads."))
        if there := ReasonsRelease.objects.filter(submission=submission).first():
            return there
        released = ReasonsRelease.objects.create(
            case=held,
            buyer_id=held.buyer_id,
            submission=submission,
            by=by,
            at=clock.now(),
            is_suppliers=not rules.is_buyers(by, held),
            reason=reason,
        )
        ledger.record(
            "case.reasons_released",
            by=by,
            on=held,
            data={"submission": str(submission.pk), "by_supplier": released.is_suppliers},
            words={"reason": reason},
        )
        mail.reasons_released(held, submission.number)
    return released
