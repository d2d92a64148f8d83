"""From 2026.0 to a newer version: what is carried, confirmed, new, left; by whom; once."""

import json
from datetime import timedelta

import pytest
from django.urls import reverse

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from questionnaires import actions, loader, queries
from questionnaires.enums import CommentAudience, ResponseState
from questionnaires.models import Response
from questionnaires.queries import Fate
from questionnaires.static_checks import leaks
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import (
    NEWEST,
    QuestionnaireVersionFactory,
    ResponseFactory,
    attach,
    content,
)
from tests.questionnaires.personas import clean_weaver
from tests.questionnaires.test_responding import save
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


def published(questionnaire=None):
    """A version published after all others."""
    return QuestionnaireVersionFactory(
        questionnaire=questionnaire or content(NEWEST),
        published_at=clock.now() + timedelta(seconds=1),
    )


def altered(change, version="2026.9"):
    """2026.1 with `change` made to its data, under another version."""
    data = json.loads(content(NEWEST).text)
    data["version"] = version
    change(data)
    return loader.load_stored(loader.canonical(data))


def sections(data):
    return {section["key"]: section for section in data["sections"]}


def question(data, key):
    return next(
        item for section in data["sections"] for item in section["questions"] if item["key"] == key
    )


def poorer(data):
    """Without article number and encouragement, with a choice and a table's key changed."""
    goods = sections(data)["goods_made"]
    goods["questions"] = [item for item in goods["questions"] if item["key"] != "goods_ref"]
    data["sections"] = [one for one in data["sections"] if one["key"] != "encouraged"]
    data["findings"] = [one for one in data["findings"] if one["key"] != "encourage"]
    data["choices"]["stage"] = [one for one in data["choices"]["stage"] if one["code"] != "semi"]
    question(data, "own_licence")["evidence"]["months"] = 24
    question(data, "job_title")["label"] = {"en": "Your role", "zh-Hans": "您的岗位"}
    question(data, "wf_intern")["type"] = "decimal"


@pytest.fixture
def offered(response, analyst):
    return actions.offer(response=response, version=published(), by=analyst)


@pytest.fixture
def carried_over(offered, contact):
    return actions.change_over(response=offered, by=contact)


def answer_at(response, path):
    draft = queries.draft(response)
    section, row = path
    for one in draft.answers[section].get("rows", ()):
        if one["id"] == row:
            return one["answers"]
    return draft.answers[section]["answers"]


class TestWhatIsCarried:
    def test_what_means_the_same_stays_with_its_files(self, offered, carried_over):
        before, after = queries.draft(offered), queries.draft(carried_over)

        assert carried_over.version.version == "2026.1"
        assert carried_over.previous_id == offered.pk
        for section, key in (("you", "job_title"), ("commitments", "agree_sourcing")):
            assert (
                after.answers[section]["answers"][key] == before.answers[section]["answers"][key]
            )
        assert after.answers["balance"] == before.answers["balance"]
        assert after.answers["workforce"] == before.answers["workforce"]
        assert set(after.files) == set(before.files)
        assert after.answers["steps_done"] == before.answers["steps_done"]

    def test_what_now_means_more_waits_to_be_confirmed(self, carried_over):
        draft = queries.draft(carried_over)

        steps = [f"step[{row['id']}].step_kind" for row in draft.answers["chain"]["rows"]]
        assert set(draft.to_confirm) == {"goods[goods-1].goods_sectors", *steps}
        assert set(draft.to_confirm) <= set(draft.missing)
        assert draft.to_confirm["goods[goods-1].goods_sectors"] == ["apparel", "cotton"]

    def test_what_is_new_is_open(self, carried_over):
        draft = queries.draft(carried_over)

        assert {"help", "trade_role", "markets"} <= set(draft.missing)
        assert "p_cotton" not in draft.evaluation.sections  # opened by what is not confirmed yet
        assert not draft.is_ready

    def test_once_confirmed_and_answered_it_may_be_signed(self, carried_over, contact, today):
        actions.confirm_rows(
            response=carried_over, section="goods_made", by=contact, language="en"
        )
        actions.confirm_rows(response=carried_over, section="chain", by=contact, language="en")
        assert "p_cotton" in queries.draft(carried_over).evaluation.sections

        row = actions.add_row(response=carried_over, section="p_cotton", by=contact, language="en")
        save(
            carried_over, contact, section="p_cotton", row=row, cot_goods="goods-1",
            cot_order="1", cot_yarn="2", cot_share="0", cot_fabric_lots="3", cot_viscose="no",
            cot_lab="none",
        )  # fmt: skip
        save(carried_over, contact, section="help", help=["none"])
        save(carried_over, contact, section="markets", trade_role=["maker"], markets=["eu"])

        draft = queries.draft(carried_over)
        assert draft.missing == ()
        assert draft.to_confirm == {}
        assert draft.is_ready

    def test_an_empty_draft_comes_along_empty(self, analyst, contact):
        empty = ResponseFactory(answers={})
        empty.supplier.refresh_from_db()
        by = UserFactory(holds=(Role.ANALYST, empty.buyer))
        person = UserFactory(holds=(Role.CONTACT, empty.supplier))
        actions.offer(response=empty, version=published(), by=by)

        new = actions.change_over(response=empty, by=person)

        assert not any(
            document.data.get("rows") or document.data.get("answers")
            for document in new.documents.all()
        )
        assert queries.draft(new).to_confirm == {}

    def test_what_falls_away_is_named_and_kept_where_it_was(self, response, analyst, contact):
        version = published(altered(poorer))
        actions.offer(response=response, version=version, by=analyst)
        response.refresh_from_db()

        found = queries.carried(queries.draft(response), queries.questionnaire(version))

        left = {one.path for one in found.of(Fate.LEFT)}
        assert left == {
            "goods[goods-1].goods_ref",
            "all_sourcing",
            "all_dealings",
            "input[input-1].input_stage",  # its code is gone
            "wf[wf-1].wf_intern",  # its type is another
            "wf[wf-2].wf_intern",
        }
        assert {"job_title", "own_licence"} <= {one.path for one in found.of(Fate.CONFIRM)}

        new = actions.change_over(response=response, by=contact)

        told = queries.comparison(queries.draft(Response.objects.get(pk=response.pk)), version)
        assert {one.title for one in told.left} >= {"For all your customers"}
        assert queries.draft(response).answers["encouraged"]["answers"]["all_sourcing"] == "yes"
        assert "encouraged" not in queries.draft(new).answers
        (event,) = ledger.events(new, audiences=frozenset(), names={"response.carried_over"})
        assert set(event.data["left"]) == left

    def test_a_file_asked_for_otherwise_is_used_again_by_an_act(self, response, analyst, contact):
        version = published(altered(poorer))
        actions.offer(response=response, version=version, by=analyst)
        files = queries.draft(response).files["own_licence"]
        new = actions.change_over(response=response, by=contact)

        assert "own_licence" in queries.draft(new).missing
        assert "own_licence" not in queries.draft(new).files

        (link,) = actions.use_again(response=new, path="own_licence", by=contact)

        assert link.evidence == files[0]
        assert "own_licence" not in queries.draft(new).missing
        with pytest.raises(Conflict):
            actions.use_again(response=new, path="own_licence", by=contact)

    def test_what_was_not_confirmed_is_not_taken_for_confirmed_at_the_next_change(
        self, carried_over, analyst, contact
    ):
        again = published(altered(lambda data: None))
        actions.offer(response=carried_over, version=again, by=analyst)

        newest = actions.change_over(response=carried_over, by=contact)

        assert set(queries.draft(newest).to_confirm) == set(queries.draft(carried_over).to_confirm)

    def test_hidden_answers_come_along_unseen(self, response, analyst, contact):
        you = response.documents.get(section="recruitment")
        you.data["answers"]["conditions"] = ["papers"]
        you.data["answers"]["recruit"] = ["direct"]
        you.save()
        actions.offer(response=response, version=published(), by=analyst)

        new = actions.change_over(response=response, by=contact)

        draft = queries.draft(new)
        assert draft.answers["recruitment"]["answers"]["conditions"] == ["papers"]
        assert "conditions" not in draft.visible

    def test_refused_files_do_not_come_along(self, response, analyst, contact):
        attach(response, "own_licence", state="REFUSED")
        actions.offer(response=response, version=published(), by=analyst)

        new = actions.change_over(response=response, by=contact)

        assert len(queries.draft(new).files["own_licence"]) == 1

    def test_comments_are_read_on(self, offered, contact):
        said = actions.comment(
            response=offered, path="job_title", audience=CommentAudience.BOTH, text="Demo",
            by=contact,
        )  # fmt: skip

        new = actions.change_over(response=offered, by=contact)

        assert queries.comments_for(contact, new) == [said]

    def test_the_wording_and_the_date_stay(self, response, analyst, contact, today):
        response.wording, response.due_on = Wording.TRACEABILITY, today
        response.save()
        actions.offer(response=response, version=published(), by=analyst)

        new = actions.change_over(response=response, by=contact)

        assert (new.wording, new.due_on) == (Wording.TRACEABILITY, today)
        assert (new.buyer, new.supplier, new.chain) == (
            response.buyer, response.supplier, response.chain,
        )  # fmt: skip


class TestConfirming:
    def test_one_answer(self, carried_over, contact):
        save(
            carried_over, contact, section="goods_made", row="goods-1",
            still_true=["goods_sectors"],
        )  # fmt: skip

        assert "goods[goods-1].goods_sectors" not in queries.draft(carried_over).to_confirm
        answers = answer_at(carried_over, ("goods_made", "goods-1"))
        assert answers["goods_sectors"] == ["apparel", "cotton"]

    def test_another_answer_takes_its_place(self, carried_over, contact):
        save(
            carried_over, contact, section="goods_made", row="goods-1",
            goods_sectors=["apparel"], still_true=["goods_sectors"],
        )  # fmt: skip

        answers = answer_at(carried_over, ("goods_made", "goods-1"))
        assert answers["goods_sectors"] == ["apparel"]
        assert "goods[goods-1].goods_sectors" not in queries.draft(carried_over).to_confirm

    def test_what_was_not_carried_cannot_be_confirmed(self, carried_over, contact):
        save(carried_over, contact, section="you", still_true=["job_title", "nothing"])
        save(carried_over, contact, section="goods_made", row="goods-1", still_true=["goods_name"])

        assert answer_at(carried_over, ("you", ""))["job_title"] == "Demo export manager"

    def test_all_rows_of_a_table(self, carried_over, contact):
        rows = len(queries.draft(carried_over).answers["chain"]["rows"])

        count = actions.confirm_rows(
            response=carried_over, section="chain", by=contact, language="en"
        )

        assert count == rows
        assert all(
            row["answers"]["step_kind"]
            for row in queries.draft(carried_over).answers["chain"]["rows"]
        )
        again = actions.confirm_rows(
            response=carried_over, section="chain", by=contact, language="en"
        )
        assert again == 0

    def test_not_by_a_stranger_and_not_once_closed(self, offered, carried_over, analyst, contact):
        with pytest.raises(Refused):
            actions.confirm_rows(response=carried_over, section="chain", by=analyst, language="en")
        with pytest.raises(Conflict):
            actions.confirm_rows(response=offered, section="chain", by=contact, language="en")


class TestWhoAndWhen:
    def test_an_offer_is_recorded_once(self, response, analyst):
        version = published()

        for _twice in range(2):
            actions.offer(response=response, version=version, by=analyst)

        response.refresh_from_db()
        assert (response.offered, response.offered_by) == (version, analyst)
        assert response.chain.entries.filter(event="response.version_offered").count() == 1

    def test_only_the_newest_is_offered(self, response, analyst):
        older = QuestionnaireVersionFactory(questionnaire=content(NEWEST))
        published(altered(lambda data: None))

        with pytest.raises(Conflict):
            actions.offer(response=response, version=older, by=analyst)
        with pytest.raises(Conflict):
            actions.offer(response=response, version=response.version, by=analyst)

    def test_a_version_of_another_buyer_is_never_the_newest(self, response):
        other = ResponseFactory()
        version = published()
        QuestionnaireVersionFactory(
            questionnaire=altered(lambda data: None),
            published_at=clock.now() + timedelta(days=1),
            buyer=other.buyer,
        )

        assert queries.newest(response) == version
        assert queries.newest(other).version == "2026.9"

    def test_there_may_be_none(self, response):
        assert queries.newest(response) is None

    @pytest.mark.parametrize("role", [Role.COUNSEL, Role.APPROVER, Role.ADMINISTRATOR])
    def test_others_of_the_buyer_do_not_ask(self, response, role):
        with pytest.raises(Refused, match="campaign manager or an analyst"):
            actions.offer(
                response=response, version=published(),
                by=UserFactory(holds=(role, response.buyer)),
            )  # fmt: skip

    @pytest.mark.parametrize("state", ["SUBMITTED", "CORRECTING", "CLOSED"])
    def test_nobody_asks_after_a_signature(self, response, analyst, state):
        Response.objects.filter(pk=response.pk).update(state=state)

        with pytest.raises(Conflict):
            actions.offer(response=response, version=published(), by=analyst)

    def test_before_receipt_is_confirmed_it_may_be_asked_for_and_not_done(self, analyst):
        waiting = ResponseFactory()
        by = UserFactory(holds=(Role.CAMPAIGN_MANAGER, waiting.buyer))
        actions.offer(response=waiting, version=published(), by=by)

        with pytest.raises(Conflict, match="Confirm first"):
            actions.change_over(
                response=waiting, by=UserFactory(holds=(Role.CONTACT, waiting.supplier))
            )

    def test_the_signatory_may_change_over(self, offered, signatory):
        assert actions.change_over(response=offered, by=signatory).is_open

    def test_the_buyer_may_not(self, offered, analyst):
        with pytest.raises(Refused, match="Only the contact and the signatory"):
            actions.change_over(response=offered, by=analyst)

    def test_without_an_offer_nothing_changes(self, response, contact):
        published()

        with pytest.raises(Conflict, match="not asked"):
            actions.change_over(response=response, by=contact)

    def test_answers_sent_back_stay_where_they_are(self, offered, contact):
        Response.objects.filter(pk=offered.pk).update(state=ResponseState.CORRECTING)

        with pytest.raises(Conflict, match="signed"):
            actions.change_over(response=offered, by=contact)

    def test_the_old_one_is_closed_and_can_neither_be_changed_nor_carried_twice(
        self, offered, carried_over, contact
    ):
        offered.refresh_from_db()
        assert offered.state == ResponseState.CLOSED
        with pytest.raises(Conflict):
            save(offered, contact, job_title="Late", rev=0)
        with pytest.raises(Conflict):
            actions.change_over(response=offered, by=contact)
        assert offered.following.count() == 1


def url(name, response, *args):
    return reverse(f"questionnaires:{name}", args=[response.pk, *args])


class TestPages:
    @pytest.fixture
    def signed_in(self, client, contact):
        client.force_login(contact)
        client.get("/answers/")
        return client

    def html(self, answer):
        assert answer.status_code == 200
        return answer.content.decode()

    def test_what_came_along_is_shown_afterwards(self, signed_in, carried_over):
        html = self.html(signed_in.get(url("carried", carried_over)))

        assert "From version 2026.0 to version 2026.1" in " ".join(html.split())
        assert "Help you need from us" in html
        assert "Nothing falls away" in html
        assert "Still true?" in html
        assert (
            f'href="{url("row", carried_over, "goods_made", "goods-1")}#q-goods_sectors"' in html
        )
        assert f'href="{url("section", carried_over, "help")}"' in html

    def test_what_was_confirmed_says_so(self, signed_in, carried_over, contact):
        actions.confirm_rows(
            response=carried_over, section="goods_made", by=contact, language="en"
        )
        html = self.html(signed_in.get(url("carried", carried_over)))

        assert "Given again" in html
        assert "Cotton and clothing: lots" in html

    def test_the_pages_of_the_old_one_lead_on(self, signed_in, offered, carried_over):
        there = url("carried", carried_over)

        assert signed_in.get(url("overview", offered)).headers["Location"] == there
        html = self.html(signed_in.get(url("check", offered)))
        assert "The answers went on in version 2026.1" in " ".join(html.split())
        assert there in html

    def test_there_is_no_such_page_where_nothing_was_carried(self, signed_in, response):
        assert signed_in.get(url("carried", response)).status_code == 404

    def test_the_overview_counts_what_waits(self, signed_in, carried_over):
        html = self.html(signed_in.get(url("overview", carried_over)))

        assert "To confirm: 5 answers" in html
        assert url("carried", carried_over) in html

    def test_a_row_shows_what_stood_there_and_a_press_confirms_it(self, signed_in, carried_over):
        page = url("row", carried_over, "goods_made", "goods-1")
        html = self.html(signed_in.get(page))
        assert "Still true?" in html
        assert "Cotton and goods with cotton" in html

        rev = carried_over.documents.get(section="goods_made").rev
        answer = signed_in.post(
            page,
            {
                "asked": "goods_name goods_sectors",
                "goods_name": "Cotton poplin, dyed",
                "rev": rev,
                "go": "confirm:goods_sectors",
            },
        )

        assert answer.status_code == 302
        assert "Still true?" not in self.html(signed_in.get(page))

    def test_a_press_confirms_a_whole_page(self, signed_in, response, analyst, contact):
        def change(data):
            for key in ("job_title", "may_bind"):
                question(data, key)["label"] = {"en": f"New {key}", "zh-Hans": "新的问题"}

        actions.offer(response=response, version=published(altered(change)), by=analyst)
        new = actions.change_over(response=response, by=contact)
        page = url("section", new, "you")
        assert "All of them are still true" in self.html(signed_in.get(page))

        signed_in.post(
            page,
            {"asked": "job_title may_bind", "rev": 0, "go": "confirm:*"},
        )

        answers = answer_at(new, ("you", ""))
        assert (answers["job_title"], answers["may_bind"]) == ("Demo export manager", "yes")

    def test_files_are_used_again_from_the_page(self, signed_in, response, analyst, contact):
        actions.offer(response=response, version=published(altered(poorer)), by=analyst)
        new = actions.change_over(response=response, by=contact)
        page = url("section", new, "you")
        assert "Use these files again" in self.html(signed_in.get(page))

        signed_in.post(page, {"asked": "", "rev": 0, "go": "again:own_licence"})

        assert "own_licence" in queries.draft(new).files

    def test_a_table_is_confirmed_at_once(self, signed_in, carried_over):
        page = url("section", carried_over, "chain")
        html = self.html(signed_in.get(page))
        assert "All of them are still true" in html
        assert "Cotton: ginning" in html

        answer = signed_in.post(url("rows_confirm", carried_over, "chain"))

        assert answer.headers["Location"] == page
        assert "Still true?" not in self.html(signed_in.get(page))

    def test_an_optional_answer_left_unconfirmed_is_named_before_signing(
        self, signed_in, response, analyst, contact
    ):
        def change(data):
            question(data, "site_since")["label"] = {"en": "Used since", "zh-Hans": "使用日期"}

        actions.offer(response=response, version=published(altered(change)), by=analyst)
        new = actions.change_over(response=response, by=contact)

        html = self.html(signed_in.get(url("check", new)))

        assert "is left out unless you confirm it" in " ".join(html.split())
        assert "Used since" in html

    @pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNSEL, Role.CONTRIBUTOR])
    def test_others_may_not_see_or_confirm(self, client, carried_over, role):
        is_suppliers = role == Role.CONTRIBUTOR
        where = carried_over.supplier if is_suppliers else carried_over.buyer
        sign_in(client, UserFactory(holds=(role, where)))

        for answer in (
            client.get(url("carried", carried_over)),
            client.post(url("rows_confirm", carried_over, "chain")),
        ):
            assert answer.status_code == 403
            assert "page is" in answer.content.decode() or "Only" in answer.content.decode()

    def test_strangers_find_nothing(self, client, carried_over):
        other = ResponseFactory()
        client.force_login(UserFactory(holds=(Role.CONTACT, other.supplier)))

        assert client.get(url("carried", carried_over)).status_code == 404
        assert client.post(url("rows_confirm", carried_over, "chain")).status_code == 404

    def test_methods(self, signed_in, carried_over):
        assert signed_in.post(url("carried", carried_over)).status_code == 405
        assert signed_in.get(url("rows_confirm", carried_over, "chain")).status_code == 405

    def test_queries(self, signed_in, carried_over, django_assert_num_queries):
        # person, roles, name, response; the old response, its draft; the new one's, comments
        with django_assert_num_queries(12):
            signed_in.get(url("carried", carried_over))
        with django_assert_num_queries(8):
            signed_in.get(url("overview", carried_over))

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_neutral_wording_gives_nothing_away(
        self, signed_in, response, analyst, contact, language
    ):
        response.wording = Wording.TRACEABILITY
        response.save()
        actions.offer(response=response, version=published(), by=analyst)
        new = actions.change_over(response=response, by=contact)
        signed_in.cookies["django_language"] = language

        for page in ("carried", "overview", "check"):
            html = self.html(signed_in.get(url(page, new)))
            assert leaks(html.replace("Extricate", "")) == [], page


def test_two_versions_are_set_side_by_side_without_a_look_at_answers():
    found = queries.revision(content(), content(NEWEST))

    assert found.sections[0].title == "Cotton and clothing: lots"
    assert len(found.sections) == 10
    assert found.added == found.removed == []
    assert {label for one in found.changed for label in one.labels} == {
        "Which of these are in it?",
        "Which step?",
    }

    back = queries.revision(content(NEWEST), content())
    assert {one.title for one in back.removed} >= {"Markets", "Help you need from us"}


def test_a_weavers_answers_are_compared_in_words(response):
    told = queries.comparison(queries.draft(response), published())

    assert {one.title for one in told.new} == {
        "Cotton and clothing: lots",
        "Help you need from us",
        "Markets",
    }
    assert told.leaving == 0
    assert told.confirming == 6
    assert told.staying > 100
    sectors = told.confirm[0].told[0]
    assert sectors.row_title == "Cotton poplin, dyed"
    assert sectors.shown.lines == ("Clothing, textiles", "Cotton and goods with cotton")
    assert clean_weaver()  # what the figures rest on
