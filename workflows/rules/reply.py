"""Who may do what a reply code leads to, and which code may be set when."""

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import Role
from portal.models import User
from workflows import clauses, outcome
from workflows.enums import ConditionState, ReplyCode, Stage, TermsState
from workflows.models import Case, Condition, ConfidentialityTerms
from workflows.models.case import WITH_SUPPLIER
from workflows.rules.case import SUPPLIER_SIDE, may_judge

# set from the record of delivery, not from answers
WITHOUT_REPLY = frozenset({ReplyCode.NO_REPLY, ReplyCode.UNREACHABLE})
# a constraint may also be claimed before anything was signed
BEFORE_REPLY = WITHOUT_REPLY | {ReplyCode.LEGAL_CONSTRAINT_CLAIMED}
DECLINES = frozenset({ReplyCode.DECLINES_NO_REASON, ReplyCode.DECLINES_DISAGREES})
# while the case is open and on the buyer's side of the table
ENDED = frozenset({Stage.DRAFT, Stage.CLEARED, Stage.WITHDRAWN, Stage.DISENGAGED})


def fits_reply(
    case: Case, code: str, *, silence: outcome.Silence, silence_counts: bool
) -> Verdict:
    """Whether a code can be said of this case at all, whoever says it.

    `silence` is what was done to reach the supplier. Source: domain note, sections 6 and 8.
    """
    has_reply = case.submitted_at is not None
    if code not in WITHOUT_REPLY:
        if has_reply or code in BEFORE_REPLY:
            return ALLOWED
        return untimely(_("Nothing was signed yet, so the reply cannot be read so."))
    if has_reply:
        return untimely(_("The supplier replied, so this is no silence."))
    if code == ReplyCode.NO_REPLY:
        return ALLOWED if silence_counts else _not_silent_yet(silence)
    if silence.is_reached:
        return untimely(_("A logged contact reached a person, so the address is confirmed."))
    return ALLOWED


def _not_silent_yet(silence: outcome.Silence) -> Verdict:
    general = _(
        "Silence does not count yet: it needs three accepted mails, two addresses and a"
        " logged contact that reached a person."
    )
    return untimely(" ".join([general, *lacks(silence)]))


def lacks(silence: outcome.Silence) -> list[str]:
    """Say in sentences what silence lacks before it may be called “no reply”."""
    found = []
    if silence.accepted < clauses.MAILS_FOR_SILENCE:
        found.append(
            _("Messages accepted by a mail server: %(n)d of %(needed)d.")
            % {"n": silence.accepted, "needed": clauses.MAILS_FOR_SILENCE}
        )
    if silence.addresses < clauses.ADDRESSES_FOR_SILENCE:
        found.append(
            _("Addresses they went to: %(n)d of %(needed)d.")
            % {"n": silence.addresses, "needed": clauses.ADDRESSES_FOR_SILENCE}
        )
    if not silence.is_called:
        found.append(_("No telephone call is logged."))
    if not silence.is_reached:
        found.append(
            _(
                "No call or letter is logged that reached a person: a mail server alone proves"
                " nothing."
            )
        )
    return found


def may_mark_unreachable(user: User, case: Case) -> Verdict:
    """While the case waits for the supplier: an analyst whom no address answers."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may do this."))
    if case.stage not in WITH_SUPPLIER:
        return untimely(_("This case is not with the supplier at the moment."))
    return ALLOWED


def may_close_constraint(user: User, case: Case) -> Verdict:
    """Counsel alone: of a case it was sent, or of a reply in review that was read so."""
    if not user.works_on(case, Role.COUNSEL):
        return refused(_("Only counsel may close a note that limits the reply."))
    is_claimed = case.reply_code == ReplyCode.LEGAL_CONSTRAINT_CLAIMED
    if case.stage == Stage.WITH_COUNSEL or (case.stage == Stage.REVIEW and is_claimed):
        return ALLOWED
    return untimely(_("No note that limits the reply waits for counsel."))


def may_work_on_conditions(user: User, case: Case) -> Verdict:
    """Answer, or add one that was said elsewhere: an analyst, while the code stands."""
    verdict = may_judge(user, case)
    if verdict and case.reply_code != ReplyCode.AGREES_ON_CONDITIONS:
        return untimely(_("The reply is not read as agreeing on conditions."))
    return verdict


def may_answer_condition(user: User, case: Case, condition: Condition) -> Verdict:
    verdict = may_work_on_conditions(user, case)
    if verdict and condition.state != ConditionState.OPEN:
        return untimely(_("This condition was already answered."))
    return verdict


def may_offer_terms(user: User, case: Case) -> Verdict:
    """Analyst or counsel; any time before the case ends, whatever the code."""
    if not user.works_on(case, Role.ANALYST, Role.COUNSEL):
        return refused(_("Only an analyst or counsel may offer terms."))
    if case.stage in ENDED or case.response_id is None:
        return untimely(_("This case is not open, so no terms can be offered."))
    return ALLOWED


def may_answer_terms(user: User, case: Case, terms: ConfidentialityTerms | None) -> Verdict:
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may answer this."))
    if terms is None or terms.state != TermsState.OFFERED or case.stage in ENDED:
        return untimely(_("No terms wait for your answer."))
    return ALLOWED


def may_log_inspection(user: User, case: Case) -> Verdict:
    """An original that was seen and not taken: an analyst, once something was signed."""
    if not user.holds(Role.ANALYST, case.buyer_id):
        return refused(_("Only an analyst of the buyer may do this."))
    if case.stage in ENDED or case.submitted_at is None:
        return untimely(_("Nothing was signed yet that an original could prove."))
    return ALLOWED


def may_read_declined(user: User, case: Case) -> Verdict:
    """Open the page of the reasons: those who review; how much it shows is another question."""
    if not user.works_on(case, Role.ANALYST, Role.APPROVER, Role.COUNSEL):
        return refused(_("Only those who review this case may read why it was declined."))
    if case.reply_code not in DECLINES:
        return untimely(_("The reply is not read as declined."))
    return ALLOWED


def may_read_reasons(user: User, case: Case) -> Verdict:
    """Say that one read them: an approver, while the code stands."""
    if not user.holds(Role.APPROVER, case.buyer_id):
        return refused(_("Only an approver of the buyer may do this."))
    if case.reply_code != ReplyCode.DECLINES_DISAGREES:
        return untimely(_("The reply is not read as declined with reasons."))
    return ALLOWED


def may_release_reasons(user: User, case: Case) -> Verdict:
    """Counsel with a reason; or the supplier itself, of its own words (domain note, section 6)."""
    serves = any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE)
    if not serves and not user.works_on(case, Role.COUNSEL):
        return refused(_("Only counsel, or the company that wrote them, may open these words."))
    if case.submitted_at is None or case.stage in ENDED:
        return untimely(_("There are no reasons to open."))
    return ALLOWED


def may_ask_help(user: User, case: Case) -> Verdict:
    """The supplier, at any time until the case ends."""
    if not any(user.holds(role, case.supplier_id) for role in SUPPLIER_SIDE):
        return refused(_("Only the company that was asked may ask for help here."))
    if case.response_id is None or case.stage in ENDED:
        return untimely(_("This request is not open, so there is nothing to help with."))
    return ALLOWED
