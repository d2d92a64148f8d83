"""Deciding an exit by two people, ending it, and opening the way back."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import ResponseState
from workflows import calendar, clauses, engine, mail, queries, rules
from workflows.actions import duties, duty_opening, letter, returning
from workflows.actions.deciding import Word, agree, decide, standing_plan
from workflows.actions.exit import exit_lacks, require_rev
from workflows.actions.trading import change_trading
from workflows.enums import ExitRole, LetterKind, Trading, Verb
from workflows.models import Case, ExitPlan, ExitReview
from workflows.queries import exits


def approve_exit(*, case: Case, task: int, by: User, word: Word, seen: str = "") -> Case:
    """Agree to an exit, as approver or as counsel; the second of the two carries it out.

    Three people in all: whoever proposed or presented it agrees to nothing. The notice goes
    with the second. Raises Refused, or Conflict when it was decided, returned or changed.
    """
    with engine.holding(case, task, "exit_approval") as step:
        held = step.process.case
        require(rules.may_approve_exit(by, held))
        plan = standing_plan(held, _("No exit is proposed in this case."))
        require_rev(plan, word.rev)
        if missing := exit_lacks(held, plan):
            raise Conflict(" ".join(one.sentence for one in missing))
        given = agree(held, plan, Verb.APPROVE_EXIT, by, word)
        entry = _record_word("case.exit_agreed", held, plan, by, word)
        if not given:
            mail.exit_told(held, "agreed", entry, by)
            return held
        now = clock.now()
        plan.approved_at = now
        plan.save(update_fields=["approved_at"])
        if plan.is_immediate:
            change_trading(held=held, by=by, trading=Trading.ENDED)
        held.next_act_at = look_by(held)
        approved = ledger.record(
            "case.exit_approved",
            by=by,
            on=held,
            data={
                "track": plan.track,
                "rev": plan.rev,
                "people": sorted([str(plan.proposed_by_id), str(by.pk), str(given[0].by_id)]),
            },
        )
        duty_opening.open_for_exit_approved(held, by, key=approved.seq)
        step.finish(by, Verb.APPROVE_EXIT)
        answers.shut(response=queries.response_of(held), by=by)
        letter.send(
            held=held,
            kind=plan.letter_kind,
            by=by,
            facts=plan.notice_facts(clock.today(held.supplier.zone)),
            once=approved.seq,
            seen=seen,
        )
        mail.exit_told(held, "approved", approved.seq, by)
    return held


def _record_word(event: str, case: Case, plan: ExitPlan, by: User, word: Word) -> int:
    entry = ledger.record(
        event,
        by=by,
        on=case,
        data={"as": str(word.role), "rev": plan.rev},
        words={"reason": word.reason},
        counsel={"advice": word.advice},
    )
    return entry.seq


def look_by(case: Case) -> datetime:
    """Return by when somebody looks at the winding down again: within a week."""
    day = clock.today(case.buyer.zone) + timedelta(days=clauses.LOOK_DAYS)
    return calendar.end_of(day, case.buyer.zone)


def halt_exit(
    *,
    case: Case,
    task: int,
    by: User,
    word: Word,
    facts: Mapping[str, object] | None = None,
    seen: str = "",
) -> Case:
    """Agree to halt an exit under way; the second of approver and counsel halts it.

    `facts` are those of the letter EXIT_HALTED, from the second. Raises Refused, Conflict.
    """
    with engine.holding(case, task, "winding_down") as step:
        held = step.process.case
        require(rules.may_halt_exit(by, held))
        plan = standing_plan(held, _("No exit is under way in this case."))
        given = agree(held, plan, Verb.HALT_EXIT, by, word)
        entry = _record_word("case.halt_agreed", held, plan, by, word)
        if not given:
            mail.exit_told(held, "halt", entry, by)
            return held
        if facts is None:
            raise Conflict(_("A colleague agreed meanwhile: read the letter before it goes."))
        returning.take_back(held, Verb.HALT_EXIT)
        halted = ledger.record("case.exit_halted", by=by, on=held)
        step.finish(by, Verb.HALT_EXIT)
        returning.reopen(held, by, word.reason)
        _open_what_nobody_answered(held, by)
        letter.send(
            held=held,
            kind=LetterKind.EXIT_HALTED,
            by=by,
            facts=facts,
            once=halted.seq,
            seen=seen,
        )
        mail.exit_told(held, "halted", halted.seq, by)
    return held


def _open_what_nobody_answered(case: Case, by: User) -> None:
    """Open the form of a company that never signed; what was signed is asked about by query."""
    response = queries.response_of(case)
    response.refresh_from_db()
    if response.state == ResponseState.CLOSED:
        answers.open_again(response=response, by=by)
    elif case.lapsed_at is not None:
        case.lapsed_at = None
        case.save(update_fields=["lapsed_at"])


def complete_exit(*, case: Case, task: int, by: User, reason: str) -> Case:
    """Say that trade has ended as planned; its effects are looked at after 3, 6, 12 months.

    Raises Refused, or Conflict with what the checklist or the buyer's duties still lack.
    """
    with engine.holding(case, task, "winding_down") as step:
        held = step.process.case
        require(rules.may_complete_exit(by, held))
        plan = standing_plan(held, _("No exit is under way in this case."))
        now = clock.now()
        if missing := exits.why_not_complete(held, plan, now):
            raise Conflict(_("Still missing: %(points)s.") % {"points": _("; ").join(missing)})
        plan.completed_at = held.ended_at = now
        plan.save(update_fields=["completed_at"])
        change_trading(held=held, by=by, trading=Trading.ENDED)
        reviews = [
            ExitReview(
                buyer_id=held.buyer_id, plan=plan, months=months, due_at=_in_months(held, months)
            )
            for months in clauses.EXIT_REVIEW_MONTHS
        ]
        ExitReview.objects.bulk_create(reviews)
        held.next_act_at = reviews[0].due_at
        decide(held, Verb.COMPLETE_EXIT, by, reason)
        entry = ledger.record("case.exit_completed", by=by, on=held, words={"reason": reason})
        duties.end_with_trade(held, by)
        step.finish(by, Verb.COMPLETE_EXIT)
        mail.exit_told(held, "completed", entry.seq, by)
    return held


def _in_months(case: Case, months: int) -> datetime:
    """Return the end of the buyer's working day that comes `months` after today."""
    today = clock.today(case.buyer.zone)
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    day = today.day
    while True:
        try:
            found = date(year, month + 1, day)
        except ValueError:  # 31 November: the last day of that month
            day -= 1
            continue
        return calendar.end_of(
            calendar.next_working_day(found, case.buyer.country), case.buyer.zone
        )


def open_reentry(
    *,
    case: Case,
    by: User,
    reason: str,
    facts: Mapping[str, object],
    is_mistake: bool = False,
    seen: str = "",
) -> Case:
    """Look again at trade with a company that was left: a new run of the same case.

    Needs a record of grade A that the cause ended and the six-month review; clearing it takes
    counsel, too. A location (B1) that was a mistake needs neither. Raises Refused, Conflict.
    """
    with engine.locked(case) as held:
        require(rules.may_open_reentry(by, held))
        plan = standing_plan(held, _("No exit stands in this case."))
        is_mistake = is_mistake and plan.is_immediate
        if missing := exits.why_not_reentered(held, plan, is_mistake=is_mistake):
            raise Conflict(" ".join(missing))
        returning.take_back(held, Verb.OPEN_REENTRY)
        held.last_verb, held.ended_at = Verb.OPEN_REENTRY, None
        decide(held, Verb.OPEN_REENTRY, by, reason)
        entry = ledger.record(
            "case.reentry_opened",
            by=by,
            on=held,
            data={"mistake": is_mistake},
            words={"reason": reason},
        )
        returning.reopen(held, by, reason)
        _open_what_nobody_answered(held, by)
        letter.send(
            held=held, kind=LetterKind.REENTRY, by=by, facts=facts, once=entry.seq, seen=seen
        )
        mail.exit_told(held, "reentry", entry.seq, by)
    return held


def concur_clear(*, case: Case, task: int, by: User, reason: str, advice: str = "") -> Case:
    """Concur, as counsel, in clearing a company that had been left.

    It stands for the recommendation of the moment and for no later one. Raises Refused,
    Conflict.
    """
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_concur_clear(by, held))
        plan = exits.reentered(held)
        if plan is None:
            raise Conflict(_("Trade with this company had not ended: nothing waits for counsel."))
        if exits.concurrence(held, plan) is not None:
            raise Conflict(_("Counsel concurred already; an approver decides."))
        plan.consents.filter(verb=Verb.CLEAR).update(is_stale=True)
        agree(held, plan, Verb.CLEAR, by, Word(ExitRole.COUNSEL, reason, plan.rev, advice))
        entry = ledger.record(
            "case.clear_concurred",
            by=by,
            on=held,
            words={"reason": reason},
            counsel={"advice": advice},
        )
        mail.exit_told(held, "concurred", entry.seq, by)
    return held
