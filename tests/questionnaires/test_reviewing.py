import pytest

from portal.access import Conflict, Refused
from portal.enums import Role
from questionnaires import actions, queries
from questionnaires.enums import CommentAudience, Progress, ResponseState
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import ResponseFactory
from tests.questionnaires.test_responding import save
from tests.questionnaires.test_signing import sign

pytestmark = pytest.mark.django_db


@pytest.fixture
def send_back(response, signatory, analyst):
    def send(*paths):
        sign(response, signatory)
        reasons = {path: f"Reason for {path}" for path in paths}
        return actions.reopen(response=response, paths_with_reasons=reasons, by=analyst)

    return send


def test_a_whole_table_can_be_sent_back(send_back, response, signatory):
    send_back("site[*]")
    response.refresh_from_db()
    assert queries.draft(response).may_change("site[site-1].site_name")

    new = actions.add_row(response=response, section="sites", by=signatory, language="en")

    draft = queries.draft(response)
    assert draft.may_change(f"site[{new}].site_name")
    assert [c.answered_at is not None for c in draft.corrections] == [True]


def test_an_answer_given_again_is_no_longer_marked(send_back, response, signatory):
    send_back("affil_any", "arr_any")
    response.refresh_from_db()
    progress = queries.draft(response).evaluation.progress
    assert progress["affiliates"].state == Progress.CORRECTION

    save(response, signatory, "affiliates", affil_any="no")

    progress = queries.draft(response).evaluation.progress
    assert progress["affiliates"].state == Progress.READY
    assert progress["arrangements"].state == Progress.CORRECTION


def test_a_file_given_again_is_no_longer_marked(send_back, response, signatory):
    send_back("own_licence")
    response.refresh_from_db()
    evidence = response.evidence_links.get(
        path="site[site-1].site_doc", evidence__kind="utility_bill"
    ).evidence

    actions.link(response=response, path="own_licence", evidence=evidence, by=signatory)

    assert queries.draft(response).corrections[0].answered_at
    with pytest.raises(Refused):
        actions.link(
            response=response, path="site[site-2].site_doc", evidence=evidence, by=signatory
        )


def test_nothing_goes_back_before_it_was_signed(response, analyst):
    response.state = ResponseState.SUBMITTED
    response.save()

    with pytest.raises(Conflict, match="Nothing was signed"):
        actions.reopen(response=response, paths_with_reasons={"affil_any": "x"}, by=analyst)


class TestFiles:
    def evidence(self, response):
        return response.evidence_links.get(path="own_licence").evidence

    @pytest.mark.parametrize(
        "path", ["nothing", "job_title", "own_licence[", "site_doc", "conditions_doc"]
    )
    def test_only_file_questions_that_are_asked_take_files(self, response, signatory, path):
        if path == "conditions_doc":
            response.documents.filter(section="recruitment").update(data={"answers": {}})

        with pytest.raises(Conflict):
            actions.link(
                response=response, path=path, evidence=self.evidence(response), by=signatory
            )

    def test_a_file_of_another_case_is_none_here(self, response, signatory):
        other = ResponseFactory(supplier=response.supplier, answers={})

        with pytest.raises(Conflict, match="another case"):
            actions.link(
                response=other, path="own_licence", evidence=self.evidence(response), by=signatory
            )

    def test_strangers_attach_nothing(self, response):
        with pytest.raises(Refused):
            actions.link(
                response=response,
                path="own_licence",
                evidence=self.evidence(response),
                by=UserFactory(),
            )


class TestComments:
    def readers(self, response):
        return {
            role: UserFactory(holds=(role, where))
            for role, where in (
                (Role.CONTACT, response.supplier),
                (Role.ANALYST, response.buyer),
                (Role.COUNSEL, response.buyer),
            )
        }

    def test_each_reads_what_is_meant_for_them(self, response):
        people = self.readers(response)
        written = [
            (Role.ANALYST, CommentAudience.BOTH),
            (Role.ANALYST, CommentAudience.BUYER),
            (Role.CONTACT, CommentAudience.SUPPLIER),
            (Role.COUNSEL, CommentAudience.COUNSEL),
            (Role.CONTACT, CommentAudience.COUNSEL),
        ]
        for number, (role, audience) in enumerate(written):
            actions.comment(
                response=response, audience=audience, text=str(number), by=people[role]
            )

        seen = {
            role: [c.text for c in queries.comments_for(person, response)]
            for role, person in people.items()
        }
        assert seen == {
            Role.CONTACT: ["0", "2", "4"],
            Role.ANALYST: ["0", "1"],
            Role.COUNSEL: ["0", "1", "3", "4"],
        }

    def test_counsels_words_stand_apart_in_the_ledger(self, response):
        counsel = self.readers(response)[Role.COUNSEL]

        actions.comment(
            response=response, audience=CommentAudience.COUNSEL, text="Demo advice", by=counsel
        )

        entry = response.chain.entries.get(event="response.commented")
        assert "Demo advice" not in entry.body
        assert entry.side_values.get().audience == "COUNSEL"

    def test_others_may_not_write(self, response):
        with pytest.raises(Refused):
            actions.comment(
                response=response, audience=CommentAudience.BOTH, text="x", by=UserFactory()
            )


def test_a_response_is_closed_once(response):
    actions.close(response=response, by="clock")
    actions.close(response=response, by="clock")

    response.refresh_from_db()
    assert response.state == ResponseState.CLOSED
    assert response.chain.entries.filter(event="response.closed").count() == 1
