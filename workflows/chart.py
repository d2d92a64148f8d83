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

BOX = (190, 54)

# column and row of each node, per flow version
PLACES: Mapping[str, Mapping[str, tuple[int, int]]] = {
    "attestation_v1": {
        "issue": (0, 1),
        "instructed": (1, 1),
        "answering": (2, 1),
        "with_counsel": (2, 2),
        "review": (3, 1),
        "queried": (3, 0),
        "cleared": (4, 1),
    }
}
STEP = (260, 130)
MARGIN = (20, 60)


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


def draw(flow: type = AttestationV1, *, current: str = "") -> str:
    """Return a flow as SVG; `current` names the node to mark as where the case stands."""
    placed = boxes(flow)
    lines = [_line(placed, arrow) for arrow in arrows(flow)]
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


def _line(placed: Mapping[str, Box], arrow: Arrow) -> dict[str, Any]:
    source, target = placed[arrow.source], placed[arrow.target]
    if source is target:
        return _loop(source, arrow.labels)
    (x1, y1), (x2, y2) = _edge(source, target), _edge(target, source)
    bend = _bend(source, target)
    mx, my = (x1 + x2) // 2 + bend[0], (y1 + y2) // 2 + bend[1]
    return {
        "path": f"M{x1},{y1} Q{mx},{my} {x2},{y2}",
        "labels": [
            {"text": text, "x": (x1 + x2 + 2 * mx) // 4, "y": (y1 + y2 + 2 * my) // 4 + 13 * n}
            for n, text in enumerate(arrow.labels)
        ],
    }


def _loop(box: Box, labels: tuple[str, ...]) -> dict[str, Any]:
    x, y = box.x + BOX[0] - 40, box.y + BOX[1]
    return {
        "path": f"M{x},{y} C{x - 10},{y + 46} {x + 46},{y + 46} {x + 26},{y}",
        "labels": [
            {"text": text, "x": x + 50, "y": y + 52 + 13 * n} for n, text in enumerate(labels)
        ],
    }


def _edge(box: Box, other: Box) -> tuple[int, int]:
    """Where a line to `other` leaves this box."""
    (x, y), (ox, oy) = box.middle, other.middle
    if x == ox:
        return x + (24 if oy > y else -24), box.y + (BOX[1] if oy > y else 0)
    return (box.x + BOX[0] if ox > x else box.x), y + (10 if ox < x else -10)


def _bend(source: Box, target: Box) -> tuple[int, int]:
    """Bow lines that pass over a box or run both ways, so that none hides another."""
    far = abs(source.x - target.x) > STEP[0]
    if source.x == target.x:
        return (46 if source.y < target.y else -46), 0
    if source.y == target.y:
        return 0, (-78 if far else (-14 if source.x < target.x else 26))
    return 0, (20 if source.x > target.x else -20)
