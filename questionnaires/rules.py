"""Who may read, change or discuss the answers, and when: pure, with a sentence."""

from django.utils.translation import gettext as _

from portal.access import ALLOWED, Verdict, refused, untimely
from portal.enums import CASE_ROLES, Role
from portal.models import User
from questionnaires.enums import CommentAudience, ResponseState
from questionnaires.models import Response

ANSWERING = (Role.CONTACT, Role.SIGNATORY)
REVIEWING = (Role.ANALYST, Role.APPROVER, Role.COUNSEL)


def may_read(user: User, response: Response) -> Verdict:
    """The supplier's contact and signatory, and the buyer's people who work on cases."""
    if user.holds_any(ANSWERING, response.supplier_id):
        return ALLOWED
    if user.works_on(response, *CASE_ROLES):
        return ALLOWED
    return refused(_("Only the contact and the signatory of the supplier may open these answers."))


def may_edit(user: User, response: Response) -> Verdict:
    """The supplier's contact or signatory, from acknowledgement to signature."""
    if not user.holds_any(ANSWERING, response.supplier_id):
        return refused(_("Only the contact and the signatory of the supplier may answer."))
    if not response.is_open:
        return untimely(not_now(response))
    return ALLOWED


def may_comment(user: User, response: Response, audience: str) -> Verdict:
    """Both sides speak to both; each side among itself; the supplier and counsel to counsel."""
    supplies = user.holds_any(ANSWERING, response.supplier_id)
    buys = user.works_on(response, *CASE_ROLES)
    allowed = {
        CommentAudience.BOTH: supplies or user.works_on(response, *REVIEWING),
        CommentAudience.SUPPLIER: supplies,
        CommentAudience.BUYER: buys,
        CommentAudience.COUNSEL: supplies or user.works_on(response, Role.COUNSEL),
    }
    if not allowed[CommentAudience(audience)]:
        return refused(_("You may not write to these readers."))
    return ALLOWED


def may_reopen(user: User, response: Response) -> Verdict:
    """An analyst of the buyer sends named answers back once they are signed."""
    if not user.holds(Role.ANALYST, response.buyer_id):
        return refused(_("Only an analyst of the buyer may send answers back."))
    if response.state != ResponseState.SUBMITTED:
        return untimely(_("The supplier is still answering. Nothing can be sent back now."))
    return ALLOWED


def may_freeze(user: User, response: Response) -> Verdict:
    """The signatory alone signs, while the answers are open."""
    if not user.holds(Role.SIGNATORY, response.supplier_id):
        return refused(_("Only the signatory of the supplier may sign."))
    if not response.is_open:
        return untimely(not_now(response))
    return ALLOWED


def may_offer(user: User, response: Response) -> Verdict:
    """The buyer's campaign manager or analyst asks for a newer version before a signature."""
    if not user.holds_any({Role.CAMPAIGN_MANAGER, Role.ANALYST}, response.buyer_id):
        return refused(_("Only a campaign manager or an analyst may ask for another version."))
    if response.state not in {ResponseState.WAITING, ResponseState.OPEN}:
        return untimely(_("These answers were signed, so their questions stay as they were."))
    return ALLOWED


def may_change_over(user: User, response: Response) -> Verdict:
    """The supplier carries its own open answers over to the version it was asked to use."""
    if not user.holds_any(ANSWERING, response.supplier_id):
        return refused(_("Only the contact and the signatory of the supplier may answer."))
    if response.state == ResponseState.CORRECTING:
        return untimely(_("These answers were signed, so their questions stay as they were."))
    if not response.is_open:
        return untimely(not_now(response))
    if response.offered_id is None:
        return untimely(_("You were not asked to use another version of this questionnaire."))
    return ALLOWED


def not_now(response: Response) -> str:
    """Say why nothing can be changed at this moment."""
    sentences = {
        ResponseState.WAITING: _(
            "Confirm first that you received this request. Then you can answer."
        ),
        ResponseState.SUBMITTED: _(
            "These answers are signed and sent. They can't be changed any more."
        ),
        ResponseState.CLOSED: _("This questionnaire is closed."),
    }
    return sentences.get(ResponseState(response.state), "")
