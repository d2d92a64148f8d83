"""Words that workflows stores, with their labels (domain note, sections 5 to 8)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Stage(TextChoices):
    DRAFT = "DRAFT", _("Draft")
    INSTRUCTED = "INSTRUCTED", _("Sent, not yet acknowledged")
    ANSWERING = "ANSWERING", _("Being answered")
    REVIEW = "REVIEW", _("In review")
    QUERIED = "QUERIED", _("Questions sent back")
    WITH_COUNSEL = "WITH_COUNSEL", _("With counsel")
    REMEDIATION = "REMEDIATION", _("Plan agreed")
    SUSPENDED = "SUSPENDED", _("Trade suspended")
    EXIT_REVIEW = "EXIT_REVIEW", _("Exit under review")
    EXIT_APPROVAL = "EXIT_APPROVAL", _("Exit awaiting approval")
    WINDING_DOWN = "WINDING_DOWN", _("Winding down")
    DISENGAGED = "DISENGAGED", _("Disengaged")
    CLEARED = "CLEARED", _("Cleared")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class Verb(TextChoices):
    ISSUE = "ISSUE", _("Send")
    ACKNOWLEDGE = "ACKNOWLEDGE", _("Acknowledge")
    SUBMIT = "SUBMIT", _("Sign and submit")
    SUBMIT_LATE = "SUBMIT_LATE", _("Sign and submit late")
    DECLINE = "DECLINE", _("Decline")
    LAPSE = "LAPSE", _("Time ran out")
    REFER = "REFER", _("Refer to counsel")
    ADVISE = "ADVISE", _("Give advice")
    QUERY = "QUERY", _("Send questions back")
    RAISE_FINDING = "RAISE_FINDING", _("Raise a finding")
    RECOMMEND = "RECOMMEND", _("Recommend clearing")
    ESCALATE = "ESCALATE", _("Escalate")
    CLEAR = "CLEAR", _("Clear")
    AGREE_PLAN = "AGREE_PLAN", _("Agree a plan")
    REPORT = "REPORT", _("Report on the plan")
    SUSPEND = "SUSPEND", _("Suspend trade")
    RESUME = "RESUME", _("Resume trade")
    PROPOSE_EXIT = "PROPOSE_EXIT", _("Propose an exit")
    PROPOSE_IMMEDIATE_EXIT = "PROPOSE_IMMEDIATE_EXIT", _("Propose an immediate exit")
    ACCEPT_REPLY = "ACCEPT_REPLY", _("Accept the reply")
    PRESENT_PLAN = "PRESENT_PLAN", _("Present the exit plan")
    APPROVE_EXIT = "APPROVE_EXIT", _("Approve the exit")
    RETURN_EXIT = "RETURN_EXIT", _("Return the exit")
    COMPLETE_EXIT = "COMPLETE_EXIT", _("Complete the exit")
    HALT_EXIT = "HALT_EXIT", _("Halt the exit")
    OPEN_REENTRY = "OPEN_REENTRY", _("Open re-entry")
    RENEW = "RENEW", _("Renew")
    WITHDRAW = "WITHDRAW", _("Withdraw")
    CLOSE = "CLOSE", _("Close")


class Trading(TextChoices):
    OPEN = "OPEN", pgettext_lazy("trade", "Open")
    NO_NEW_ORDERS = "NO_NEW_ORDERS", _("No new orders")
    PAUSED = "PAUSED", _("Paused")
    ENDED = "ENDED", _("Ended")


class ReplyCode(TextChoices):
    """What a reply amounts to; the label is all that the supplier sees."""

    AGREES_PROVES = "AGREES_PROVES", _("Complete")
    AGREES_NO_PROOF_YET = "AGREES_NO_PROOF_YET", _("Evidence outstanding")
    AGREES_CANNOT_OBTAIN = "AGREES_CANNOT_OBTAIN", _("Evidence held by others")
    AGREES_ON_CONDITIONS = "AGREES_ON_CONDITIONS", _("Conditions to be agreed")
    LEGAL_CONSTRAINT_CLAIMED = "LEGAL_CONSTRAINT_CLAIMED", _("Note under consideration")
    CONFIDENTIAL_NEEDS_TERMS = "CONFIDENTIAL_NEEDS_TERMS", _("Terms to be agreed")
    DECLINES_NO_REASON = "DECLINES_NO_REASON", _("Declined")
    DECLINES_DISAGREES = "DECLINES_DISAGREES", _("Declined, with reasons")
    NO_REPLY = "NO_REPLY", _("No reply received")
    UNREACHABLE = "UNREACHABLE", _("Address not confirmed")
    CONTRADICTED_BY_EVIDENCE = "CONTRADICTED_BY_EVIDENCE", _("Question about your answer")


class FindingState(TextChoices):
    OPEN = "OPEN", _("Open")
    ANSWERED = "ANSWERED", _("Answered")
    CONFIRMED = "CONFIRMED", _("Confirmed")
    DISMISSED = "DISMISSED", _("Dismissed")
    REMEDIED = "REMEDIED", _("Remedied")


class Level(TextChoices):
    EXIT = "exit", _("Exit")
    REMEDIATE = "remediate", _("Remedy")
    COUNSEL = "counsel", _("For counsel")
    DUTY = "duty", _("Duty of the buyer")
    FOLLOW_UP = "follow_up", _("Follow up")
    NOTE = "note", _("Note")


class Outcome(TextChoices):
    """What the open findings propose, in the order of the domain note's section 5."""

    B1 = "B1", _("Immediate exit")
    B3 = "B3", _("Responsible exit: labour transfers")
    B2 = "B2", _("Responsible exit: group or operations")
    C2 = "C2", _("Duty: denied goods")
    B4 = "B4", _("Plan to replace the source or end the dealing")
    B5_AGREEMENT = "B5_AGREEMENT", _("Exit review: does not agree")
    B5_PROOF = "B5_PROOF", _("Exit review: does not prove")
    C1 = "C1", _("Duty: one standard for all markets")
    OPEN_POINT = "OPEN_POINT", _("Follow up")
    WITH_COUNSEL = "WITH_COUNSEL", _("Held for counsel")
    CLEAR = "CLEAR", _("Clear")


class Limbs(TextChoices):
    """How a buyer reads the *and* between the limbs of clause B5 (domain note, section 7)."""

    EITHER = "either", _("Either limb failing is enough")
    BOTH = "both", _("Both limbs must fail")


class PolicyState(TextChoices):
    """A version that switches the limbs of B5 waits for counsel; others are in force at once."""

    PROPOSED = "PROPOSED", _("Waits for counsel")
    IN_FORCE = "IN_FORCE", pgettext_lazy("policy", "In force")
    OBJECTED = "OBJECTED", _("Counsel objected")
    WITHDRAWN = "WITHDRAWN", pgettext_lazy("policy", "Withdrawn")


class CampaignState(TextChoices):
    DRAFT = "DRAFT", _("Being prepared")
    LAUNCHING = "LAUNCHING", _("Being sent")
    LAUNCHED = "LAUNCHED", _("Sent")


class Channel(TextChoices):
    CALL = "CALL", _("Telephone call")
    LETTER = "LETTER", _("Letter")
    MEETING = "MEETING", _("Meeting")
    MAIL = "MAIL", _("Mail outside this service")


class WordingReason(TextChoices):
    LOCAL_LAW = "LOCAL_LAW", _("Local law may forbid a certificate on this subject")
    SAFETY = "SAFETY", _("Safety of the supplier's people")
    CLARITY = "CLARITY", _("The instruction must be explicit")
    CUSTOMS = "CUSTOMS", _("Customs authority expects the explicit text")
    OTHER = "OTHER", _("Other, on advice")


class EscalationTarget(TextChoices):
    APPROVER = "APPROVER", _("Approver")
    COUNSEL = "COUNSEL", _("Counsel")
