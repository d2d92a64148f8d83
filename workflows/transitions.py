"""The transition table as data (domain note, section 8): read by rules, charts and tests.

`kind` says how the engine carries a verb: an edge of a flow, a self-edge that stays in its
stage, the start of a run, or a stop from outside it.
"""

from dataclasses import dataclass
from typing import Literal

from portal.enums import Role
from workflows.enums import Stage, Verb

Kind = Literal["edge", "self", "start", "stop"]
CLOCK = "CLOCK"

WAITING = (Stage.INSTRUCTED, Stage.ANSWERING, Stage.QUERIED)
BEFORE_EXIT_APPROVAL = (
    Stage.INSTRUCTED,
    Stage.ANSWERING,
    Stage.REVIEW,
    Stage.QUERIED,
    Stage.WITH_COUNSEL,
    Stage.REMEDIATION,
    Stage.SUSPENDED,
    Stage.EXIT_REVIEW,
)


@dataclass(frozen=True)
class Transition:
    """One line of the table. Empty `targets` means the stage that was left before."""

    verb: Verb
    sources: tuple[Stage, ...]
    targets: tuple[Stage, ...]
    who: tuple[str, ...]
    kind: Kind = "edge"


S, V, R = Stage, Verb, Role
TABLE: tuple[Transition, ...] = (
    Transition(V.ISSUE, (S.DRAFT,), (S.INSTRUCTED,), (R.CAMPAIGN_MANAGER,), "start"),
    Transition(V.ACKNOWLEDGE, (S.INSTRUCTED,), (S.ANSWERING,), (R.CONTACT, R.SIGNATORY)),
    Transition(V.SUBMIT, (S.ANSWERING, S.QUERIED), (S.REVIEW,), (R.SIGNATORY,)),
    Transition(V.DECLINE, WAITING, (S.REVIEW,), (R.SIGNATORY,)),
    Transition(V.SUBMIT_LATE, (S.REVIEW,), (S.REVIEW,), (R.SIGNATORY,), "self"),
    Transition(V.SUBMIT_LATE, (S.EXIT_REVIEW, S.EXIT_APPROVAL), (S.REVIEW,), (R.SIGNATORY,)),
    Transition(V.LAPSE, WAITING, (S.REVIEW,), (CLOCK,)),
    Transition(
        V.REFER,
        (*WAITING, S.REVIEW),
        (S.WITH_COUNSEL,),
        (R.CONTACT, R.SIGNATORY, R.ANALYST, R.APPROVER),
    ),
    Transition(V.ADVISE, (S.WITH_COUNSEL,), (*WAITING, S.REVIEW, S.REMEDIATION), (R.COUNSEL,)),
    Transition(V.QUERY, (S.REVIEW,), (S.QUERIED,), (R.ANALYST,)),
    Transition(
        V.RAISE_FINDING,
        (*WAITING, S.WITH_COUNSEL),
        (S.REVIEW,),
        (R.ANALYST,),
    ),
    Transition(V.RAISE_FINDING, (S.CLEARED,), (S.REVIEW,), (R.ANALYST,), "start"),
    Transition(V.RECOMMEND, (S.REVIEW,), (S.REVIEW,), (R.ANALYST,), "self"),
    Transition(V.ESCALATE, (S.REVIEW,), (S.REVIEW,), (R.ANALYST,), "self"),
    Transition(V.CLEAR, (S.REVIEW,), (S.CLEARED,), (R.APPROVER,)),
    Transition(V.AGREE_PLAN, (S.REVIEW,), (S.REMEDIATION,), (R.APPROVER,)),
    Transition(V.REPORT, (S.REMEDIATION,), (S.REVIEW,), (R.CONTACT, CLOCK)),
    Transition(V.SUSPEND, (S.REVIEW, S.REMEDIATION), (S.SUSPENDED,), (R.APPROVER,)),
    Transition(V.RESUME, (S.SUSPENDED,), (S.REMEDIATION, S.REVIEW), (R.APPROVER,)),
    Transition(
        V.PROPOSE_EXIT,
        (S.REVIEW, S.REMEDIATION, S.SUSPENDED),
        (S.EXIT_REVIEW,),
        (R.ANALYST, R.APPROVER),
    ),
    Transition(
        V.PROPOSE_IMMEDIATE_EXIT,
        (S.REVIEW, S.REMEDIATION, S.SUSPENDED),
        (S.EXIT_APPROVAL,),
        (R.ANALYST, R.APPROVER),
    ),
    Transition(V.ACCEPT_REPLY, (S.EXIT_REVIEW,), (S.REVIEW,), (R.APPROVER,)),
    Transition(V.PRESENT_PLAN, (S.EXIT_REVIEW,), (S.EXIT_APPROVAL,), (R.ANALYST,)),
    Transition(V.APPROVE_EXIT, (S.EXIT_APPROVAL,), (S.WINDING_DOWN,), (R.APPROVER, R.COUNSEL)),
    Transition(V.RETURN_EXIT, (S.EXIT_APPROVAL,), (S.REVIEW,), (R.APPROVER, R.COUNSEL)),
    Transition(V.COMPLETE_EXIT, (S.WINDING_DOWN,), (S.DISENGAGED,), (R.APPROVER,)),
    Transition(V.HALT_EXIT, (S.WINDING_DOWN,), (S.REVIEW,), (R.APPROVER, R.COUNSEL)),
    Transition(V.OPEN_REENTRY, (S.DISENGAGED,), (S.REVIEW,), (R.APPROVER,), "start"),
    Transition(V.RENEW, (S.CLEARED,), (S.ANSWERING,), (CLOCK, R.ANALYST), "start"),
    Transition(
        V.WITHDRAW,
        (S.DRAFT, *BEFORE_EXIT_APPROVAL),
        (S.WITHDRAWN,),
        (R.CAMPAIGN_MANAGER,),
        "stop",
    ),
    Transition(V.CLOSE, BEFORE_EXIT_APPROVAL, (S.WITHDRAWN,), (R.APPROVER,), "stop"),
)


def sources(verb: Verb) -> frozenset[Stage]:
    """Return the stages from which `verb` may be done."""
    return frozenset(stage for line in TABLE if line.verb == verb for stage in line.sources)


def doers(verb: Verb) -> frozenset[str]:
    """Return the roles that may do `verb`."""
    return frozenset(role for line in TABLE if line.verb == verb for role in line.who)
