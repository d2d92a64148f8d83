"""Reading across models: who is concerned, what was signed, and where a case stands."""

from workflows.queries.people import people
from workflows.queries.signed import (
    Asked,
    Raised,
    answers_of,
    asked_evidence,
    declined_of,
    findings_of,
)
from workflows.queries.standing import (
    ClaimState,
    Standing,
    has_grave_finding,
    latest_submission,
    standing,
    unscanned_files,
)

__all__ = [
    "Asked",
    "ClaimState",
    "Raised",
    "Standing",
    "answers_of",
    "asked_evidence",
    "declined_of",
    "findings_of",
    "has_grave_finding",
    "latest_submission",
    "people",
    "standing",
    "unscanned_files",
]
