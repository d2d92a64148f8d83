"""Asking for a signed form another time: what is confirmed, given anew, used again."""

import pytest
from django.urls import reverse

from portal import ledger
from portal.access import Conflict, Refused
from portal.enums import Role
from questionnaires import actions, queries
from questionnaires.enums import ResponseState
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory, attach, split_files
from tests.questionnaires.personas import clean_weaver
from tests.questionnaires.test_changing_over import published
from tests.questionnaires.test_responding import save
from tests.questionnaires.test_signing import sign
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

# what nobody may take over from another year (content note, section 1)
GIVEN_ANEW = {
    "you",
    "arrangements",
    "balance",
    "workforce",
    "recruitment",
    "commitments",
    "steps_done",
    "encouraged",
    "proof",
}


@pytest.fixture
def signed(response, signatory):
    return sign(response, signatory)


@pytest.fixture
def anew(response, signed):
    return actions.ask_anew(response=response, by="clock")


def url(name, response, *args):
    return reverse(f"questionnaires:{name}", args=[response.pk, *args])


def html(answer):
    return " ".join(answer.text.split())


def keys_of(draft, section):
    """Keys of what is stored as an answer in one section."""
    found = draft.answers[section]
    rows = found.get("rows", (found,))
    return {key for one in rows for key in one["answers"]}


class TestWhatIsLeft:
    def test_nothing_counts_and_what_was_signed_stands(self, response, signed, anew):
        draft = queries.draft(anew)

        assert anew.state == ResponseState.OPEN
        assert not any(keys_of(draft, one.key) for one in draft.questionnaire.sections)
        assert not draft.links
        assert not draft.is_ready
        assert signed.content == response.submissions.get().content

    def test_what_may_hold_on_waits_to_be_confirmed(self, anew):
        draft = queries.draft(anew)

        assert draft.to_confirm["site[site-1].site_name"] == "绍兴示例纺织有限公司一厂"
        assert draft.to_confirm["goods[goods-1].goods_sectors"] == ["apparel", "cotton"]
        assert draft.to_confirm["input[input-1].input_goods"] == "goods-1"
        assert draft.to_confirm["affil_any"] == "yes"
        # the list opens once the answer above it is confirmed
        assert "affil[affil-1].affil_name" not in draft.to_confirm
        assert "affil[affil-1].affil_name" in draft.carried

    def test_promises_and_figures_are_given_anew(self, anew):
        draft = queries.draft(anew)
        carried = {path.rpartition(".")[2] for path in draft.carried}
        of_section = {
            one.key: {question.key for question in one.questions}
            for one in draft.questionnaire.sections
        }

        for section in GIVEN_ANEW:
            left = {
                key
                for key in of_section[section] & carried
                if draft.questionnaire.questions[key].type != "file"
            }
            assert left <= {"wf_site"}, section
        assert draft.answers["balance"] == {"rows": []}
        assert draft.answers["steps_done"] == {"rows": []}

    def test_rows_are_called_by_what_stood_in_them(self, anew):
        draft = queries.draft(anew)

        assert draft.words.rows_of("goods") == {"goods-1": "Cotton poplin, dyed"}
        # and are no answer by that
        assert draft.tree()["goods_made"]["rows"][0]["answers"]["goods_name"] is None

    def test_files_may_be_used_again_one_question_at_a_time(self, response, signed, contact):
        before = [one.pk for one in queries.draft(response).files["own_licence"]]
        anew = actions.ask_anew(response=response, by="clock")
        offered = queries.draft(anew).earlier_files

        assert [one.pk for one in offered["own_licence"]] == before
        assert not any(path.startswith("bal[") for path in offered)
        (link,) = actions.use_again(response=anew, path="own_licence", by=contact)
        assert link.evidence_id == before[0]
        assert "own_licence" not in queries.draft(anew).earlier_files
        assert "own_licence" in queries.draft(anew).files

    def test_a_file_destroyed_since_is_not_offered(self, anew):
        links = anew.evidence_links.filter(path="own_licence")
        assert links.count() == 1
        for link in links:
            link.evidence.state = "DESTROYED"
            link.evidence.save()

        assert queries.draft(anew).earlier_files["own_licence"] == []

    def test_it_is_recorded_with_numbers_and_without_answers(self, anew):
        (event,) = ledger.events(anew, audiences=frozenset(), names={"response.asked_anew"})

        assert event.data["confirm"] == len(queries.draft(anew).carried)
        assert event.data["anew"] > 0
        assert set(event.data) == {"response", "confirm", "anew"}

    def test_not_while_it_is_open(self, response, anew):
        with pytest.raises(Conflict):
            actions.ask_anew(response=anew, by="clock")

    def test_another_year_later_what_was_confirmed_is_asked_again(
        self, anew, contact, signatory, today
    ):
        given_again(anew, contact, today)
        assert not queries.draft(anew).missing
        sign(anew, signatory)

        third = actions.ask_anew(response=anew, by="clock")

        assert queries.draft(third).to_confirm["affil_any"] == "yes"
        assert third.submissions.count() == 2

    def test_it_comes_to_a_newer_version_unconfirmed(self, anew, analyst, contact):
        actions.offer(response=anew, version=published(), by=analyst)

        new = actions.change_over(response=anew, by=contact)

        assert queries.draft(new).to_confirm["affil_any"] == "yes"
        assert "affil_any" in queries.draft(new).missing


def given_again(response, contact, today):
    """Confirm what may hold on, use files again and give the rest as the weaver does."""
    for _round in range(3):  # what is confirmed opens more to confirm
        confirm_all(response, contact)
    for key, given in clean_weaver(today).items():
        document = response.documents.get(section=key)
        data, files = split_files(given, response, key)
        if rows := document.data.get("rows"):
            for stored, row in zip(rows, data["rows"], strict=True):
                stored["answers"] = row["answers"] | stored["answers"]
        elif "rows" in data:
            document.data = data
            for path, name in files:
                attach(response, path, name)
        else:
            document.data["answers"] = data["answers"] | document.data["answers"]
        document.save()
    confirm_all(response, contact)  # files asked for by what was given now


def confirm_all(response, contact):
    for section in queries.draft(response).sections:
        if section.repeat:
            actions.confirm_rows(response=response, section=section.key, by=contact, language="en")
        else:
            keys = [one.key for one in section.questions]
            save(response, contact, section=section.key, still_true=keys)
    for path in queries.draft(response).earlier_files:
        actions.use_again(response=response, path=path, by=contact)


class TestPages:
    @pytest.fixture
    def signed_in(self, client, contact):
        sign_in(client, contact)
        return client

    def test_the_overview_says_what_waits(self, signed_in, anew):
        page = html(signed_in.get(url("overview", anew)))

        assert "earlier answers wait for you to confirm them" in page
        assert "See what came along" not in page

    def test_a_table_shows_its_rows_by_name_and_is_confirmed_at_once(self, signed_in, anew):
        page = url("section", anew, "goods_made")
        before = html(signed_in.get(page))
        assert "Still true?" in before
        assert "Cotton poplin, dyed" in before
        assert "Row 1" not in before

        signed_in.post(url("rows_confirm", anew, "goods_made"))

        assert "Still true?" not in html(signed_in.get(page))
        assert keys_of(queries.draft(anew), "goods_made") >= {"goods_name", "goods_sectors"}

    def test_one_look_and_one_press_are_enough_for_a_table(self, signed_in, anew):
        """Though some columns are asked only once others are answered."""
        before = html(signed_in.get(url("section", anew, "sites")))
        assert "91330600MADEM0001G" in before
        row = html(signed_in.get(url("row", anew, "sites", "site-1")))
        assert row.count("Yes, still true") > 5

        signed_in.post(url("rows_confirm", anew, "sites"))

        draft = queries.draft(anew)
        waiting = {path for path in draft.to_confirm if path.startswith("site[")}
        assert waiting <= set(draft.earlier_files)
        assert "site[site-1].site_code" not in draft.missing
        assert "site[site-1].site_doc" in draft.earlier_files

    def test_an_answer_that_rules_out_others_leaves_nothing_to_confirm(self, anew, contact):
        save(anew, contact, section="affiliates", affil_any="no")

        draft = queries.draft(anew)
        assert "affil_any" not in draft.to_confirm
        assert not any(path.startswith("affil[") for path in draft.shown)

    def test_the_check_names_each_section_once(self, signed_in, anew):
        answer = signed_in.get(url("check", anew))

        said = [
            (one["where"], one["flaw"]) for one in answer.context["points"] if not one["label"]
        ]
        assert ("What you supply to us", "To confirm: 2 answers") in said
        assert len({where for where, _flaw in said}) == len(said)
        assert "To confirm: 2 answers" in html(answer)

    def test_files_are_named_and_used_again_among_all_documents(self, signed_in, anew):
        page = url("evidence", anew)
        before = html(signed_in.get(page))
        (name,) = (one.name for one in queries.draft(anew).earlier_files["own_licence"])
        assert "From your earlier answers" in before
        assert name in before

        answer = signed_in.post(url("use_again", anew), {"for": "own_licence"})
        again = signed_in.post(url("use_again", anew), {"for": "own_licence"})

        assert answer.headers["Location"] == f"{page}#f-own_licence"
        assert again.status_code == 409
        assert "own_licence" in queries.draft(anew).files

    @pytest.mark.parametrize("path", ["", "job_title", "own_licence[", "site[nobody].site_doc"])
    def test_nothing_else_is_used_again(self, signed_in, anew, path):
        assert signed_in.post(url("use_again", anew), {"for": path}).status_code == 409
        assert not anew.evidence_links.current().exists()

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNSEL, Role.CONTRIBUTOR])
    def test_others_may_not(self, client, anew, role):
        where = anew.supplier if role == Role.CONTRIBUTOR else anew.buyer
        person = UserFactory(holds=(role, where))
        sign_in(client, person)

        assert client.post(url("use_again", anew), {"for": "own_licence"}).status_code == 403
        with pytest.raises(Refused):
            actions.use_again(response=anew, path="own_licence", by=person)

    def test_strangers_find_nothing_and_wrong_methods_are_told(self, client, anew, contact):
        other = UserFactory(holds=(Role.CONTACT, ResponseFactory().supplier))
        client.force_login(other)
        assert client.post(url("use_again", anew), {"for": "own_licence"}).status_code == 404
        client.force_login(contact)
        assert client.get(url("use_again", anew)).status_code == 405
