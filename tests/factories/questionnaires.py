"""Versions, responses and files of invented suppliers."""

from pathlib import Path

import factory
from django.conf import settings
from factory.django import DjangoModelFactory

from documents.enums import EvidenceState
from documents.models import Evidence
from portal import clock
from portal.enums import Language, Wording
from questionnaires import actions, loader, queries
from questionnaires.definition import Questionnaire
from questionnaires.enums import CommentAudience, ResponseState, SubmissionKind
from questionnaires.models import (
    CodedAnswer,
    Comment,
    Correction,
    CounselText,
    EvidenceLink,
    QuestionnaireVersion,
    Response,
    SectionDocument,
    Submission,
)
from tests.factories.portal import LedgerChainFactory, OrganisationFactory, UserFactory

CONTENT = "supply-chain-attestation-2026.0.yaml"
NEWEST = "supply-chain-attestation-2026.1.yaml"
_loaded: dict[str, Questionnaire] = {}


def content(name: str = CONTENT) -> Questionnaire:
    """A definition of the repository, loaded once."""
    if name not in _loaded:
        folder = Path(settings.BASE_DIR) / "questionnaires" / "definitions"
        _loaded[name] = loader.load((folder / name).read_text())
    return _loaded[name]


class QuestionnaireVersionFactory(DjangoModelFactory):
    class Meta:
        model = QuestionnaireVersion
        django_get_or_create = ("key", "version")

    class Params:
        questionnaire = factory.LazyFunction(content)

    key = factory.LazyAttribute(lambda made: made.questionnaire.key)
    version = factory.LazyAttribute(lambda made: made.questionnaire.version)
    definition = factory.LazyAttribute(lambda made: made.questionnaire.text)
    sha256 = factory.LazyAttribute(lambda made: made.questionnaire.sha256)
    published_at = factory.LazyFunction(clock.now)


class ResponseFactory(DjangoModelFactory):
    """A response not yet acknowledged; `answers={section: {...}}` begins it with these."""

    class Meta:
        model = Response
        skip_postgeneration_save = True

    supplier = factory.SubFactory(OrganisationFactory, supplier=True)
    buyer = factory.LazyAttribute(lambda made: made.supplier.buyer)
    chain = factory.SubFactory(LedgerChainFactory)
    version = factory.SubFactory(QuestionnaireVersionFactory)
    wording = Wording.EXPLICIT
    language = Language.EN
    zone = "Asia/Shanghai"
    opened_at = factory.LazyFunction(clock.now)
    opened_by = factory.SubFactory(UserFactory)

    @factory.post_generation
    def answers(self, create, extracted, **kwargs):
        if not create or extracted is None:
            return
        self.state = actions.begin(response=self).state
        for document in self.documents.all():
            given = extracted.get(document.section)
            if given:
                document.data, files = split_files(given, self, document.section)
                document.save()
                for path, name in files:
                    attach(self, path, name)


def split_files(given, response, section):
    """Answers without files, as drafts keep them, and the files by path."""
    asked = queries.questionnaire(response.version).section_of[section]
    file_keys = {q.key for q in asked.questions if q.type == "file"}
    signed = {q.key for q in asked.questions if q.type == "declaration"}
    files = []

    def bare(answers, row):
        kept = {}
        for key, answer in answers.items():
            if key in file_keys and isinstance(answer, list):
                path = f"{asked.table}[{row}].{key}" if row else key
                files.extend((path, name) for name in answer)
            elif key not in signed:
                kept[key] = answer
        return kept

    if "rows" in given:
        rows = [{"id": r["id"], "answers": bare(r["answers"], r["id"])} for r in given["rows"]]
        return {"rows": rows}, files
    return {"answers": bare(given["answers"], "")}, files


def attach(response, path, name="x/invoice", state=EvidenceState.RELEASED):
    """A judged file for one question; the end of `name` is its kind."""
    number = Evidence.objects.count() + 1
    evidence = Evidence.objects.create(
        buyer=response.buyer,
        supplier=response.supplier,
        chain=response.chain,
        state=state,
        judged_at=clock.now() if state in ("RELEASED", "HELD", "REFUSED") else None,
        name=f"demo-{number}.pdf",
        media_type="pdf",
        size=1234,
        sha256=f"{number:064x}",
        kind=name.rsplit("/", 1)[-1],
        issuer="Demo Registry",
        received_at=clock.now(),
        sent_by=response.opened_by,
    )
    return EvidenceLink.objects.create(
        response=response, path=path, evidence=evidence, by=response.opened_by, at=clock.now()
    )


class SectionDocumentFactory(DjangoModelFactory):
    class Meta:
        model = SectionDocument

    response = factory.SubFactory(ResponseFactory, state=ResponseState.OPEN)
    section = "you"
    data = factory.LazyFunction(lambda: {"answers": {}})


class SubmissionFactory(DjangoModelFactory):
    class Meta:
        model = Submission

    response = factory.SubFactory(ResponseFactory)
    buyer = factory.LazyAttribute(lambda made: made.response.buyer)
    supplier = factory.LazyAttribute(lambda made: made.response.supplier)
    number = factory.LazyAttribute(lambda made: made.response.submissions.count() + 1)
    kind = SubmissionKind.ATTESTATION
    snapshot = '{"sections":{}}'
    sha256 = "0" * 64
    evaluation = '{"findings":[]}'
    wording = Wording.EXPLICIT
    language = Language.EN
    signatory = factory.SubFactory(UserFactory)
    signatory_name = "Demo Signatory"
    signatory_title = "Demo director"
    authority = "Registered representative"
    signed_at = factory.LazyFunction(clock.now)


class CounselTextFactory(DjangoModelFactory):
    class Meta:
        model = CounselText

    submission = factory.SubFactory(SubmissionFactory)
    path = "limits_note"
    salt = "0" * 32
    text = "Demo note"


class CodedAnswerFactory(DjangoModelFactory):
    class Meta:
        model = CodedAnswer

    submission = factory.SubFactory(SubmissionFactory)
    question = "agree_sourcing"
    code = "agreed"


class CorrectionFactory(DjangoModelFactory):
    class Meta:
        model = Correction

    submission = factory.SubFactory(SubmissionFactory)
    path = "job_title"
    reason = "Demo reason"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(clock.now)


class CommentFactory(DjangoModelFactory):
    class Meta:
        model = Comment

    response = factory.SubFactory(ResponseFactory)
    audience = CommentAudience.BOTH
    text = "Demo comment"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(clock.now)


class EvidenceLinkFactory(DjangoModelFactory):
    class Meta:
        model = EvidenceLink

    response = factory.SubFactory(ResponseFactory)
    path = "own_licence"
    by = factory.SubFactory(UserFactory)
    at = factory.LazyFunction(clock.now)

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        return attach(kwargs["response"], kwargs["path"], "x/licence_extract")
