"""Exits as they stood at an earlier moment: their rows, less what came later.

Rows are copies for documents and must never be saved.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, cast

from portal import ledger
from portal.models import User
from workflows import exit_plan
from workflows.collect.past import Past
from workflows.collect.replay import take_back
from workflows.enums import Verb
from workflows.models import ExitConsent, ExitPlan, ExitReply, ExitReview, ExitStep
from workflows.queries import exits


def told(found: Iterable[exits.Exit], then: Past) -> list[exits.Exit]:
    """Return what was proposed by then, oldest first, as it stood."""
    kept, before = [], None
    for one in found:
        if one.plan.proposed_at > then.at:
            break
        kept.append(_exit(one, before, then))
        before = one.plan
    return kept


def _exit(found: exits.Exit, before: ExitPlan | None, then: Past) -> exits.Exit:
    plan, at = found.plan, then.at
    own = _own_events(plan, then)
    _write(plan, before, own)
    take_back(plan, "presented_at", at, presented_by=None)
    take_back(plan, "approved_at", at)
    take_back(plan, "completed_at", at)
    take_back(plan, "ended_at", at, ended_as="")
    return replace(
        found,
        consents=_consents(found.consents, at),
        replies=list(_replies(found.replies, at)),
        steps=_steps(plan, own, then.people),
        looks=[one for one in found.looks if one.at <= at],
        reviews=list(_reviews(found.reviews, at)) if plan.completed_at else [],
    )


def _own_events(plan: ExitPlan, then: Past) -> list[ledger.Event]:
    """Return the events of one exit, the first of them its proposal."""
    own: list[ledger.Event] = []
    for event in then.events:
        if event.name == "case.exit_proposed" and event.at >= plan.proposed_at:
            if own:
                break
            own.append(event)
        elif own:
            own.append(event)
    return own


def _write(plan: ExitPlan, before: ExitPlan | None, own: list[ledger.Event]) -> None:
    """Let the plan say what it said after the last save by then."""
    fields = exit_plan.FIELDS
    proposal, *later = own
    first = before.values() if before else {}
    values = {name: first.get(name, _parsed(field, "")) for name, field in fields.items()}
    values |= {
        "reply_weighed": "",
        "ground_words": proposal.words.get("ground_words", ""),
        "speaker": proposal.words.get("speaker", "") or first.get("speaker", ""),
    }
    skipped = {
        name.removeprefix(exit_plan.SKIPPED): why
        for name, why in proposal.words.items()
        if name.startswith(exit_plan.SKIPPED)
    }
    for event in later:
        if event.name != "exit_plan.saved":
            continue
        for name in cast("list[str]", event.data["changed"]):
            values[name] = _parsed(fields[name], event.words.get(name, ""))
        skipped = {
            key: event.words.get(f"{exit_plan.SKIPPED}{key}", skipped.get(key, ""))
            for key in cast("list[str]", event.data["not_applicable"])
        }
    for name, value in values.items():
        setattr(plan, name, value)
    plan.not_applicable = skipped


def _parsed(field: exit_plan.Field, said: str) -> Any:
    if field.sort == "day":
        return date.fromisoformat(said) if said else None
    if field.sort == "days":
        return int(said) if said else None
    return said


def _consents(rows: Iterable[ExitConsent], at: datetime) -> list[ExitConsent]:
    kept = [one for one in rows if one.at <= at]
    # counsel's word on clearing holds until it gives another one
    words = [one for one in kept if one.verb == Verb.CLEAR]
    for one in words:
        one.is_stale = one is not words[-1]
    return kept


def _replies(rows: Iterable[ExitReply], at: datetime) -> Iterable[ExitReply]:
    for one in rows:
        if one.at <= at:
            take_back(one, "answered_at", at, answer="", answered_by=None)
            yield one


def _steps(
    plan: ExitPlan, own: Iterable[ledger.Event], people: Mapping[str, User]
) -> list[ExitStep]:
    """Return the points of the checklist as they were noted last by then."""
    found = {
        str(event.data["point"]): ExitStep(
            plan=plan,
            key=str(event.data["point"]),
            applies=bool(event.data["applies"]),
            note=event.words.get("note", ""),
            by=people.get(str(event.actor.get("user"))),
            at=event.at,
        )
        for event in own
        if event.name == "exit_plan.point_met"
    }
    return sorted(found.values(), key=lambda one: one.at)


def _reviews(rows: Iterable[ExitReview], at: datetime) -> Iterable[ExitReview]:
    for one in rows:
        written = dict.fromkeys(("effect", "found", "harm", "claims", "lessons"), "")
        take_back(one, "done_at", at, done_by=None, **written)
        yield one
