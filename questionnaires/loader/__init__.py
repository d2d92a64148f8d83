"""Definitions in: from the YAML of an author, or from the stored canonical text."""

import hashlib
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from questionnaires.definition import Questionnaire
from questionnaires.loader.building import Builder
from questionnaires.loader.parts import expand
from questionnaires.loader.problems import DefinitionError, Problem
from questionnaires.loader.schema import DEFINITION
from questionnaires.loader.source import NOWHERE, Mark, Place, Source, named, read

__all__ = ["DefinitionError", "Draft", "Problem", "canonical", "load", "load_stored", "read_draft"]

VALIDATOR = Draft202012Validator(DEFINITION)


@dataclass(slots=True)
class Draft:
    """A definition as far as it could be read, with what is wrong with it.

    Where `problems` is not empty, broken rules read `false()` in `definition`.
    """

    definition: Questionnaire
    problems: list[Problem] = field(default_factory=list)
    marks: dict[str, Mark] = field(default_factory=dict)

    def problem(
        self, place: str, text: str, *, column: int = 0, is_warning: bool = False
    ) -> Problem:
        """A problem at a dotted place; `column` counts in the rule that stands there."""
        mark = self.mark(place).after(max(column - 1, 0))
        if column:
            text = f"{text} (character {column} of the rule)"
        return Problem(mark.line, mark.column, place, text, is_warning)

    def mark(self, place: str) -> Mark:
        while place and place not in self.marks:
            place = place.rpartition(".")[0]
        return self.marks.get(place, NOWHERE)


def canonical(data: Any) -> str:
    """JSON with sorted keys and no spaces: the text that is stored and hashed."""
    return json.dumps(data, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(text: str) -> Questionnaire:
    """A questionnaire from YAML.

    Raises DefinitionError for bad YAML, a wrong shape, or a rule that cannot be read. What a
    definition must keep beyond that is the business of `static_checks`.
    """
    draft = read_draft(text)
    if draft.problems:
        raise DefinitionError(draft.problems)
    return draft.definition


@lru_cache(maxsize=64)
def load_stored(text: str) -> Questionnaire:
    """A questionnaire from its own canonical text; raises DefinitionError if it is not that."""
    data = _json(text)
    _check_shape(Source(data))
    draft = _draft(data, Source(data), {})
    if draft.problems or draft.definition.text != text:
        raise DefinitionError(
            draft.problems or [Problem(0, 0, "", "this is not the canonical text")]
        )
    return draft.definition


def read_draft(text: str) -> Draft:
    """Like `load`, but faults in rules and lists are collected, not raised."""
    source = read(text)
    _check_shape(source)
    data, origins = expand(source.data)
    return _draft(data, source, origins)


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise DefinitionError([Problem(0, 0, "", f"this is not JSON: {error}")]) from error


def _draft(data: dict[str, Any], source: Source, origins: dict[Place, Place]) -> Draft:
    marks = _marks_by_name(data, source, origins) if source.marks else {}
    text = canonical(data)
    found: list[tuple[str, str, int]] = []
    builder = Builder(json.loads(text), lambda *complaint: found.append(complaint))
    definition = builder.questionnaire(text, hashlib.sha256(text.encode()).hexdigest())
    draft = Draft(definition, marks=marks)
    draft.problems = [draft.problem(place, text, column=column) for place, text, column in found]
    return draft


def _check_shape(source: Source) -> None:
    problems = [_shape_problem(error, source) for error in VALIDATOR.iter_errors(source.data)]
    if problems:
        raise DefinitionError(sorted(problems, key=lambda problem: (problem.line, problem.column)))


def _shape_problem(error: ValidationError, source: Source) -> Problem:
    place: Place = tuple(error.absolute_path)
    text = error.message
    item, schema = error.instance, error.schema
    is_extra = error.validator == "additionalProperties"
    if is_extra and isinstance(item, dict) and isinstance(schema, dict):
        known = schema.get("properties", {})
        extra = [key for key in item if key not in known]
        text = f"unknown: {', '.join(map(repr, extra))}; known are {', '.join(known)}"
        place = (*place, extra[0])
    elif error.validator == "pattern" and place[-1:] == ("type",):
        text = f"there is no type {error.instance!r}"
    mark = source.mark(place)
    return Problem(mark.line, mark.column, named(place, source.data), text[:300])


def _marks_by_name(
    data: dict[str, Any], source: Source, origins: dict[Place, Place]
) -> dict[str, Mark]:
    marks: dict[str, Mark] = {}

    def visit(item: Any, place: Place, origin: Place) -> None:
        marks[named(place, data)] = source.mark(origin)
        steps = item.items() if isinstance(item, dict) else enumerate(item)
        for step, inner in steps:
            at = (*place, step)
            came_from = origins.get(at, (*origin, step))
            if isinstance(inner, dict | list):
                visit(inner, at, came_from)
            else:
                marks[named(at, data)] = source.mark(came_from)

    visit(data, (), ())
    return marks
