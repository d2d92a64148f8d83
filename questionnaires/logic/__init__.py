"""What follows from the answers: what applies, what is missing, which findings."""

from questionnaires.logic.evaluating import (
    EVALUATOR,
    Answers,
    Declined,
    Evaluation,
    Finding,
    Invalid,
    SectionProgress,
    evaluate,
)
from questionnaires.logic.reading import DECLINED, FLAWS, LONGEST_TEXT, REASONS, Flaw
from questionnaires.logic.titles import Reader
from questionnaires.logic.typed import parse

__all__ = [
    "DECLINED",
    "EVALUATOR",
    "FLAWS",
    "LONGEST_TEXT",
    "REASONS",
    "Answers",
    "Declined",
    "Evaluation",
    "Finding",
    "Flaw",
    "Invalid",
    "Reader",
    "SectionProgress",
    "evaluate",
    "parse",
]
