"""What the page of a case shows: answers beside proof and findings, and what was said."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from documents.models import Evidence
from portal.models import OutboxMessage, User
from questionnaires import queries as answers
from questionnaires.models import Comment, Correction, QuestionnaireVersion, Submission
from workflows.enums import Verb
from workflows.models import Case, ContactLog, Decision, Finding, Proof
from workflows.queries import signed
from workflows.queries.standing import Standing

# how much of each list a page shows; the rest has a page of its own, or stays in the dossier
MAILS = 20
MESSAGES = 50
CONTACTS = 30
DECISIONS = 30
FILES = 60
ROWS_A_TABLE = 20


@dataclass(frozen=True)
class AnswerRead:
    """One answer under review; `before` is what was signed last time, None if it is the same."""

    line: answers.Line
    text: str
    before: str | None = None
    findings: Sequence[Finding] = ()
    files: Sequence[tuple[Evidence, Sequence[Proof]]] = ()
    corrections: Sequence[Correction] = ()
    comments: Sequence[Comment] = ()


@dataclass(frozen=True)
class GroupRead:
    """A page of answers, or one row of a table with the findings that rest on it."""

    title: str
    lines: Sequence[AnswerRead]
    findings: Sequence[Finding] = ()


@dataclass(frozen=True)
class PartRead:
    """One section as signed; `gone` is what was signed last time and is not there now."""

    key: str
    title: str
    table: str
    groups: Sequence[GroupRead]
    gone: Sequence[tuple[str, str]] = ()

    @property
    def number(self) -> int:
        return sum(len(group.lines) for group in self.groups)

    @property
    def changed(self) -> int:
        changes = sum(line.before is not None for group in self.groups for line in group.lines)
        return changes + len(self.gone)

    @property
    def raised(self) -> int:
        return sum(
            len(group.findings) + sum(len(line.findings) for line in group.lines)
            for group in self.groups
        )

    @property
    def first_groups(self) -> Sequence[GroupRead]:
        return self.groups[:ROWS_A_TABLE]

    @property
    def is_cut(self) -> bool:
        return len(self.groups) > ROWS_A_TABLE


@dataclass(frozen=True)
class _Beside:
    """What stands beside the answers, by path."""

    before: Mapping[str, str] | None
    findings: Mapping[str, list[Finding]]
    proofs: Mapping[Any, list[Proof]]
    corrections: Mapping[str, list[Correction]]
    comments: Mapping[str, list[Comment]]


def said(line: answers.Line) -> str:
    """Return an answer as one text; files by their names."""
    text = "\n".join(line.shown.lines)
    if line.files:
        text = "\n".join(file.name for file in line.files)
    return f"{text} ({line.shown.note})" if line.shown.note else text


def answer_parts(
    standing: Standing, comments: Iterable[Comment], *, language: str, counsel: bool
) -> list[PartRead]:
    """Return what was signed last, section by section; at most six queries.

    `language` is the reader's; `counsel` opens what only counsel reads.
    """
    submission = standing.submission
    if submission is None:
        return []
    parts = answers.sheet_of(submission, language=language, counsel=counsel)
    before = _signed_before(submission)
    old = answers.sheet_of(before, language=language, counsel=counsel) if before else []
    beside = _Beside(
        before=_texts(old) if before else None,
        findings=_by_place(standing.findings, submission, parts),
        proofs=_by_file(standing),
        corrections=_grouped(_corrections(submission)),
        comments=_grouped(one for one in comments if one.path),
    )
    now = {line.path for part in parts for group in part.groups for line in group.lines}
    gone = {part.key: _gone(part, now) for part in old}
    return [_part(part, beside, gone.get(part.key, ())) for part in parts]


def _signed_before(submission: Submission) -> Submission | None:
    earlier = Submission.objects.filter(
        response_id=submission.response_id, kind=submission.kind, number__lt=submission.number
    )
    found = earlier.order_by("-number").first()
    if found is not None:
        # the same version: a response never changes it
        found.response = submission.response
    return found


def _corrections(submission: Submission) -> Iterable[Correction]:
    rows = Correction.objects.standing().filter(submission__response=submission.response_id)
    return rows.select_related("by").order_by("at", "path")


def _texts(parts: Iterable[answers.Part]) -> dict[str, str]:
    return {
        line.path: said(line) for part in parts for group in part.groups for line in group.lines
    }


def _gone(part: answers.Part, now: set[str]) -> list[tuple[str, str]]:
    return [
        (f"{group.title}: {line.label}" if group.title else line.label, said(line))
        for group in part.groups
        for line in group.lines
        if line.path not in now and said(line)
    ]


def _by_file(standing: Standing) -> dict[Any, list[Proof]]:
    found = defaultdict(list)
    for claim in standing.claims:
        for proof in claim.proofs:
            found[proof.evidence_id].append(proof)
    return found


def _grouped(rows: Iterable[Any]) -> dict[str, list]:
    found = defaultdict(list)
    for row in rows:
        found[row.path].append(row)
    return found


def _by_place(
    findings: Iterable[Finding], submission: Submission, parts: Sequence[answers.Part]
) -> dict[str, list[Finding]]:
    """Put each finding where it rests: its row, its question, or the first it was read from."""
    definition = answers.questionnaire(submission.response.version)
    first = {line.question.key: line.path for line in _lines(reversed(parts))}
    found = defaultdict(list)
    for finding in findings:
        place = finding.item
        rule = definition.finding_of.get(finding.key)
        if not place and rule is not None:
            keys = signed.NAMES.findall(rule.when.source)
            place = next((first[key] for key in keys if key in first), "")
        found[place].append(finding)
    return found


def _lines(parts: Iterable[answers.Part]) -> Iterable[answers.Line]:
    for part in parts:
        for group in reversed(part.groups):
            yield from reversed(group.lines)


def _part(part: answers.Part, beside: _Beside, gone: Sequence[tuple[str, str]]) -> PartRead:
    table = part.section.table
    return PartRead(
        key=part.key,
        title=part.title,
        table=table,
        groups=[
            GroupRead(
                title=group.title,
                lines=[_answer(line, beside) for line in group.lines],
                findings=beside.findings.get(f"{table}[{group.row}]", ()) if table else (),
            )
            for group in part.groups
        ],
        gone=gone,
    )


def _answer(line: answers.Line, beside: _Beside) -> AnswerRead:
    text, before = said(line), None
    if beside.before is not None and beside.before.get(line.path, "") != text:
        before = beside.before.get(line.path, "")
    return AnswerRead(
        line=line,
        text=text,
        before=before,
        findings=beside.findings.get(line.path, ()),
        files=[(file, beside.proofs.get(file.pk, ())) for file in line.files],
        corrections=beside.corrections.get(line.path, ()),
        comments=beside.comments.get(line.path, ()),
    )


@dataclass(frozen=True)
class Said:
    """What was written, called and decided, each list bounded, newest last but for mails."""

    comments: Sequence[Comment] = ()
    messages: Sequence[Comment] = ()
    contacts: Sequence[ContactLog] = ()
    mails: Sequence[OutboxMessage] = ()
    decisions: Sequence[Decision] = ()
    files: Sequence[Evidence] = ()
    other_proofs: Sequence[Proof] = field(default_factory=list)


def said_in(case: Case, user: User, standing: Standing) -> Said:
    """Read what was said in a case, as far as this person may; six queries."""
    comments = answers.comments_for(user, case.response) if case.response else []
    of_claims = [proof for claim in standing.claims for proof in (*claim.proofs, *claim.earlier)]
    shown = {proof.pk for proof in of_claims}
    proofs = Proof.objects.filter(case=case).select_related("evidence", "graded_by")
    others = [one for one in proofs.order_by("pk")[:FILES] if one.pk not in shown]
    with_proof = {proof.evidence_id for proof in (*of_claims, *others)}
    return Said(
        comments=comments,
        messages=[one for one in comments if not one.path][-MESSAGES:],
        contacts=list(
            ContactLog.objects.filter(case=case)
            .select_related("by")
            .order_by("-at", "-pk")[:CONTACTS]
        ),
        mails=list(_mails(case)[:MAILS]),
        decisions=list(
            Decision.objects.filter(case=case)
            .select_related("by", "to_whom")
            .order_by("-at", "-pk")[:DECISIONS]
        ),
        files=[one for one in _files(case)[:FILES] if one.pk not in with_proof],
        other_proofs=others,
    )


def _mails(case: Case) -> QuerySet[OutboxMessage]:
    """Mails about a case, newest first; never a code, never a body."""
    return (
        OutboxMessage.objects.filter(chain_id=case.chain_id, is_secret=False)
        .select_related("bounce")
        .defer("body")
        .order_by("-written_at", "-pk")
    )


def _files(case: Case) -> QuerySet[Evidence]:
    shown = Evidence.objects.shown().filter(chain_id=case.chain_id)
    return shown.order_by("-received_at", "pk")


def claims_and_steps(
    version: QuestionnaireVersion, language: str
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the claims and production steps of a questionnaire as (code, label)."""
    definition = answers.questionnaire(version)

    def choices(key: str) -> list[tuple[str, str]]:
        listed = definition.choices.get(key)
        found = listed.choices if listed else ()
        return [(one.code, one.label.of("explicit", language)) for one in found]

    return choices("claim"), choices("step")


def last_recommendation(case: Case) -> Decision | None:
    """Return the recommendation that stands, with who made it."""
    rows = Decision.objects.filter(case=case, verb=Verb.RECOMMEND, is_stale=False)
    return rows.select_related("by").order_by("-at", "-pk").first()


def is_logged_already(case: Case, by: User, at: datetime, note: str) -> bool:
    """Whether this person logged the same contact before: the same form sent twice."""
    return ContactLog.objects.filter(case=case, by=by, at=at, note=note).exists()
