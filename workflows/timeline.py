"""Events as plain sentences, for the case page and the dossier."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.utils.translation import gettext as _

from documents.enums import Edition, Grade
from portal import ledger
from portal.enums import Audience, Wording
from portal.models import User
from questionnaires.enums import CommentAudience
from workflows.enums import Channel, FindingState, ReplyCode, Stage
from workflows.models import Case

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
    """Return a case's events oldest first, in the reader's language; three queries.

    A run of explicit saves by one person stands as one line, unless `every` is asked for.
    """
    found = ledger.events(case, audiences=COUNSEL if counsel else BOTH, since=since, until=until)
    names = _names(found)
    lines = [
        Line(
            seq=event.seq,
            at=event.at,
            who=_who(event.actor, names),
            sentence=sentence(event),
            words=_words(event),
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
    "case.cleared": Stage.CLEARED,
    "case.withdrawn": Stage.WITHDRAWN,
}


def way(case: Case) -> list[Step]:
    """Return the stages a case has passed through, oldest first; two queries."""
    found: list[Step] = []
    for event in ledger.events(case, audiences=frozenset(), names=MOVES):
        stage = MOVES[event.name] or Stage(str(event.data["back_to"]))
        if found and found[-1].stage == stage:
            continue
        if found:
            found[-1] = replace(found[-1], until=event.at)
        found.append(Step(stage, event.at))
    return found


QUIET_WORDS = frozenset({"address", "name"})


def _words(event: ledger.Event) -> tuple[str, ...]:
    # what the supplier's people say among themselves is not the buyer's to read
    if event.data.get("audience") == CommentAudience.SUPPLIER:
        return ()
    return tuple(value for name, value in event.words.items() if name not in QUIET_WORDS)


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


def sentence(event: ledger.Event) -> str:
    """Say in one sentence what an event tells; an unknown one by its plain name."""
    said = SENTENCES.get(event.name)
    if said is None:
        return event.name.replace(".", ": ").replace("_", " ")
    return said(event)


def _fixed(text: Callable[[], str]) -> Callable[[ledger.Event], str]:
    return lambda _event: text()


def _label(choices: type, code: object) -> str:
    try:
        return str(choices(code).label)
    except ValueError:
        return str(code)


def _issued(event: ledger.Event) -> str:
    return _("The instruction was sent, to be answered by %(day)s.") % {
        "day": str(event.data["due"])[:10]
    }


def _wording(event: ledger.Event) -> str:
    return _("Wording chosen: %(wording)s.") % {"wording": _label(Wording, event.data["wording"])}


def _submitted(event: ledger.Event) -> str:
    return _("Submission %(number)s was signed; its fingerprint begins %(hash)s.") % {
        "number": event.data["number"],
        "hash": str(event.data["sha256"])[:16],
    }


def _declined(event: ledger.Event) -> str:
    return _("The supplier declined by the short path; the fingerprint begins %(hash)s.") % {
        "hash": str(event.data["sha256"])[:16]
    }


def _findings(event: ledger.Event) -> str:
    found = event.data["findings"]
    return _("The answers raised findings: %(n)d.") % {
        "n": len(found) if isinstance(found, list) else 0
    }


def _judged(event: ledger.Event) -> str:
    return _("A finding was judged: %(state)s.") % {
        "state": _label(FindingState, event.data["state"])
    }


def _graded(event: ledger.Event) -> str:
    return _("Proof was graded: %(grade)s.") % {"grade": _label(Grade, event.data["grade"])}


def _file_graded(event: ledger.Event) -> str:
    return _("A file was graded: %(grade)s.") % {"grade": _label(Grade, event.data["grade"])}


def _queried(event: ledger.Event) -> str:
    paths = event.data["paths"]
    return _("Questions were sent back: %(n)d, to be answered by %(day)s.") % {
        "n": len(paths) if isinstance(paths, list) else 0,
        "day": str(event.data["due"])[:10],
    }


def _referred(event: ledger.Event) -> str:
    return _("Referred to counsel; the supplier's clocks stand still (it was: %(stage)s).") % {
        "stage": _label(Stage, event.data["from"])
    }


def _advised(event: ledger.Event) -> str:
    return _("Counsel advised; the case goes back to: %(stage)s.") % {
        "stage": _label(Stage, event.data["back_to"])
    }


def _put_off(event: ledger.Event) -> str:
    return _("Time ran out, but nobody was reached yet: put off to %(day)s.") % {
        "day": str(event.data["until"])[:10]
    }


def _code(event: ledger.Event) -> str:
    return _("The reply was read as: %(code)s.") % {"code": _label(ReplyCode, event.data["code"])}


def _contact(event: ledger.Event) -> str:
    how = _label(Channel, event.data["channel"])
    if event.data["reached"]:
        return _("Contact logged (%(how)s): the person was reached.") % {"how": how}
    return _("Contact logged (%(how)s): nobody was reached.") % {"how": how}


def _dossier(event: ledger.Event) -> str:
    edition = _label(Edition, event.data["edition"])
    number = event.data["number"]
    said = {
        "dossier.requested": _("A document was asked for: %(edition)s, number %(number)s."),
        "dossier.issued": _("A document was issued: %(edition)s, number %(number)s."),
        "dossier.downloaded": _("A document was downloaded: %(edition)s, number %(number)s."),
        "dossier.failed": _("A document could not be written: %(edition)s, number %(number)s."),
    }
    return said[event.name] % {"edition": edition, "number": number}


SENTENCES: Mapping[str, Callable[[ledger.Event], str]] = {
    "case.wording_chosen": _wording,
    "case.issued": _issued,
    "case.acknowledged": _fixed(lambda: _("The supplier acknowledged receipt.")),
    "case.submitted": _submitted,
    "case.declined": _declined,
    "case.findings_raised": _findings,
    "case.lapsed": _fixed(lambda: _("Time ran out; the case came to review. The form is open.")),
    "case.lapse_put_off": _put_off,
    "case.queried": _queried,
    "case.referred": _referred,
    "case.advised": _advised,
    "case.taken": _fixed(lambda: _("Took the case for review.")),
    "case.recommended": _fixed(lambda: _("Recommended clearing.")),
    "case.recommendation_stale": _fixed(
        lambda: _("Something new came in; the recommendation no longer stands.")
    ),
    "case.escalated": _fixed(lambda: _("Put the case before a colleague for the next act.")),
    "case.cleared": _fixed(lambda: _("Cleared: nothing open under B4 and B5 as of this day.")),
    "case.withdrawn": _fixed(lambda: _("Withdrew the request.")),
    "case.reply_code_set": _code,
    "case.contact_logged": _contact,
    "case.contact_changed": _fixed(lambda: _("Another person is written to from now on.")),
    "case.signatory_named": _fixed(lambda: _("Named the signatory.")),
    "case.list_opened": _fixed(lambda: _("Opened the list of companies.")),
    "case.wrong_person": _fixed(lambda: _("Said that the wrong person was written to.")),
    "finding.judged": _judged,
    "proof.graded": _graded,
    "proof.logged": _fixed(lambda: _("Logged proof that did not come through the service.")),
    "response.opened": _fixed(lambda: _("The questionnaire was laid out.")),
    "response.saved": _fixed(lambda: _("Saved answers.")),
    "response.closed": _fixed(lambda: _("The questionnaire was closed.")),
    "response.sent_back": _fixed(lambda: _("Answers were opened for correction.")),
    "response.mark_withdrawn": _fixed(lambda: _("A question was taken back.")),
    "response.commented": _fixed(lambda: _("Wrote a message.")),
    "response.signed": _fixed(lambda: _("The answers were frozen as signed.")),
    "evidence.received": _fixed(lambda: _("A file came in.")),
    "evidence.released": _fixed(lambda: _("A file was checked and released.")),
    "evidence.held": _fixed(lambda: _("A file is held until a person has looked at it.")),
    "evidence.refused": _fixed(lambda: _("A file was refused and not kept.")),
    "evidence.downloaded": _fixed(lambda: _("A file was downloaded.")),
    "evidence.linked": _fixed(lambda: _("Placed a file beside a question.")),
    "evidence.unlinked": _fixed(
        lambda: _("Took a file away from a question; the file itself is kept.")
    ),
    "evidence.described": _fixed(
        lambda: _("Described a file: what it is, who issued it and when.")
    ),
    "evidence.graded": _file_graded,
    "evidence.destroyed": _fixed(lambda: _("A file was destroyed; its fingerprint is kept.")),
    "mail.accepted": _fixed(lambda: _("A mail was accepted by the mail server.")),
    "mail.refused": _fixed(lambda: _("A mail was refused by the mail server.")),
    "dossier.requested": _dossier,
    "dossier.issued": _dossier,
    "dossier.downloaded": _dossier,
    "dossier.failed": _dossier,
}
