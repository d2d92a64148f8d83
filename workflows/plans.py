"""What a remediation plan says, its hash, and what keeps it from being shown; pure functions.

Source: domain note, section 11.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from workflows import calendar, clauses
from workflows.enums import LineOwner, Trading


@dataclass(frozen=True)
class Line:
    """What is done about one finding; `finding` is its id, empty for a line of its own.

    `evidence` is what is expected, `grade` the least grade of it, `help` what the buyer gives.
    """

    cause: str
    action: str
    finding: str = ""
    step: str = ""
    owner: str = LineOwner.SUPPLIER
    evidence: str = ""
    grade: str = ""
    help: str = ""


@dataclass(frozen=True)
class Step:
    """A milestone: `key` names it from version to version, `due_on` is a day as YYYY-MM-DD."""

    key: str
    title: str
    due_on: str
    expected: str = ""

    @property
    def day(self) -> date:
        return date.fromisoformat(self.due_on)


@dataclass(frozen=True)
class Content:
    """A whole plan: lines, dated steps, what happens to orders meanwhile and if it is missed."""

    lines: tuple[Line, ...] = ()
    steps: tuple[Step, ...] = ()
    trading: str = Trading.OPEN
    orders: str = ""
    consequence: str = ""

    @property
    def ends_on(self) -> date | None:
        return max((step.day for step in self.steps), default=None)

    @property
    def in_order(self) -> list[Step]:
        """Steps by their day."""
        return sorted(self.steps, key=lambda step: (step.due_on, step.key))

    def stored(self) -> dict[str, Any]:
        """Return it as JSON holds it."""
        return json.loads(json.dumps(asdict(self)))

    def texts(self) -> Iterator[str]:
        """Every word of it that the supplier reads."""
        for line in self.lines:
            yield from (line.cause, line.action, line.step, line.evidence, line.help)
        for step in self.steps:
            yield from (step.title, step.expected)
        yield from (self.orders, self.consequence)


def restored(kept: Mapping[str, Any]) -> Content:
    """Return the content that `stored` gave."""
    return Content(
        lines=tuple(Line(**one) for one in kept["lines"]),
        steps=tuple(Step(**one) for one in kept["steps"]),
        trading=kept["trading"],
        orders=kept["orders"],
        consequence=kept["consequence"],
    )


def digest(case: object, content: Content) -> str:
    """Return the SHA-256 (hex) of a case's plan: what both sides accept."""
    return _hash({"case": str(case), "plan": content.stored()})


def acceptance(sha256: str, *, name: str, title: str, authority: str) -> str:
    """Return the hash that a code confirms: the plan, and who accepts it for the company."""
    return _hash({"plan": sha256, "name": name, "title": title, "authority": authority})


def _hash(body: Mapping[str, Any]) -> str:
    said = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def problems(content: Content, today: date, country: str) -> list[str]:
    """Return why a plan cannot be shown or agreed today, in sentences; days are working days."""
    found = []
    if not content.lines:
        found.append(_("The plan says nothing yet about what is done: add a line."))
    if not content.steps:
        found.append(_("The plan has no dated step yet: add one."))
    if any(step.day <= today for step in content.steps):
        found.append(_("A step lies in the past: choose a day after today."))
    if content.ends_on and content.ends_on > latest(today, country):
        found.append(
            _("The last step comes later than %(days)d working days from now.")
            % {"days": clauses.PLAN_MOST_DAYS}
        )
    return found


def latest(today: date, country: str, days: int = clauses.PLAN_MOST_DAYS) -> date:
    """Return the last day a plan that begins today may end on."""
    return calendar.add_working_days(today, days, country)


def is_long(content: Content, today: date, country: str) -> bool:
    """Whether it runs beyond the 60 days of a plan, which an approver must agree to."""
    usual = latest(today, country, clauses.PLAN_DAYS)
    return content.ends_on is not None and content.ends_on > usual


def new_key(taken: Sequence[str]) -> str:
    """Return a key for a new step that no other step of the plan had."""
    numbers = [int(key[1:]) for key in taken if key[1:].isdigit()]
    return f"s{max(numbers, default=0) + 1}"
