"""What is signed: one text, shown, hashed and stored alike."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import logic, queries, rules
from questionnaires.actions.reviewing import change_state
from questionnaires.definition import Question, Questionnaire, QuestionType, SeenBy
from questionnaires.enums import ResponseState, SubmissionKind
from questionnaires.models import (
    CodedAnswer,
    Correction,
    CounselText,
    Response,
    Submission,
)

# the section that stands for itself when a supplier declines (content note, section 5)
COMMITMENTS = "commitments"
CODED = frozenset({QuestionType.SELECT_ONE, QuestionType.SELECT_MULTIPLE})


@dataclass(frozen=True)
class Signatory:
    """Who signs, as they say it themselves: typed name, title, and why they may."""

    person: User
    name: str
    title: str
    authority: str


@dataclass(frozen=True)
class Content:
    """Exactly what is signed: `text` is canonical JSON, `sha256` its hash in hex."""

    text: str
    sha256: str
    evaluation: str
    counsel: Mapping[str, tuple[str, str]]  # path: salt, text
    draft: queries.Draft


def check(response: Response, today: date | None = None) -> logic.Evaluation:
    """Evaluate all sections as they stand; `today` in the supplier's time zone."""
    return queries.draft(response, today=today).evaluation


def content_to_sign(  # noqa: PLR0913 - all that a signature covers
    response: Response,
    *,
    by: User,
    statements: Iterable[str],
    language: str,
    name: str,
    title: str,
    authority: str,
    kind: str = SubmissionKind.ATTESTATION,
    reply: str = "",
) -> Content:
    """Return exactly what `freeze` stores, to be shown and bound to a code by its hash.

    `statements` are the codes ticked, `language` the one they were read in, `reply` the code
    taken when declining. Raises Conflict, with what is still open, unless it can be signed.
    """
    signatory = Signatory(by, name.strip(), title.strip(), authority.strip())
    ticked = dict.fromkeys(statements, True)
    draft = queries.draft(response, statements=ticked)
    if kind == SubmissionKind.DECLINE:
        _require_commitments(draft)
    else:
        _require_complete(draft)
    return _content(draft, signatory, language, SubmissionKind(kind), reply)


def _require_complete(draft: queries.Draft) -> None:
    if not draft.is_ready:
        raise Conflict(_("Some questions are still open. Check the answers."))
    if draft.evaluation.missing:
        raise Conflict(_("Tick every statement. If you can't make one, write to us instead."))
    if draft.waiting:
        raise Conflict(_("Some files are still being checked. Try again in a minute."))


def _require_commitments(draft: queries.Draft) -> None:
    section = draft.questionnaire.section_of.get(COMMITMENTS)
    if section is None or section.key not in draft.evaluation.sections:
        raise Conflict(_("This questionnaire can't be declined by the short path."))
    own = {question.key for question in section.questions}
    wrong = {item.path for item in draft.evaluation.invalid}
    if own & (wrong | set(draft.evaluation.missing)):
        raise Conflict(_("Answer the questions of this section first."))


def _content(
    draft: queries.Draft,
    signatory: Signatory,
    language: str,
    kind: SubmissionKind,
    reply: str,
) -> Content:
    response, definition = draft.response, draft.questionnaire
    counsel: dict[str, tuple[str, str]] = {}
    tree = draft.tree()
    if kind == SubmissionKind.DECLINE:
        tree = {COMMITMENTS: tree[COMMITMENTS]}
    snapshot = {
        "format": 1,
        "kind": str(kind),
        "response": str(response.pk),
        "number": response.submissions.count() + 1,
        "questionnaire": {
            "key": definition.key,
            "version": definition.version,
            "sha256": definition.sha256,
        },
        "wording": str(response.wording),
        "language": language.lower(),
        "today": draft.today.isoformat(),
        "sections": {key: _frozen(draft, stored, counsel) for key, stored in tree.items()},
        "statements": _statements(definition, draft, language, kind),
        "signatory": {
            "user": str(signatory.person.pk),
            "name": signatory.name,
            "title": signatory.title,
            "authority": signatory.authority,
        },
    }
    if reply:
        snapshot["reply"] = reply
    text = ledger.canonical(snapshot)
    evaluation = draft.evaluation.as_data() | {"today": draft.today.isoformat()}
    return Content(
        text=text.decode(),
        sha256=hashlib.sha256(text).hexdigest(),
        evaluation=ledger.canonical(evaluation).decode(),
        counsel=counsel,
        draft=draft,
    )


def _statements(
    definition: Questionnaire, draft: queries.Draft, language: str, kind: SubmissionKind
) -> list[dict[str, str]]:
    if kind == SubmissionKind.DECLINE:
        return []
    return [
        {"code": one.code, "text": one.label.of(draft.response.wording, language)}
        for question in definition.questions.values()
        for one in question.statements
        if draft.statements.get(one.code)
    ]


def _frozen(
    draft: queries.Draft,
    stored: Mapping[str, Any],
    counsel: dict[str, tuple[str, str]],
) -> dict[str, Any]:
    def answers(found: Mapping[str, Any], row: str) -> dict[str, Any]:
        return {
            key: _answer(draft, draft.questionnaire.questions[key], answer, row, counsel)
            for key, answer in found.items()
        }

    if "rows" in stored:
        rows = stored["rows"]
        return {"rows": [{"id": r["id"], "answers": answers(r["answers"], r["id"])} for r in rows]}
    return {"answers": answers(stored["answers"], "")}


def _answer(
    draft: queries.Draft,
    question: Question,
    stored: Any,
    row: str,
    counsel: dict[str, tuple[str, str]],
) -> Any:
    path = question.path(row)
    if isinstance(stored, Mapping) and "declined" in stored:
        return {"declined": stored["declined"], "why": stored.get("why", "")}
    if stored is None:
        return None
    if question.type == QuestionType.FILE:
        return [
            {
                "id": str(one.pk),
                "sha256": one.sha256,
                "kind": one.kind,
                "issuer": one.issuer,
                "issued_on": one.issued_on.isoformat() if one.issued_on else "",
                "number": one.number,
            }
            for one in draft.files.get(path, [])
        ]
    if question.seen_by == SeenBy.COUNSEL:
        text = stored if isinstance(stored, str) else json.dumps(stored, ensure_ascii=False)
        salt = hashlib.sha256(f"{draft.response.salt}:{path}".encode()).hexdigest()[:32]
        counsel[path] = (salt, text)
        return {"sealed": ledger.salted(text, salt)}
    return stored


@transaction.atomic
def freeze(  # noqa: PLR0913 - all that a signature covers
    *,
    response: Response,
    by: User,
    statements: Iterable[str],
    language: str,
    name: str,
    title: str,
    authority: str,
    expected: str,
) -> Submission:
    """Store what was signed; part of the act that submits a case, after its lock.

    `expected` is the hash the code was bound to: if the answers moved since, nothing is
    stored. Raises Refused, or Conflict with what is in the way.
    """
    response = _locked(response)
    require(rules.may_freeze(by, response))
    content = content_to_sign(
        response,
        by=by,
        statements=statements,
        language=language,
        name=name,
        title=title,
        authority=authority,
    )
    return _store(response, content, expected, SubmissionKind.ATTESTATION, by)


@transaction.atomic
def freeze_decline(  # noqa: PLR0913 - all that a signature covers
    *,
    response: Response,
    by: User,
    reply: str,
    language: str,
    name: str,
    title: str,
    authority: str,
    expected: str,
) -> Submission:
    """Store section 5 alone, signed by a supplier that declines; `reply` is its code.

    For the rest as `freeze`; `content_to_sign(kind=DECLINE, statements=())` gives `expected`.
    """
    response = _locked(response)
    require(rules.may_freeze(by, response))
    content = content_to_sign(
        response,
        by=by,
        statements=(),
        language=language,
        name=name,
        title=title,
        authority=authority,
        kind=SubmissionKind.DECLINE,
        reply=reply,
    )
    return _store(response, content, expected, SubmissionKind.DECLINE, by)


def _locked(response: Response) -> Response:
    """Lock the response, then its documents by key order: no save slips in between."""
    now = (
        Response.objects.select_for_update(of=("self",))
        .select_related("version")
        .defer("version__definition")
        .get(pk=response.pk)
    )
    list(now.documents.select_for_update().order_by("pk").values_list("pk", flat=True))
    return now


def _store(
    response: Response, content: Content, expected: str, kind: SubmissionKind, by: User
) -> Submission:
    if content.sha256 != expected:
        raise Conflict(_("The answers changed since you were shown them. Check and sign again."))
    signed = json.loads(content.text)
    submission = Submission.objects.create(
        response=response,
        buyer_id=response.buyer_id,
        supplier_id=response.supplier_id,
        number=signed["number"],
        kind=kind,
        snapshot=content.text,
        sha256=content.sha256,
        evaluation=content.evaluation,
        wording=response.wording,
        language=signed["language"],
        signatory=by,
        signatory_name=signed["signatory"]["name"],
        signatory_title=signed["signatory"]["title"],
        authority=signed["signatory"]["authority"],
        signed_at=clock.now(),
    )
    CounselText.objects.bulk_create(
        CounselText(submission=submission, path=path, salt=salt, text=text)
        for path, (salt, text) in content.counsel.items()
    )
    index_codes(submission)
    corrections = Correction.objects.standing().filter(submission__response=response)
    corrections.filter(answered_at=None).update(answered_at=submission.signed_at)
    change_state(response, ResponseState.SUBMITTED)
    ledger.record(
        "response.signed",
        by=by,
        on=response,
        data={
            "response": str(response.pk),
            "submission": str(submission.pk),
            "number": submission.number,
            "kind": str(kind),
            "sha256": submission.sha256,
            "wording": str(submission.wording),
            "language": submission.language,
        },
        words={"name": submission.signatory_name, "title": submission.signatory_title},
        counsel={},
    )
    return submission


def index_codes(submission: Submission) -> None:
    """Rebuild the index of chosen codes of one submission from its snapshot."""
    definition = queries.questionnaire(submission.response.version)
    submission.coded_answers.all().delete()
    CodedAnswer.objects.bulk_create(
        CodedAnswer(submission=submission, question=key, item=row, code=code)
        for key, row, answer in _answers_in(submission.content["sections"])
        if definition.questions[key].type in CODED
        for code in _codes(answer)
    )


def _answers_in(sections: Mapping[str, Any]) -> Iterable[tuple[str, str, Any]]:
    for stored in sections.values():
        for key, answer in stored.get("answers", {}).items():
            yield key, "", answer
        for row in stored.get("rows", ()):
            for key, answer in row["answers"].items():
                yield key, row["id"], answer


def _codes(answer: Any) -> list[str]:
    if isinstance(answer, Mapping):
        return [f"declined:{answer['declined']}"] if "declined" in answer else []
    if isinstance(answer, str):
        return [answer]
    return list(answer or [])
