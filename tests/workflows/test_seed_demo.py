"""The demonstration's story, told through the same actions people use."""

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from documents.models import Dossier, Evidence
from portal import ledger
from portal.models import DemoDoor, DemoMail, Organisation
from tests.sessions import sign_in
from tests.workflows import world
from workflows.enums import Stage, Verb
from workflows.models import Campaign, Case

pytestmark = pytest.mark.django_db


def test_the_story_is_told_once_and_its_doors_open(settings, client):
    settings.EXTRICATE_DEMO = True
    settings.EMAIL_BACKEND = "portal.demo.DemoBackend"

    call_command("seed_demo")
    told = {model: model.objects.count() for model in (Case, Campaign, Organisation, Dossier)}
    call_command("seed_demo")

    assert {model: model.objects.count() for model in told} == told
    assert ledger.verify().broken == []
    stages = set(Case.objects.values_list("stage", flat=True))
    assert stages == set(Stage) - {Stage.DISENGAGED}
    back = Case.objects.get(supplier__name="Demo Lining Spa")
    assert back.decisions.filter(verb=Verb.COMPLETE_EXIT).exists()
    assert back.last_verb == Verb.QUERY
    assert set(Evidence.objects.values_list("state", flat=True)) == {"RELEASED"}
    assert DemoMail.objects.exists()
    assert DemoDoor.objects.count() == 3
    for door in DemoDoor.objects.select_related("person"):
        assert sign_in(client, door.person).get(door.path).status_code == 200


def test_nothing_is_seeded_outside_a_demonstration():
    with pytest.raises(CommandError, match="This is no demonstration"):
        call_command("seed_demo")

    assert not Organisation.objects.exists()


def test_the_page_before_sending_says_who_is_ready_and_who_is_not(client):
    made = world.world()
    url = reverse("workflows:campaign_launch", args=[made.campaign.pk])
    sign_in(client, made.manager)

    empty = client.get(url).text
    world.draft_case(made)
    ready = client.get(url).text
    made.campaign.cases.update(wording="", wording_by=None)
    waiting = client.get(url).text

    assert "No supplier waits to be sent" in empty
    assert "1 supplier will be instructed" in ready
    assert "Counsel has not recorded the wording." in waiting


def test_counsels_choice_so_far_stands_below_the_form(client):
    made = world.world()
    world.draft_case(made)
    sign_in(client, made.counsel)

    page = client.get(reverse("workflows:campaign_wording", args=[made.campaign.pk])).text

    assert "The instruction must be explicit" in page
    assert "Recorded so far" in page
