from workflows.models.campaign import Campaign, CampaignSlice, Instruction, ProhibitedList
from workflows.models.case import Case, CaseProcess, CaseRun
from workflows.models.clock import Bounce, Extension, MissedClock, Reminder
from workflows.models.duty import Duty, Importer
from workflows.models.exit import (
    Closure,
    ExitConsent,
    ExitLook,
    ExitPlan,
    ExitReply,
    ExitReview,
    ExitStep,
)
from workflows.models.finding import Finding, Proof
from workflows.models.letter import SentLetter
from workflows.models.plan import Milestone, Plan, PlanRemark, PlanVersion, Suspension
from workflows.models.policy import Policy
from workflows.models.record import ContactLog, Decision
from workflows.models.reply import (
    Condition,
    ConfidentialityTerms,
    Inspection,
    ReasonsRelease,
)
from workflows.models.source import Inquiry, Presumption, Source

__all__ = [
    "Bounce",
    "Campaign",
    "CampaignSlice",
    "Case",
    "CaseProcess",
    "CaseRun",
    "Closure",
    "Condition",
    "ConfidentialityTerms",
    "ContactLog",
    "Decision",
    "Duty",
    "ExitConsent",
    "ExitLook",
    "ExitPlan",
    "ExitReply",
    "ExitReview",
    "ExitStep",
    "Extension",
    "Finding",
    "Importer",
    "Inquiry",
    "Inspection",
    "Instruction",
    "Milestone",
    "MissedClock",
    "Plan",
    "PlanRemark",
    "PlanVersion",
    "Policy",
    "Presumption",
    "ProhibitedList",
    "Proof",
    "ReasonsRelease",
    "Reminder",
    "SentLetter",
    "Source",
    "Suspension",
]
