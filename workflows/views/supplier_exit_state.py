"""Where an exit stands, in a supplier's words: what is proposed, why, by when and how to reply."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from portal import clock
from portal.templatetags.portal import day
from workflows.enums import ExitTrack, Stage
from workflows.models import Case, ExitPlan
from workflows.queries import exits
from workflows.views.supplier_steps import Next

PROPOSED = frozenset({Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL})
NOTIFIED = frozenset({Stage.WINDING_DOWN, Stage.DISENGAGED})
LEAVING = PROPOSED | NOTIFIED


def is_told(case: Case) -> bool:
    """Whether the company knows of an exit: never of an immediate one before its notice."""
    is_proposed = case.stage in PROPOSED and case.exit_track == ExitTrack.RESPONSIBLE
    return is_proposed or case.stage in NOTIFIED


def label(case: Case) -> str:
    """Return the stage in a few calm words; empty where no exit is known to the company."""
    if not is_told(case):
        return ""
    return {
        Stage.EXIT_REVIEW: _("Your reply is asked for"),
        Stage.EXIT_APPROVAL: _("Being decided"),
        Stage.WINDING_DOWN: _("Trade is ending"),
        Stage.DISENGAGED: _("Trade has ended"),
    }[Stage(case.stage)]


def shown(case: Case) -> dict[str, Any] | None:
    """Return what the page shows besides the next step: the letter, replies and answers."""
    if not is_told(case):
        return None
    plan = exits.plan_of(case)
    return {
        "letter": exits.last_letter(case),
        "replies": exits.replies(plan) if plan else [],
        "is_proposed": case.stage in PROPOSED,
    }


def next_step(case: Case) -> Next | None:
    """Return the next step while an exit is proposed or under way; None elsewhere."""
    if case.stage not in LEAVING:
        return None
    correct = (
        reverse("questionnaires:overview", args=[case.response_id]),
        _("Correct your answers and sign them anew"),
    )
    if not is_told(case):
        return Next(
            _("%(buyer)s reads") % {"buyer": case.buyer.name},
            _(
                "Your answers are open to you: if a place or a company was entered by mistake,"
                " correct it and sign again. People read it. You need do nothing otherwise."
            ),
            beside=(correct,),
        )
    return _to_reply(case, correct) if case.stage in PROPOSED else _to_notice(case)


def _to_reply(case: Case, correct: tuple[str, str]) -> Next:
    plan = exits.plan_of(case)
    url = reverse("workflows:request_reply", args=[case.pk])
    said = {"buyer": case.buyer.name, "day": _reply_by(case, plan)}
    replied = bool(plan and plan.replies.exists())
    if case.stage == Stage.EXIT_APPROVAL:
        return Next(
            _("%(buyer)s decides") % said,
            _(
                "It has been proposed to end trade; three different people must agree. Nothing is"
                " decided yet: what you write now is still read, and answers signed now bring your"
                " case back to review."
            ),
            url=url,
            act=_("Write to those who decide"),
            beside=(correct,),
        )
    if replied:
        return Next(
            _("%(buyer)s reads your reply") % said,
            _("You get an answer in writing. You may add to your reply until %(day)s and after.")
            % said,
            url=url,
            act=_("Add to your reply"),
            beside=(correct,),
        )
    is_over = plan is not None and plan.reply_by_at and plan.reply_by_at < clock.now()
    return Next(
        _("Reply to what is proposed"),
        (
            _(
                "The day to reply was %(day)s. Nothing is decided: a reply is still read, and an"
                " answer in writing follows."
            )
            if is_over
            else _(
                "%(buyer)s proposes to end trade and has decided nothing. The letter below says"
                " why. Please reply by %(day)s: say what is wrong, send what shows it, or say"
                " which help you need."
            )
        )
        % said,
        url=url,
        act=_("Reply"),
        beside=(correct,),
    )


def _reply_by(case: Case, plan: ExitPlan | None) -> str:
    return day(plan.reply_by_at, case.supplier.zone) if plan else ""


def _to_notice(case: Case) -> Next:
    url = reverse("workflows:request_reply", args=[case.pk])
    if case.stage == Stage.DISENGAGED:
        is_immediate = case.exit_track == ExitTrack.IMMEDIATE
        return Next(
            _("Trade has ended"),
            _(
                "If a place or a company was taken for another one, or something has changed, show"
                " it: people read it at any time. This page stays open to you."
            )
            if is_immediate
            else _(
                "The letter below says when trade may begin again. What you show is read at any"
                " time; this page stays open to you."
            ),
            url=url,
            act=_("Show what has changed"),
        )
    return Next(
        _("Trade is ending"),
        _(
            "The letter below says from when, and what is paid. If something in it is wrong, tell"
            " us: people read it."
        ),
        url=url,
        act=_("Tell us what is wrong, or what has changed"),
    )


def steps(case: Case) -> list[dict[str, object]]:
    """Return the way of an exit as the component `task_list` shows it; empty if not known."""
    if not is_told(case):
        return []
    if case.exit_track == ExitTrack.IMMEDIATE:
        place = {Stage.WINDING_DOWN: 1, Stage.DISENGAGED: 2}[Stage(case.stage)]
        return _marked(
            place,
            (_("Decision, with a letter to you"), ""),
            (_("Winding down"), _("Goods on their way and money owed are settled")),
            (_("Afterwards"), _("A mistake, or what has changed, can be shown at any time")),
        )
    place = {
        Stage.EXIT_REVIEW: 1,
        Stage.EXIT_APPROVAL: 2,
        Stage.WINDING_DOWN: 3,
        Stage.DISENGAGED: 4,
    }[Stage(case.stage)]
    return _marked(
        place,
        (_("Proposed, with a letter to you"), ""),
        (_("Your reply, and our answer"), _("It may end the proposal")),
        (_("Decision"), _("By three different people, or back to review")),
        (_("Winding down"), _("Orders and payment as the notice says")),
        (_("Afterwards"), _("Trade may begin again when what the notice names is shown")),
    )


def _marked(place: int, *titles: tuple[str, str]) -> list[dict[str, object]]:
    marks = {True: {"state": _("Done"), "colour": "green"}, False: {"state": _("Later")}}
    return [
        {
            "title": title,
            "hint": hint,
            **({"state": _("Now"), "colour": "harbour"} if n == place else marks[n < place]),
        }
        for n, (title, hint) in enumerate(titles)
    ]
