"""A case's events as lines for a reader, and the stages it passed through."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from portal import ledger
from portal.enums import Audience
from portal.models import User
from questionnaires.enums import CommentAudience
from workflows.enums import ExitTrack, Stage
from workflows.models import Case
from workflows.timeline.sentences import OURS, sentence

BOTH = frozenset({Audience.PERSONAL})
COUNSEL = BOTH | {Audience.COUNSEL}


@dataclass(frozen=True)
class Line:
    """One event for a reader: who, what, when, the words that belong to it, its hash."""

    seq: int
    at: datetime
    who: str
    sentence: str
    words: tuple[str, ...]
    name: str
    hash: str
    is_suppliers: bool = False


def of(
    case: Case,
    *,
    counsel: bool = False,
    since: int = 0,
    until: int | None = None,
    every: bool = False,
) -> list[Line]:
    """Return a case's events oldest first, in the reader's language.

    Three queries once buyer and supplier are known. A run of explicit saves by one person
    stands as one line, unless `every` is asked for.
    """
    found = ledger.events(case, audiences=COUNSEL if counsel else BOTH, since=since, until=until)
    names = _names(found)
    lines = [
        Line(
            seq=event.seq,
            at=event.at,
            who=_who(event.actor, names),
            sentence=sentence(event, (case.buyer if event.name in OURS else case.supplier).zone),
            words=_words(event) + (_key_parts(event) if every else ()),
            name=event.name,
            hash=event.hash,
            is_suppliers=str(case.supplier_id) in _roles(event),
        )
        for event in found
    ]
    return lines if every else list(_saves_joined(lines))


@dataclass(frozen=True)
class Step:
    """A stage a case stood in: since when, until when (None: it stands there now)."""

    stage: Stage
    since: datetime
    until: datetime | None = None


MOVES: Mapping[str, Stage | None] = {
    "case.issued": Stage.INSTRUCTED,
    "case.acknowledged": Stage.ANSWERING,
    "case.submitted": Stage.REVIEW,
    "case.declined": Stage.REVIEW,
    "case.lapsed": Stage.REVIEW,
    "case.queried": Stage.QUERIED,
    "case.referred": Stage.WITH_COUNSEL,
    "case.advised": None,
    "case.finding_raised": Stage.REVIEW,
    "case.plan_agreed": Stage.REMEDIATION,
    "case.plan_continued": Stage.REMEDIATION,
    "case.plan_reported": Stage.REVIEW,
    "case.milestone_missed": Stage.REVIEW,
    "case.suspended": Stage.SUSPENDED,
    "case.resumed": None,
    "case.exit_proposed": None,
    "case.exit_presented": Stage.EXIT_APPROVAL,
    "case.reply_accepted": Stage.REVIEW,
    "case.exit_returned": Stage.REVIEW,
    "case.exit_approved": Stage.WINDING_DOWN,
    "case.exit_halted": Stage.REVIEW,
    "case.exit_completed": Stage.DISENGAGED,
    "case.reentry_opened": Stage.REVIEW,
    "case.closed": Stage.WITHDRAWN,
    "case.cleared": Stage.CLEARED,
    "case.renewed": Stage.ANSWERING,
    "case.withdrawn": Stage.WITHDRAWN,
}


def way(case: Case) -> list[Step]:
    """Return the stages a case has passed through, oldest first; two queries."""
    return stages(ledger.events(case, audiences=frozenset(), names=MOVES))


def stages(events: Iterable[ledger.Event]) -> list[Step]:
    """Return the stages that these events led through, oldest first."""
    found: list[Step] = []
    for event in events:
        if event.name not in MOVES:
            continue
        stage = MOVES[event.name] or _led_to(event)
        if found and found[-1].stage == stage:
            continue
        if found:
            found[-1] = replace(found[-1], until=event.at)
        found.append(Step(stage, event.at))
    return found


def _led_to(event: ledger.Event) -> Stage:
    if event.name == "case.exit_proposed":
        is_immediate = event.data["track"] == ExitTrack.IMMEDIATE
        return Stage.EXIT_APPROVAL if is_immediate else Stage.EXIT_REVIEW
    return Stage(str(event.data["back_to"]))


QUIET_WORDS = frozenset({"address", "name", "speaker"})


def _words(event: ledger.Event) -> tuple[str, ...]:
    # what the supplier's people say among themselves is not the buyer's to read
    if event.data.get("audience") == CommentAudience.SUPPLIER:
        return ()
    said = event.words.items()
    # the same reason for each section that an immediate exit does without is said once
    return tuple(dict.fromkeys(value for name, value in said if name not in QUIET_WORDS))


def _key_parts(event: ledger.Event) -> tuple[str, ...]:
    """Return what the signatory's passkey signed, for whoever checks it without this service."""
    parts = event.data.get("passkey")
    if not isinstance(parts, dict):
        return ()
    named = {
        "step_up": _("Step"),
        "public_key": _("Public key"),
        "client_data": _("What the browser gave to sign"),
        "authenticator_data": _("What the device added"),
        "signature": _("Signature"),
    }
    return tuple(f"{label}: {parts[name]}" for name, label in named.items() if name in parts)


SAVES = frozenset({"response.saved"})


def _saves_joined(lines: Iterable[Line]) -> Iterable[Line]:
    last: Line | None = None
    for line in lines:
        if last is not None and not (
            line.name in SAVES and last.name == line.name and last.who == line.who
        ):
            yield last
        last = line
    if last is not None:
        yield last


def _names(events: Iterable[ledger.Event]) -> dict[str, str]:
    ids = {str(event.actor["user"]) for event in events if "user" in event.actor}
    ids |= {str(event.data["to"]) for event in events if event.name == "case.escalated"}
    return {str(user.pk): str(user) for user in User.objects.filter(pk__in=ids)}


def _roles(event: ledger.Event) -> Mapping[str, object]:
    roles = event.actor.get("roles")
    return roles if isinstance(roles, dict) else {}


def _who(actor: Mapping[str, object], names: Mapping[str, str]) -> str:
    if "user" in actor:
        return names.get(str(actor["user"]), _("A person no longer named"))
    return {"clock": _("The clock")}.get(str(actor.get("system")), _("The service"))
