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
from questionnaires.queries.versions import (
    Carried,
    Chapter,
    Comparison,
    Fate,
    Revision,
    asked_anew,
    carried,
    comparison,
    newest,
    revision,
)
from questionnaires.queries.words import Shown, Words, reasons, said_instead

__all__ = [
    "DEFINITIONS",
    "Carried",
    "Chapter",
    "Comparison",
    "Draft",
    "Fate",
    "Group",
    "Line",
    "Named",
    "Part",
    "Request",
    "Revision",
    "Shown",
    "Words",
    "asked_anew",
    "carried",
    "comments_for",
    "comparison",
    "draft",
    "is_signing",
    "language",
    "named_parties",
    "newest",
    "paths_of",
    "questionnaire",
    "reasons",
    "requests",
    "revision",
    "said_instead",
    "sheet",
    "sheet_of",
    "standing_corrections",
]
