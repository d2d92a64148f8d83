"""Writing an exit's plan, replying to it, and keeping what follows: acts that move no stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.files import File
from django.utils.translation import gettext as _

from documents.actions.evidence import Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import CommentAudience
from workflows import engine, exit_plan, mail, queries, rules
from workflows.actions import duties
from workflows.actions.deciding import standing_plan
from workflows.actions.exit_decision import look_by
from workflows.actions.receiving import receive
from workflows.enums import Effect, Stage, Verb
from workflows.models import Case, ExitLook, ExitPlan, ExitReply, ExitReview, ExitStep
from workflows.models.duty import HOLDS_COMPLETION
from workflows.queries import exits


class PlanBehind(Conflict):
    """Somebody saved the plan since the page was opened; `plan` is as it stands now."""

    def __init__(self, sentence: str, plan: ExitPlan) -> None:
        super().__init__(sentence)
        self.plan = plan


def save_exit_plan(
    *,
    case: Case,
    by: User,
    values: Mapping[str, Any],
    not_applicable: Mapping[str, str],
    rev: int,
) -> ExitPlan:
    """Keep the plan as written so far; it need not be complete.

    `values` are by field (`exit_plan.FIELDS`), `not_applicable` a reason by section. Raises
    PlanBehind when somebody saved meanwhile, Conflict once somebody agreed to it, Refused.
    """
    with engine.locked(case) as held:
        require(rules.may_save_exit_plan(by, held))
        plan = standing_plan(held, _("No exit is proposed in this case."))
        known = {name: getattr(plan, name) for name in values}
        skipped = plan.not_applicable
        if known == dict(values) and plan.not_applicable == dict(not_applicable):
            return plan  # the same form sent twice
        if plan.rev != rev:
            raise _behind(plan)
        if exits.consents(plan, Verb.APPROVE_EXIT):
            raise Conflict(
                _("A colleague agreed to this plan already, so it can't be changed any more.")
            )
        for name, value in values.items():
            setattr(plan, name, value)
        plan.not_applicable = dict(not_applicable)
        plan.rev += 1
        plan.saved_by, plan.saved_at = by, clock.now()
        plan.save()
        ledger.record(
            "exit_plan.saved",
            by=by,
            on=held,
            data={
                "rev": plan.rev,
                "missing": len(plan.lacks()),
                "changed": sorted(name for name in values if values[name] != known[name]),
                "not_applicable": sorted(plan.not_applicable),
            },
            words=_changed(known, values) | _changed(skipped, not_applicable, exit_plan.SKIPPED),
        )
    return plan


def _changed(
    before: Mapping[str, Any], now: Mapping[str, Any], prefix: str = ""
) -> dict[str, str]:
    """Return the words of an event that tells what was changed; what was emptied has none."""
    return {
        f"{prefix}{name}": str(value)
        for name, value in now.items()
        if value not in {None, ""} and value != before.get(name)
    }


def _behind(plan: ExitPlan) -> PlanBehind:
    sentence = _(
        "%(name)s saved this plan after you opened it. What you typed stands below and is not"
        " saved yet."
    )
    return PlanBehind(sentence % {"name": plan.saved_by or _("Somebody")}, plan)


@dataclass(frozen=True)
class Reply:
    """What the supplier says; `for_counsel` is read by the buyer's counsel alone.

    `files` were kept by `keep_reply_file`. `is_mistake` says that a place or a company was
    taken for another one.
    """

    text: str
    files: Sequence[Evidence] = field(default_factory=tuple)
    for_counsel: str = ""
    is_mistake: bool = False


def keep_reply_file(*, case: Case, by: User, file: File, described: Description) -> Evidence:
    """Keep a file that goes with a reply, before the reply itself: nothing sent is lost.

    The same file sent twice is one. Raises Refused, Conflict.
    """
    require(rules.may_reply_to_exit(by, case))
    return receive(case=case, by=by, file=file, described=described)


def reply_to_exit(*, case: Case, by: User, reply: Reply) -> ExitReply:
    """Reply to a proposed exit or to its notice; told at once to those who must read it.

    The same reply sent twice is one. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_reply_to_exit(by, held))
        plan = standing_plan(held, _("There is nothing to reply to at the moment."))
        if again := _said_again(plan, by, reply):
            return again
        said = _keep_reply(held, plan, by, reply)
        entry = ledger.record(
            "case.exit_replied",
            by=by,
            on=held,
            data={
                "reply": str(said.pk),
                "files": [str(one.pk) for one in reply.files],
                "mistake": reply.is_mistake,
            },
            words={"reply": reply.text},
        )
        if reply.for_counsel:
            answers.comment(
                response=queries.response_of(held),
                by=by,
                text=reply.for_counsel,
                audience=CommentAudience.COUNSEL,
            )
        is_late = held.stage != Stage.EXIT_REVIEW
        mail.exit_replied(held, entry.seq, to_all=is_late, counsel=bool(reply.for_counsel))
    return said


def _keep_reply(case: Case, plan: ExitPlan, by: User, reply: Reply) -> ExitReply:
    now = clock.now()
    said = ExitReply.objects.create(
        buyer_id=case.buyer_id,
        supplier_id=case.supplier_id,
        plan=plan,
        by=by,
        at=now,
        text=reply.text,
        is_mistake=reply.is_mistake,
    )
    said.files.set(reply.files)
    if case.stage == Stage.EXIT_REVIEW:
        case.next_act_at = case.ours_by(now, case.policy.review_days)
        case.save(update_fields=["next_act_at"])
    return said


def _said_again(plan: ExitPlan, by: User, reply: Reply) -> ExitReply | None:
    last = ExitReply.objects.filter(plan=plan, by=by).order_by("-at", "-pk").first()
    if last is None or (last.text, last.is_mistake) != (reply.text, reply.is_mistake):
        return None
    same = {one.pk for one in last.files.all()} == {one.pk for one in reply.files}
    return last if same else None


def answer_exit_reply(*, case: Case, by: User, reply: ExitReply, text: str) -> ExitReply:
    """Answer a reply in writing; the supplier reads it on its page. Raises Refused, Conflict."""
    with engine.locked(case) as held:
        require(rules.may_answer_exit_reply(by, held))
        fresh = ExitReply.objects.get(pk=reply.pk, plan__case=held)
        if fresh.answered_at is not None:
            if (fresh.answer, fresh.answered_by_id) == (text, by.pk):
                return fresh  # the same form sent twice
            raise Conflict(_("This reply was answered already. Write a message to add to it."))
        fresh.answer, fresh.answered_by, fresh.answered_at = text, by, clock.now()
        fresh.save(update_fields=["answer", "answered_by", "answered_at"])
        entry = ledger.record(
            "case.exit_reply_answered",
            by=by,
            on=held,
            data={"reply": str(fresh.pk)},
            words={"answer": text},
        )
        mail.exit_reply_answered(held, entry.seq)
    return fresh


def meet_exit_point(*, case: Case, by: User, key: str, applies: bool, note: str) -> ExitStep:
    """Note that a point of the checklist is met, or does not apply, and what shows it.

    Said again, the later note stands; the ledger keeps both. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_wind_down(by, held))
        plan = standing_plan(held, _("No exit is under way in this case."))
        if key not in exit_plan.CHECKLIST:
            raise Conflict(_("This is no point of the checklist."))
        step = ExitStep.objects.filter(plan=plan, key=key).first() or ExitStep(plan=plan, key=key)
        if (step.applies, step.note, step.by_id) == (applies, note, by.pk):
            return step  # the same form sent twice
        step.applies, step.note, step.by, step.at = applies, note, by, clock.now()
        step.save()
        if key == exit_plan.PAYMENT:
            duties.met_by(held, HOLDS_COMPLETION, by, how=note)
        ledger.record(
            "exit_plan.point_met",
            by=by,
            on=held,
            data={"point": key, "applies": applies},
            words={"note": note},
        )
    return step


def look_at_exit(*, case: Case, by: User, note: str) -> ExitLook:
    """Note the weekly look while trade winds down. Raises Refused, Conflict."""
    with engine.locked(case) as held:
        require(rules.may_wind_down(by, held))
        plan = standing_plan(held, _("No exit is under way in this case."))
        now = clock.now()
        last = ExitLook.objects.filter(plan=plan).order_by("-at", "-pk").first()
        if last is not None and (last.note, last.by_id) == (note, by.pk):
            return last  # the same form sent twice
        look = ExitLook.objects.create(plan=plan, note=note, by=by, at=now)
        held.next_act_at = look_by(held)
        held.save(update_fields=["next_act_at"])
        ledger.record("exit_plan.looked_at", by=by, on=held, words={"note": note})
    return look


@dataclass(frozen=True)
class Effects:
    """What a look at the effects found: people, claims, what is learned."""

    effect: Effect
    found: str
    harm: str = ""
    claims: str = ""
    lessons: str = ""


def review_exit(*, case: Case, by: User, review: ExitReview, effects: Effects) -> ExitReview:
    """Write down the effects of an exit, 3, 6 or 12 months on; written once.

    Raises Refused, or Conflict before it is due or when it was done.
    """
    with engine.locked(case) as held:
        require(rules.may_review_exit(by, held))
        fresh = ExitReview.objects.select_related("plan").get(pk=review.pk, plan__case=held)
        now = clock.now()
        if fresh.done_at is not None:
            raise Conflict(_("This review was done already."))
        if clock.today(held.buyer.zone) < exits.first_day_of(fresh, held):
            raise Conflict(_("It is too early: the effects are looked at later."))
        fresh.effect, fresh.found, fresh.harm = effects.effect, effects.found, effects.harm
        fresh.claims, fresh.lessons = effects.claims, effects.lessons
        fresh.done_by, fresh.done_at = by, now
        fresh.save()
        following = exits.next_review(fresh.plan)
        held.next_act_at = following.due_at if following else None
        held.save(update_fields=["next_act_at"])
        ledger.record(
            "exit_plan.reviewed",
            by=by,
            on=held,
            data={"months": fresh.months, "effect": str(fresh.effect)},
            words={
                "found": effects.found,
                "harm": effects.harm,
                "claims": effects.claims,
                "lessons": effects.lessons,
            },
        )
    return fresh
