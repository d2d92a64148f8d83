"""A draft with all that follows from it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Q

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import clock
from portal.models import User
from questionnaires import logic
from questionnaires.definition import Questionnaire, QuestionType, Section, split_path
from questionnaires.enums import CommentAudience, Progress, ResponseState
from questionnaires.models import Comment, Correction, EvidenceLink, Response, SectionDocument
from questionnaires.queries.definitions import is_signing, language, questionnaire
from questionnaires.queries.words import Words

# files that were not kept answer nothing
GONE = frozenset({EvidenceState.REFUSED, EvidenceState.DESTROYED})


@dataclass
class Draft:
    """A response as it stands: documents, files, marks, and what the evaluator says of it."""

    response: Response
    questionnaire: Questionnaire
    documents: Mapping[str, SectionDocument]
    links: Sequence[EvidenceLink]
    today: date
    corrections: Sequence[Correction] = ()
    seen_before: frozenset[str] = frozenset()  # paths shown when it was last signed
    statements: Mapping[str, Any] = field(default_factory=dict)  # ticked while signing

    @cached_property
    def files(self) -> Mapping[str, list[Evidence]]:
        """Files that count, by path."""
        found: dict[str, list[Evidence]] = {}
        for link in self.links:
            if link.evidence.state not in GONE:
                found.setdefault(link.path, []).append(link.evidence)
        return found

    @cached_property
    def answers(self) -> dict[str, dict[str, Any]]:
        """Stored answers with the ids of linked files, in the shape the evaluator reads."""
        return {
            section.key: self._section_answers(section) for section in self.questionnaire.sections
        }

    def _section_answers(self, section: Section) -> dict[str, Any]:
        document = self.documents.get(section.key)
        data = document.data if document else {}
        if section.repeat:
            rows = data.get("rows", [])
            return {
                "rows": [
                    {"id": r["id"], "answers": self._with_files(section, r["answers"], r["id"])}
                    for r in rows
                ]
            }
        return {"answers": self._with_files(section, data.get("answers", {}), "")}

    def _with_files(
        self, section: Section, answers: Mapping[str, Any], row: str
    ) -> dict[str, Any]:
        found = dict(answers)
        for question in section.questions:
            if question.type == QuestionType.FILE:
                ids = [str(one.pk) for one in self.files.get(question.path(row), [])]
                if ids:
                    found[question.key] = ids
            elif question.type == QuestionType.DECLARATION and self.statements:
                found[question.key] = dict(self.statements)
        return found

    @cached_property
    def carried(self) -> Mapping[str, Any]:
        """Answers carried over from another version that count once confirmed, by path."""
        found: dict[str, Any] = {}
        for section in self.questionnaire.sections:
            document = self.documents.get(section.key)
            data = document.data if document else {}
            for row in data.get("rows", (data,)):
                for key, stored in row.get("last", {}).items():
                    question = self.questionnaire.questions.get(key)
                    if question and question.section == section.key:
                        found[question.path(row.get("id", ""))] = stored
        return found

    @cached_property
    def to_confirm(self) -> Mapping[str, Any]:
        """Those of them that are asked at present and were neither confirmed nor replaced.

        With an answer come those it would bring up again on its page: one look, one press.
        """
        waiting = {
            path: stored
            for path, stored in self.carried.items()
            if not self._is_answered(path) and self.may_change(path)
        }
        if not waiting:
            return {}
        asked = self.visible | self._asked_again
        return {path: stored for path, stored in waiting.items() if path in asked}

    @cached_property
    def _asked_again(self) -> frozenset[str]:
        """What open pages would ask if all were confirmed; a file waits for its question."""
        again = logic.evaluate(self.questionnaire, self._recognised, self.today).visible
        open_ = set(self.evaluation.sections)
        found = ((path, self.questionnaire.questions.get(_key(path))) for path in again)
        return frozenset(
            path
            for path, question in found
            if question and question.section in open_ and question.type != QuestionType.FILE
        )

    @cached_property
    def shown(self) -> frozenset[str]:
        """What a page shows: all that is asked, and what waits behind an answer to confirm."""
        return self.visible | self.to_confirm.keys()

    @cached_property
    def earlier_files(self) -> Mapping[str, list[Evidence]]:
        """Files among them that may be used again, by path; one query where there are any."""
        asked = {
            path: [UUID(one) for one in stored]
            for path, stored in self.to_confirm.items()
            if self.questionnaire.questions[_key(path)].type == QuestionType.FILE
            and isinstance(stored, list)
        }
        if not asked:
            return {}
        rows = Evidence.objects.filter(chain_id=self.response.chain_id).exclude(state__in=GONE)
        known = rows.in_bulk([pk for wanted in asked.values() for pk in wanted])
        return {
            path: [known[pk] for pk in wanted if pk in known] for path, wanted in asked.items()
        }

    def _is_answered(self, path: str) -> bool:
        key, row = split_path(path)
        found = self.answers[self.questionnaire.questions[key].section]
        if not row:
            return key in found["answers"]
        return any(one["id"] == row and key in one["answers"] for one in found["rows"])

    @cached_property
    def evaluation(self) -> logic.Evaluation:
        sent_back = [self._place(c.path) for c in self.corrections if c.answered_at is None]
        return logic.evaluate(self.questionnaire, self.answers, self.today, sent_back=sent_back)

    def _place(self, path: str) -> str:
        """A path the evaluator knows: of a whole table, its first question's."""
        if not path.endswith("[*]"):
            return path
        section = self.questionnaire.tables[path.removesuffix("[*]")]
        return section.questions[0].path("*")

    @cached_property
    def visible(self) -> frozenset[str]:
        return frozenset(self.evaluation.visible)

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """What has to be answered before signing, without the statements themselves."""
        signing = {
            q.key
            for section in self.questionnaire.sections
            if is_signing(section)
            for q in section.questions
        }
        return tuple(path for path in self.evaluation.missing if path not in signing)

    @cached_property
    def flaws(self) -> Mapping[str, str]:
        """What is wrong with an answer, as a sentence in the reader's language, by path."""
        return {item.path: self._flaw(item.path, item.flaw) for item in self.evaluation.invalid}

    def _flaw(self, path: str, flaw: logic.Flaw) -> str:
        question = self.questionnaire.questions.get(_key(path))
        if flaw == logic.Flaw.CONSTRAINT and question and question.message:
            return question.message.of(self.response.wording, language())
        return str(logic.FLAWS[flaw])

    @cached_property
    def sections(self) -> list[Section]:
        """Sections that are asked at present, without the one that is signed."""
        visible = set(self.evaluation.sections)
        return [
            section
            for section in self.questionnaire.sections
            if section.key in visible and not is_signing(section)
        ]

    @property
    def ready(self) -> int:
        """How many sections neither wait for an answer nor were sent back."""
        found = [self.evaluation.progress[section.key] for section in self.sections]
        return sum(one.is_complete and one.state != Progress.CORRECTION for one in found)

    @property
    def is_ready(self) -> bool:
        """Whether nothing is missing or wrong; the statements come at the signature."""
        return not self.missing and not self.evaluation.invalid

    @cached_property
    def waiting(self) -> list[Evidence]:
        """Files that are not judged yet: signing waits for them."""
        shown = self.visible
        return [
            link.evidence
            for link in self.links
            if link.path in shown and not link.evidence.is_judged
        ]

    @cached_property
    def saved(self) -> SectionDocument | None:
        """The document that was saved last."""
        saved = [(d.updated_at, d) for d in self.documents.values() if d.updated_at]
        return max(saved, key=lambda pair: pair[0])[1] if saved else None

    @cached_property
    def _marked(self) -> frozenset[str]:
        return frozenset(c.path for c in self.corrections)

    def may_change(self, path: str) -> bool:
        """Whether the answer at `path` (or the table `table[*]`) is open at present."""
        if self.response.state != ResponseState.CORRECTING:
            return self.response.is_open
        if path in self._marked:
            return True
        table = path.partition("[")[0] if "[" in path else ""
        if table and f"{table}[*]" in self._marked:
            return True
        if path.endswith("[*]"):
            return not any(seen.startswith(f"{table}[") for seen in self.seen_before)
        return path in self.visible and path not in self.seen_before

    def correction_at(self, path: str) -> Correction | None:
        table = f"{path.partition('[')[0]}[*]" if "[" in path else ""
        return next((c for c in self.corrections if c.path in (path, table)), None)

    @cached_property
    def words(self) -> Words:
        """The answers in the words of this response, in the reader's language.

        A row is called by what stands in it, confirmed or not: it is to be recognised.
        """
        return Words(self.questionnaire, self.response.wording, language(), self._recognised)

    @cached_property
    def _recognised(self) -> dict[str, dict[str, Any]]:
        """The answers as they would be if all that was carried over were confirmed."""
        if not self.carried:
            return self.answers
        found: dict[str, dict[str, Any]] = {}
        for section in self.questionnaire.sections:
            stored = self.answers[section.key]
            if section.repeat:
                found[section.key] = {"rows": [self._filled(section, r) for r in stored["rows"]]}
            else:
                found[section.key] = self._filled(section, {"id": "", **stored})
        return found

    def _filled(self, section: Section, row: Mapping[str, Any]) -> dict[str, Any]:
        paths = {question.key: question.path(row["id"]) for question in section.questions}
        last = {key: self.carried[path] for key, path in paths.items() if path in self.carried}
        return {"id": row["id"], "answers": {**last, **row["answers"]}}

    def tree(self) -> dict[str, Any]:
        """Visible answers only, None where unanswered: what a signature covers."""
        return {section.key: self._tree_of(section) for section in self.sections}

    def _tree_of(self, section: Section) -> dict[str, Any]:
        stored = self.answers[section.key]
        if section.repeat:
            return {
                "rows": [
                    {"id": r["id"], "answers": self._shown(section, r["answers"], r["id"])}
                    for r in stored["rows"]
                ]
            }
        return {"answers": self._shown(section, stored["answers"], "")}

    def _shown(self, section: Section, answers: Mapping[str, Any], row: str) -> dict[str, Any]:
        return {
            q.key: answers.get(q.key)
            for q in section.questions
            if q.type not in (QuestionType.NOTE, QuestionType.DECLARATION)
            and q.path(row) in self.visible
        }


def _key(path: str) -> str:
    try:
        return split_path(path)[0]
    except ValueError:
        return path


def draft(
    response: Response, *, today: date | None = None, statements: Mapping[str, Any] | None = None
) -> Draft:
    """Read a response with all that its pages need: two queries, four after a return.

    `response.version` should be loaded without its text. `today` is by default the date in
    the supplier's time zone.
    """
    documents = {d.section: d for d in response.documents.select_related("updated_by")}
    links = list(response.evidence_links.current().select_related("evidence").order_by("at", "pk"))
    found = Draft(
        response=response,
        questionnaire=questionnaire(response.version),
        documents=documents,
        links=links,
        today=today or clock.today(response.zone),
        statements=statements or {},
    )
    if response.state == ResponseState.CORRECTING:
        found.corrections = list(standing_corrections(response))
        last = response.submissions.latest("number")
        found.seen_before = frozenset(paths_of(last.content["sections"], found.questionnaire))
    return found


def standing_corrections(response: Response) -> Iterable[Correction]:
    """Marks of the last return, in the order they were set."""
    rows = Correction.objects.standing().filter(submission__response=response)
    found = list(rows.select_related("submission", "by").order_by("at", "path"))
    last = max((c.submission.number for c in found), default=0)
    return [c for c in found if c.submission.number == last]


def paths_of(sections: Mapping[str, Any], definition: Questionnaire) -> Iterable[str]:
    """Paths of all answers in a snapshot's `sections`."""
    for key, stored in sections.items():
        table = definition.section_of[key].table
        for row in stored.get("rows", ()):
            yield from (f"{table}[{row['id']}].{name}" for name in row["answers"])
        yield from stored.get("answers", ())


def comments_for(user: User, response: Response) -> list[Comment]:
    """Comments this person may read or wrote, oldest first."""
    audiences = [CommentAudience.BOTH]
    if user.holds_any(("CONTACT", "SIGNATORY"), response.supplier_id):
        audiences.append(CommentAudience.SUPPLIER)
    if user.works_on(response, "ANALYST", "APPROVER", "COUNSEL"):
        audiences.append(CommentAudience.BUYER)
    if user.works_on(response, "COUNSEL"):
        audiences.append(CommentAudience.COUNSEL)
    # of earlier versions, too: what was said does not end with the paper it was said about
    rows = Comment.objects.filter(response__chain_id=response.chain_id)
    rows = rows.filter(Q(audience__in=audiences) | Q(by=user))
    return list(rows.select_related("by").order_by("at", "pk"))
