"""Issuing a slice of a campaign in the background: repeated, stopped and refused."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from portal import clock
from portal.enums import WorkState
from portal.models import Membership
from tests.workflows import acts, world
from workflows import actions, tasks
from workflows.enums import CampaignState, Stage
from workflows.models import CampaignSlice, Case

pytestmark = pytest.mark.django_db


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def launched(made):
    """Three drafts, sent; the slice that workers do."""
    cases = [world.draft_case(made, supplier=acts.another(made)) for _n in range(3)]
    actions.launch(campaign=made.campaign, by=made.manager)
    return cases


def work_off():
    cut = CampaignSlice.objects.get()
    tasks.issue_slice.call(str(cut.pk))
    cut.refresh_from_db()
    return cut


def stages(cases):
    return sorted(
        Case.objects.filter(pk__in=[c.pk for c in cases]).values_list("stage", flat=True)
    )


def test_each_case_is_issued_and_the_campaign_is_sent(made, launched):
    cut = work_off()

    assert (cut.work_state, cut.problems) == (WorkState.DONE, [])
    assert stages(launched) == [Stage.INSTRUCTED] * 3
    made.campaign.refresh_from_db()
    assert made.campaign.state == CampaignState.LAUNCHED
    assert {acts.fresh(case).instruction.case_id for case in launched} == {
        case.pk for case in launched
    }


def test_what_is_no_longer_ready_is_named_and_hinders_no_other(made, launched):
    first = launched[0].supplier
    first.contact_email = ""
    first.save()

    cut = work_off()

    assert cut.work_state == WorkState.DONE
    assert cut.problems == [{"case": str(launched[0].pk), "why": "No contact address is known."}]
    assert stages(launched) == [Stage.DRAFT, Stage.INSTRUCTED, Stage.INSTRUCTED]


def test_what_was_sent_or_withdrawn_meanwhile_is_no_problem(made, launched):
    actions.issue(case=launched[0], by=made.manager)
    actions.withdraw(case=launched[1], by=made.manager, reason="A duplicate.")

    assert work_off().problems == []
    assert stages(launched) == [Stage.INSTRUCTED, Stage.INSTRUCTED, Stage.WITHDRAWN]


def test_who_launched_and_lost_the_role_sends_nothing_more(made, launched):
    Membership.objects.filter(user=made.manager).update(ended_at=clock.now())

    cut = work_off()

    assert {problem["case"] for problem in cut.problems} == {str(case.pk) for case in launched}
    assert stages(launched) == [Stage.DRAFT] * 3


def test_a_slice_of_nobody_issues_nothing(made, launched):
    made.campaign.refresh_from_db()
    made.campaign.launched_by = made.campaign.launched_at = None
    made.campaign.save()

    assert work_off().work_state == WorkState.DONE
    assert stages(launched) == [Stage.DRAFT] * 3


def test_a_finished_slice_and_one_that_is_held_are_left_alone(launched):
    cut = CampaignSlice.objects.get()
    CampaignSlice.objects.update(
        work_state=WorkState.RUNNING, lease_until=Now() + timedelta(minutes=5)
    )
    tasks.issue_slice.call(str(cut.pk))
    assert stages(launched) == [Stage.DRAFT] * 3

    CampaignSlice.objects.update(work_state=WorkState.DONE, lease_until=None)
    tasks.issue_slice.call(str(cut.pk))
    assert stages(launched) == [Stage.DRAFT] * 3


def test_a_campaign_is_sent_only_when_its_last_slice_is_done(made, launched):
    made.campaign.refresh_from_db()
    CampaignSlice.objects.create(campaign=made.campaign, number=2, cases=[])
    first, second = CampaignSlice.objects.order_by("number")

    tasks.issue_slice.call(str(first.pk))
    made.campaign.refresh_from_db()
    assert made.campaign.state == CampaignState.LAUNCHING

    tasks.issue_slice.call(str(second.pk))
    made.campaign.refresh_from_db()
    assert made.campaign.state == CampaignState.LAUNCHED
