"""What the buyer's people do with a case in review: each act named, with a reason."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.enums import Role
from portal.models import User
from questionnaires import actions as answers
from questionnaires.enums import ResponseState
from workflows import engine, ladder, letters, mail, queries, rules, rungs
from workflows.actions import duties, letter
from workflows.actions.deciding import decide
from workflows.enums import (
    Channel,
    DutyKind,
    EscalationTarget,
    LetterKind,
    Outcome,
    RungKind,
    Stage,
    Verb,
)
from workflows.models import Case, ContactLog, Decision
from workflows.models.case import WITH_SUPPLIER
from workflows.queries import exits


def take(*, case: Case, by: User) -> Case:
    """Say that one reviews this case, so that colleagues see it."""
    with engine.locked(case) as held:
        require(rules.may_take(by, held))
        if held.reviewer_id == by.pk:
            return held
        held.reviewer = by
        held.save(update_fields=["reviewer"])
        ledger.record("case.taken", by=by, on=held)
    return held


@dataclass(frozen=True)
class Question:
    """An answer sent back: its path in the questionnaire, and what is asked."""

    path: str
    text: str


def query(
    *,
    case: Case,
    task: int,
    by: User,
    questions: list[Question],
    due_on: date,
    seen: str = "",
) -> Case:
    """Send picked answers and proofs back with a deadline; only these reopen.

    `seen` is the hash of the letter shown before; another one is not sent.
    """
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_query(by, held))
        if not questions:
            raise Conflict(_("Pick at least one answer or document to ask about."))
        days = held.policy.query_days
        held.due_at = ladder.due_at(due_on, held.place)
        held.lapse_at = ladder.lapse_at(held.due_at, days, held.policy, held.place)
        held.next_act_at = held.due_at
        rungs.begin(held, days)
        held.reviewer = held.reviewer or by
        held.proposed_by = held.proposed_at = None
        held.escalated_to, held.escalated_person, held.escalated_at = "", None, None
        Decision.objects.filter(case=held, verb=Verb.RECOMMEND).update(is_stale=True)
        answers.reopen(
            response=held.response,
            paths_with_reasons={one.path: one.text for one in questions},
            by=by,
        )
        decide(held, Verb.QUERY, by, "\n".join(one.text for one in questions))
        entry = ledger.record(
            "case.queried",
            by=by,
            on=held,
            data={
                "paths": [one.path for one in questions],
                "due": ledger.moment(held.due_at),
                "lapse": ledger.moment(held.lapse_at),
            },
            words={"questions": "\n".join(one.text for one in questions)},
        )
        step.finish(by, Verb.QUERY)
        letter.send(
            held=held,
            kind=LetterKind.QUERY,
            by=by,
            facts=letters.query_facts(len(questions), due_on, by),
            once=entry.seq,
            seen=seen,
        )
    return held


def recommend(*, case: Case, task: int, by: User, reason: str) -> Case:
    """Recommend clearing; names the proposer without whom `clear` is refused (README point 16)."""
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_recommend(by, held))
        standing = queries.standing(held)
        require(rules.nothing_open([*standing.obstacles, *queries.plan_in_the_way(held)]))
        now = clock.now()
        held.proposed_by, held.proposed_at = by, now
        held.reviewer = held.reviewer or by
        held.next_act_at = held.ours_by(now, held.policy.escalation_days)
        decide(held, Verb.RECOMMEND, by, reason, proposal=standing.outcome)
        entry = ledger.record("case.recommended", by=by, on=held, words={"reason": reason})
        step.finish(by, Verb.RECOMMEND)
        mail.case_recommended(held, entry.seq)
    return held


def escalate(*, case: Case, task: int, by: User, to: User, reason: str) -> Case:
    """Put the case before an approver or counsel by name (README point 16)."""
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_escalate(by, held))
        target = _target(to, held)
        now = clock.now()
        held.escalated_to, held.escalated_person, held.escalated_at = target, to, now
        held.reviewer = held.reviewer or by
        held.next_act_at = held.ours_by(now, held.policy.escalation_days)
        standing = queries.standing(held)
        decide(held, Verb.ESCALATE, by, reason, proposal=standing.outcome, to_whom=to)
        entry = ledger.record(
            "case.escalated",
            by=by,
            on=held,
            data={"to": str(to.pk), "as": str(target), "proposal": str(standing.outcome)},
            words={"reason": reason, "name": to.name},
        )
        step.finish(by, Verb.ESCALATE)
        mail.case_escalated(held, to, entry.seq)
    return held


def _target(to: User, case: Case) -> EscalationTarget:
    if queries.people(case.buyer_id, Role.APPROVER).filter(pk=to.pk).exists():
        return EscalationTarget.APPROVER
    if queries.is_counsel_of(case, to.pk):
        return EscalationTarget.COUNSEL
    raise Conflict(_("Choose an approver or counsel of your company."))


def clear(*, case: Case, task: int, by: User, reason: str, knows_unscanned: bool = False) -> Case:
    """Find nothing open under B4 and B5, as of now.

    Raises Refused if `by` may not, Conflict if the step is taken, something is open, or
    files were not scanned and `knows_unscanned` does not say so.
    """
    with engine.holding(case, task, "review") as step:
        held = step.process.case
        require(rules.may_clear(by, held))
        left = exits.reentered(held)
        word = exits.concurrence(held, left)
        require(
            rules.may_clear_after_exit(
                by, held, needs_counsel=left is not None, concurred_by=word.by_id if word else None
            )
        )
        standing = queries.standing(held)
        require(rules.nothing_open([*standing.obstacles, *queries.plan_in_the_way(held)]))
        unscanned = queries.unscanned_files(held)
        if unscanned and not knows_unscanned:
            raise Conflict(_("Some files were not scanned for viruses: say that you know."))
        held.cleared_at = held.ended_at = clock.now()
        held.renew_at = ladder.months_after(
            held.cleared_at, held.policy.renewal_months, held.place
        )
        held.next_act_at = None
        decide(
            held,
            Verb.CLEAR,
            by,
            reason,
            proposal=Outcome.CLEAR,
            acknowledged_unscanned=bool(unscanned),
        )
        entry = ledger.record(
            "case.cleared",
            by=by,
            on=held,
            data={
                "proposed_by": str(held.proposed_by_id),
                "policy": held.policy.number,
                "unscanned": unscanned,
            },
            words={"reason": reason},
        )
        step.finish(by, Verb.CLEAR)
        response = queries.response_of(held)
        if response.state != ResponseState.SUBMITTED:
            # what was sent back and never came: nothing more is asked
            answers.close(response=response, by=by)
        mail.case_cleared(held, entry.seq)
    return held


def advise(*, case: Case, task: int, by: User, advice: str, summary: str) -> Case:
    """Return the case to the stage `refer` left, its clocks moved by the days held.

    `advice` is counsel's alone; `summary` is what analysts and approvers may read.
    """
    with engine.holding(case, task, "with_counsel") as step:
        held = step.process.case
        require(rules.may_advise(by, held))
        now = clock.now()
        days_held = now - held.held_at
        back, held.held_from, held.held_at = held.held_from, "", None
        days = held.policy.query_days if back == Stage.QUERIED else held.policy.lapse_days
        held.due_at, held.lapse_at = ladder.shifted(
            (held.due_at, held.lapse_at), days_held, days, held.policy, held.place
        )
        if back in WITH_SUPPLIER:
            rungs.begin(held, days)
        held.next_act_at = (
            held.ours_by(now, held.policy.review_days) if back == "REVIEW" else held.due_at
        )
        decide(held, Verb.ADVISE, by, summary, counsel_text=advice)
        entry = ledger.record(
            "case.advised",
            by=by,
            on=held,
            data={
                "back_to": back,
                "seconds_held": int(days_held.total_seconds()),
                "due": ledger.moment(held.due_at),
                "lapse": ledger.moment(held.lapse_at),
            },
            words={"summary": summary},
            counsel={"advice": advice},
        )
        step.finish(by, Verb.ADVISE, to=back.lower())
        mail.case_advised(held, entry.seq)
    return held


@dataclass(frozen=True)
class Contacted:
    """A call, letter or meeting as it was: when, how, whether it came to the person.

    `offers_help`: what the buyer can do was offered then.
    """

    channel: str
    at: datetime
    is_reached: bool
    note: str
    offers_help: bool = False


def log_contact(*, case: Case, by: User, contacted: Contacted) -> ContactLog:
    """Log a contact; one that reached a person lets silence count (domain note, section 8)."""
    with engine.locked(case) as held:
        require(rules.may_log(by, held))
        log = ContactLog.objects.create(
            buyer_id=held.buyer_id,
            case=held,
            channel=contacted.channel,
            is_reached=contacted.is_reached,
            offers_help=contacted.offers_help,
            at=contacted.at,
            note=contacted.note,
            by=by,
            logged_at=clock.now(),
        )
        if contacted.is_reached:
            rungs.done(held, (RungKind.PHONE, RungKind.SECOND_CONTACT), by)
            rungs.look_again(held)
        elif contacted.channel == Channel.CALL:
            rungs.done(held, (RungKind.PHONE,), by)
        held.save()
        ledger.record(
            "case.contact_logged",
            by=by,
            on=held,
            data={
                "channel": contacted.channel,
                "reached": contacted.is_reached,
                "help": contacted.offers_help,
                "at": ledger.moment(contacted.at),
            },
            words={"note": contacted.note},
        )
        if contacted.is_reached and contacted.offers_help:
            duties.met_by(held, {DutyKind.CALL_ONCE}, by, how=contacted.note)
    return log
