"""A flow as a picture: edges from the flow itself, places from a table per version.

The automatic layout was a tangle with five stages and their edges, so positions are given
by hand (engine note, section 2.8). Rendered as plain SVG with a title and a description.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import hypot
from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.flows.exit_v1 import ExitV1
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

BOX = (196, 46)
STEP = (262, 122)
MARGIN = (16, 16)
CHIP = (13, 20)
LEAST_BEND = 26
LEGEND_LINE, LEGEND_COLUMNS = 24, 4

# column and row of each node, per flow version
PLACES: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "attestation_v1": {
        "issue": (1, 0),
        "instructed": (1, 1),
        "renew": (0, 0.7),
        "answering": (1, 2),
        "with_counsel": (0, 2.55),
        "queried": (1, 3.1),
        "reopen": (2, 1),
        "review": (2, 2.5),
        "remediation": (1, 4.4),
        "suspended": (2.25, 4.4),
        "cleared": (3, 1.5),
        "exit_proposed": (3, 3.2),
    },
    "exit_v1": {
        "propose": (0, 1.1),
        "exit_review": (1, 1.1),
        "propose_immediate": (2, 0),
        "exit_approval": (2, 1.1),
        "returned": (2, 2.3),
        "winding_down": (3, 1.1),
        "disengaged": (3, 2.3),
    },
}
# ends at which a run of another flow takes over
HAND_OVERS = {
    "exit_proposed": gettext_lazy("Exit proposed"),
    "returned": gettext_lazy("Back to review"),
}


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


def flow_of(stage: str) -> type:
    """Return the flow that has this stage, in its newest version."""
    exits = {getattr(node, "stage", None) for node in ExitV1.instance.nodes()}
    return ExitV1 if stage in exits else AttestationV1


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
        yield node._next.name, str(node.verb.label)  # noqa: SLF001 - viewflow's own field
    elif isinstance(node, CaseStart):
        for verb in node.verbs:
            yield node._next.name, str(verb.label)  # noqa: SLF001 - viewflow's own field


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
            x=round(MARGIN[0] + column * STEP[0]),
            y=round(MARGIN[1] + row * STEP[1]),
            is_round=isinstance(node, (CaseStart, CaseEnd)),
        )
    return found


def _label(node: Any) -> str:
    stage = getattr(node, "stage", None)
    if stage:
        return str(Stage(stage).label)
    return str(HAND_OVERS.get(node.name) or _("Start"))


def draw(flow: type = AttestationV1, *, current: str = "") -> str:
    """Return a flow as SVG; `current` names the node to mark as where the case stands.

    Each verb has a number, which stands on its lines and in the list below: with names on
    the lines forty of them would lie on one another.
    """
    placed, found = boxes(flow), arrows(flow)
    numbers = _numbers(found)
    bottom = max(box.y for box in placed.values()) + BOX[1] + 36
    rows = -(-len(numbers) // LEGEND_COLUMNS)
    width = max(box.x for box in placed.values()) + BOX[0] + MARGIN[0]
    return render_to_string(
        "workflows/chart.svg",
        {
            "title": str(flow.instance.process_title),  # type: ignore[attr-defined]
            "described": described(flow),
            "boxes": placed.values(),
            "lines": [_line(placed, arrow, numbers) for arrow in found],
            "legend": [
                {
                    "number": number,
                    "text": label,
                    "x": round(MARGIN[0] + column * (width / LEGEND_COLUMNS)),
                    "y": bottom + row * LEGEND_LINE,
                }
                for label, number in numbers.items()
                for column, row in [divmod(number - 1, rows)]
            ],
            "width": width,
            "height": bottom + rows * LEGEND_LINE,
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


def _numbers(found: Iterable[Arrow]) -> dict[str, int]:
    """Number the verbs in the order of the table of transitions."""
    used = {label for arrow in found for label in arrow.labels}
    ordered = [label for label in (str(verb.label) for verb in Verb) if label in used]
    return {label: number for number, label in enumerate(ordered, start=1)}


def _line(
    placed: Mapping[str, Box], arrow: Arrow, numbers: Mapping[str, int]
) -> dict[str, object]:
    text = " ".join(str(number) for number in sorted(numbers[label] for label in arrow.labels))
    source, target = placed[arrow.source], placed[arrow.target]
    if source is target:
        path, (x, y) = _loop(source)
    else:
        path, (x, y) = _bow(source, target)
    length = CHIP[0] + 7 * len(text)
    return {
        "path": path,
        "text": text,
        "x": x,
        "y": y,
        "left": x - length // 2,
        "top": y - CHIP[1] // 2,
        "length": length,
    }


def _loop(box: Box) -> tuple[str, tuple[int, int]]:
    x, y = box.x + BOX[0] - 52, box.y
    return f"M{x},{y} C{x - 4},{y - 44} {x + 44},{y - 44} {x + 36},{y}", (x + 18, y - 33)


def _bow(source: Box, target: Box) -> tuple[str, tuple[int, int]]:
    """Draw a line that bends to its left, so that two that run both ways lie apart.

    Returns the path and its middle.
    """
    (x1, y1), (x2, y2) = source.middle, target.middle
    bend = max(LEAST_BEND / hypot(x2 - x1, y2 - y1), 0.07)
    over = (x1 + x2) / 2 + bend * (y2 - y1), (y1 + y2) / 2 - bend * (x2 - x1)
    start, end = _edge(source, over), _edge(target, over)
    middle = tuple(
        round((one + 2 * between + other) / 4)
        for one, between, other in zip(start, over, end, strict=True)
    )
    path = "M{:.0f},{:.0f} Q{:.0f},{:.0f} {:.0f},{:.0f}".format(*start, *over, *end)
    return path, (middle[0], middle[1])


def _edge(box: Box, towards: tuple[float, float]) -> tuple[float, float]:
    """Where a line from the middle of a box leaves it."""
    x, y = box.middle
    dx, dy = towards[0] - x, towards[1] - y
    reach = min(
        BOX[0] / 2 / abs(dx) if dx else float("inf"), BOX[1] / 2 / abs(dy) if dy else float("inf")
    )
    return x + dx * reach, y + dy * reach
