"""Keeping what a person decided, and the steps that two people agree to."""

from dataclasses import dataclass

from portal import clock
from portal.access import Conflict, require
from portal.models import User
from workflows import rules
from workflows.enums import ExitRole, Verb
from workflows.models import Case, Decision, ExitConsent, ExitPlan
from workflows.queries import exits


def decide(  # noqa: PLR0913 - the words of one decision
    case: Case,
    verb: Verb,
    by: User,
    reason: str,
    *,
    proposal: str = "",
    to_whom: User | None = None,
    counsel_text: str = "",
    acknowledged_unscanned: bool = False,
) -> Decision:
    """Keep an act of a named person with its reason; `counsel_text` is counsel's alone."""
    return Decision.objects.create(
        buyer_id=case.buyer_id,
        case=case,
        verb=verb,
        by=by,
        at=clock.now(),
        reason=reason,
        proposal=proposal,
        to_whom=to_whom,
        counsel_text=counsel_text,
        acknowledged_unscanned=acknowledged_unscanned,
    )


def standing_plan(case: Case, otherwise: str) -> ExitPlan:
    """Return the exit that stands in a held case, or raise Conflict with a sentence."""
    found = exits.plan_of(case)
    if found is None:
        raise Conflict(otherwise)
    return found


@dataclass(frozen=True)
class Word:
    """What one of two people says: as approver or as counsel, why, and what counsel alone reads.

    `rev` is the number of the save that was read.
    """

    role: ExitRole
    reason: str
    rev: int
    advice: str = ""


def agree(case: Case, plan: ExitPlan, verb: Verb, by: User, word: Word) -> list[ExitConsent]:
    """Keep that a person agrees to a step, and return who had agreed before.

    Raises Refused or Conflict from the rule: one of each role, by two people.
    """
    given = exits.consents(plan, verb)
    require(rules.may_consent(by, case, role=word.role, plan=plan, given=given))
    ExitConsent.objects.create(
        plan=plan,
        verb=verb,
        role=word.role,
        by=by,
        at=clock.now(),
        decision=decide(case, verb, by, word.reason, counsel_text=word.advice),
    )
    return given
