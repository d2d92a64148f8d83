"""Answers read across models: a draft with what follows from it, and answers as shown."""

from questionnaires.queries.definitions import DEFINITIONS, is_signing, language, questionnaire
from questionnaires.queries.drafts import (
    Draft,
    comments_for,
    draft,
    paths_of,
    standing_corrections,
)
from questionnaires.queries.parties import Named, named_parties
from questionnaires.queries.sheets import Group, Line, Part, Request, requests, sheet, sheet_of
from questionnaires.queries.words import Shown, Words, reasons, said_instead

__all__ = [
    "DEFINITIONS",
    "Draft",
    "Group",
    "Line",
    "Named",
    "Part",
    "Request",
    "Shown",
    "Words",
    "comments_for",
    "draft",
    "is_signing",
    "language",
    "named_parties",
    "paths_of",
    "questionnaire",
    "reasons",
    "requests",
    "said_instead",
    "sheet",
    "sheet_of",
    "standing_corrections",
]
