import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from portal import ledger
from questionnaires.models import (
    Comment,
    NeverChanges,
    QuestionnaireVersion,
    Response,
    SectionDocument,
    Submission,
)
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.factories.questionnaires import (
    CommentFactory,
    QuestionnaireVersionFactory,
    ResponseFactory,
    SubmissionFactory,
)

pytestmark = pytest.mark.django_db

WRITTEN_ONCE = [
    (QuestionnaireVersionFactory, QuestionnaireVersion, {"definition": "{}"}),
    (SubmissionFactory, Submission, {"snapshot": "{}"}),
    (CommentFactory, Comment, {"text": "Other"}),
]


@pytest.mark.parametrize(("made", "model", "change"), WRITTEN_ONCE)
class TestWhatIsWrittenOnce:
    def test_refuses_to_be_saved_again(self, made, model, change):
        with pytest.raises(NeverChanges):
            made().save()

    def test_refuses_to_be_deleted(self, made, model, change):
        with pytest.raises(NeverChanges):
            made().delete()

    def test_the_database_refuses_an_update(self, made, model, change):
        kept = made()

        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            model.objects.filter(pk=kept.pk).update(**change)

    def test_the_database_refuses_a_delete(self, made, model, change):
        kept = made()

        with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
            model.objects.filter(pk=kept.pk)._raw_delete("default")

    @pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own statement")
    def test_replace_does_not_slip_through(self, made, model, change):
        kept = made()
        table = model._meta.db_table
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM {table}")  # noqa: S608 - our own table
            row = cursor.fetchone()
            marks = ", ".join(["%s"] * len(row))

            with pytest.raises(DatabaseError, match="written once"), transaction.atomic():
                cursor.execute(f"REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608 - ours

        assert model.objects.filter(pk=kept.pk).exists()


def test_the_same_content_is_published_once():
    call_command("publish_questionnaires", stdout=StringIO(), stderr=StringIO())
    call_command("publish_questionnaires", stdout=StringIO(), stderr=StringIO())

    version = QuestionnaireVersion.objects.get(version="2026.0")
    published = ledger.installation().entries.filter(event="questionnaire.published")
    assert published.count() == QuestionnaireVersion.objects.count() == 2
    assert json.loads(version.definition)["key"] == "supply-chain-attestation"


def test_a_key_and_version_is_published_once_per_buyer():
    version = QuestionnaireVersionFactory()
    buyer = OrganisationFactory()
    again = {"key": version.key, "version": version.version, "published_at": version.published_at}

    QuestionnaireVersion.objects.create(buyer=buyer, **again)
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionnaireVersion.objects.create(buyer=buyer, **again)
    with pytest.raises(DatabaseError), transaction.atomic():
        QuestionnaireVersion.objects.create(**again)


def test_a_section_has_one_document():
    response = ResponseFactory(answers={})

    with pytest.raises(DatabaseError), transaction.atomic():
        SectionDocument.objects.create(response=response, section="you")


def test_strangers_see_no_response():
    response = ResponseFactory()

    assert not Response.objects.visible_to(UserFactory()).filter(pk=response.pk).exists()
