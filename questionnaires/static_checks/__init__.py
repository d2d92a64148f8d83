"""What a definition must keep before it may be published, found without any answer."""

from questionnaires.loader import DefinitionError, Draft, Problem, read_draft
from questionnaires.static_checks import rules, shape, texts
from questionnaires.static_checks.texts import leaks

__all__ = ["check", "check_text", "leaks"]


def check(draft: Draft) -> list[Problem]:
    """All faults and warnings of a definition, in the order of the file."""
    found = [*draft.problems, *shape.check(draft), *rules.check(draft), *texts.check(draft)]
    return sorted(dict.fromkeys(found), key=lambda problem: (problem.line, problem.column))


def check_text(text: str) -> list[Problem]:
    """The same for the YAML of an author, whatever is wrong with it. Never raises."""
    try:
        return check(read_draft(text))
    except DefinitionError as error:
        return error.problems
