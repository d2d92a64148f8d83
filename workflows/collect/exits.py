"""A case's exits and other endings as the audit trail prints them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from documents import dossier as contents
from portal.templatetags.portal import day
from workflows import exit_plan
from workflows.collect import common, replay_exits
from workflows.collect.past import Past
from workflows.enums import Effect, Ending, ExitRole, ExitTrack, Outcome, Verb
from workflows.models import Case, ExitReply, ExitReview
from workflows.queries import exits


def of(
    case: Case, *, counsel: bool, language: str, then: Past | None = None
) -> tuple[contents.Exit, ...]:
    """Return all exits of a case, the oldest first; `then` is the earlier moment to tell of.

    The working edition names no respondent and holds nothing that counsel alone reads.
    """
    known = exits.exits_of(case)
    told = replay_exits.told(known, then) if then else known
    return tuple(_exit(found, language, counsel=counsel) for found in told)


def closed(case: Case, *, until: datetime) -> tuple[contents.Step, ...]:
    """Return how a case ended for its facts by then, with the document that shows it."""
    return tuple(
        contents.Step(
            str(Ending(one.ending).label),
            common.moment(one.decision.at),
            _("%(name)s: %(reason)s Shown by: %(file)s, SHA-256 %(hash)s.")
            % {
                "name": one.decision.by,
                "reason": one.decision.reason,
                "file": one.proof.name,
                "hash": one.proof.sha256,
            },
        )
        for one in exits.closures(case).filter(decision__at__lte=until)
    )


def _exit(found: exits.Exit, language: str, *, counsel: bool) -> contents.Exit:
    plan = found.plan
    return contents.Exit(
        track=str(ExitTrack(plan.track).label),
        ground=f"{plan.clause}: {Outcome(plan.ground).label}",
        state=_state(found),
        findings=tuple(_finding(one, language) for one in plan.findings),
        people=tuple(_people(found, counsel=counsel)),
        plan=tuple(_plan(found)),
        replies=tuple(_reply(one, counsel=counsel) for one in found.replies),
        checks=tuple(_checks(found)),
        reviews=tuple(_review(one) for one in found.reviews),
    )


def _state(found: exits.Exit) -> str:
    plan = found.plan
    if plan.ended_as:
        return _("no longer stands: %(verb)s") % {"verb": Verb(plan.ended_as).label}
    if plan.completed_at:
        return _("trade has ended")
    return _("approved") if plan.approved_at else _("not decided")


def _finding(kept: dict[str, Any], language: str) -> str:
    text = kept["text"].get(language) or kept["text"].get("en", "")
    return f"{kept['clause']}: {text}" + (f" ({kept['subject']})" if kept["subject"] else "")


def _people(found: exits.Exit, *, counsel: bool) -> Iterable[contents.Decision]:
    plan = found.plan
    yield contents.Decision(
        at=common.moment(plan.proposed_at),
        what=_("Proposed"),
        by=str(plan.proposed_by),
        role="",
        reason=plan.reason,
    )
    if plan.presented_by is not None:
        yield contents.Decision(
            at=common.moment(plan.presented_at),
            what=_("Presented the plan"),
            by=str(plan.presented_by),
            role="",
        )
    for one in found.consents:
        what = common.what(one.verb, is_agreement=True)
        yield contents.Decision(
            at=common.moment(one.at),
            what=_("%(what)s (no longer stands)") % {"what": what} if one.is_stale else what,
            by=str(one.by),
            role=str(ExitRole(one.role).label),
            reason=one.decision.reason,
            counsel_note=one.decision.counsel_text if counsel else "",
        )


def _plan(found: exits.Exit) -> Iterable[contents.Lines]:
    plan, values = found.plan, found.plan.values()
    for section in exit_plan.sections_of(plan.track):
        lines = tuple(
            contents.Step(str(field.label), "", _value(field, values[field.name]))
            for field in section.fields
            if values[field.name] not in {None, ""}
        )
        skipped = plan.not_applicable.get(section.key, "") if section.may_not_apply else ""
        if lines or skipped:
            yield contents.Lines(str(section.title), lines, skipped)


def _value(field: exit_plan.Field, value: Any) -> str:
    if field.sort == "day":
        return day(value)
    if field.sort == "days":
        return ngettext("%(n)d day", "%(n)d days", value) % {"n": value}
    return str(value)


def _reply(reply: ExitReply, *, counsel: bool) -> contents.Thread:
    files = [f"{one.name}, SHA-256 {one.sha256}" for one in reply.files.all()]
    said = "\n".join([reply.text, *files])
    messages = [
        contents.Message(
            common.moment(reply.at), str(reply.by) if counsel else _("Supplier"), said
        )
    ]
    if reply.answered_at is not None:
        messages.append(
            contents.Message(
                common.moment(reply.answered_at), str(reply.answered_by), reply.answer
            )
        )
    return contents.Thread(
        subject=_("Reply: a mistake is shown") if reply.is_mistake else _("Reply"),
        messages=tuple(messages),
        state=_("answered") if reply.answered_at else _("open"),
    )


def _checks(found: exits.Exit) -> Iterable[contents.Step]:
    for one in found.steps:
        label = str(exit_plan.CHECKLIST[one.key])
        yield contents.Step(
            label if one.applies else _("%(point)s: does not apply") % {"point": label},
            common.moment(one.at),
            _("%(name)s: %(note)s") % {"name": one.by, "note": one.note},
        )
    for look in reversed(found.looks):
        yield contents.Step(
            _("Weekly look"),
            common.moment(look.at),
            _("%(name)s: %(note)s") % {"name": look.by, "note": look.note},
        )


def _review(review: ExitReview) -> contents.Thread:
    subject = ngettext(
        "Effects after %(n)d month", "Effects after %(n)d months", review.months
    ) % {"n": review.months}
    if review.done_at is None:
        due = _("due %(day)s") % {"day": day(review.due_at)}
        return contents.Thread(subject=subject, messages=(), state=due)
    parts = (
        ("", review.found),
        (_("Harm: %s"), review.harm),
        (_("Claims: %s"), review.claims),
        (_("Learned: %s"), review.lessons),
    )
    text = "\n".join(label % said if label else said for label, said in parts if said)
    return contents.Thread(
        subject=subject,
        messages=(contents.Message(common.moment(review.done_at), str(review.done_by), text),),
        state=str(Effect(review.effect).label),
    )
