"""Reading across models: who is concerned, what was signed, and where a case stands."""

from workflows.queries.people import people
from workflows.queries.signed import (
    Asked,
    Raised,
    answers_of,
    asked_evidence,
    claim_label,
    declined_of,
    findings_of,
    labels_of,
)
from workflows.queries.standing import (
    ClaimState,
    Standing,
    has_grave_finding,
    latest_submission,
    standing,
    unscanned_files,
)
from workflows.queries.supplier import (
    COMMITMENTS,
    asked_in_full,
    asked_of,
    instruction_of,
    is_asked,
    is_said_again,
    mails_to,
    messages,
    receipt_of,
    reply_that_declines,
    submissions,
)

__all__ = [
    "COMMITMENTS",
    "Asked",
    "ClaimState",
    "Raised",
    "Standing",
    "answers_of",
    "asked_evidence",
    "asked_in_full",
    "asked_of",
    "claim_label",
    "declined_of",
    "findings_of",
    "has_grave_finding",
    "instruction_of",
    "is_asked",
    "is_said_again",
    "labels_of",
    "latest_submission",
    "mails_to",
    "messages",
    "people",
    "receipt_of",
    "reply_that_declines",
    "standing",
    "submissions",
    "unscanned_files",
]
