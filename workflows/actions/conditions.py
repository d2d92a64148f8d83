"""Conditions under which a supplier agrees: each is answered in writing, one by one."""

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from workflows import engine, mail, queries, rules
from workflows.actions import duties, duty_opening
from workflows.enums import ConditionState, DutyKind
from workflows.models import Case, Condition


def lay_out(held: Case, by: User) -> None:
    """Make a row of each condition of the reply signed last, once, in the supplier's words."""
    submission = queries.latest_submission(held)
    if submission is None or Condition.objects.filter(submission=submission).exists():
        return
    said = queries.conditions_said(submission)
    Condition.objects.bulk_create(
        Condition(
            case=held,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            submission=submission,
            number=number,
            text=text[:4000],
        )
        for number, text in enumerate(said, start=1)
    )
    if said:
        ledger.record(
            "case.conditions_laid_out",
            by=by,
            on=held,
            data={"number": len(said), "submission": str(submission.pk)},
        )


def add_condition(*, case: Case, by: User, text: str) -> Condition:
    """Add a condition that was named elsewhere, such as in a call. Raises Refused, Conflict."""
    with engine.locked(case) as held:
        require(rules.may_work_on_conditions(by, held))
        duties.require_neutral(held, text)
        submission = queries.latest_submission(held)
        if submission is None:
            raise Conflict(_("Nothing was signed yet."))
        there = Condition.objects.filter(case=held, submission=submission).order_by("-number")
        if same := there.filter(text=text).first():
            return same  # the same form sent twice
        last = there.first()
        added = Condition.objects.create(
            case=held,
            buyer_id=held.buyer_id,
            supplier_id=held.supplier_id,
            submission=submission,
            number=last.number + 1 if last else 1,
            text=text,
        )
        ledger.record(
            "case.condition_added",
            by=by,
            on=held,
            data={"condition": str(added.pk), "number": added.number},
            words={"text": text},
        )
    return added


def answer_condition(
    *,
    condition: Condition,
    by: User,
    state: ConditionState,
    answer: str,
    we_do: str = "",
) -> Condition:
    """Accept a condition, accept it with a change, or not; `we_do` opens a duty of ours.

    The supplier reads the answer at once, and is told by mail when the last is answered.
    Raises Refused, or Conflict when it was answered or says more than the wording may.
    """
    with engine.locked(condition.case) as held:
        fresh = Condition.objects.select_related("answered_by").get(pk=condition.pk)
        if (fresh.state, fresh.answer, fresh.answered_by_id) == (state, answer, by.pk):
            return fresh  # the same form sent twice
        require(rules.may_answer_condition(by, held, fresh))
        duties.require_neutral(held, answer)
        if we_do and state != ConditionState.DECLINED:
            fresh.duty = duty_opening.opened(
                of=held, kind=DutyKind.KEEP_CONDITION, by=by, key=fresh.pk, about=we_do
            )
        fresh.state, fresh.answer = state, answer
        fresh.answered_by, fresh.answered_at = by, clock.now()
        fresh.save()
        entry = ledger.record(
            "case.condition_answered",
            by=by,
            on=held,
            data={
                "condition": str(fresh.pk),
                "number": fresh.number,
                "state": str(state),
                "duty": str(fresh.duty_id or ""),
            },
            words={"answer": answer},
        )
        if not queries.open_conditions(held).exists():
            duties.met_by(held, {DutyKind.ANSWER_CONDITIONS}, by)
            mail.conditions_answered(held, entry.seq)
    return fresh
