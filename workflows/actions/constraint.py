"""Closing what limits a reply: counsel's act, with an outcome that is never an exit."""

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.enums import Wording
from portal.models import User
from questionnaires import actions as answers
from workflows import engine, letters, mail, outcome, queries, rules
from workflows.actions import duties, duty_opening, letter
from workflows.actions.deciding import decide
from workflows.actions.review import advise
from workflows.enums import (
    ConstraintOutcome,
    DutyKind,
    FindingState,
    LetterKind,
    Level,
    Stage,
    Verb,
    WordingReason,
)
from workflows.models import Case, Finding


def close_constraint(  # noqa: PLR0913 - what counsel says, and to whom
    *,
    case: Case,
    task: int,
    by: User,
    way: ConstraintOutcome,
    summary: str,
    advice: str = "",
    to_supplier: str = "",
) -> Case:
    """Close what limits the reply, with an outcome; the case goes on from there.

    A case with counsel returns to the stage before, its clocks moved. The reply is then read
    anew. `advice` is counsel's alone, `summary` for analysts and approvers, `to_supplier` a
    message to the supplier. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_close_constraint(by, held))
        if engine.open_task(held) != task:
            raise Conflict(_("This step was already taken. Please look at the case as it is now."))
        _close_notes(held, by, way, summary)
        held.constraint_outcome = way
        held.reply_code, held.reply_code_at, held.reply_until = "", None, None
        held.save()
        entry = ledger.record(
            "case.constraint_closed",
            by=by,
            on=held,
            data={"outcome": str(way)},
            words={"summary": summary},
            counsel={"advice": advice},
        )
        _go_another_way(held, by, way, entry.seq)
        if to_supplier:
            duties.say_to_supplier(held, by, to_supplier)
        if held.stage == Stage.WITH_COUNSEL:
            return advise(case=held, task=task, by=by, advice=advice, summary=summary)
        decide(held, Verb.ADVISE, by, summary, counsel_text=advice)
        mail.case_advised(held, entry.seq)
    return held


def _close_notes(held: Case, by: User, way: ConstraintOutcome, summary: str) -> None:
    """The notes that limit the reply are closed with it: counsel's to close (README point 32)."""
    state = FindingState.DISMISSED if way == ConstraintOutcome.NO_LIMIT else FindingState.REMEDIED
    open_ = Finding.objects.filter(case=held, level=Level.COUNSEL, state__in=outcome.UNRESOLVED)
    for finding in open_:
        finding.state, finding.reason = state, summary
        finding.judged_by, finding.judged_at = by, clock.now()
        finding.save(update_fields=["state", "reason", "judged_by", "judged_at"])
        ledger.record(
            "finding.judged",
            by=by,
            on=held,
            data={"finding": str(finding.pk), "key": finding.key, "state": str(state)},
            words={"reason": summary},
        )


def _go_another_way(held: Case, by: User, way: ConstraintOutcome, key: int) -> None:
    if way == ConstraintOutcome.INSPECTION:
        duty_opening.opened(of=held, kind=DutyKind.INSPECT, by=by, key=key)
    elif way == ConstraintOutcome.SUBSTITUTE:
        duty_opening.opened(of=held, kind=DutyKind.ASSIST_EVIDENCE, by=by, key=key)
    elif way == ConstraintOutcome.OTHER_WORDING:
        _reword(held, by)


def _reword(held: Case, by: User) -> None:
    """Go on in the other wording: letters, mails and the form; what was signed stays as it was.

    Source: domain note, section 4; ADR 0010.
    """
    before = held.wording
    held.wording = next(one for one in Wording if one != before)
    require(rules.is_ready(held))
    held.wording_by, held.wording_at = by, clock.now()
    held.wording_reason = WordingReason.LOCAL_LAW
    held.prohibited_list = held.campaign.prohibited_list
    answers.reword(response=queries.response_of(held), wording=held.wording, by=by)
    held.save()
    entry = ledger.record(
        "case.wording_chosen",
        by=by,
        on=held,
        data={"before": before, "wording": held.wording, "reason": str(held.wording_reason)},
    )
    letter.send(
        held=held,
        kind=LetterKind.INSTRUCTION,
        by=by,
        facts=letters.instruction_facts(held),
        once=entry.seq,
    )
