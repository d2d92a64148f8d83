"""A flow as a picture: edges from the flow itself, places from a table per version.

The automatic layout was a tangle with five stages and their edges, so positions are given
by hand (engine note, section 2.8). Rendered as plain SVG with a title and a description.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

BOX = (212, 54)
COUNSEL = "with_counsel"

# column and row of each node, per flow version
PLACES: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "attestation_v1": {
        "issue": (0, 0),
        "instructed": (1, 0),
        "answering": (2, 0),
        "with_counsel": (2, 1),
        "review": (3, 0),
        "queried": (3, 1),
        "cleared": (4, 0),
    }
}
STEP = (346, 196)
MARGIN = (20, 110)
LINE = 15
SHIFT = 18


@dataclass(frozen=True)
class Box:
    """One node: top left corner in pixels, its label and whether it is a start or an end."""

    name: str
    label: str
    x: int
    y: int
    is_round: bool

    @property
    def middle(self) -> tuple[int, int]:
        return self.x + BOX[0] // 2, self.y + BOX[1] // 2


@dataclass(frozen=True)
class Arrow:
    """All ways from one node to another, with the verbs that take them."""

    source: str
    target: str
    labels: tuple[str, ...]


@dataclass(frozen=True)
class Way:
    """What is drawn for one arrow, or for two that lead to counsel and back.

    `has_twin` says that another arrow runs the other way beside it.
    """

    source: str
    target: str
    labels: tuple[str, ...]
    has_twin: bool = False
    is_double: bool = False


def version_of(flow: type) -> str:
    return flow.__module__.rsplit(".", 1)[-1]


def arrows(flow: type) -> list[Arrow]:
    """Return who leads where, read from the flow: the chart cannot drift from the engine."""
    found: dict[tuple[str, str], list[str]] = {}
    for node in flow.instance.nodes():  # type: ignore[attr-defined]
        for target, label in _ways(node):
            found.setdefault((_source(node), target), []).append(label)
    return [Arrow(*ends, tuple(dict.fromkeys(labels))) for ends, labels in sorted(found.items())]


def _source(node: Any) -> str:
    return node._attached_to.name if isinstance(node, Deadline) else node.name  # noqa: SLF001 - the host


def _ways(node: Any) -> Iterable[tuple[str, str]]:
    if isinstance(node, HumanTask):
        for verb, targets in node.ways.items():
            for target in targets:
                yield target.name, str(Verb(verb).label)
    elif isinstance(node, Deadline):
        yield node._next.name, str(Verb.LAPSE.label)  # noqa: SLF001 - viewflow's own field
    elif isinstance(node, CaseStart):
        yield node._next.name, str(Verb.ISSUE.label)  # noqa: SLF001 - viewflow's own field


def boxes(flow: type) -> dict[str, Box]:
    places = PLACES[version_of(flow)]
    found = {}
    for node in flow.instance.nodes():  # type: ignore[attr-defined]
        if isinstance(node, Deadline):
            continue
        column, row = places[node.name]
        found[node.name] = Box(
            name=node.name,
            label=_label(node),
            x=MARGIN[0] + column * STEP[0],
            y=MARGIN[1] + row * STEP[1],
            is_round=isinstance(node, (CaseStart, CaseEnd)),
        )
    return found


def _label(node: Any) -> str:
    stage = getattr(node, "stage", None)
    return str(Stage(stage).label) if stage else _("Start")


def _ways_drawn(flow: type) -> list[Way]:
    """Join what goes to counsel and comes back; mark what else runs both ways."""
    by_ends = {(one.source, one.target): one for one in arrows(flow)}
    drawn = []
    for (source, target), one in by_ends.items():
        twin = by_ends.get((target, source)) if source != target else None
        if twin is None:
            drawn.append(Way(source, target, one.labels))
        elif COUNSEL not in {source, target}:
            drawn.append(Way(source, target, one.labels, has_twin=True))
        elif target == COUNSEL:
            drawn.append(Way(source, target, (*one.labels, *twin.labels), is_double=True))
    return drawn


def draw(flow: type = AttestationV1, *, current: str = "") -> str:
    """Return a flow as SVG; `current` names the node to mark as where the case stands."""
    placed = boxes(flow)
    lines = [_line(placed, way) for way in _ways_drawn(flow)]
    width = max(box.x for box in placed.values()) + BOX[0] + MARGIN[0]
    height = max(box.y for box in placed.values()) + BOX[1] + MARGIN[1]
    return render_to_string(
        "workflows/chart.svg",
        {
            "title": str(flow.instance.process_title),  # type: ignore[attr-defined]
            "described": described(flow),
            "boxes": placed.values(),
            "lines": lines,
            "width": width,
            "height": height,
            "box": {"width": BOX[0], "height": BOX[1]},
            "current": current,
        },
    )


def described(flow: type = AttestationV1) -> list[str]:
    """Return the same in words: one line for each arrow."""
    placed = boxes(flow)
    return [
        f"{placed[arrow.source].label} → {placed[arrow.target].label}: {', '.join(arrow.labels)}"
        for arrow in arrows(flow)
    ]


def _line(placed: Mapping[str, Box], way: Way) -> dict[str, Any]:
    source, target = placed[way.source], placed[way.target]
    if source is target:
        return _loop(source, way.labels)
    if _is_over(source, target):
        return _arc(source, target, way.labels)
    shift = SHIFT if way.has_twin else 0
    (x1, y1), (x2, y2) = _ends(source, target, shift)
    is_upright = source.x == target.x
    down = 1 if y2 > y1 else -1
    x, y = (x1 + x2) // 2, (y1 + y2) // 2
    if is_upright:
        # a pair of upright lines is labelled on its outer sides
        right = not way.has_twin or down > 0
        return {
            "path": f"M{x1},{y1} L{x2},{y2}",
            "is_double": way.is_double,
            "labels": _stack(
                way.labels, x + (9 if right else -9), y + 5, "start" if right else "end"
            ),
        }
    return {
        "path": f"M{x1},{y1} L{x2},{y2}",
        "is_double": way.is_double,
        "labels": _stack(way.labels, x, y - 9 - LINE * (len(way.labels) - 1), "middle"),
    }


def _stack(labels: tuple[str, ...], x: int, y: int, anchor: str) -> list[dict[str, Any]]:
    return [
        {"text": text, "x": x, "y": y + LINE * n, "anchor": anchor}
        for n, text in enumerate(labels)
    ]


def _is_over(source: Box, target: Box) -> bool:
    """Whether another box of the same row lies between the two."""
    return source.y == target.y and abs(source.x - target.x) > STEP[0]


def _arc(source: Box, target: Box, labels: tuple[str, ...]) -> dict[str, Any]:
    x1, x2, y = source.middle[0], target.middle[0] - 40, source.y
    top = y - 56
    return {
        "path": f"M{x1},{y} C{x1},{top} {x2},{top} {x2},{y}",
        "is_double": False,
        "labels": _stack(labels, (x1 + x2) // 2, y - 52 - LINE * (len(labels) - 1), "middle"),
    }


def _loop(box: Box, labels: tuple[str, ...]) -> dict[str, Any]:
    x, y = box.x + BOX[0] - 70, box.y
    return {
        "path": f"M{x},{y} C{x - 6},{y - 46} {x + 54},{y - 46} {x + 44},{y}",
        "is_double": False,
        "labels": _stack(labels, x + 60, y - 46 - LINE * (len(labels) - 2), "start"),
    }


def _ends(source: Box, target: Box, shift: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """Where a straight line leaves one box and meets the other."""
    (x1, y1), (x2, y2) = source.middle, target.middle
    if x1 == x2:
        step = shift if y2 > y1 else -shift
        down = y2 > y1
        return (x1 + step, source.y + (BOX[1] if down else 0)), (
            x2 + step,
            target.y + (0 if down else BOX[1]),
        )
    if y1 == y2:
        right = x2 > x1
        return (source.x + (BOX[0] if right else 0), y1), (target.x + (0 if right else BOX[0]), y2)
    down, right = y2 > y1, x2 > x1
    reach = BOX[0] // 2 - 20
    return (x1 + (reach if right else -reach), source.y + (BOX[1] if down else 0)), (
        x2 + (-reach if right else reach),
        target.y + (0 if down else BOX[1]),
    )
