"""Preparing and launching a campaign: suppliers, wording, list, launch."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from documents import storage
from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Audience, Wording
from portal.models import Organisation
from tests.factories.questionnaires import QuestionnaireVersionFactory
from tests.workflows import acts, world
from tests.workflows.test_engine import a_ledger_that_is_full
from workflows import actions
from workflows.actions import campaign as campaigns
from workflows.enums import CampaignState, Stage, WordingReason
from workflows.models import Campaign, CampaignSlice, Case, Policy, ProhibitedList

pytestmark = pytest.mark.django_db

ROW = actions.SupplierRow(
    reference="SUP-1",
    name="绍兴示例纺织有限公司",
    name_en="Demo Weaving (Shaoxing) Co., Ltd.",
    country="CN",
    registration="91330600MADEM0001G",
    address="绍兴市柯桥区示例路1号",
    contact_name="Demo Contact",
    contact_email="contact@supplier.example",
    language="zh-hans",
    zone="Asia/Shanghai",
)


@pytest.fixture
def made():
    return world.world()


def imported(made, *rows, buyer=None, by=None):
    return actions.import_suppliers(buyer=buyer or made.buyer, by=by or made.manager, rows=rows)


# references


def test_a_reference_is_short_and_readable_aloud():
    drawn = {campaigns.new_reference() for _n in range(200)}

    assert len(drawn) == 200
    form = re.compile(r"[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}")
    assert all(form.fullmatch(one) for one in drawn)


def test_no_reference_can_be_taken_for_a_code(monkeypatch):
    letters = iter("123456781234567X")
    monkeypatch.setattr(campaigns.secrets, "choice", lambda _alphabet: next(letters))

    assert campaigns.new_reference() == "1234-567X"


# suppliers


def test_an_import_takes_new_suppliers_in(made):
    done = imported(made, ROW)

    (supplier,) = done.suppliers
    assert (done.added, done.known) == (1, 0)
    for name in ROW.__dataclass_fields__:
        assert getattr(supplier, name) == getattr(ROW, name)
    assert supplier.buyer == made.buyer
    event = made.buyer.chain.entries.order_by("seq").last()
    assert event.event == "suppliers.imported"


@pytest.mark.parametrize(
    "change",
    [
        {"registration": "", "name_en": "New Name Ltd."},
        {"reference": "", "name_en": "New Name Ltd."},
        {"reference": "SUP-2", "name_en": "New Name Ltd."},
    ],
)
def test_a_known_supplier_is_recognised_by_reference_or_registration(made, change):
    (first,) = imported(made, ROW).suppliers

    done = imported(made, replace(ROW, **change))

    assert (done.added, done.known) == (0, 1)
    assert done.suppliers == [first]
    first.refresh_from_db()
    assert first.name_en == "New Name Ltd."


def test_the_same_supplier_twice_in_one_file_is_one(made):
    done = imported(made, ROW, replace(ROW, reference="SUP-2"))

    assert (done.added, done.known) == (1, 1)
    assert len({one.pk for one in done.suppliers}) == 1


def test_an_empty_cell_wipes_nothing(made):
    (first,) = imported(made, ROW).suppliers

    imported(made, replace(ROW, address="", contact_email="", registration=""))

    first.refresh_from_db()
    assert (first.address, first.contact_email) == (ROW.address, ROW.contact_email)
    assert first.registration == ROW.registration


def test_suppliers_without_reference_and_registration_are_never_one(made):
    bare = replace(ROW, reference="", registration="")

    done = imported(made, bare, replace(bare, name="Another"))

    assert (done.added, done.known) == (2, 0)


def test_no_buyer_recognises_the_supplier_of_another(made):
    other = world.world()
    imported(made, ROW)

    done = imported(other, ROW)

    assert (done.added, done.known) == (1, 0)
    assert Organisation.objects.filter(registration=ROW.registration).count() == 2


def test_only_a_campaign_manager_of_this_buyer_prepares(made):
    other, before = world.world(), acts.rows()
    given = {"campaign": made.campaign, "suppliers": [made.supplier]}

    for by in (made.analyst, made.administrator, other.manager):
        with pytest.raises(Refused):
            imported(made, ROW, by=by)
        with pytest.raises(Refused):
            actions.add_suppliers(**given, by=by)
        with pytest.raises(Refused):
            actions.launch(campaign=made.campaign, by=by)
        with pytest.raises(Refused):
            opened(made, by=by)

    assert acts.rows() == before


# campaigns


def opened(made, **more):
    return actions.create_campaign(
        **{
            "buyer": made.buyer,
            "by": made.manager,
            "name": "Demo campaign 2",
            "version": QuestionnaireVersionFactory(),
            "due_on": clock.today() + timedelta(days=30),
            "prohibited_list": None,
        }
        | more
    )


def test_a_campaign_pins_the_newest_policy(made):
    Policy.objects.create(buyer=made.buyer, number=2, created_at=clock.now())

    campaign = opened(made)

    assert (campaign.policy.number, made.campaign.policy.number) == (2, 1)
    assert campaign.state == CampaignState.DRAFT
    event = made.buyer.chain.entries.order_by("seq").last()
    assert event.event == "campaign.created"


def test_a_supplier_is_asked_once_in_a_campaign(made):
    given = {"campaign": made.campaign, "by": made.manager, "suppliers": [made.supplier]}

    (case,) = actions.add_suppliers(**given)
    assert actions.add_suppliers(**given) == []

    assert (case.stage, case.policy, case.buyer) == (
        Stage.DRAFT,
        made.campaign.policy,
        made.buyer,
    )


def test_a_supplier_of_another_buyer_is_never_added(made):
    other = world.world()

    added = actions.add_suppliers(
        campaign=made.campaign, by=made.manager, suppliers=[other.supplier]
    )

    assert added == []
    assert not Case.objects.exists()


def test_nothing_is_added_to_what_was_sent(made):
    world.draft_case(made)
    actions.launch(campaign=made.campaign, by=made.manager)

    with pytest.raises(Conflict, match="already sent"):
        actions.add_suppliers(
            campaign=made.campaign, by=made.manager, suppliers=[acts.another(made)]
        )


# wording


def test_counsel_records_wording_reason_person_and_the_note_for_itself(made):
    case = world.draft_case(made, wording=Wording.EXPLICIT)

    done = actions.choose_wording(
        cases=[case],
        by=made.counsel,
        wording=Wording.TRACEABILITY,
        reason=WordingReason.LOCAL_LAW,
        note="Advice 7 of May.",
    )

    case = acts.fresh(case)
    assert done == 1
    assert (case.wording, case.wording_reason, case.wording_by) == (
        Wording.TRACEABILITY,
        WordingReason.LOCAL_LAW,
        made.counsel,
    )
    both = ledger.events(case, audiences=frozenset(Audience), names=["case.wording_chosen"])
    assert both[-1].data["before"] == Wording.EXPLICIT
    assert both[-1].words == {"note": "Advice 7 of May."}
    open_to_all = ledger.events(case, audiences=frozenset({Audience.PERSONAL}))
    assert "Advice 7" not in str(open_to_all)


def test_a_choice_for_many_is_made_for_all_or_for_none(made):
    draft = world.draft_case(made, supplier=acts.another(made))
    sent = world.issued_case(made)
    given = {"wording": Wording.TRACEABILITY, "reason": WordingReason.SAFETY}

    with pytest.raises(Conflict, match="already sent"), transaction.atomic():
        actions.choose_wording(cases=[draft, sent], by=made.counsel, **given)
    with pytest.raises(Refused), transaction.atomic():
        actions.choose_wording(cases=[draft], by=made.manager, **given)

    assert acts.fresh(draft).wording == acts.fresh(sent).wording == Wording.EXPLICIT


# the list of prohibited companies


def upload(made, by, name="list.csv", content=b"name\nDemo\n"):
    return actions.upload_list(
        buyer=made.buyer,
        by=by,
        title="Demo list 2",
        dated_on=clock.today(),
        file=SimpleUploadedFile(name, content),
    )


@pytest.mark.parametrize("who", ["counsel", "administrator"])
def test_a_list_is_dated_hashed_and_kept_to_the_byte(made, who):
    by, content = getattr(made, who), b"name\n" + b"Demo Company\n" * 10_000

    row = upload(made, by, content=content)

    assert (row.sha256, row.size) == (hashlib.sha256(content).hexdigest(), len(content))
    with storage.read("evidence", row.stored_as) as kept:
        assert kept.read() == content
    told = made.buyer.chain.entries.order_by("seq").values_list("event", flat=True)
    # a new list has us look through the tiers anew: a duty of ours (clause A)
    assert list(told)[-2:] == ["list.uploaded", "duty.opened"]


def test_a_list_that_is_not_recorded_is_no_list(made):
    before = ProhibitedList.objects.count()

    with pytest.raises(Refused):
        upload(made, made.manager)
    with a_ledger_that_is_full(), pytest.raises(Exception, match="ledger is full"):
        upload(made, made.counsel)

    assert ProhibitedList.objects.count() == before


def test_a_very_long_name_is_cut_and_reaches_no_path(made):
    row = upload(made, made.counsel, name="../" + "x" * 300 + ".csv")

    assert len(row.file_name) <= 200
    assert re.fullmatch(rf"{made.buyer.pk}/lists/[0-9a-f-]{{36}}", row.stored_as)


# launch


def test_a_launch_cuts_slices_and_is_an_event(made, monkeypatch):
    monkeypatch.setattr(campaigns, "SLICE", 2)
    cases = [world.draft_case(made, supplier=acts.another(made)) for _n in range(3)]

    launched = actions.launch(campaign=made.campaign, by=made.manager)

    assert (launched.state, launched.launched_by) == (CampaignState.LAUNCHING, made.manager)
    cuts = list(CampaignSlice.objects.order_by("number").values_list("number", "cases"))
    assert [len(listed) for _number, listed in cuts] == [2, 1]
    assert {pk for _number, listed in cuts for pk in listed} == {str(case.pk) for case in cases}
    assert made.buyer.chain.entries.order_by("seq").last().event == "campaign.launched"


def spoil_nothing(made):
    return None


def spoil_sent(made):
    world.draft_case(made)
    actions.launch(campaign=made.campaign, by=made.manager)


def spoil_date(made):
    world.draft_case(made)
    Campaign.objects.update(due_on=clock.today())


def spoil_wording(made):
    world.draft_case(made)
    Case.objects.update(wording="", wording_by=None)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (spoil_nothing, "There is no supplier in this campaign yet."),
        (spoil_sent, "This campaign was already sent."),
        (spoil_date, "The due date has passed."),
        (spoil_wording, "1 suppliers are not ready."),
    ],
    ids=["empty", "sent", "date", "wording"],
)
def test_a_launch_that_cannot_be_changes_nothing(made, spoil, sentence):
    spoil(made)
    before = acts.rows()

    with pytest.raises(Conflict, match=sentence):
        actions.launch(campaign=made.campaign, by=made.manager)

    assert acts.rows() == before


def test_readiness_names_what_is_missing_for_each_draft(made):
    ready = world.draft_case(made)
    lacking = world.draft_case(made, supplier=acts.another(made))
    Case.objects.filter(pk=lacking.pk).update(wording="", wording_by=None)

    assert campaigns.not_ready(made.campaign) == {
        lacking.pk: ["Counsel has not recorded the wording."]
    }
    assert ready.stage == Stage.DRAFT


@settings(deadline=None)  # other work shares this machine
@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=6))
def test_names_of_suppliers_point_to_the_last_that_bears_them(pairs):
    made = [Organisation(reference=ref, registration=reg) for ref, reg in pairs]
    index = {}
    for one in made:
        index |= campaigns._names_of(one)

    for (kind, value), found in index.items():
        assert getattr(found, kind) == value
        bearers = [one for one in made if getattr(one, kind) == value]
        assert found is bearers[-1]
