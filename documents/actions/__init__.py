from documents.actions.dossier import open_dossier, request_dossier, write
from documents.actions.evidence import (
    describe,
    destroy,
    destroy_leftovers,
    grade,
    open_evidence,
    receive,
    refuse,
    release,
    settle,
)

__all__ = [
    "describe",
    "destroy",
    "destroy_leftovers",
    "grade",
    "open_dossier",
    "open_evidence",
    "receive",
    "refuse",
    "release",
    "request_dossier",
    "settle",
    "write",
]
