"""How much room a text gets, and how a list of a hundred choices is shown."""

import pytest
from django import forms
from django.urls import reverse

from portal import clock
from portal.enums import Role
from questionnaires import queries
from questionnaires.forms import SectionForm
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import NEWEST, QuestionnaireVersionFactory, ResponseFactory
from tests.factories.questionnaires import content as definition
from tests.questionnaires.sectors import cotton_weaver

pytestmark = pytest.mark.django_db


@pytest.fixture
def newest():
    version = QuestionnaireVersionFactory(questionnaire=definition(NEWEST))
    return ResponseFactory(version=version, answers=cotton_weaver(clock.today("Asia/Shanghai")))


def form(response, section, row=""):
    draft = queries.draft(response)
    return SectionForm(draft, draft.questionnaire.section_of[section], row)


def is_long(field):
    return isinstance(field.widget, forms.Textarea)


def test_an_author_says_how_much_room_a_text_gets(newest):
    fields = form(newest, "p_cotton", "cot-1").fields

    assert is_long(fields["cot_fabric_lots"])
    assert not is_long(fields["cot_order"])
    assert not is_long(form(newest, "subs", "sub-dye").fields["sub_work"])


def test_where_no_author_said_a_question_gets_several_lines(response):
    assert is_long(form(response, "subs", "sub-dye").fields["sub_work"])
    assert not is_long(form(response, "you").fields["job_title"])
    assert not is_long(form(response, "goods_made", "goods-1").fields["goods_hs"])


def test_what_is_chosen_stands_first_in_a_long_list(newest):
    field = form(newest, "p_cotton", "cot-1").fields["cot_grown"]

    assert len(field.choices) > 200
    assert field.choices[0][0] == "BR"
    assert field.widget.attrs["find"] == "Find in this list"
    assert "find" not in form(newest, "subs", "sub-dye").fields["sub_places"].widget.attrs


def test_a_pack_costs_no_more_than_any_page(client, newest, django_assert_num_queries):
    contact = UserFactory(holds=(Role.CONTACT, newest.supplier))
    client.force_login(contact)
    client.get("/answers/")
    page = reverse("questionnaires:row", args=[newest.pk, "p_cotton", "cot-1"])

    with django_assert_num_queries(8):
        html = client.get(page).content.decode()
    assert 'data-find="cot_grown-list"' in html
    assert html.index('value="BR"') < html.index('value="AF"')

    given = {"asked": "cot_order", "cot_order": "2", "rev": 0, "go": "overview"}
    with django_assert_num_queries(10):
        answer = client.post(page, given)
    assert answer.status_code == 302
