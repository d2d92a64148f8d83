"""A case as it stood at an earlier moment, replayed from its ledger and its dated rows.

For documents alone: no rule, page or act decides by it. What neither an event nor a date
tells (a person's name, a company's address) stands as it is today.
"""

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID

from django.db import models
from django.db.models import Q

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import ledger
from portal.enums import Audience, Delivery
from portal.models import User
from questionnaires.models import Submission
from workflows import queries, timeline
from workflows.enums import FindingState, Stage, Trading
from workflows.models import Case, Decision, Duty, Finding, Proof
from workflows.outcome import UNRESOLVED
from workflows.queries.replies import HOLDING

SIGNED = frozenset({"case.submitted", "case.declined"})
FILES: Mapping[str, EvidenceState] = {
    "evidence.released": EvidenceState.RELEASED,
    "evidence.held": EvidenceState.HELD,
    "evidence.refused": EvidenceState.REFUSED,
    "evidence.destroyed": EvidenceState.DESTROYED,
}
MAILS = {"mail.accepted": Delivery.ACCEPTED, "mail.refused": Delivery.REFUSED}
# how a finding from elsewhere moves without being judged
HEARD: Mapping[str, tuple[FindingState, FindingState]] = {
    "inquiry.replied": (FindingState.OPEN, FindingState.ANSWERED),
    "finding.reopened": (FindingState.CONFIRMED, FindingState.OPEN),
}
UNREADS = SIGNED | {"case.constraint_closed", "case.renewed"}
# what ends a recommendation's standing
OVERTAKES = SIGNED | {
    "case.queried",
    "case.recommendation_stale",
    "case.exit_proposed",
    "case.renewed",
}
# what ends a proposed exit, or one that was carried out
ENDS_EXIT = SIGNED | frozenset(
    {
        "case.reply_accepted",
        "case.exit_returned",
        "case.exit_halted",
        "case.reentry_opened",
        "case.closed",
    }
)
# acts that make whoever does them the reviewer, where there is none yet
TAKES = frozenset({"case.queried", "case.recommended", "case.escalated"})
ASKS = frozenset({"case.issued", "case.renewed"})
NAMES = {"case.contact_changed": "contact", "case.signatory_named": "signatory"}
# what goes with a moment that had not come yet
PAIRED: Mapping[str, Mapping[str, object]] = {
    "wording_at": {"wording": "", "wording_reason": "", "wording_by": None},
    "proposed_at": {"proposed_by": None},
    "escalated_at": {"escalated_person": None, "escalated_to": ""},
    "held_at": {"held_from": ""},
}


@dataclass(frozen=True)
class Past:
    """A case up to `at`; `case` is a copy that must never be saved.

    `cut` and `head` are the last ledger entry covered and its hash, `files` the state of
    each file and `mails` the delivery of each mail as they were then, by their keys.
    """

    case: Case
    at: datetime
    cut: int
    head: str
    submissions: list[Submission]
    standing: queries.Standing
    files: Mapping[str, EvidenceState]
    mails: Mapping[str, Delivery]
    events: Sequence[ledger.Event]
    people: Mapping[str, User]

    def state_of(self, file: Evidence) -> EvidenceState:
        return _state(file, self.at, self.files)

    def is_stale(self, decision: Decision) -> bool:
        """Whether a recommendation had been overtaken by then."""
        return decision.is_stale and any(
            one.name in OVERTAKES and one.at >= decision.at for one in self.events
        )


def past(case: Case, at: datetime) -> Past:
    """Return the case as it stood at `at`, of all that its ledger and its rows tell."""
    cut, head = ledger.position(case.chain, at)
    events = ledger.events(case, audiences=frozenset({Audience.PERSONAL}), until=cut)
    signed = submissions(case, at)
    files = {str(one.data["evidence"]): FILES[one.name] for one in events if one.name in FILES}
    then = _case(case, at, events)
    findings = _findings(case, at, events, {str(one.pk): one for one in signed})
    return Past(
        case=then,
        at=at,
        cut=cut,
        head=head,
        submissions=signed,
        standing=queries.assembled(
            then,
            _latest(signed, events),
            queries.Ground(
                findings,
                _proofs(case, at, events, files),
                list(queries.inspections(case).filter(logged_at__lte=at)),
                is_open=_is_open(then, at),
                is_spent=lambda: queries.is_plan_spent(then, at),
            ),
        ),
        files=files,
        mails={str(one.data["mail"]): MAILS[one.name] for one in events if one.name in MAILS},
        events=events,
        people=_people(events),
    )


def submissions(case: Case, at: datetime | None = None) -> list[Submission]:
    """Return what was signed for a case, up to `at`; oldest first."""
    if case.response is None:
        return []
    rows = case.response.submissions.select_related("response__version", "supplier")
    return list((rows.filter(signed_at__lte=at) if at else rows).order_by("number"))


def _latest(signed: list[Submission], events: list[ledger.Event]) -> Submission | None:
    """Return what was signed last since the case was sent, or asked anew."""
    asked = _asked_at(events)
    if not signed or (asked is not None and signed[-1].signed_at < asked):
        return None
    return signed[-1]


def _asked_at(events: list[ledger.Event]) -> datetime | None:
    return max((one.at for one in events if one.name in ASKS), default=None)


def _case(case: Case, at: datetime, events: list[ledger.Event]) -> Case:
    then = copy.copy(case)
    for field in Case._meta.concrete_fields:
        value = getattr(case, field.attname)
        if not isinstance(field, models.DateTimeField) or value is None or value <= at:
            continue
        if field.name in {"due_at", "lapse_at", "next_act_at"}:
            continue  # moments to come, replayed below
        setattr(then, field.name, None)
        for name, nothing in PAIRED.get(field.name, {}).items():
            setattr(then, name, nothing)
    way = timeline.stages(events)
    then.stage = way[-1].stage if way else Stage.DRAFT
    then.reply_code, then.reply_until = _reply_code(events)
    then.due_at, then.lapse_at = _clocks(events)
    then.lapsed_at, then.asked_at = _lapsed_at(events), _asked_at(events)
    then.contact, then.signatory, then.reviewer = _roles(events)
    then.trading, then.exit_track = _trade(events)
    then.presumed_at, then.left_open_at = _presumed_at(events), _left_open_at(events)
    return then


def _roles(events: list[ledger.Event]) -> tuple[User | None, User | None, User | None]:
    """Replay whom the case named: contact, signatory, and who reviewed it."""
    named = {"contact": "", "signatory": "", "reviewer": ""}
    for one in events:
        named |= _named(one, named["reviewer"])
    people = {str(one.pk): one for one in User.objects.filter(pk__in=filter(None, named.values()))}
    return (
        people.get(named["contact"]),
        people.get(named["signatory"]),
        people.get(named["reviewer"]),
    )


def _named(event: ledger.Event, reviewer: str) -> dict[str, str]:
    """Return whom an event names as what; `reviewer` is who reviewed the case before it."""
    by, found = str(event.actor.get("user", "")), {}
    if event.name in SIGNED:
        found["signatory"] = by
    elif event.name in TAKES:
        found["reviewer"] = reviewer or by
    elif event.name == "case.taken":
        found["reviewer"] = by
    elif event.name == "case.issued":
        found["contact"] = str(event.data.get("contact", ""))
    elif event.name in NAMES:
        found[NAMES[event.name]] = str(event.data["user"])
    elif event.name == "case.handed_over":
        found |= dict.fromkeys(cast("list[str]", event.data["as"]), str(event.data["to"]))
    return found


def _lapsed_at(events: list[ledger.Event]) -> datetime | None:
    """When time ran out, unless answers were signed or asked for anew since."""
    lapsed = before = None
    for one in events:
        if one.name == "case.lapsed":
            lapsed = before = one.at
        elif one.name in SIGNED | {"case.renewed"}:
            lapsed = before = None
        elif one.name in {"case.exit_halted", "case.reentry_opened"}:
            # a form that still stands open is late no more; one opened again is as it was
            lapsed = None
        elif one.name == "response.opened_again":
            lapsed = before
        elif one.name.startswith("case."):
            before = lapsed
    return lapsed


def _trade(events: list[ledger.Event]) -> tuple[str, str]:
    """Replay what applied to trade, and the track of an exit."""
    trading, track = str(Trading.OPEN), ""
    for one in events:
        if one.name == "case.trading_set":
            trading = str(one.data["trading"])
        elif one.name == "case.exit_proposed":
            track = str(one.data["track"])
        elif one.name in ENDS_EXIT:
            track = ""
    return trading, track


def _presumed_at(events: list[ledger.Event]) -> datetime | None:
    """Since when clause B's presumption stood."""
    names = {"case.presumption_raised", "case.presumption_lifted"}
    last = next((one for one in reversed(events) if one.name in names), None)
    return last.at if last and last.name == "case.presumption_raised" else None


def _left_open_at(events: list[ledger.Event]) -> datetime | None:
    """Since when the form stood open although a finding brought the case to review."""
    since = None
    for one in events:
        if one.name == "case.finding_raised" and one.data.get("left_open"):
            since = one.at
        elif one.name in SIGNED:
            since = None
    return since


def _reply_code(events: list[ledger.Event]) -> tuple[str, datetime | None]:
    """Replay the reply code, and how long it holds a limb."""
    code, until = "", None
    for one in events:
        if one.name in UNREADS:
            code, until = "", None
        elif one.name == "case.reply_code_set":
            code, until = str(one.data["code"]), _moment(one.data.get("until"))
    return code, until


def _is_open(then: Case, at: datetime) -> bool:
    """Whether what the reply code holds was still held: its clock ran, or our part was open."""
    if then.reply_code not in HOLDING or then.reply_until is None:
        return False
    if at <= then.reply_until:
        return True
    ours = Duty.objects.filter(case_id=then.pk, reply_code=then.reply_code, opened_at__lte=at)
    return ours.filter(Q(settled_at=None) | Q(settled_at__gt=at)).exists()


def _clocks(events: list[ledger.Event]) -> tuple[datetime | None, datetime | None]:
    """Replay both moments: every event that moves them says where to."""
    due = lapse = None
    for one in events:
        if not one.name.startswith("case."):
            continue
        due = _moment(one.data.get("due")) or due
        lapse = _moment(one.data.get("lapse")) or lapse
        if one.name == "case.lapse_put_off":
            lapse = _moment(one.data["until"])
    return due, lapse


def _moment(said: object) -> datetime | None:
    return datetime.fromisoformat(str(said)) if said else None


def _findings(
    case: Case,
    at: datetime,
    events: list[ledger.Event],
    signed_texts: Mapping[str, Submission],
) -> list[Finding]:
    rows = Finding.objects.filter(case=case, raised_at__lte=at).select_related("raised_by")
    found = {str(one.pk): one for one in rows.order_by("raised_at", "key", "item")}
    people = _people(events)
    for one in found.values():
        one.state, one.reason, one.judged_by, one.judged_at = FindingState.OPEN, "", None, None
    for event in events:
        if event.name in SIGNED and (signed := signed_texts.get(str(event.data["submission"]))):
            raised = {(one.key, one.item) for one in queries.findings_of(signed)}
            for one in found.values():
                if one.raised_at < event.at and not one.is_outside:
                    _signed_again(one, is_raised=(one.key, one.item) in raised)
        if event.name == "finding.judged" and (judged := found.get(str(event.data["finding"]))):
            judged.state, judged.reason = str(event.data["state"]), event.words.get("reason", "")
            judged.judged_by = people.get(str(event.actor.get("user")))
            judged.judged_at = event.at
        if event.name in HEARD and (heard := found.get(str(event.data["finding"]))):
            before, after = HEARD[event.name]
            heard.state = after if heard.state == before else heard.state
    return list(found.values())


def _signed_again(finding: Finding, *, is_raised: bool) -> None:
    """What `actions.raising` does to a finding that stood when answers were signed anew."""
    if is_raised and finding.state in {FindingState.DISMISSED, FindingState.ANSWERED}:
        finding.state = FindingState.OPEN
    elif not is_raised and finding.state in UNRESOLVED - {FindingState.CONFIRMED}:
        finding.state = FindingState.ANSWERED


def _proofs(
    case: Case,
    at: datetime,
    events: list[ledger.Event],
    files: Mapping[str, EvidenceState],
) -> list[Proof]:
    rows = Proof.objects.filter(case=case, evidence__received_at__lte=at)
    proofs = list(rows.select_related("evidence").order_by("pk"))
    graded = {_place(one): one for one in events if one.name == "proof.graded"}
    people = _people(events)
    for proof in proofs:
        proof.evidence.state = _state(proof.evidence, at, files)
        event = graded.get((str(proof.evidence_id), proof.claim, proof.step))
        said = event.data if event else {}
        proof.grade, proof.counts = str(said.get("grade", "")), bool(said.get("counts", True))
        proof.reason = event.words.get("reason", "") if event else ""
        proof.graded_by = people.get(str(event.actor.get("user"))) if event else None
        proof.graded_at = event.at if event else None
    return proofs


def _state(file: Evidence, at: datetime, files: Mapping[str, EvidenceState]) -> EvidenceState:
    if known := files.get(str(file.pk)):
        return known
    is_judged = file.judged_at is not None and file.judged_at <= at
    return EvidenceState(file.state) if is_judged else EvidenceState.RECEIVED


def _place(event: ledger.Event) -> tuple[str, str, str]:
    return str(event.data["evidence"]), str(event.data["claim"]), str(event.data["step"])


def _people(events: list[ledger.Event]) -> dict[str, User]:
    ids: Iterator[str] = (str(one.actor["user"]) for one in events if "user" in one.actor)
    return {str(one.pk): one for one in User.objects.filter(pk__in={UUID(pk) for pk in ids})}
