from workflows.models.campaign import Campaign, CampaignSlice, Instruction, ProhibitedList
from workflows.models.case import Case, CaseProcess, CaseRun
from workflows.models.finding import Finding, Proof
from workflows.models.policy import Policy
from workflows.models.record import ContactLog, Decision

__all__ = [
    "Campaign",
    "CampaignSlice",
    "Case",
    "CaseProcess",
    "CaseRun",
    "ContactLog",
    "Decision",
    "Finding",
    "Instruction",
    "Policy",
    "ProhibitedList",
    "Proof",
]
