"""What the page of a case shows of its exit: where it stands, who agreed, what is missing."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from documents import rules as file_rules
from portal import clock
from portal.enums import Role
from portal.models import User
from portal.templatetags.portal import day
from workflows import exit_plan, rules
from workflows.enums import Effect, ExitRole, Outcome, Stage, Verb
from workflows.models import Case, ExitPlan, ExitReview
from workflows.queries import exits

EFFECT_COLOURS = {Effect.AS_PLANNED: "green", Effect.HARM_FOLLOWED: "amber"}


def described(plan: ExitPlan) -> list[dict[str, Any]]:
    """Return the plan as it reads: sections with what was written, and what does not apply."""
    values = plan.values()
    return [
        {
            "section": section,
            "skipped": plan.not_applicable.get(section.key, "") if section.may_not_apply else "",
            "lines": [
                (field.label, values[field.name], field.sort)
                for field in section.fields
                if values[field.name] not in (None, "")
            ],
        }
        for section in exit_plan.sections_of(plan.track)
    ]


def section(user: User, case: Case) -> dict[str, Any] | None:
    """Return what the section shows, or None where no exit was ever proposed."""
    plan = exits.last_plan(case)
    if plan is None:
        return None
    found = exits.read(plan)
    is_analyst = user.holds(Role.ANALYST, case.buyer_id)
    now = clock.now()
    return {
        "plan": plan,
        "found": found,
        "ground": Outcome(plan.ground).label,
        "is_standing": plan.ended_at is None,
        "steps": list(steps(case, plan, found)),
        "parts": described(plan),
        "lacks": plan.lacks() if plan.ended_at is None and plan.approved_at is None else [],
        "deciders": list(deciders(plan, found)),
        "may_write": bool(rules.may_save_exit_plan(user, case)) and plan.ended_at is None,
        "may_answer": bool(rules.may_answer_exit_reply(user, case)) and plan.ended_at is None,
        "points": list(points(user, case, found)) if plan.approved_at else [],
        "may_look": bool(rules.may_wind_down(user, case)),
        "reviews": [review(case, one, is_analyst=is_analyst, now=now) for one in found.reviews],
        "hides_files": not user.works_on(case, *file_rules.READERS),
        "earlier": case.exit_plans.count() - 1,
    }


def deciders(plan: ExitPlan, found: exits.Exit) -> Iterable[dict[str, Any]]:
    """Return the three people of an exit: who they are, or that one is awaited."""
    yield {
        "role": _("Proposed by"),
        "by": plan.proposed_by,
        "at": plan.proposed_at,
        "reason": plan.reason,
        "advice": "",
    }
    for role in ExitRole:
        word = next((one for one in found.agreed(Verb.APPROVE_EXIT) if one.role == role), None)
        yield {
            "role": role.label,
            "by": word.by if word else None,
            "at": word.at if word else None,
            "reason": word.decision.reason if word else "",
            "advice": word.decision.counsel_text if word else "",
        }


def steps(case: Case, plan: ExitPlan, found: exits.Exit) -> Iterable[dict[str, Any]]:
    """Return the way of an exit as a few steps: done, now, later, or taken back."""
    agreed = found.agreed(Verb.APPROVE_EXIT)
    way: list[tuple[str, datetime | None, str]] = [
        (_("Proposed"), plan.proposed_at, str(plan.proposed_by)),
    ]
    if not plan.is_immediate:
        replied = found.replies[0].at if found.replies else None
        until = _("by %(day)s") % {"day": day(plan.reply_by_at, case.supplier.zone)}
        way += [
            (_("Reply of the company"), replied or plan.presented_at, until),
            (_("Plan presented"), plan.presented_at, ""),
        ]
    way += [
        (
            _("Approver and counsel"),
            plan.approved_at,
            _("%(n)d of 2 agreed") % {"n": len(agreed)},
        ),
        (_("Winding down"), plan.completed_at, ""),
        (_("Trade has ended"), plan.completed_at, ""),
    ]
    is_now = plan.ended_at is None
    for title, at, hint in way:
        state = "done" if at else ("now" if is_now else "later")
        is_now = is_now and at is not None
        yield {"title": title, "at": at, "hint": hint, "state": state}
    if plan.ended_at is not None:
        yield {"title": Verb(plan.ended_as).label, "at": plan.ended_at, "hint": "", "state": "now"}


def points(user: User, case: Case, found: exits.Exit) -> Iterable[dict[str, Any]]:
    """Return the checklist as the component `task_list` shows it."""
    met = {one.key: one for one in found.steps}
    may = bool(rules.may_wind_down(user, case))
    for key, label in exit_plan.CHECKLIST.items():
        step = met.get(key)
        url = reverse("workflows:case_exit_point", args=[case.pk, key]) if may else ""
        if step is None:
            yield {"title": label, "state": _("Open"), "colour": "amber", "url": url}
            continue
        yield {
            "title": label,
            "hint": _("%(name)s, %(day)s: %(note)s")
            % {"name": step.by, "day": day(step.at, case.buyer.zone), "note": step.note},
            "state": _("Met") if step.applies else _("Does not apply"),
            "colour": "green" if step.applies else "",
            "url": url,
        }


def review(case: Case, one: ExitReview, *, is_analyst: bool, now: datetime) -> dict[str, Any]:
    """Return one look at the effects: when it is due, or what it found."""
    may = is_analyst and case.stage == Stage.DISENGAGED and one.done_at is None
    is_open = exits.first_day_of(one, case) <= clock.today(case.buyer.zone)
    state, colour = _("Later"), ""
    if one.done_at is not None:
        state, colour = str(Effect(one.effect).label), EFFECT_COLOURS.get(Effect(one.effect), "")
    elif one.due_at < now:
        state, colour = _("Overdue"), "red"
    elif is_open:
        state, colour = _("Now"), "amber"
    url = reverse("workflows:case_exit_review", args=[case.pk, one.months])
    return {"review": one, "state": state, "colour": colour, "url": url if may and is_open else ""}
