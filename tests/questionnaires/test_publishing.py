from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from questionnaires import actions, checks
from questionnaires.models import QuestionnaireVersion
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.factories.questionnaires import content

pytestmark = pytest.mark.django_db


def publish(*files):
    out, err = StringIO(), StringIO()
    try:
        call_command("publish_questionnaires", *files, stdout=out, stderr=err)
    except CommandError as error:
        return f"{err.getvalue()}{error}"
    return out.getvalue()


def test_the_repositorys_files_are_published_once():
    assert "published, sha256" in publish()
    assert "is published already" in publish()


def test_other_content_under_the_same_version_is_refused():
    actions.publish(questionnaire=content(), by="installation")

    with pytest.raises(actions.AlreadyPublished):
        actions.publish(questionnaire=replace(content(), sha256="0" * 64), by="installation")


def test_the_command_names_what_is_published_already(tmp_path):
    from questionnaires.queries import DEFINITIONS

    publish()
    text = next(DEFINITIONS.glob("*2026.0.yaml")).read_text().replace("Your job title", "Your job")
    changed = tmp_path / "changed.yaml"
    changed.write_text(text)

    assert "Give it a new version" in publish(changed)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "was not published"),
        ("format: [", "was not published"),
        ("format: 1\nkey: demo\nversion: '1'\nsections: []\n", "was not published"),
        ("\udcff", "codec"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path, text, said):
    path = tmp_path / "bad.yaml"
    path.write_bytes(text.encode("utf-8", "surrogateescape"))

    assert said in publish(path)
    assert not QuestionnaireVersion.objects.exists()


def test_a_missing_file_is_named(tmp_path):
    assert "nothing.yaml" in publish(tmp_path / "nothing.yaml")


def test_a_buyer_has_versions_of_its_own():
    buyer, person = OrganisationFactory(), UserFactory()
    version, is_new = actions.publish(questionnaire=content(), by=person, buyer=buyer)

    assert is_new
    assert buyer.chain.entries.filter(event="questionnaire.published").exists()
    reader = UserFactory(holds=("ANALYST", buyer))
    assert version in QuestionnaireVersion.objects.visible_to(reader)
    assert version not in QuestionnaireVersion.objects.visible_to(person)


def test_the_definitions_pass_the_system_check():
    assert checks.definitions_are_sound(None) == []
