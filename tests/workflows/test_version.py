"""A newer questionnaire: asked for by the buyer, done by the supplier, once, and never lost."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from portal.models import OutboxMessage
from questionnaires import actions as answering
from questionnaires import queries as answers
from questionnaires.enums import ResponseState
from questionnaires.models import Response
from questionnaires.static_checks import leaks
from tests.factories.portal import UserFactory
from tests.factories.questionnaires import (
    NEWEST,
    QuestionnaireVersionFactory,
    attach,
    content,
    split_files,
)
from tests.questionnaires import sectors
from tests.questionnaires.test_changing_over import altered
from tests.sessions import sign_in
from tests.workflows import acts, world
from workflows import actions, engine, queries, timeline
from workflows.enums import Stage
from workflows.models import Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    """A supplier who has answered all of 2026.0 and not yet signed."""
    found = world.acknowledged_case(made)
    world.answer(found)
    return found


@pytest.fixture
def version():
    return world.newest_version()


@pytest.fixture
def offered(case, made, version):
    actions.offer_version(case=case, version=version, by=made.analyst)
    return acts.fresh(case)


def change(case, by=None, **more):
    response = more.pop("response", None) or Response.objects.get(pk=case.response_id)
    return actions.change_version(
        case=case,
        response=response,
        by=by or case.contact,
        version=more.pop("version", str(response.offered_id)),
    )


def finish(case):
    """Answer in 2026.1 what 2026.0 did not ask, and confirm what it did."""
    by, response = case.contact, case.response
    for section in ("goods_made", "chain"):
        answering.confirm_rows(response=response, section=section, by=by, language="en")
    given = sectors.cotton_weaver(clock.today("Asia/Shanghai"))
    for name in ("p_cotton", "help", "markets"):
        document = response.documents.get(section=name)
        document.data, files = split_files(given[name], response, name)
        document.save()
        for path, kind in files:
            attach(response, path, kind)


class TestOffering:
    def test_contact_and_signatory_are_told_once_in_neutral_words(self, case, made, version):
        for _twice in range(2):
            actions.offer_version(case=case, version=version, by=made.analyst)

        (mail,) = OutboxMessage.objects.filter(purpose="case_version_offered")
        assert mail.recipient == made.contact
        assert reverse("workflows:request", args=[case.pk]) in mail.body
        assert leaks(mail.subject + mail.body) == []

    def test_it_stands_on_the_timeline(self, offered):
        said = [line.sentence for line in timeline.of(offered)]
        assert "The supplier was asked to use version 2026.1 of the questionnaire." in said

    def test_it_may_be_asked_for_before_receipt_is_confirmed(self, made, version):
        case = world.issued_case(made)
        actions.offer_version(case=case, version=version, by=made.manager)
        assert acts.fresh(case).response.offered == version

    @pytest.mark.parametrize("role", ["counsel", "approver", "administrator", "contact"])
    def test_nobody_else_asks(self, case, made, version, role):
        with pytest.raises(Refused, match="Only a campaign manager or an analyst"):
            actions.offer_version(case=case, version=version, by=getattr(made, role))

    def test_not_once_it_was_signed(self, made, version):
        case = world.submitted_case(made)
        with pytest.raises(Conflict):
            actions.offer_version(case=case, version=version, by=made.analyst)

    def test_after_time_ran_out_it_may_still_be_asked_for_and_done(self, made, version):
        case = acts.lapsed(world.acknowledged_case(made))
        actions.offer_version(case=case, version=version, by=made.analyst)

        change(acts.fresh(case))

        late = acts.fresh(case)
        assert (late.stage, late.response.version) == (Stage.REVIEW, version)


class TestChangingOver:
    def test_the_case_goes_on_in_the_newer_version(self, offered, version):
        before = offered.response

        change(offered)

        case = acts.fresh(offered)
        assert case.stage == Stage.ANSWERING
        assert case.response.version == version
        assert case.response.previous == before
        before.refresh_from_db()
        assert before.state == ResponseState.CLOSED
        assert engine.open_task(case) == engine.open_task(offered)
        said = [line.sentence for line in timeline.of(case)]
        assert any("carried over to version 2026.1" in sentence for sentence in said)

    def test_it_can_be_finished_and_signed_and_nothing_old_was_signed(self, offered):
        change(offered)
        case = acts.fresh(offered)
        finish(case)

        signed = world.submit(acts.fresh(case))

        assert signed.stage == Stage.REVIEW
        submission = queries.latest_submission(signed)
        assert submission.content["questionnaire"]["version"] == "2026.1"
        assert submission.number == 1
        assert not offered.response.submissions.exists()
        assert {one.key for one in queries.findings_of(submission)} == {"encourage"}

    def test_the_same_form_twice_changes_once(self, offered):
        response = offered.response
        change(offered, response=response)
        again = change(offered, response=response)

        assert again.response.previous_id == response.pk
        assert Response.objects.filter(chain=offered.chain).count() == 2
        events = ledger.events(offered, audiences=frozenset(), names={"response.carried_over"})
        assert len(events) == 1

    def test_a_page_shown_for_another_version_is_refused(self, offered, made):
        shown = str(offered.response.offered_id)
        newer = QuestionnaireVersionFactory(
            questionnaire=altered(lambda data: None),
            published_at=clock.now() + timedelta(days=1),
        )
        actions.offer_version(case=offered, version=newer, by=made.analyst)

        with pytest.raises(Conflict, match="Another version is asked for"):
            change(offered, version=shown)
        assert acts.fresh(offered).response.version.version == "2026.0"

    def test_without_an_offer_nothing_changes(self, case, version):
        with pytest.raises(Conflict, match="not asked"):
            change(case, version="")

    @pytest.mark.parametrize("role", ["analyst", "manager", "counsel"])
    def test_the_buyer_cannot_do_it_for_them(self, offered, made, role):
        with pytest.raises(Refused, match="Only the company that was asked"):
            change(offered, by=getattr(made, role))

    def test_not_while_counsel_has_it(self, offered, made):
        acts.referred(offered, made.analyst)
        with pytest.raises(Conflict, match="nothing to answer"):
            change(acts.fresh(offered))

    def test_a_code_asked_for_before_signs_nothing_after(self, offered):
        signature = world.signature(offered, offered.contact)
        change(offered)

        with pytest.raises(Conflict):
            actions.submit(
                case=offered,
                task=engine.open_task(offered),
                by=offered.contact,
                signature=signature,
            )
        assert acts.fresh(offered).stage == Stage.ANSWERING

    def test_messages_are_read_on_by_both_sides(self, offered, made):
        actions.write_message(case=offered, by=offered.contact, text="Demo: may we ask?")
        change(offered)
        case = acts.fresh(offered)

        assert [one.text for one in queries.messages(case)] == ["Demo: may we ask?"]
        assert [one.text for one in answers.comments_for(made.analyst, case.response)] == [
            "Demo: may we ask?"
        ]

    def test_the_chain_still_verifies(self, offered):
        change(offered)
        assert ledger.verify(offered.chain).broken == []


def newer_url(response):
    return reverse("workflows:request_newer", args=[getattr(response, "pk", response)])


class TestTheSuppliersPage:
    @pytest.fixture
    def as_contact(self, client, made):
        sign_in(client, made.contact)
        return client

    def test_the_way_there_and_back(self, as_contact, offered):
        old = offered.response_id
        hub = as_contact.get(reverse("workflows:request", args=[offered.pk])).content.decode()
        overview = as_contact.get(reverse("questionnaires:overview", args=[old])).content.decode()
        assert newer_url(old) in hub
        assert newer_url(old) in overview

        html = as_contact.get(newer_url(old)).content.decode()
        assert "Cotton and clothing: lots" in html
        assert "Nothing falls away" in html
        assert "Change over to the newer version" in html

        answer = as_contact.post(newer_url(old), {"version": str(offered.response.offered_id)})
        new = acts.fresh(offered).response_id
        there = reverse("questionnaires:carried", args=[new])
        assert answer.headers["Location"] == there
        assert as_contact.get(there).status_code == 200
        # the button pressed again, and the old page opened again
        again = as_contact.post(newer_url(old), {"version": str(offered.response.offered_id)})
        assert again.headers["Location"] == there
        assert as_contact.get(newer_url(old)).headers["Location"] == there
        assert (
            newer_url(new)
            not in as_contact.get(reverse("workflows:request", args=[offered.pk])).content.decode()
        )

    def test_without_a_version_nothing_changes(self, as_contact, offered):
        answer = as_contact.post(newer_url(offered.response_id))

        assert answer.status_code == 409
        assert acts.fresh(offered).response_id == offered.response_id

    def test_where_nothing_was_asked(self, as_contact, case, version):
        answer = as_contact.get(newer_url(case.response_id))

        assert answer.status_code == 409
        assert "You were not asked to use another version" in answer.content.decode()

    def test_wrong_role(self, client, offered, made):
        sign_in(client, made.analyst)
        assert client.get(newer_url(offered.response_id)).status_code == 403
        assert client.post(newer_url(offered.response_id)).status_code == 403

    def test_a_stranger_finds_nothing(self, client, offered):
        supplier = world.new_supplier(world.world(name="Demo Other GmbH").buyer)
        sign_in(client, UserFactory(holds=(Role.CONTACT, supplier)))
        assert client.get(newer_url(offered.response_id)).status_code == 404
        assert client.post(newer_url(offered.response_id)).status_code == 404

    def test_wrong_method(self, as_contact, offered):
        assert as_contact.put(newer_url(offered.response_id)).status_code == 405

    def test_what_it_costs(self, as_contact, offered, django_assert_num_queries):
        as_contact.get(newer_url(offered.response_id))
        answers.questionnaire(offered.response.offered)

        with django_assert_num_queries(8):
            as_contact.get(newer_url(offered.response_id))

    @pytest.mark.parametrize("language", ["en", "zh-hans"])
    def test_in_neutral_wording_it_gives_nothing_away(self, client, made, version, language):
        made.contact.language = language
        made.contact.save()
        case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
        world.answer(case)
        actions.offer_version(case=case, version=version, by=made.analyst)
        sign_in(client, made.contact)

        html = client.get(newer_url(case.response_id)).content.decode()

        assert leaks(html.replace("Extricate", "")) == []


class TestTheBuyersPage:
    def url(self, case):
        return reverse("workflows:case_version", args=[case.pk])

    @pytest.fixture
    def as_analyst(self, client, made):
        sign_in(client, made.analyst)
        return client

    def test_it_is_offered_on_the_case_only_where_there_is_something_newer(self, as_analyst, case):
        page = reverse("workflows:case", args=[case.pk])
        assert self.url(case) not in as_analyst.get(page).content.decode()

        world.newest_version()

        assert self.url(case) in as_analyst.get(page).content.decode()

    def test_it_shows_the_versions_and_not_the_draft(self, as_analyst, case, version):
        html = as_analyst.get(self.url(case)).content.decode()

        assert "Cotton and clothing: lots" in html
        assert "Which of these are in it?" in html
        assert "Demo export manager" not in html
        assert "Cotton poplin" not in html

    def test_asking(self, as_analyst, case, version):
        answer = as_analyst.post(self.url(case), {"version": str(version.pk)})

        assert answer.status_code == 302
        assert acts.fresh(case).response.offered == version
        html = as_analyst.get(self.url(case)).content.decode()
        assert "has not changed over" in " ".join(html.split())
        assert 'name="version"' not in html

    def test_a_newer_one_came_meanwhile(self, as_analyst, case, version):
        shown = str(version.pk)
        QuestionnaireVersionFactory(
            questionnaire=altered(lambda data: None),
            published_at=clock.now() + timedelta(days=1),
        )

        answer = as_analyst.post(self.url(case), {"version": shown})

        assert answer.status_code == 409
        assert acts.fresh(case).response.offered is None

    def test_nonsense_is_told(self, as_analyst, case, version):
        assert as_analyst.post(self.url(case), {"version": "x"}).status_code == 200
        assert acts.fresh(case).response.offered is None

    def test_there_is_no_page_without_a_newer_version(self, as_analyst, case):
        assert as_analyst.get(self.url(case)).status_code == 404

    def test_wrong_role_stranger_method_moment(self, client, made, case, version):
        sign_in(client, made.approver)
        answer = client.get(self.url(case))
        assert answer.status_code == 403
        assert "Only a campaign manager or an analyst" in answer.content.decode()

        other = world.world(name="Demo Other GmbH")
        sign_in(client, other.analyst)
        assert client.get(self.url(case)).status_code == 404

        sign_in(client, made.analyst)
        assert client.put(self.url(case)).status_code == 405
        world.submit(case)
        assert client.get(self.url(case)).status_code == 409

    def test_what_it_costs(self, as_analyst, case, version, django_assert_num_queries):
        as_analyst.get(self.url(case))

        with django_assert_num_queries(7):
            as_analyst.get(self.url(case))


class TestAtOnce:
    pytestmark = pytest.mark.django_db(transaction=True)

    @pytest.mark.parametrize("_try", range(3))
    def test_two_people_change_over_once(self, offered, _try):
        signatory = UserFactory(holds=(Role.SIGNATORY, offered.supplier))
        response = offered.response

        acts.at_once(
            lambda: change(offered, response=response),
            lambda: change(offered, response=response, by=signatory),
        )

        assert Response.objects.filter(previous=response).count() == 1
        assert Case.objects.get(pk=offered.pk).response.previous_id == response.pk

    @pytest.mark.parametrize("_try", range(3))
    def test_a_save_is_either_carried_or_refused(self, offered, _try):
        from tests.questionnaires.test_responding import save

        response = Response.objects.get(pk=offered.response_id)
        rev = response.documents.get(section="you").rev

        saved, changed = acts.at_once(
            lambda: save(response, offered.contact, job_title="Last word", rev=rev),
            lambda: change(offered, response=response),
        )

        assert not isinstance(changed, Exception)
        new = Case.objects.get(pk=offered.pk).response
        title = new.documents.get(section="you").data["answers"]["job_title"]
        assert (title == "Last word") == (not isinstance(saved, Exception))

    @pytest.mark.parametrize("_try", range(3))
    def test_a_signature_and_a_change_never_both_count(self, offered, _try):
        signature = world.signature(offered, offered.contact)
        task = engine.open_task(offered)
        response = offered.response

        acts.at_once(
            lambda: actions.submit(
                case=offered, task=task, by=offered.contact, signature=signature
            ),
            lambda: change(offered, response=response),
        )

        case = Case.objects.get(pk=offered.pk)
        response = Response.objects.get(pk=response.pk)
        assert (case.stage == Stage.REVIEW) != (case.response_id != response.pk)
        assert response.state in {ResponseState.SUBMITTED, ResponseState.CLOSED}


def test_new_campaigns_take_the_newest_version_by_default(client, made):
    QuestionnaireVersionFactory(questionnaire=content(NEWEST), published_at=clock.now())
    sign_in(client, made.manager)

    html = client.get(reverse("workflows:campaign_new")).content.decode()

    assert html.index("2026.1") < html.index("2026.0")
