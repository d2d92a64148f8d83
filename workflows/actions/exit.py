"""Proposing an exit, presenting its plan, and taking a proposal back: clauses B1, B2, B3, B5.

Each act is a named person's; the engine proposes none of them (domain note, sections 8, 12).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import actions as answers
from workflows import clauses, engine, exit_plan, letters, mail, queries, rules
from workflows.actions import duties, duty_opening, letter, returning
from workflows.actions.deciding import decide, standing_plan
from workflows.enums import ExitTrack, LetterKind, Outcome, Verb
from workflows.models import Case, Decision, ExitPlan
from workflows.models.duty import HOLDS_PLAN
from workflows.queries import exits


@dataclass(frozen=True)
class Proposal:
    """Why a person proposes an exit, and what its letter says; `orders` applies meanwhile."""

    ground: str
    reason: str
    ground_words: str
    orders: str = ""
    speaker: str = ""

    def facts(self, case: Case, clause: str) -> dict[str, object]:
        """Return what the letter says that asks for the reply (`letters.FACTS`)."""
        return {
            "ground": self.ground_words,
            "reply_by": letters.day_of(exits.reply_by(case), case),
            "orders": self.orders,
            "speaker": self.speaker,
            "clause": clause,
        }


def propose_exit(*, case: Case, task: int, by: User, proposal: Proposal, seen: str = "") -> Case:
    """Propose a responsible exit and ask the supplier for its reply; nothing is decided by it.

    Raises Refused, or Conflict when the ground does not stand or something holds it.
    """
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_propose_exit(by, held))
        standing = queries.standing(held)
        ground = _ground(exits.grounds(held, standing), proposal.ground)
        if holds := exits.obstacles_to_exit(held, standing, ground):
            raise Conflict(" ".join(holds))
        reply_by = exits.reply_by(held)
        _propose(held, by, ExitTrack.RESPONSIBLE)
        held.next_act_at = held.ours_by(reply_by, held.policy.review_days)
        seq = _record(held, Verb.PROPOSE_EXIT, by, ground, proposal)
        step.finish(by, Verb.PROPOSE_EXIT)
        run = engine.start(held, by, at="propose")
        begun = _begun(held, ground, proposal) | {"reply_by_at": reply_by}
        ExitPlan.objects.create(run=run, **begun)
        duty_opening.open_for_exit(held, by, immediate=False, key=seq)
        answers.open_again(response=queries.response_of(held), by=by)
        letter.send(
            held=held,
            kind=LetterKind.EXIT_PROPOSAL,
            by=by,
            facts=proposal.facts(held, ground.clause),
            once=seq,
            seen=seen,
        )
        mail.exit_told(held, "proposed", seq, by)
    return held


def propose_immediate_exit(*, case: Case, task: int, by: User, proposal: Proposal) -> Case:
    """Propose an immediate exit on a confirmed location (B1): 48 hours, no word before notice.

    Raises Refused, or Conflict when no location of the supplier itself is confirmed.
    """
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_propose_immediate_exit(by, held))
        found = exits.location(queries.standing(held))
        ground = _ground([found] if found else [], Outcome.B1)
        _propose(held, by, ExitTrack.IMMEDIATE)
        held.next_act_at = clock.now() + timedelta(hours=clauses.IMMEDIATE_HOURS)
        seq = _record(held, Verb.PROPOSE_IMMEDIATE_EXIT, by, ground, proposal)
        step.finish(by, Verb.PROPOSE_IMMEDIATE_EXIT)
        run = engine.start(held, by, at="propose_immediate")
        ExitPlan.objects.create(run=run, **_begun(held, ground, proposal))
        answers.open_again(response=queries.response_of(held), by=by)
        mail.exit_told(held, "immediate", seq, by)
    return held


def _ground(found: list[exits.Ground], wanted: str) -> exits.Ground:
    for one in found:
        if one.outcome == wanted:
            return one
    raise Conflict(_("What this exit would rest on is not confirmed as the case stands now."))


def _propose(case: Case, by: User, track: ExitTrack) -> None:
    case.proposed_by, case.proposed_at, case.exit_track = by, clock.now(), track
    case.escalated_to, case.escalated_person, case.escalated_at = "", None, None
    Decision.objects.filter(case=case, verb=Verb.RECOMMEND).update(is_stale=True)


def _record(case: Case, verb: Verb, by: User, ground: exits.Ground, proposal: Proposal) -> int:
    decide(case, verb, by, proposal.reason, proposal=str(ground.outcome))
    entry = ledger.record(
        "case.exit_proposed",
        by=by,
        on=case,
        data={
            "ground": str(ground.outcome),
            "track": str(case.exit_track),
            "findings": sorted({one.key for one in ground.findings}),
            "policy": case.policy.number,
        },
        words={
            "reason": proposal.reason,
            "ground_words": proposal.ground_words,
            "speaker": proposal.speaker,
        }
        | {f"{exit_plan.SKIPPED}{key}": why for key, why in _skipped(case).items()},
    )
    return entry.seq


def _begun(case: Case, ground: exits.Ground, proposal: Proposal) -> dict[str, Any]:
    """What a new plan begins with; what was written for an earlier one is carried over."""
    before = exits.last_plan(case)
    carried = before.values() | {"reply_weighed": ""} if before else {}
    return carried | {
        "buyer_id": case.buyer_id,
        "case": case,
        "track": case.exit_track,
        "ground": ground.outcome,
        "clause": ground.clause,
        "limb": ground.limb,
        "findings": ground.kept(),
        "proposed_by": case.proposed_by,
        "proposed_at": case.proposed_at,
        "reason": proposal.reason,
        "ground_words": proposal.ground_words,
        "speaker": proposal.speaker or carried.get("speaker", ""),
        "not_applicable": _skipped(case),
    }


def _skipped(case: Case) -> dict[str, str]:
    is_immediate = case.exit_track == ExitTrack.IMMEDIATE
    return exit_plan.not_applicable_at_first() if is_immediate else {}


def exit_lacks(case: Case, plan: ExitPlan) -> list[exit_plan.Lack]:
    """Return what a plan lacks: what is not written, and words its notice must not say."""
    found = plan.lacks()
    said = letters.forbidden(plan.letter_kind, case, plan.notice_facts(None))
    names = {"ground": "ground_words", "notice": "notice_text", "people": "people_words"}
    found += _odd_days(case, plan)
    return found + [
        exit_plan.Lack(
            names.get(fact, fact),
            _("%(field)s: say it without %(words)s.")
            % {
                "field": exit_plan.FIELDS[names.get(fact, fact)].label,
                "words": _(", ").join(_("“%(word)s”") % {"word": word} for word in words),
            },
        )
        for fact, words in said.items()
    ]


def _odd_days(case: Case, plan: ExitPlan) -> list[exit_plan.Lack]:
    last, ends = plan.last_order_on, plan.ends_on
    if plan.is_immediate or plan.approved_at is not None:
        return []
    odd = []
    if last and last < clock.today(case.supplier.zone):
        odd.append(exit_plan.Lack("last_order_on", _("The last day for orders has passed.")))
    if last and ends and ends < last:
        odd.append(exit_plan.Lack("ends_on", _("Trade would end before the last day for orders.")))
    return odd


def present_plan(*, case: Case, task: int, by: User, reason: str, rev: int) -> Case:
    """Put the plan before approver and counsel: complete, the reply answered or time over.

    Impact and notice stand in it (domain note, section 9). Raises Refused, or Conflict with
    what is missing, or when it was saved since the page was shown.
    """
    with engine.holding(case, task, "exit_review") as step:
        held = step.process.case
        require(rules.may_present_plan(by, held))
        plan = standing_plan(held, _("No exit is proposed in this case."))
        require_rev(plan, rev)
        now = clock.now()
        missing = [one.sentence for one in exit_lacks(held, plan)]
        missing += exits.why_not_presented(held, plan, exits.replies(plan), now)
        if missing:
            raise Conflict(" ".join(missing))
        plan.presented_by, plan.presented_at = by, now
        plan.save(update_fields=["presented_by", "presented_at"])
        held.next_act_at = held.ours_by(now, held.policy.exit_days)
        decide(held, Verb.PRESENT_PLAN, by, reason)
        entry = ledger.record(
            "case.exit_presented",
            by=by,
            on=held,
            data={"rev": plan.rev},
            words={"reason": reason},
        )
        # impact and notice stand in the plan, which is complete
        duties.met_by(held, HOLDS_PLAN, by, how=_("Stands in the exit plan."))
        step.finish(by, Verb.PRESENT_PLAN)
        mail.exit_told(held, "presented", entry.seq, by)
    return held


def require_rev(plan: ExitPlan, rev: int) -> None:
    """Raise Conflict if the plan was saved since the page was shown."""
    if plan.rev != rev:
        raise Conflict(_("The plan was changed since you opened it. Please read it as it is now."))


def accept_reply(
    *,
    case: Case,
    task: int,
    by: User,
    reason: str,
    facts: Mapping[str, object],
    seen: str = "",
) -> Case:
    """Let the proposal go on account of the supplier's reply; the case is in review again.

    `facts` are those of the letter EXIT_HALTED. Raises Refused, or Conflict without a reply.
    """
    with engine.holding(case, task, "exit_review") as step:
        held = step.process.case
        require(rules.may_accept_reply(by, held))
        plan = standing_plan(held, _("No exit is proposed in this case."))
        if not plan.replies.exists():
            raise Conflict(_("The supplier has not replied yet, so there is nothing to accept."))
        returning.take_back(held, Verb.ACCEPT_REPLY)
        decide(held, Verb.ACCEPT_REPLY, by, reason)
        entry = ledger.record("case.reply_accepted", by=by, on=held, words={"reason": reason})
        step.finish(by, Verb.ACCEPT_REPLY)
        returning.reopen(held, by, reason)
        returning.shut_form(held, by)
        _send_back(held, by, facts, entry.seq, seen)
        mail.exit_told(held, "returned", entry.seq, by)
    return held


def return_exit(  # noqa: PLR0913 - the decision, its words, and those of its letter
    *,
    case: Case,
    task: int,
    by: User,
    reason: str,
    advice: str = "",
    facts: Mapping[str, object] | None = None,
    seen: str = "",
) -> Case:
    """Return an exit to review: approver or counsel, either alone; an objection stands.

    `advice` is read by counsel alone. The supplier is written to where it was told of the
    proposal: never on the immediate track. Raises Refused, Conflict.
    """
    with engine.holding(case, task, "exit_approval") as step:
        held = step.process.case
        require(rules.may_return_exit(by, held))
        plan = returning.take_back(held, Verb.RETURN_EXIT)
        decide(held, Verb.RETURN_EXIT, by, reason, counsel_text=advice)
        entry = ledger.record(
            "case.exit_returned",
            by=by,
            on=held,
            words={"reason": reason},
            counsel={"advice": advice},
        )
        step.finish(by, Verb.RETURN_EXIT)
        returning.reopen(held, by, reason)
        returning.shut_form(held, by)
        if plan is None or not plan.is_immediate:
            _send_back(held, by, facts or {}, entry.seq, seen)
        mail.exit_told(held, "returned", entry.seq, by)
    return held


def _send_back(case: Case, by: User, facts: Mapping[str, object], once: int, seen: str) -> None:
    letter.send(held=case, kind=LetterKind.EXIT_HALTED, by=by, facts=facts, once=once, seen=seen)
