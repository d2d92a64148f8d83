"""YAML to plain data, keeping where each value stands.

PyYAML would read `yes` as true, `2026.1` as a number, `2025-07-01` as a date, and let the
second of two equal keys win: none of that here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import yaml

from questionnaires.loader.problems import DefinitionError, Problem

MOST_NODES = 200_000  # anchors can make a small file huge
DEEPEST = 30
TAG = "tag:yaml.org,2002:"
INTEGER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")

Place = tuple[str | int, ...]


class Mark(NamedTuple):
    """Where a value starts; `is_inline` if a character of it can be counted from there."""

    line: int
    column: int
    is_inline: bool = False

    def after(self, characters: int) -> "Mark":
        if not self.is_inline:
            return self
        return Mark(self.line, self.column + characters)


NOWHERE = Mark(0, 0)

Base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictLoader(Base):
    """Everything is text, but true, false and decimal integers."""

    yaml_implicit_resolvers: dict[str, Any] = {}


StrictLoader.add_implicit_resolver(TAG + "bool", re.compile(r"^(?:true|false)$"), list("tf"))
StrictLoader.add_implicit_resolver(
    TAG + "int", re.compile(rf"^{INTEGER.pattern}$"), list("-0123456789")
)


@dataclass(slots=True)
class Source:
    """Plain data with the mark of each place in it."""

    data: Any = None
    marks: dict[Place, Mark] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    nodes: int = 0

    def mark(self, place: Place) -> Mark:
        """Where a place stands, or the nearest thing around it."""
        for end in range(len(place), -1, -1):
            if found := self.marks.get(place[:end]):
                return found
        return NOWHERE


def read(text: str) -> Source:
    """Parse YAML; raises DefinitionError for bad syntax, tags and duplicate keys."""
    source = Source()
    try:
        node = yaml.compose(text, Loader=StrictLoader)
    except yaml.YAMLError as error:
        raise DefinitionError([_syntax_problem(error)]) from error
    except RecursionError as error:
        raise DefinitionError([Problem(1, 1, "", "nested too deeply")]) from error
    if node is None:
        raise DefinitionError([Problem(1, 1, "", "the file is empty")])
    source.data = _plain(node, (), source)
    if source.problems:
        raise DefinitionError(source.problems)
    return source


def _syntax_problem(error: yaml.YAMLError) -> Problem:
    mark = getattr(error, "problem_mark", None)
    text = getattr(error, "problem", None) or str(error)
    if mark is None:
        return Problem(1, 1, "", f"this is not YAML: {text}")
    return Problem(mark.line + 1, mark.column + 1, "", f"this is not YAML: {text}")


def _plain(node: yaml.Node, place: Place, source: Source) -> Any:
    source.nodes += 1
    mark = _mark(node)
    source.marks[place] = mark
    if source.nodes > MOST_NODES or len(place) > DEEPEST:
        raise DefinitionError([Problem(*mark[:2], dotted(place), "too large or too deep")])
    match node:
        case yaml.MappingNode(tag=tag) if tag == TAG + "map":
            return _mapping(node, place, source)
        case yaml.SequenceNode(tag=tag) if tag == TAG + "seq":
            return [_plain(item, (*place, i), source) for i, item in enumerate(node.value)]
        case yaml.ScalarNode(tag=tag):
            return _scalar(node, place, source)
    _fault(source, place, f"the tag {node.tag!r} means nothing here")
    return None


def _mark(node: yaml.Node) -> Mark:
    start, end = node.start_mark, node.end_mark
    quote = getattr(node, "style", None) in {"'", '"'}
    inline = isinstance(node, yaml.ScalarNode) and start.line == end.line
    return Mark(start.line + 1, start.column + 1 + (quote and inline), inline)


def _fault(source: Source, place: Place, text: str) -> None:
    mark = source.mark(place)
    source.problems.append(Problem(mark.line, mark.column, dotted(place), text))


def _mapping(node: yaml.MappingNode, place: Place, source: Source) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        start = key_node.start_mark
        if key is None or key in found:
            text = "a key must be text" if key is None else f"the key {key!r} stands here twice"
            source.problems.append(Problem(start.line + 1, start.column + 1, dotted(place), text))
            continue
        found[key] = _plain(value_node, (*place, key), source)
    return found


def _scalar(node: yaml.ScalarNode, place: Place, source: Source) -> str | int | bool | None:
    value: str = node.value
    if node.tag == TAG + "str":
        return value
    if node.tag == TAG + "bool" and value in {"true", "false"}:
        return value == "true"
    if node.tag == TAG + "int" and INTEGER.fullmatch(value):
        return int(value)
    _fault(source, place, f"the tag {node.tag!r} means nothing here")
    return None


def dotted(place: Place) -> str:
    return ".".join(map(str, place))


def named(place: Place, data: Any) -> str:
    """The dotted name of a place, with keys and codes instead of positions."""
    words: list[str] = []
    for step in place:
        inner = _inside(data, step)
        name = _name_of(inner) if isinstance(step, int) else None
        words.append(name or str(step))
        data = inner
    if len(words) > 3 and words[0] == "sections" and words[2] == "questions":
        words = words[2:]
    return ".".join(words)


def _inside(data: Any, step: str | int) -> Any:
    if isinstance(data, Mapping):
        return data.get(step)
    if isinstance(data, list) and isinstance(step, int) and step < len(data):
        return data[step]
    return None


def _name_of(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return None
    name = item.get("key") or item.get("code") or item.get("prefix")
    return name if isinstance(name, str) else None
