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


class ExitTrack(TextChoices):
    """How trade ends (clause B1 against B2, B3 and B5): at once, or with a reply before it."""

    RESPONSIBLE = "RESPONSIBLE", _("Responsible exit")
    IMMEDIATE = "IMMEDIATE", _("Immediate exit")


class ExitRole(TextChoices):
    """In which of the two capacities a person agrees to an exit."""

    APPROVER = "APPROVER", _("Approver")
    COUNSEL = "COUNSEL", _("Counsel")


class Ending(TextChoices):
    """Why a case ends without a decision on its substance."""

    TRADE_ENDED = "TRADE_ENDED", _("Trade had ended before, for other reasons")
    DUPLICATE = "DUPLICATE", _("Another case asks the same of this company")
    DISSOLVED = "DISSOLVED", _("The company no longer exists")


class Effect(TextChoices):
    """What a look at the effects of an exit found."""

    AS_PLANNED = "AS_PLANNED", _("As the plan says")
    HARM_FOLLOWED = "HARM_FOLLOWED", _("Harm was found and is followed up")
    NOT_KNOWN = "NOT_KNOWN", _("Not known: nobody could be asked")


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


class LetterKind(TextChoices):
    """What a letter to a supplier is; its title stands in the letter, in its wording."""

    INSTRUCTION = "INSTRUCTION", _("Instruction")
    ACKNOWLEDGEMENT = "ACKNOWLEDGEMENT", _("Receipt confirmed")
    QUERY = "QUERY", pgettext_lazy("letter", "Questions sent back")
    INQUIRY = "INQUIRY", _("Question put to the company")
    EXTENSION = "EXTENSION", _("More time")
    OVERDUE = "OVERDUE", _("Answer overdue")
    PLAN = "PLAN", _("Plan agreed, noted")
    SUSPENSION = "SUSPENSION", _("Orders paused")
    RESUMPTION = "RESUMPTION", _("Orders resumed")
    EXIT_PROPOSAL = "EXIT_PROPOSAL", _("Exit proposed, reply asked for")
    EXIT_NOTICE = "EXIT_NOTICE", _("Notice of immediate exit")
    EXIT_HALTED = "EXIT_HALTED", _("Exit returned or halted")
    DISENGAGEMENT = "DISENGAGEMENT", _("Notice of disengagement")
    REENTRY = "REENTRY", _("Re-entry opened")
    WITHDRAWAL = "WITHDRAWAL", _("Request withdrawn")


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


class DutyKind(TextChoices):
    """What the buyer owes (domain note, sections 6 and 9)."""

    MAP_TIERS = "MAP_TIERS", _("Map and refresh the tiers of supply")
    SITE_DILIGENCE = "SITE_DILIGENCE", _("Look into the sites that supply us")
    DIRECT = "DIRECT", _("Direct: no labour transfer schemes")
    INSTRUCT = "INSTRUCT", _("Instruct on sourcing and dealings")
    OFFER_SOURCES = "OFFER_SOURCES", _("Offer other sources")
    ADJUST_PURCHASING = "ADJUST_PURCHASING", _("Adjust price, time or volume")
    ASSIST_EVIDENCE = "ASSIST_EVIDENCE", _("Help to obtain or replace evidence")
    ANSWER_QUESTION = "ANSWER_QUESTION", _("Answer the supplier's question")
    ANSWER_CONDITIONS = "ANSWER_CONDITIONS", _("Answer each condition in writing")
    KEEP_CONDITION = "KEEP_CONDITION", _("Do what we accepted as a condition")
    OFFER_TERMS = "OFFER_TERMS", _("Offer confidentiality terms")
    INSPECT = "INSPECT", _("Inspect the originals where they are")
    CALL_ONCE = "CALL_ONCE", _("Call once and offer help")
    READ_REASONS = "READ_REASONS", _("Read the reasons given for declining")
    FIND_CONTACT = "FIND_CONTACT", _("Find another way to reach the supplier")
    PAY_ORDERS = "PAY_ORDERS", _("Pay finished and in-progress orders")
    ASSESS_IMPACT = "ASSESS_IMPACT", _("Assess the impact, give notice")
    ENCOURAGE = "ENCOURAGE", _("Encourage the same for all production")
    ONE_STANDARD = "ONE_STANDARD", _("Hold one standard for all markets")
    HOLD_GOODS = "HOLD_GOODS", _("Hold denied goods back from other markets")


class DutyState(TextChoices):
    """A missed duty is open and late: it may still be met or waived."""

    OPEN = "OPEN", pgettext_lazy("duty", "Open")
    MISSED = "MISSED", pgettext_lazy("duty", "Late")
    MET = "MET", pgettext_lazy("duty", "Met")
    WAIVED = "WAIVED", pgettext_lazy("duty", "Waived")


class HelpKind(TextChoices):
    """What a supplier may ask of its buyer; the values are those of the questionnaires."""

    SOURCE = "source", _("Names of other sources")
    PRICE = "price", _("Price")
    LEAD_TIME = "lead_time", _("Lead time")
    VOLUME = "volume", _("Volume promised")
    TESTING = "testing", _("Testing, approval of samples")
    TIME = "time", _("More time")
    ADVICE = "advice", pgettext_lazy("help", "Advice")


class ConditionState(TextChoices):
    OPEN = "OPEN", pgettext_lazy("condition", "Not answered yet")
    ACCEPTED = "ACCEPTED", pgettext_lazy("condition", "Accepted")
    CHANGED = "CHANGED", pgettext_lazy("condition", "Accepted with a change")
    DECLINED = "DECLINED", pgettext_lazy("condition", "Not accepted")


class TermsState(TextChoices):
    OFFERED = "OFFERED", pgettext_lazy("terms", "Offered")
    ACCEPTED = "ACCEPTED", pgettext_lazy("terms", "Accepted")
    DECLINED = "DECLINED", pgettext_lazy("terms", "Not accepted")
    REPLACED = "REPLACED", pgettext_lazy("terms", "Replaced by later terms")


class ConstraintOutcome(TextChoices):
    """How counsel closes a claimed legal constraint: never an exit, never shown as guilt."""

    OTHER_WORDING = "OTHER_WORDING", _("Other wording")
    INSPECTION = "INSPECTION", _("Inspection on site")
    SUBSTITUTE = "SUBSTITUTE", _("Substitute evidence")
    NO_LIMIT = "NO_LIMIT", _("Nothing limits the reply")


class SourceKind(TextChoices):
    """What a buyer's own source is; the first three can show where something lies."""

    LICENCE = "LICENCE", _("Business licence or its extract")
    REGISTRY = "REGISTRY", _("Extract from a company registry")
    SHIPPING = "SHIPPING", _("Shipping or customs data")
    OFFICIAL = "OFFICIAL", _("Official record")
    REPORT = "REPORT", _("Published report")
    NEWS = "NEWS", _("News")
    VISIT = "VISIT", _("Own visit")
    OTHER = "OTHER", pgettext_lazy("source", "Other")


class SubjectKind(TextChoices):
    """About whom or what a source or finding speaks."""

    COMPANY = "company", _("The company itself")
    SITE = "site", _("A site or workplace")
    INPUT = "input", _("An input of our goods")
    LINK = "link", _("A sub-supplier")


class Scope(TextChoices):
    """Which production a finding is about (domain note, section 3)."""

    OWN_PRODUCTS = "own_products", _("Our own products")
    ANY_PRODUCTION = "any_production", _("Any production")


class PlanState(TextChoices):
    DRAFT = "DRAFT", pgettext_lazy("plan", "Being drafted")
    AGREED = "AGREED", pgettext_lazy("plan", "Agreed, running")
    DONE = "DONE", pgettext_lazy("plan", "Carried out")
    FAILED = "FAILED", pgettext_lazy("plan", "Ended without success")


class MilestoneState(TextChoices):
    OPEN = "OPEN", pgettext_lazy("milestone", "To be shown")
    REPORTED = "REPORTED", pgettext_lazy("milestone", "Reported, being read")
    ACCEPTED = "ACCEPTED", pgettext_lazy("milestone", "Accepted")
    DROPPED = "DROPPED", pgettext_lazy("milestone", "No longer part of the plan")


class LineOwner(TextChoices):
    SUPPLIER = "SUPPLIER", _("The company")
    BUYER = "BUYER", _("We, the buyer")


class RungKind(TextChoices):
    """What a rung of the ladder does: mails of the clock, and tasks of a person."""

    REMIND = "REMIND", _("Reminder")
    OVERDUE = "OVERDUE", _("Overdue, still open")
    SECOND_CONTACT = "SECOND_CONTACT", _("A second contact is written to")
    PHONE = "PHONE", _("An analyst telephones")
    APPROVER = "APPROVER", _("An approver writes to the signatory")


class Stall(TextChoices):
    """Why the ladder stopped: our mail did not arrive, as far as anybody knows."""

    REFUSED = "REFUSED", _("The mail server refused our mail")
    BOUNCED = "BOUNCED", _("Our mail came back")
    UNACCEPTED = "UNACCEPTED", _("No mail server accepted our mail in three days")
    GONE = "GONE", _("The person we wrote to no longer serves this supplier")


class ExtensionState(TextChoices):
    """How more time came about: taken by the supplier, asked for, or given unasked."""

    TAKEN = "TAKEN", _("Taken by the supplier")
    ASKED = "ASKED", _("Asked for")
    GRANTED = "GRANTED", _("Granted")
    REFUSED = "REFUSED", _("Not granted")
    GIVEN = "GIVEN", _("Given by the buyer")
    MOOT = "MOOT", _("Answered before it was decided")
