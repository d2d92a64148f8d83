"""What happens to a piece of evidence: received, judged, described, graded, opened, gone."""

from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from documents import rules, storage, uploads
from documents.enums import (
    EvidenceKind,
    EvidenceState,
    Grade,
    Origin,
    Problem,
    ReceivedBy,
    Scan,
)
from documents.inspection import Inspected
from documents.models import Evidence
from documents.scanner import Scanned
from portal import clock, ledger, work
from portal.access import Conflict, require
from portal.enums import Queue
from portal.models import LedgerChain, Organisation, User


@dataclass(frozen=True)
class Description:
    """What a file is said to be; `about` is a key of the app above (a question, a query)."""

    kind: EvidenceKind
    issuer: str = ""
    issued_on: date | None = None
    number: str = ""
    about: str = ""


@dataclass(frozen=True)
class Arrival:
    """How a file came in, from whom when it was not uploaded by its sender, whose it is."""

    way: ReceivedBy = ReceivedBy.PORTAL
    sender: str = ""
    origin: Origin = Origin.SUPPLIER


def receive(  # noqa: PLR0913 - a file, whose it is, and what it is said to be
    *,
    chain: LedgerChain,
    buyer: Organisation,
    supplier: Organisation,
    by: User,
    file: File,
    described: Description,
    arrival: Arrival = Arrival(),
) -> Evidence:
    """Keep a file in quarantine and have it judged; whether `by` may is the caller's rule.

    The same bytes, for the same thing, on the same chain are one row: a form sent twice
    finds the first. Call it outside a transaction: it writes to the storage first. Raises
    Conflict when the files of the chain would grow past `settings.CASE_MAX_BYTES`.
    """
    sha256, size = uploads.sha256_of(file)
    # neither side learns from the answer what the other keeps
    kept = Evidence.objects.kept().filter(chain=chain, origin=arrival.origin)
    if known := _known(kept, sha256, described):
        return known
    _require_room(kept, size)
    evidence = Evidence(
        chain=chain,
        buyer=buyer,
        supplier=supplier,
        queue=Queue.HEAVY,
        name=uploads.display_name(file.name or ""),
        size=size,
        sha256=sha256,
        kind=described.kind,
        issuer=described.issuer,
        issued_on=described.issued_on,
        number=described.number,
        about=described.about,
        received_at=clock.now(),
        received_by=arrival.way,
        received_from=arrival.sender,
        origin=arrival.origin,
        sent_by=by,
    )
    storage.put("quarantine", evidence.key, file)
    with ExitStack() as undo, transaction.atomic():
        undo.callback(storage.destroy, "quarantine", evidence.key)
        evidence.save(force_insert=True)
        _record("evidence.received", evidence, by, _said(evidence) | _from(evidence))
        work.hint(evidence)
        undo.pop_all()
    return evidence


def _known(kept: QuerySet[Evidence], sha256: str, described: Description) -> Evidence | None:
    return kept.filter(sha256=sha256, kind=described.kind, about=described.about).first()


def _require_room(kept: QuerySet[Evidence], size: int) -> None:
    used = kept.aggregate(n=Sum("size"))["n"] or 0
    if used + size > settings.CASE_MAX_BYTES:
        raise Conflict(_("There is no room for more files in this case. Ask your contact."))


@transaction.atomic
def settle(*, evidence: Evidence, inspected: Inspected, scanned: Scanned | None) -> Evidence:
    """Write down what inspection and scanner found; for the engine, inside `work.finish`.

    `scanned` is None when the scanner gave no answer. Bytes of a refused file are
    destroyed after the commit.
    """
    state, problem, detail = inspected.state, inspected.problem, inspected.detail
    if scanned is None:
        scanned = Scanned(Scan.NOT_SCANNED)
        if problem is None:
            state, problem = EvidenceState.HELD, Problem.SCANNER_SILENT
    if scanned.result == Scan.INFECTED:
        state, problem = EvidenceState.REFUSED, Problem.INFECTED
        detail = scanned.found
    evidence.state = state
    evidence.problem = problem or ""
    evidence.detail = detail
    evidence.media_type = inspected.type
    evidence.scan = scanned.result
    evidence.scan_database = scanned.database[:200]
    evidence.judged_at = clock.now()
    evidence.has_leftovers = True
    evidence.save(
        update_fields=[
            "state", "problem", "detail", "media_type", "scan", "scan_database", "judged_at",
            "has_leftovers",
        ]
    )  # fmt: skip
    words = {"detail": detail}
    _record(f"evidence.{_PAST[state]}", evidence, "installation", words)
    _tidy(evidence)
    return evidence


_PAST = {
    EvidenceState.RELEASED: "released",
    EvidenceState.HELD: "held",
    EvidenceState.REFUSED: "refused",
}


def _tidy(evidence: Evidence) -> None:
    """Have no bytes where they do not belong, once the commit stands; the ticker comes after."""

    def destroy_bytes() -> None:
        destroy_leftovers(evidence)

    transaction.on_commit(destroy_bytes, robust=True)


def destroy_leftovers(evidence: Evidence) -> None:
    """Destroy the bytes that the state of a file leaves no place for. Safe to repeat.

    Call it outside a transaction. Raises StorageSilent, NotDestroyed.
    """
    if evidence.state != EvidenceState.HELD:
        storage.destroy("quarantine", evidence.key)
    # a refused file may have been copied there by an attempt that died
    if evidence.state in (EvidenceState.REFUSED, EvidenceState.DESTROYED):
        storage.destroy("evidence", evidence.key)
    same = Evidence.objects.filter(pk=evidence.pk, state=evidence.state)
    same.update(has_leftovers=False)


def release(*, evidence: Evidence, by: User, reason: str) -> Evidence:
    """Release a held file, as not scanned when it was not. Call it outside a transaction.

    Held for personal data, its supplier says that it may be passed on; else an analyst
    takes it upon themselves. Raises Refused or Conflict.
    """
    require(rules.may_decide_on(by, evidence))
    try:
        with storage.read("quarantine", evidence.key) as held:
            storage.put("evidence", evidence.key, File(held, name=evidence.key))
    except FileNotFoundError as error:
        raise Conflict(_("The storage does not hold this file. Tell your operator.")) from error
    return _decide(evidence, by, EvidenceState.RELEASED, reason)


def refuse(*, evidence: Evidence, by: User, reason: str) -> Evidence:
    """Refuse a held file: its bytes are destroyed, its hash stays. Raises Refused, Conflict."""
    return _decide(evidence, by, EvidenceState.REFUSED, reason)


@transaction.atomic
def _decide(evidence: Evidence, by: User, state: EvidenceState, reason: str) -> Evidence:
    evidence = _locked(evidence)
    require(rules.may_decide_on(by, evidence))

    evidence.state = state
    evidence.decided_by = by
    evidence.decision_reason = reason
    evidence.has_leftovers = True
    evidence.save(update_fields=["state", "decided_by", "decision_reason", "has_leftovers"])
    _record(f"evidence.{_PAST[state]}", evidence, by, {"reason": reason})
    _tidy(evidence)
    return evidence


@transaction.atomic
def describe(*, evidence: Evidence, by: User, described: Description) -> Evidence:
    """Say anew what a file is. A grade set for another kind falls. Raises Refused, Conflict."""
    evidence = _locked(evidence)
    require(rules.may_describe(by, evidence))

    if evidence.kind != described.kind:
        evidence.grade, evidence.grade_reason, evidence.graded_by = "", "", None
    evidence.kind = described.kind
    evidence.issuer = described.issuer
    evidence.issued_on = described.issued_on
    evidence.number = described.number
    evidence.save()
    _record("evidence.described", evidence, by, _said(evidence))
    return evidence


@transaction.atomic
def grade(*, evidence: Evidence, by: User, grade: Grade, reason: str) -> Evidence:
    """Say how much a released file proves, with a reason. Raises Refused or Conflict."""
    evidence = _locked(evidence)
    require(rules.may_grade(by, evidence))

    evidence.grade = grade
    evidence.grade_reason = reason
    evidence.graded_by = by
    evidence.save(update_fields=["grade", "grade_reason", "graded_by"])
    _record("evidence.graded", evidence, by, {"reason": reason})
    return evidence


@transaction.atomic
def destroy(*, evidence: Evidence, by: User, reason: str) -> Evidence:
    """Take a file back: bytes go, hash and events stay.

    Whether it was already part of a submission, or is on hold, only the caller can know
    and must ask first. Raises Refused or Conflict.
    """
    evidence = _locked(evidence)
    require(rules.may_describe(by, evidence))

    evidence.state = EvidenceState.DESTROYED
    evidence.judged_at = evidence.judged_at or clock.now()
    evidence.decided_by = by
    evidence.decision_reason = reason
    evidence.has_leftovers = True
    evidence.save(
        update_fields=["state", "judged_at", "decided_by", "decision_reason", "has_leftovers"]
    )
    _record("evidence.destroyed", evidence, by, {"reason": reason})
    _tidy(evidence)
    return evidence


def open_evidence(*, evidence: Evidence, by: User) -> File | str:
    """Open a released file for download; no ledger entry, no file.

    The caller closes what it gets. Where the storage gives files out itself it is an address
    that does so for two minutes. Raises Refused, Conflict.
    """
    require(rules.may_download(by, evidence))
    link = storage.link("evidence", evidence.key, evidence.name)
    if link:
        return _lend(link, evidence, by)
    try:
        opened = storage.read("evidence", evidence.key)
    except FileNotFoundError as error:
        raise Conflict(_("The storage does not hold this file. Tell your operator.")) from error
    try:
        _record("evidence.downloaded", evidence, by, {})
    except Exception:
        opened.close()
        raise
    return opened


def _lend(link: str, evidence: Evidence, by: User) -> str:
    if not storage.holds("evidence", evidence.key):
        raise Conflict(_("The storage does not hold this file. Tell your operator."))
    _record("evidence.downloaded", evidence, by, {})
    return link


def _locked(evidence: Evidence) -> Evidence:
    return Evidence.objects.select_for_update().get(pk=evidence.pk)


def _said(evidence: Evidence) -> dict[str, str]:
    return {"name": evidence.name, "issuer": evidence.issuer, "number": evidence.number}


def _from(evidence: Evidence) -> dict[str, str]:
    return {"from": evidence.received_from}


def _record(event: str, evidence: Evidence, by: ledger.Actor, words: dict[str, str]) -> None:
    data: dict[str, object] = {
        "evidence": str(evidence.pk),
        "sha256": evidence.sha256,
        "size": evidence.size,
        "kind": evidence.kind,
        "grade": evidence.grade,
        "state": evidence.state,
        "problem": evidence.problem,
        "scan": evidence.scan,
        "way": evidence.received_by,
        "origin": evidence.origin if evidence.origin == Origin.BUYER else "",
        "about": evidence.about,
        "issued_on": evidence.issued_on.isoformat() if evidence.issued_on else "",
    }
    data = {name: value for name, value in data.items() if value != ""}
    ledger.record(event, by=by, on=evidence, data=data, words=words)
