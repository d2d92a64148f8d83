"""Pieces that several documents share."""

import hashlib
from datetime import datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Literal, cast
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils.translation import gettext as _

from documents import dossier as contents
from documents.models import Evidence
from portal import enums, ledger
from portal.models import LedgerChain, Organisation, User
from questionnaires import queries as answers
from questionnaires.models import Submission
from workflows.enums import Verb

Language = Literal["en", "zh-hans"]


def software() -> str:
    """Return name and version of this program, as a document prints it."""
    try:
        return f"Extricate {version('extricate')}"
    except PackageNotFoundError:
        return "Extricate 0.1.0"


def moment(at: datetime | None) -> str:
    return ledger.moment(at) if at else ""


def imprint(
    *,
    reference: str,
    language: str,
    buyer: Organisation,
    chain: LedgerChain,
    zone: str,
    neutral: bool = False,
) -> contents.Imprint:
    """Say what a document is about; `neutral` leaves this program's name out of it."""
    fresh = LedgerChain.objects.get(pk=chain.pk)
    return contents.Imprint(
        language=cast("Language", language),
        reference=reference,
        service=buyer.shown_service,
        buyer=buyer.name,
        zone=zone,
        place=ZoneInfo(zone).key.rsplit("/", 1)[-1].replace("_", " "),
        cut=fresh.length,
        head=fresh.head,
        software="" if neutral else software(),
        clock_note=(
            _("Demonstration: companies and dates are invented.")
            if settings.EXTRICATE_DEMO
            else ""
        ),
    )


def party(organisation: Organisation, role: str) -> contents.Party:
    return contents.Party(
        role=role,
        name=organisation.name,
        name_en=organisation.name_en,
        country=organisation.country,
        registration=organisation.registration,
        address=organisation.address,
    )


def attestation(submission: Submission) -> contents.Attestation:
    """Return who signed what: each statement as shown, and the hash the code was bound to."""
    signed = submission.content
    return contents.Attestation(
        signatory=contents.Person(
            name=submission.signatory_name,
            role=_("Signatory"),
            organisation=submission.supplier.name,
            title=submission.signatory_title,
            authority=submission.authority,
            signed_in_by=_("Code sent to the mailbox"),
        ),
        at=moment(submission.signed_at),
        method=_("Fresh code by mail, bound to the fingerprint of what was signed"),
        sha256=submission.sha256,
        statements=tuple(
            contents.Statement(
                number=str(number),
                text=one["text"],
                language=str(enums.Language(submission.language).label),
                sha256=hashlib.sha256(one["text"].encode()).hexdigest(),
                answer=_("Confirmed"),
            )
            for number, one in enumerate(signed.get("statements", ()), start=1)
        ),
        number=submission.number,
    )


def what(verb: str, *, is_agreement: bool) -> str:
    """Name a decision; counsel's word before a case is cleared is no clearing."""
    if is_agreement and verb == Verb.CLEAR:
        return _("Concur in clearing")
    return str(Verb(verb).label)


def answer_sections(
    submission: Submission,
    *,
    language: str,
    before: Submission | None = None,
    findings: dict[str, list[str]] | None = None,
    counsel: bool = False,
) -> tuple[contents.AnswerSection, ...]:
    """Return every question as shown with its answer; `before` adds what it said last time."""
    old = _by_path(before, language) if before is not None else {}
    sections = []
    for part in answers.sheet_of(submission, language=language, counsel=counsel):
        for group in part.groups:
            title = f"{part.title}: {group.title}" if group.title else part.title
            lines = tuple(_printed(line, old, findings or {}) for line in group.lines)
            if lines:
                sections.append(contents.AnswerSection(title, lines))
    return tuple(sections)


def _printed(
    line: answers.Line, old: dict[str, str], findings: dict[str, list[str]]
) -> contents.Answer:
    return contents.Answer(
        number="",
        question=line.label,
        answer=_answer(line),
        before=_changed(old, line),
        findings=tuple(findings.get(line.path, ())),
    )


def _answer(line: answers.Line) -> str:
    text = "\n".join(line.shown.lines)
    if line.files:
        text = ", ".join(file.name for file in line.files)
    if line.shown.note:
        text = f"{text} ({line.shown.note})"
    return text or "–"


def _changed(old: dict[str, str], line: answers.Line) -> str:
    if not old:
        return ""
    now = _answer(line)
    was = old.get(line.path, "–")
    return was if was != now else ""


def _by_path(submission: Submission, language: str) -> dict[str, str]:
    return {
        line.path: _answer(line)
        for part in answers.sheet_of(submission, language=language)
        for group in part.groups
        for line in group.lines
    }


def evidence_item(
    number: int, evidence: Evidence, *, grade: str = "", asked_in: str = "", reason: str = ""
) -> contents.EvidenceItem:
    """Return one file as printed; without `grade` the one its kind proposes is shown as such."""
    return contents.EvidenceItem(
        number=str(number),
        name=evidence.name,
        kind=evidence.kind,
        state=evidence.state,
        sha256=evidence.sha256,
        size=evidence.size,
        scan=evidence.scan,
        grade=grade or str(evidence.proposed_grade),
        proposed=not grade,
        issuer=evidence.issuer,
        issued_on=evidence.issued_on.isoformat() if evidence.issued_on else "",
        document_number=evidence.number,
        received_at=moment(evidence.received_at),
        received_by=evidence.received_by,
        received_from=evidence.received_from,
        scan_database=evidence.scan_database,
        asked_in=asked_in,
        reason=reason,
    )


def person(user: User, role: str, organisation: Organisation) -> contents.Person:
    return contents.Person(name=str(user), role=role, organisation=organisation.name)


def blocks(text: str) -> tuple[contents.Block, ...]:
    """Cut a letter's text into headings, items of lists and paragraphs."""
    return tuple(_block(piece) for piece in text.split("\n\n") if piece.strip())


def _block(piece: str) -> contents.Block:
    if piece.startswith("# "):
        return contents.Block(piece[2:], "heading")
    if piece.startswith("- "):
        return contents.Block(piece[2:], "item")
    return contents.Block(piece)
