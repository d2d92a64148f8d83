"""A buyer's policy: versions, contradictions, counsel's concurrence, the choice of a campaign."""

from datetime import timedelta

import pytest
from django.urls import reverse

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import BUYER_ROLES, Role
from portal.models import OutboxMessage
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, world
from workflows import actions, policies, queries
from workflows.enums import Limbs, PolicyState, Stage
from workflows.models import Campaign, Case, Policy

pytestmark = pytest.mark.django_db

REASON = "Suppliers asked for more time in the harvest."
STANDARD = policies.values_of(Policy())


@pytest.fixture
def made():
    return world.world()


def change(made, by=None, based_on=None, **values):
    return actions.change_policy(
        buyer=made.buyer,
        based_on=based_on or actions.latest_policy(made.buyer).number,
        by=by or made.approver,
        values=values,
        reason=REASON,
    )


def posted(made, **values):
    """All terms as the page sends them."""
    current = actions.latest_policy(made.buyer)
    said = policies.values_of(current) | {"number": current.number, "reason": REASON} | values
    if isinstance(said["remind_days"], list):
        said["remind_days"] = ", ".join(map(str, said["remind_days"]))
    return said


# What contradicts itself


@pytest.mark.parametrize(
    ("values", "names"),
    [
        ({}, []),
        ({"lapse_days": 15}, []),
        ({"lapse_days": 14}, ["lapse_days"]),
        ({"lapse_days": 0}, ["lapse_days", "lapse_days"]),
        ({"lapse_days": -5}, ["lapse_days", "lapse_days"]),
        ({"phone_days": 3}, ["phone_days"]),
        ({"phone_days": 2}, ["phone_days"]),
        ({"approver_days": 7}, ["approver_days"]),
        ({"second_contact_days": 9}, ["phone_days"]),
        ({"due_days": 0}, ["due_days", "remind_days"]),
        ({"due_days": 251}, ["due_days"]),
        ({"review_days": 99_999}, ["review_days"]),
        ({"counsel_days": 0}, ["counsel_days"]),
        ({"renewal_months": 0}, ["renewal_months"]),
        ({"renewal_months": 37}, ["renewal_months"]),
        ({"remind_days": []}, ["remind_days"]),
        ({"remind_days": [7, 0]}, ["remind_days"]),
        ({"remind_days": [-3]}, ["remind_days"]),
        ({"remind_days": [21]}, ["remind_days"]),
        ({"remind_days": [20]}, []),
        ({"remind_days": [3, 3]}, ["remind_days"]),
        ({"remind_days": [6, 5, 4, 3, 2, 1]}, ["remind_days"]),
    ],
)
def test_terms_that_contradict_themselves_are_named(values, names):
    found = policies.contradictions(STANDARD | values)

    assert [name for name, _sentence in found] == names
    assert all(sentence for _name, sentence in found)


def test_what_changed_is_said_in_plain_words():
    found = policies.differences(
        STANDARD,
        STANDARD | {"b5_limbs": "both", "lapse_days": 30, "remind_days": [1], "renewal_months": 1},
    )

    assert [(one.label, one.before, one.after) for one in found] == [
        (
            "How clause B5 is read",
            "Either limb failing is enough",
            "Both limbs must fail",
        ),
        ("Reminders before the due date", "7, 3, 1 working days before", "1 working day before"),
        ("Time runs out", "21 working days", "30 working days"),
        ("A cleared case is asked again", "12 months", "1 month"),
    ]


# Changing


@pytest.mark.parametrize("by", ["approver", "administrator"])
def test_a_change_of_days_is_in_force_at_once_and_told(made, by):
    person = getattr(made, by)

    policy = change(made, by=person, lapse_days=30)

    assert (policy.number, policy.state, policy.created_by) == (2, PolicyState.IN_FORCE, person)
    assert policy.in_force_at == policy.created_at
    assert actions.latest_policy(made.buyer) == policy
    entry = made.buyer.chain.entries.get(event="policy.changed")
    assert '"changed":{"lapse_days":[21,30]}' in entry.body
    told = {one.recipient for one in OutboxMessage.objects.filter(purpose="policy_changed")}
    everybody = {
        made.manager, made.analyst, made.approver, made.second_approver, made.counsel,
        made.administrator,
    }  # fmt: skip
    assert told == everybody - {person}
    assert ledger.verify(made.buyer.chain).is_intact


@pytest.mark.parametrize("who", ["manager", "analyst", "counsel"])
def test_nobody_else_changes_it(made, who):
    with pytest.raises(Refused):
        change(made, by=getattr(made, who), lapse_days=30)
    assert Policy.objects.filter(buyer=made.buyer).count() == 1


def test_an_administrator_does_not_switch_the_limbs(made):
    with pytest.raises(Refused, match="Only an approver may propose"):
        change(made, by=made.administrator, b5_limbs=Limbs.BOTH)


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"lapse_days": 14}, "must come after"),
        ({"remind_days": [30]}, "before the request itself"),
        ({"lapse_days": 21}, "Nothing was changed"),
    ],
)
def test_what_cannot_stand_makes_no_version(made, values, sentence):
    before = acts.rows()

    with pytest.raises(Conflict, match=sentence):
        change(made, **values)

    assert acts.rows() == before


def test_who_saw_an_older_version_changes_nothing(made):
    change(made, lapse_days=30)

    with pytest.raises(Conflict, match="changed meanwhile"):
        change(made, based_on=1, lapse_days=40)


# The switch of B5's limbs


def test_the_switch_waits_for_counsel_and_is_in_force_when_counsel_concurs(made):
    policy = change(made, b5_limbs=Limbs.BOTH, lapse_days=30)

    assert (policy.state, policy.in_force_at) == (PolicyState.PROPOSED, None)
    assert actions.latest_policy(made.buyer).number == 1
    told = OutboxMessage.objects.filter(purpose="policy_proposed")
    assert [one.recipient for one in told] == [made.counsel]

    actions.concur_policy(policy=policy, by=made.counsel, note="Advice 12.")

    policy = actions.latest_policy(made.buyer)
    assert (policy.number, policy.settled_by) == (2, made.counsel)
    assert policy.in_force_at == policy.settled_at
    assert made.buyer.chain.entries.filter(event="policy.concurred").count() == 1


def test_the_proposer_never_concurs(made):
    both = UserFactory(holds=[(Role.APPROVER, made.buyer), (Role.COUNSEL, made.buyer)])
    policy = change(made, by=both, b5_limbs=Limbs.BOTH)

    with pytest.raises(Refused, match="other counsel"):
        actions.concur_policy(policy=policy, by=both)


@pytest.mark.parametrize("who", ["manager", "analyst", "approver", "administrator"])
def test_only_counsel_concurs(made, who):
    policy = change(made, b5_limbs=Limbs.BOTH)

    with pytest.raises(Refused, match="Only the buyer's counsel"):
        actions.concur_policy(policy=policy, by=getattr(made, who))


def test_counsels_objection_ends_it_and_the_proposer_is_told(made):
    policy = change(made, b5_limbs=Limbs.BOTH)

    actions.object_to_policy(policy=policy, by=made.counsel, note="The text joins them with and.")

    assert Policy.objects.get(pk=policy.pk).state == PolicyState.OBJECTED
    assert actions.latest_policy(made.buyer).number == 1
    told = OutboxMessage.objects.filter(purpose="policy_objected")
    assert [one.recipient for one in told] == [made.approver]
    with pytest.raises(Conflict, match="no longer waits"):
        actions.concur_policy(policy=policy, by=made.counsel)
    assert change(made, b5_limbs=Limbs.BOTH).number == 3


def test_while_one_waits_no_other_is_made_and_an_approver_takes_it_back(made):
    policy = change(made, b5_limbs=Limbs.BOTH)

    with pytest.raises(Conflict, match="waits for counsel"):
        change(made, lapse_days=30)
    with pytest.raises(Refused):
        actions.withdraw_policy(policy=policy, by=made.counsel)
    actions.withdraw_policy(policy=policy, by=made.second_approver)

    assert Policy.objects.get(pk=policy.pk).state == PolicyState.WITHDRAWN
    assert change(made, lapse_days=30).number == 3


# Never retroactive


def test_a_new_version_leaves_cases_sent_before_as_they_are(made):
    case = world.submitted_case(made)
    before = queries.standing(case).outcome
    moments = (case.due_at, case.lapse_at, case.policy_id)

    policy = change(made, b5_limbs=Limbs.BOTH, lapse_days=60, review_days=30)
    actions.concur_policy(policy=policy, by=made.counsel)

    case = acts.fresh(case)
    assert queries.standing(case).outcome == before
    assert (case.due_at, case.lapse_at, case.policy_id) == moments


# The choice of a campaign


def test_a_campaign_takes_the_newest_in_force_or_the_one_chosen(made):
    change(made, lapse_days=30)
    change(made, b5_limbs=Limbs.BOTH)
    first = Policy.objects.get(buyer=made.buyer, number=1)

    fields = {
        "buyer": made.buyer,
        "by": made.manager,
        "version": made.campaign.version,
        "due_on": clock.today() + timedelta(days=30),
        "prohibited_list": None,
    }
    newest = actions.create_campaign(name="Demo newest", **fields)
    older = actions.create_campaign(name="Demo older", policy=first, **fields)

    assert (newest.policy.number, older.policy.number) == (2, 1)
    proposed = Policy.objects.get(buyer=made.buyer, number=3)
    with pytest.raises(Conflict, match="not in force"):
        actions.create_campaign(name="Demo proposed", policy=proposed, **fields)
    foreign = world.world(name="Demo Foreign GmbH")
    with pytest.raises(Refused):
        actions.create_campaign(name="x", policy=foreign.campaign.policy, **fields)


def test_a_campaign_in_preparation_and_its_drafts_take_another_version(made):
    case = world.draft_case(made)
    policy = change(made, lapse_days=30)

    for _twice in range(2):
        actions.choose_policy(campaign=made.campaign, by=made.manager, policy=policy)

    assert acts.fresh(case).policy == policy
    assert made.buyer.chain.entries.filter(event="campaign.policy_chosen").count() == 1
    with pytest.raises(Refused):
        actions.choose_policy(campaign=made.campaign, by=made.analyst, policy=policy)
    actions.launch(campaign=made.campaign, by=made.manager)
    with pytest.raises(Conflict, match="already sent"):
        actions.choose_policy(campaign=made.campaign, by=made.manager, policy=policy)


# Pages

PAGES = [
    ("policies", BUYER_ROLES - {Role.OUTSIDE_COUNSEL}),
    ("policy_change", {Role.APPROVER, Role.ADMINISTRATOR}),
    ("campaign_policy", {Role.CAMPAIGN_MANAGER}),
    ("policy_settle", {Role.COUNSEL}),
    ("policy_withdraw", {Role.APPROVER}),
]


def address(made, name, policy=None):
    args = {"campaign_policy": [made.campaign.pk]}
    if policy is not None:
        args |= {"policy_settle": [policy.pk], "policy_withdraw": [policy.pk]}
    return reverse(f"workflows:{name}", args=args.get(name, []))


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(("name", "roles"), PAGES)
def test_each_page_opens_to_its_roles_alone(client, made, name, roles, role):
    policy = change(made, b5_limbs=Limbs.BOTH)
    where = made.supplier if role in {"CONTACT", "CONTRIBUTOR", "SIGNATORY"} else made.buyer
    sign_in(client, UserFactory(holds=(role, where)))

    answer = client.get(address(made, name, policy))

    fine = 405 if name == "policy_withdraw" else 200
    assert answer.status_code == (fine if role in roles else 403)


def test_a_stranger_finds_nothing(client, made):
    policy = change(made, b5_limbs=Limbs.BOTH)
    stranger = world.world(name="Demo Stranger GmbH")

    for who, name in (
        (stranger.counsel, "policy_settle"),
        (stranger.approver, "policy_withdraw"),
        (stranger.manager, "campaign_policy"),
    ):
        sign_in(client, who)
        assert client.post(address(made, name, policy)).status_code == 404


@pytest.mark.parametrize(
    ("name", "who"),
    [
        ("policies", "approver"),
        ("policy_change", "approver"),
        ("policy_settle", "counsel"),
        ("campaign_policy", "manager"),
    ],
)
def test_a_wrong_method_is_told(client, made, name, who):
    policy = change(made, b5_limbs=Limbs.BOTH)
    sign_in(client, getattr(made, who))

    assert client.delete(address(made, name, policy)).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_of_versions_costs_the_same(client, made, count, django_assert_num_queries):
    for number in range(count):
        change(made, lapse_days=30 + number)
    world.issued_case(made)
    sign_in(client, made.approver)

    # session, person, roles, buyer, newest, versions, cases counted, service
    with django_assert_num_queries(8):
        page = client.get(address(made, "policies")).text

    assert f"In force: version {count + 1}" in page
    assert "1 open case holds to it" in page
    assert "Time runs out:" in page


def test_an_approver_proposes_and_counsel_concurs_on_the_pages(client, made):
    sign_in(client, made.approver)
    seen = client.get(address(made, "policy_change"))
    answer = client.post(address(made, "policy_change"), posted(made, b5_limbs="both"))
    listed = client.get(address(made, "policies")).text
    policy = Policy.objects.get(buyer=made.buyer, number=2)

    assert 'value="7, 3, 1"' in seen.text
    assert answer.status_code == 302
    assert "Version 2 waits for counsel" in listed
    assert "Take the proposal back" in listed
    assert "Change the policy</a>" not in listed

    sign_in(client, made.counsel)
    room = client.get(reverse("workflows:counsel")).text
    page = client.get(address(made, "policy_settle", policy)).text
    silent = client.post(address(made, "policy_settle", policy), {"answer": "object"})
    client.post(address(made, "policy_settle", policy), {"answer": "concur", "note": ""})

    assert address(made, "policy_settle", policy) in room
    assert "Both limbs must fail" in page
    assert "Say why you object" in silent.text
    assert actions.latest_policy(made.buyer) == policy
    again = client.post(address(made, "policy_settle", policy), {"answer": "concur"})
    assert again.status_code == 409


def test_counsel_objects_on_the_page_and_an_approver_withdraws(client, made):
    policy = change(made, b5_limbs=Limbs.BOTH)
    sign_in(client, made.counsel)
    said = {"answer": "object", "note": "The text joins the limbs."}
    client.post(address(made, "policy_settle", policy), said)
    second = change(made, b5_limbs=Limbs.BOTH)
    sign_in(client, made.approver)
    client.post(address(made, "policy_withdraw", second))

    page = client.get(address(made, "policies")).text

    assert "Counsel objected" in page
    assert "The text joins the limbs." in page
    assert "Withdrawn" in page


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"lapse_days": "banana"}, "Write a whole number, such as 10."),
        ({"lapse_days": ""}, "Enter a number."),
        ({"lapse_days": "14"}, "This must come after “An approver writes to the signatory”"),
        ({"lapse_days": "-1"}, "This must be 1 or more."),
        ({"remind_days": "a week"}, "Write whole numbers, such as 7, 3, 1."),
        ({"remind_days": "7，0"}, "A reminder comes before the due date"),
        ({"remind_days": ""}, "Name at least one reminder"),
        ({"reason": "short"}, "Say a little more"),
        ({}, "Nothing was changed"),
    ],
)
def test_what_cannot_stand_is_told_at_its_field_and_nothing_typed_is_lost(
    client, made, values, sentence
):
    sign_in(client, made.approver)

    answer = client.post(address(made, "policy_change"), posted(made, **values))

    assert answer.status_code == 200
    assert sentence in answer.text
    for value in values.values():
        assert value in answer.text
    assert Policy.objects.filter(buyer=made.buyer).count() == 1


def test_an_administrator_sees_no_switch_and_a_forged_one_is_not_taken(client, made):
    sign_in(client, made.administrator)
    page = client.get(address(made, "policy_change")).text

    sent = posted(made, b5_limbs="both", lapse_days=30)
    client.post(address(made, "policy_change"), sent)

    assert 'name="b5_limbs"' not in page
    assert actions.latest_policy(made.buyer).b5_limbs == Limbs.EITHER
    assert actions.latest_policy(made.buyer).lapse_days == 30


def test_a_page_shown_before_another_change_is_a_conflict(client, made):
    sign_in(client, made.approver)
    sent = posted(made, lapse_days=30)
    change(made, lapse_days=40)

    assert client.post(address(made, "policy_change"), sent).status_code == 409


def test_the_campaign_page_says_that_a_newer_version_is_in_force(client, made):
    world.draft_case(made)
    policy = change(made, due_days=60)
    sign_in(client, made.manager)
    url = reverse("workflows:campaign", args=[made.campaign.pk])

    before = client.get(url).text
    client.post(address(made, "campaign_policy"), {"policy": str(policy.pk)})
    after = client.get(url).text

    assert "Version 2 is in force since." in before
    assert "Version 2 is in force since." not in after
    assert "Fewer than the 60 working days its policy gives." in after.replace("\n", " ")
    assert Case.objects.get(campaign=made.campaign, stage=Stage.DRAFT).policy == policy


def test_a_version_of_another_buyer_is_no_choice(client, made):
    foreign = world.world(name="Demo Foreign GmbH")
    sign_in(client, made.manager)

    picked = client.post(
        address(made, "campaign_policy"), {"policy": str(foreign.campaign.policy_id)}
    )
    due = clock.today() + timedelta(days=40)
    opened = client.post(
        reverse("workflows:campaign_new"),
        {
            "name": "Demo foreign policy",
            "version": str(made.campaign.version_id),
            "due_on_day": due.day,
            "due_on_month": due.month,
            "due_on_year": due.year,
            "policy": str(foreign.campaign.policy_id),
        },
    )

    assert "Choose one of these versions." in picked.text
    assert "Choose one of these versions." in opened.text
    assert not Campaign.objects.filter(name="Demo foreign policy").exists()


def test_a_campaign_is_opened_with_the_version_picked(client, made):
    first = actions.latest_policy(made.buyer)
    change(made, due_days=60)
    sign_in(client, made.manager)
    url = reverse("workflows:campaign_new")
    seen = client.get(url)
    due = seen.context["form"].initial["due_on"]
    fields = {
        "name": "Demo picked",
        "version": str(made.campaign.version_id),
        "due_on_day": due.day,
        "due_on_month": due.month,
        "due_on_year": due.year,
    }

    client.post(url, fields | {"policy": str(first.pk)})
    client.post(url, fields | {"name": "Demo not picked"})

    assert due > clock.today() + timedelta(days=80)
    assert Campaign.objects.get(name="Demo picked").policy == first
    assert Campaign.objects.get(name="Demo not picked").policy.number == 2


def test_a_sent_campaign_shows_its_version_and_offers_no_other(client, made):
    world.issued_case(made)
    Campaign.objects.update(state="LAUNCHED")
    sign_in(client, made.manager)

    page = client.get(address(made, "campaign_policy")).text

    assert "This campaign was sent." in " ".join(page.split())
    assert 'name="policy"' not in page
