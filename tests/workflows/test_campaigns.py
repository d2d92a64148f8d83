"""Suppliers, campaigns and their pages, as a campaign manager and counsel use them."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from portal import clock
from portal.enums import Role, Wording
from portal.models import Organisation, OutboxMessage
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in
from tests.workflows import world
from workflows import actions
from workflows.enums import CampaignState, Stage
from workflows.forms import supplier_table
from workflows.models import Campaign, CampaignSlice, Case
from workflows.tasks import issue_slice

pytestmark = pytest.mark.django_db

HEAD = "reference,name,country,contact_email,language\n"


def upload(text, encoding="utf-8"):
    return SimpleUploadedFile("suppliers.csv", text.encode(encoding), content_type="text/csv")


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def manager(client, made):
    sign_in(client, made.manager)
    return client


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_table_is_previewed_then_imported_in_each_encoding(manager, made, encoding):
    text = HEAD + "A-1,绍兴示例织造有限公司𠮷,CN,a@weaver.example,zh\n"
    url = reverse("workflows:suppliers_import")

    seen = manager.post(url, {"file": upload(text, encoding)})
    kept = Organisation.objects.filter(reference="A-1").count()
    done = manager.post(url, {"confirm": "1"})

    assert seen.status_code == 200
    assert "绍兴示例织造有限公司𠮷" in seen.text
    assert kept == 0
    assert done.status_code == 302
    supplier = Organisation.objects.get(reference="A-1")
    assert (supplier.buyer, supplier.country, supplier.language, supplier.zone) == (
        made.buyer,
        "CN",
        "zh-hans",
        "Asia/Shanghai",
    )


def test_each_wrong_cell_is_named_by_row_and_column_and_nothing_is_imported(manager):
    text = HEAD + (
        "B-1,=HYPERLINK(1),CN,not-an-address,en\n"
        "B-2,Demo Two Ltd.,Atlantis,two@two.example,klingon\n"
        "B-2,Demo Three Ltd.,BD,three@three.example,en\n"
        "B-4,,BD,four@four.example,en\n"
    )

    seen = manager.post(reverse("workflows:suppliers_import"), {"file": upload(text)})
    manager.post(reverse("workflows:suppliers_import"), {"confirm": "1"})

    found = supplier_table.read(text).problems
    assert [(one.row, one.column) for one in found] == [
        (2, "name"),
        (2, "contact_email"),
        (3, "country"),
        (3, "language"),
        (4, "reference"),
        (5, "name"),
    ]
    for one in found:
        assert one.wanted in seen.text.replace("&#x27;", "'")
    assert Organisation.objects.filter(reference__startswith="B-").count() == 0


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "empty"),
        (b"   \n ", "The file is empty."),
        (b"PK\x03\x04" + b"x" * 50, "This workbook cannot be read."),
        (b"\xff\x00\x81\x00" * 9, "The characters cannot be read."),
        (b"name,country\nDemo,CN\n", "Missing: contact_email."),
    ],
)
def test_a_file_that_is_no_table_is_told_beside_its_field(manager, data, sentence):
    file = SimpleUploadedFile("x.csv", data)

    seen = manager.post(reverse("workflows:suppliers_import"), {"file": file})

    assert seen.status_code == 200
    assert sentence in seen.text


def test_known_suppliers_are_recognised_not_doubled(manager, made):
    first = HEAD + "C-1,Demo Name Ltd.,BD,one@c.example,en\n"
    second = HEAD + "C-1,Demo New Name Ltd.,BD,two@c.example,en\n"
    for text in (first, second):
        manager.post(reverse("workflows:suppliers_import"), {"file": upload(text)})
        manager.post(reverse("workflows:suppliers_import"), {"confirm": "1"})

    supplier = Organisation.objects.get(reference="C-1")

    assert supplier.name == "Demo New Name Ltd."
    assert supplier.contact_email == "two@c.example"


def test_no_buyer_recognises_the_supplier_of_another(made):
    other = world.world(name="Demo Other Buyer GmbH")
    row = actions.SupplierRow(
        reference="D-1",
        name="Demo Shared Ltd.",
        name_en="",
        country="BD",
        registration="REG-1",
        address="",
        contact_name="",
        contact_email="x@shared.example",
        language="en",
        zone="UTC",
    )
    for one in (made, other):
        done = actions.import_suppliers(buyer=one.buyer, by=one.manager, rows=[row])
        assert (done.added, done.known) == (1, 0)

    assert Organisation.objects.filter(registration="REG-1").count() == 2


def test_a_campaign_is_opened_filled_checked_and_sent(manager, made, client):
    due = clock.today() + timedelta(days=40)
    fields = {
        "name": "Demo autumn",
        "version": str(made.campaign.version_id),
        "due_on_day": due.day,
        "due_on_month": due.month,
        "due_on_year": due.year,
        "prohibited_list": str(made.prohibited_list.pk),
    }
    answer = manager.post(reverse("workflows:campaign_new"), fields)
    campaign = Campaign.objects.get(name="Demo autumn")
    assert answer.url == reverse("workflows:campaign_suppliers", args=[campaign.pk])

    manager.post(answer.url, {"suppliers": [str(made.supplier.pk)]})
    case = campaign.cases.get()
    page = manager.get(reverse("workflows:campaign", args=[campaign.pk])).text
    assert "Counsel has not recorded the wording." in page

    refused = manager.post(reverse("workflows:campaign_launch", args=[campaign.pk]))
    assert refused.status_code == 409

    sign_in(client, made.counsel)
    client.post(
        reverse("workflows:campaign_wording", args=[campaign.pk]),
        {"cases": [str(case.pk)], "wording": "explicit", "reason": "CLARITY", "note": "A-1"},
    )
    sign_in(client, made.manager)
    client.post(reverse("workflows:campaign_launch", args=[campaign.pk]))
    for one in CampaignSlice.objects.filter(campaign=campaign):
        issue_slice.call(str(one.pk))

    campaign.refresh_from_db()
    case.refresh_from_db()
    assert campaign.state == CampaignState.LAUNCHED
    assert case.stage == Stage.INSTRUCTED
    assert OutboxMessage.objects.filter(chain=case.chain, purpose="case_issued").count() == 1
    again = client.post(reverse("workflows:campaign_launch", args=[campaign.pk]))
    assert again.status_code == 409


@pytest.mark.parametrize("day", ["1", "31", "banana", ""])
def test_a_due_date_that_is_none_or_gone_by_is_told_at_its_field(manager, made, day):
    fields = {
        "name": "Demo past",
        "version": str(made.campaign.version_id),
        "due_on_day": day,
        "due_on_month": "2",
        "due_on_year": "2020",
    }

    answer = manager.post(reverse("workflows:campaign_new"), fields)

    assert answer.status_code == 200
    assert "govuk-error-message" in answer.text
    assert 'value="Demo past"' in answer.text
    assert not Campaign.objects.filter(name="Demo past").exists()


def test_suppliers_of_another_buyer_cannot_be_picked(manager, made):
    foreign = OrganisationFactory(supplier=True)
    url = reverse("workflows:campaign_suppliers", args=[made.campaign.pk])

    answer = manager.post(url, {"suppliers": [str(foreign.pk)]})

    assert "One of these is not a supplier of yours." in answer.text
    assert not made.campaign.cases.filter(supplier=foreign).exists()


def test_a_draft_can_be_taken_out(manager, made):
    case = world.draft_case(made)

    manager.post(reverse("workflows:campaign_drop", args=[made.campaign.pk, case.pk]))

    case.refresh_from_db()
    assert case.stage == Stage.WITHDRAWN


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("wording", Wording.values)
def test_the_preview_shows_letter_and_every_question(manager, made, wording, language):
    url = reverse("workflows:campaign_preview", args=[made.campaign.pk])

    page = manager.get(url, {"wording": wording, "language": language}).text

    names_region = "Uyghur" in page or "维吾尔" in page
    assert names_region == (wording == "explicit")
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in page


PAGES = [
    ("workflows:suppliers", (), {Role.CAMPAIGN_MANAGER}),
    ("workflows:suppliers_import", (), {Role.CAMPAIGN_MANAGER}),
    ("workflows:campaigns", (), {Role.CAMPAIGN_MANAGER, Role.COUNSEL}),
    ("workflows:campaign_new", (), {Role.CAMPAIGN_MANAGER}),
    ("workflows:campaign", ("campaign",), {Role.CAMPAIGN_MANAGER, Role.COUNSEL}),
    ("workflows:campaign_suppliers", ("campaign",), {Role.CAMPAIGN_MANAGER}),
    ("workflows:campaign_launch", ("campaign",), {Role.CAMPAIGN_MANAGER}),
    ("workflows:campaign_preview", ("campaign",), {Role.CAMPAIGN_MANAGER, Role.COUNSEL}),
    ("workflows:campaign_wording", ("campaign",), {Role.COUNSEL}),
    ("workflows:counsel", (), {Role.COUNSEL}),
    ("workflows:lists", (), {Role.COUNSEL, Role.ADMINISTRATOR}),
]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("name", "args", "roles"), PAGES)
def test_each_page_opens_to_its_roles_alone(client, made, name, args, roles, role):
    where = made.supplier if role in {"CONTACT", "CONTRIBUTOR", "SIGNATORY"} else made.buyer
    sign_in(client, UserFactory(holds=(role, where)))
    url = reverse(name, args=[made.campaign.pk for _arg in args])

    assert client.get(url).status_code == (200 if role in roles else 403)


def test_a_stranger_finds_no_campaign(client, made):
    stranger = world.world(name="Demo Stranger GmbH")
    sign_in(client, stranger.manager)

    for name in ("campaign", "campaign_suppliers", "campaign_preview", "campaign_launch"):
        url = reverse(f"workflows:{name}", args=[made.campaign.pk])
        assert client.get(url).status_code == 404


@pytest.mark.parametrize("count", [1, 3])
def test_pages_cost_the_same_for_one_and_three(client, made, count, django_assert_max_num_queries):
    for _number in range(count):
        world.draft_case(made, supplier=world.new_supplier(made.buyer))
    sign_in(client, made.manager)

    with django_assert_max_num_queries(12):
        client.get(reverse("workflows:campaign", args=[made.campaign.pk]))
    with django_assert_max_num_queries(6):
        client.get(reverse("workflows:campaigns"))
    assert Case.objects.filter(campaign=made.campaign).count() == count


def test_a_list_is_kept_with_its_fingerprint(client, made):
    sign_in(client, made.counsel)
    file = SimpleUploadedFile("list.csv", b"name\nDemo\n")
    day = clock.today()
    fields = {
        "title": "Demo list two",
        "dated_on_day": day.day,
        "dated_on_month": day.month,
        "dated_on_year": day.year,
        "file": file,
    }

    answer = client.post(reverse("workflows:lists"), fields)
    page = client.get(reverse("workflows:lists")).text

    assert answer.status_code == 302
    assert "Demo list two" in page


def test_counsel_advises_and_the_clocks_move(client, made):
    case = world.acknowledged_case(made)
    actions.refer(
        case=case, task=world.engine.open_task(case), by=case.contact, note="A note for counsel."
    )
    case.refresh_from_db()
    due = case.due_at
    sign_in(client, made.counsel)
    url = reverse("workflows:case_advise", args=[case.pk])
    page = client.get(url)
    task = page.context["form"]["task"].value()

    answer = client.post(
        url, {"task": task, "advice": "Advice canary.", "summary": "Go on as before, please."}
    )

    case.refresh_from_db()
    assert answer.status_code == 302
    assert case.stage == Stage.ANSWERING
    assert case.due_at > due


def test_only_counsel_may_ask_for_counsels_edition(client, made):
    case = world.issued_case(made)
    url = reverse("workflows:case_dossier", args=[case.pk])
    sign_in(client, made.analyst)

    refused = client.post(url, {"edition": "COUNSEL", "language": "en"})
    taken = client.post(url, {"edition": "WORKING", "language": "en"})

    assert refused.status_code == 403
    assert taken.status_code == 302
    assert [one.edition for one in case.chain.dossiers.all()] == ["WORKING"]


def test_the_register_is_asked_for_once_and_shown(client, made):
    world.issued_case(made)
    sign_in(client, made.counsel)

    client.post(reverse("workflows:campaign_register", args=[made.campaign.pk]))
    page = client.get(reverse("workflows:counsel")).text

    assert "Being written" in page
    assert made.buyer.chain.dossiers.count() == 1
