"""Sources, plans and pauses of trade as they stood at an earlier moment.

Rows are copies for documents and must never be saved.
"""

import copy
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, cast

from documents.models import Evidence
from portal import ledger
from portal.models import User
from workflows import calendar
from workflows.collect.past import Past
from workflows.enums import MilestoneState, PlanState
from workflows.models import (
    Case,
    Finding,
    Inquiry,
    Milestone,
    Plan,
    PlanVersion,
    Presumption,
    Source,
    Suspension,
)
from workflows.plans import restored

TAKEN_UP = frozenset({"case.plan_agreed", "case.resumed"})


def take_back(row: Any, moment: str, at: datetime, **nothing: Any) -> None:
    """Empty in this copy what came with `moment` (a field), if that came after `at`."""
    when = getattr(row, moment)
    if when is not None and when > at:
        for name, value in {moment: None, **nothing}.items():
            setattr(row, name, value)


# what was learned elsewhere


def sources(rows: Iterable[Source], then: Past) -> list[Source]:
    """Return what was recorded by then, graded as it was."""
    found = {str(one.pk): one for one in rows if one.recorded_at <= then.at}
    for event in then.events:
        if event.name not in {"source.recorded", "source.weighed"}:
            continue
        one = found[str(event.data["source"])]
        one.grade = str(event.data["grade"])
        one.counts = bool(event.data.get("counts", True))
        one.reason = event.words.get("reason", "")
    return list(found.values())


def carrying(rows: Iterable[Source], then: Past) -> Mapping[str, list[Source]]:
    """Return the sources that each finding rested on then, by its key."""
    links: set[tuple[str, str]] = set()
    for event in then.events:
        if event.name in {"source.recorded", "source.weighed"}:
            source = str(event.data["source"])
            links = {one for one in links if one[1] != source}
            links |= {(finding, source) for finding in _keys(event, "findings")}
        elif event.name in {"case.finding_raised", "finding.raised"}:
            links |= {(str(event.data["finding"]), one) for one in _keys(event, "sources")}
    found: dict[str, list[Source]] = {}
    for row in rows:
        for finding in {one for one, source in links if source == str(row.pk)}:
            found.setdefault(finding, []).append(row)
    return found


def _keys(event: ledger.Event, name: str) -> list[str]:
    return [str(one) for one in cast("Iterable[object]", event.data[name])]


def inquiries(rows: Iterable[Inquiry], at: datetime) -> Iterator[Inquiry]:
    """Return what was asked by then, with the reply if it had come."""
    for one in rows:
        if one.asked_at <= at:
            take_back(one, "replied_at", at, reply="", replied_by=None)
            yield one


def files(row: Inquiry | Milestone, then: Past) -> list[Evidence]:
    """Return what had been added by then to a reply or to a step."""
    if isinstance(row, Inquiry):
        name, place = "inquiry.file_added", {"inquiry": str(row.pk)}
    else:
        name, place = "plan.file_added", {"plan": str(row.plan.number), "step": row.key}
    added = {
        str(one.data["evidence"])
        for one in then.events
        if one.name == name and all(str(one.data[key]) == said for key, said in place.items())
    }
    return [one for one in row.files.all() if str(one.pk) in added]


def presumptions(rows: Iterable[Presumption], at: datetime) -> list[Presumption]:
    """Return each that stood by then, lifted only if it was by then."""
    found = [one for one in rows if one.raised_at <= at]
    for one in found:
        take_back(one, "lifted_at", at, lifted_by=None, reason="")
    return found


def outside(then: Past) -> list[Finding]:
    """Return the findings from elsewhere, in the order they were raised."""
    found = [one for one in then.standing.findings if one.is_outside]
    return sorted(found, key=lambda one: (one.raised_at, one.pk))


# plans


def plans(
    case: Case, then: Past, versions: Iterable[PlanVersion], milestones: Iterable[Milestone]
) -> tuple[list[PlanVersion], list[Milestone]]:
    """Return the versions shown by then and the steps as they stood, each in its order."""
    kept = [one for one in versions if one.shown_at <= then.at]
    words = dict.fromkeys(("signatory_name", "signatory_title", "authority"), "")
    for one in kept:
        take_back(one, "accepted_at", then.at, accepted_by=None, **words)
    played = _Plans(case.supplier.zone, then.people, kept, milestones)
    for event in then.events:
        played.play(event)
    for one in kept:
        played.settle(one.plan, then.at)
    return kept, played.in_order()


class _Plans:
    """Plays events onto the steps of a case's plans; one plan runs at a time."""

    def __init__(
        self,
        zone: str,
        people: Mapping[str, User],
        versions: Iterable[PlanVersion],
        milestones: Iterable[Milestone],
    ) -> None:
        self.zone, self.people = zone, people
        self.versions = {(one.plan.number, one.number): one for one in versions}
        self.rows = {(one.plan.number, one.key): one for one in milestones}
        self.taken: dict[int, tuple[PlanVersion, ledger.Event]] = {}
        self.steps: dict[int, dict[str, Milestone]] = {}
        self.running = 0

    def play(self, event: ledger.Event) -> None:
        if event.name in TAKEN_UP and "version" in event.data:
            self._take_up(event)
        elif event.name == "case.plan_reported":
            for one in self._named(event):
                one.state, one.note = MilestoneState.REPORTED, event.words.get("note", "")
        elif event.name == "case.milestone_missed":
            for one in self._named(event):
                one.missed_at = event.at
        elif event.name == "plan.step_judged":
            one = self.steps[self.running][str(event.data["step"])]
            is_accepted = bool(event.data["accepted"])
            one.state = MilestoneState.ACCEPTED if is_accepted else MilestoneState.OPEN
            one.reason = event.words.get("reason", "")
            one.judged_by, one.judged_at = self._by(event), event.at

    def _take_up(self, event: ledger.Event) -> None:
        """What `actions.plan.take_up` does to a version and its steps."""
        plan, number = int(str(event.data["plan"])), int(str(event.data["version"]))
        version = self.versions[plan, number]
        self.running = plan
        if plan in self.taken and self.taken[plan][0] is version:
            return
        self.taken[plan] = version, event
        steps = self.steps.setdefault(plan, {})
        planned = restored(version.content).steps
        for step in planned:
            one = steps.setdefault(step.key, _unplayed(self.rows[plan, step.key]))
            if one.state == MilestoneState.ACCEPTED:
                continue
            one.title, one.expected, one.due_on = step.title, step.expected, step.day
            one.due_at = calendar.end_of(step.day, self.zone)
            one.state, one.missed_at = MilestoneState.OPEN, None
        for key in steps.keys() - {step.key for step in planned}:
            if steps[key].state != MilestoneState.ACCEPTED:
                steps[key].state = MilestoneState.DROPPED

    def settle(self, plan: Plan, at: datetime) -> None:
        """Let a plan say what was agreed, and that it runs unless it had ended."""
        take_back(plan, "closed_at", at, closed_by=None, reason="")
        if taken := self.taken.get(plan.number):
            plan.agreed, event = taken
            plan.agreed_by, plan.agreed_at = self._by(event), event.at
        else:
            plan.agreed = plan.agreed_by = plan.agreed_at = None
        if plan.closed_at is None:
            plan.state = PlanState.AGREED if plan.agreed else PlanState.DRAFT

    def in_order(self) -> list[Milestone]:
        found = [one for steps in self.steps.values() for one in steps.values()]
        return sorted(found, key=lambda one: (one.due_at, one.key))

    def _named(self, event: ledger.Event) -> list[Milestone]:
        return [self.steps[self.running][key] for key in _keys(event, "steps")]

    def _by(self, event: ledger.Event) -> User | None:
        return self.people.get(str(event.actor.get("user")))


def _unplayed(row: Milestone) -> Milestone:
    """A copy of a step to which nothing has happened yet."""
    one = copy.copy(row)
    one.state, one.note, one.reason = MilestoneState.OPEN, "", ""
    one.judged_by = one.judged_at = one.missed_at = None
    return one


def pauses(rows: Iterable[Suspension], then: Past) -> list[Suspension]:
    """Return what was paused by then, and how often that was looked at again."""
    found = [one for one in rows if one.at <= then.at]
    looks = [one.at for one in then.events if one.name == "case.suspension_reviewed"]
    for one in found:
        take_back(one, "ended_at", then.at, ended_by=None)
        until = one.ended_at or then.at
        one.reviews = sum(one.at <= at <= until for at in looks)
    return found
