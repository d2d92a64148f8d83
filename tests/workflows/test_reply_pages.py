"""The pages of what a reply leads to and of the buyer's duties: works, refuses, hides, counts."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from portal import clock
from portal.enums import Role, Wording
from portal.models import Organisation
from questionnaires.models import Comment
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.questionnaires import personas
from tests.sessions import sign_in
from tests.workflows import acts, world
from workflows import actions, engine, queries
from workflows.enums import DutyKind, DutyState, ReplyCode, Stage
from workflows.models import (
    Case,
    Condition,
    ConfidentialityTerms,
    Duty,
    Importer,
    Inspection,
    ReasonsRelease,
)

pytestmark = pytest.mark.django_db

REASON = "Looked at with care in this demo case."
WORDS = "Demo text: the only other mill asks a fifth more for the same yarn."


@pytest.fixture
def made():
    made = world.world()
    Organisation.objects.filter(pk=made.supplier.pk).update(name="示例厂", name_en="Demo Mill Ltd")
    return made


def plain(answer):
    return answer.content.decode().replace("&#x27;", "'").replace("&quot;", '"')


def url(name, *args):
    return reverse(f"workflows:{name}", args=args)


BUILD = {
    "conditions": lambda made: acts.on_conditions(made, made.supplier),
    "constrained": lambda made: acts.constrained(made, made.supplier),
    "declined": lambda made: acts.declined(made, made.supplier),
    "submitted": world.submitted_case,
    "issued": world.issued_case,
    "helped": lambda made: acts.asked_for_help(made, made.supplier)[0],
}
# page: the case it needs, whose it is, what else its address names
PAGES = {
    "case_conditions": ("conditions", "analyst"),
    "case_condition": ("conditions", "analyst"),
    "case_terms": ("submitted", "analyst"),
    "case_inspection": ("submitted", "analyst"),
    "case_constraint": ("constrained", "counsel"),
    "case_reasons": ("declined", "approver"),
    "case_unreachable": ("issued", "analyst"),
    "duty_meet": ("helped", "analyst"),
    "duty_waive": ("helped", "approver"),
    "duty_take": ("helped", "analyst"),
}


def address(case, page):
    if page == "case_condition":
        return url(
            page, case.pk, Condition.objects.filter(case=case).order_by("number").first().pk
        )
    if page.startswith("duty"):
        return url(page, Duty.objects.get(case=case, kind=DutyKind.OFFER_SOURCES).pk)
    return url(page, case.pk)


def opened(made, page):
    build, person = PAGES[page]
    case = BUILD[build](made)
    return case, getattr(made, person), address(case, page)


# session, person, roles, the case or duty, and what each page reads
COSTS = {
    "case_conditions": 7,
    "case_condition": 7,
    "case_terms": 7,
    "case_inspection": 7,
    "case_constraint": 9,
    "case_reasons": 9,
    "case_unreachable": 6,
    "duty_meet": 5,
    "duty_waive": 5,
}


@pytest.mark.parametrize("page", COSTS)
def test_a_page_opens_to_whom_it_belongs_and_costs_what_it_did(client, made, page):
    _case, person, path = opened(made, page)
    sign_in(client, person)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(path)

    assert answer.status_code == 200
    assert len(spent) == COSTS[page]


WRONG = {
    "case_conditions": ("approver", "Only an analyst of the buyer may do this."),
    "case_condition": ("counsel", "Only an analyst of the buyer may do this."),
    "case_terms": ("approver", "Only an analyst or counsel may offer terms."),
    "case_inspection": ("counsel", "Only an analyst of the buyer may do this."),
    "case_constraint": ("analyst", "Only counsel may close a note that limits the reply."),
    "case_reasons": ("manager", "Only those who review this case may read why"),
    "case_unreachable": ("manager", "Only an analyst of the buyer may do this."),
    "duty_meet": ("counsel", "This duty belongs to another role of your company."),
    "duty_waive": ("analyst", "Only an approver of the buyer may waive a duty."),
    "duty_take": ("manager", "This duty belongs to another role of your company."),
}


@pytest.mark.parametrize("page", PAGES)
def test_wrong_roles_strangers_and_other_methods_find_nothing_to_do(client, made, page):
    case, _person, path = opened(made, page)
    wrong, sentence = WRONG[page]
    stranger = UserFactory(
        holds=[(role, OrganisationFactory()) for role in (Role.ANALYST, Role.COUNSEL)]
    )
    methods = ("post",) if page == "duty_take" else ("get", "post")
    before = acts.rows()

    sign_in(client, getattr(made, wrong))
    for method in methods:
        answer = getattr(client, method)(path, {"task": "1", "reason": REASON})
        assert answer.status_code == 403
        assert sentence in plain(answer)
    sign_in(client, stranger)
    for method in methods:
        assert getattr(client, method)(path).status_code == 404
    sign_in(client, made.analyst)
    assert client.delete(path).status_code == 405
    sign_in(client, case.contact, second_factor=False)
    assert client.get(path).status_code in {403, 405}

    assert acts.rows() == before


# What is pressed ------------------------------------------------------------------------------


def post(client, person, path, case=None, **said):
    sign_in(client, person)
    step = {"task": engine.open_task(case) or ""} if case is not None else {}
    return client.post(path, step | said)


def test_conditions_are_answered_one_by_one(client, made):
    case, analyst, path = opened(made, "case_condition")

    page = plain(sign_in(client, analyst).get(url("case", case.pk)))
    bare = post(client, analyst, path, case)
    sent = post(
        client, analyst, path, case, state="ACCEPTED", answer="Agreed from January.", we_do="Pay."
    )

    assert "2 conditions wait for an answer in writing." in page
    assert "Choose an answer." in plain(bare)
    assert sent.status_code == 302
    listed = plain(client.get(url("case_conditions", case.pk)))
    assert "Agreed from January." in listed
    assert "We do for it: Pay." in listed
    assert (
        post(
            client, analyst, path, case, state="DECLINED", answer="No, sorry, not this."
        ).status_code
        == 409
    )


def test_a_condition_is_added(client, made):
    case, analyst, path = opened(made, "case_conditions")

    sent = post(client, analyst, path, case, text="Demo: monthly orders")

    assert sent.status_code == 302
    assert [one.text for one in queries.conditions(case)][-1] == "Demo: monthly orders"


@pytest.mark.parametrize(
    ("page", "said"),
    [
        ("case_condition", {"state": "ACCEPTED", "answer": "As for Xinjiang, agreed."}),
        ("case_terms", {"text": "Nobody in Xinjiang reads what you send to our people."}),
        ("case_constraint", {"outcome": "INSPECTION", "to_supplier": "About Xinjiang."}),
        ("duty_meet", {"how": "We named two mills.", "tell": "Not from Xinjiang."}),
    ],
)
def test_words_that_say_too_much_are_refused_at_their_field_and_kept(client, made, page, said):
    build, person = PAGES[page]
    case = BUILD[build](made)
    Case.objects.filter(pk=case.pk).update(wording=Wording.TRACEABILITY)

    answer = post(client, getattr(made, person), address(case, page), case, **said)

    assert answer.status_code == 200
    assert "you cannot write: Xinjiang." in plain(answer)
    assert next(text for text in said.values() if "Xinjiang" in text) in plain(answer)


def test_terms_are_offered_and_shown_on_the_case(client, made):
    case, analyst, path = opened(made, "case_terms")
    text = "Two named people read them, for this request alone."

    sent = post(client, analyst, path, case, text=text, is_inspect_only="on")

    assert sent.status_code == 302
    assert ConfidentialityTerms.objects.get(case=case).is_inspect_only
    assert text in plain(client.get(path))
    shown = plain(client.get(url("case", case.pk)))
    assert "Conditions and terms" in shown
    assert "Terms offered by" in shown


def test_an_original_is_logged_and_stands_beside_its_claim(client, made):
    case, analyst, path = opened(made, "case_inspection")
    claim = queries.standing(case).claims[0]
    day = clock.today()
    said = {
        "claim": claim.claim,
        "step": claim.step,
        "kind": "invoice",
        "place": "Demo Road 1",
        "seen_on_day": day.day,
        "seen_on_month": day.month,
        "seen_on_year": day.year + 1,
        "grade": "B",
        "counts": "yes",
        "note": "Bales of the order asked about.",
    }

    future = post(client, analyst, path, case, **said)
    too_high = post(client, analyst, path, case, **said | {"grade": "A"})
    sent = post(client, analyst, path, case, **said | {"seen_on_year": day.year})

    assert "This day lies in the future." in plain(future)
    assert too_high.status_code == 200
    assert sent.status_code == 302
    assert Inspection.objects.get(case=case).grade == "B"
    assert "Seen, not handed over" in plain(client.get(url("case", case.pk)))


def test_counsel_closes_a_constraint_and_says_so_to_the_supplier(client, made):
    case, counsel, path = opened(made, "case_constraint")
    room = plain(sign_in(client, counsel).get(url("counsel")))
    page = plain(client.get(url("case", case.pk)))

    note = "Demo text: our lawyer advises us not to answer section 5."
    assert note in plain(client.get(path))
    bare = post(client, counsel, path, case, outcome="SUBSTITUTE", summary=REASON)
    sent = post(
        client,
        counsel,
        path,
        case,
        outcome="SUBSTITUTE",
        summary=REASON,
        advice="counsel-canary",
        to_supplier="A bank slip shows the same.",
    )

    assert case.reference in room
    assert "Until you say how it goes on, it is held." in page
    assert "Say to the supplier how it goes on." in plain(bare)
    assert sent.status_code == 302
    assert (
        Comment.objects.filter(response=case.response)
        .order_by("at")
        .last()
        .text.startswith("A bank slip")
    )
    for person in (made.analyst, made.approver):
        seen = plain(sign_in(client, person).get(url("case", case.pk)))
        assert "Counsel closed the constraint: Substitute evidence." in seen
        assert "counsel-canary" not in seen


def test_the_words_for_counsel_open_only_once_somebody_may_and_did(client, made):
    case, approver, path = opened(made, "case_reasons")

    sealed = plain(sign_in(client, approver).get(path))
    for_counsel = plain(sign_in(client, made.counsel).get(path))
    opened_now = post(client, made.counsel, path, case, reason=REASON)
    read = plain(sign_in(client, approver).get(path))
    sent = post(client, approver, path, case, note="The price is the point here.")

    assert WORDS not in sealed
    assert "The supplier wrote more, for counsel alone." in sealed
    assert WORDS in for_counsel
    assert opened_now.status_code == 302
    assert ReasonsRelease.objects.get(case=case).reason == REASON
    assert WORDS in read
    assert sent.status_code == 302
    assert queries.unmet_duties(case) == []
    # an analyst reads along, with nothing to press
    sign_in(client, made.analyst)
    assert "I have read the reasons" not in plain(client.get(path))
    assert client.post(path, {"note": REASON}).status_code == 403


def test_an_address_that_does_not_answer_becomes_our_task(client, made):
    case, analyst, path = opened(made, "case_unreachable")

    sent = post(client, analyst, path, case, reason=REASON)

    assert sent.status_code == 302
    page = plain(client.get(url("case", case.pk)))
    assert "Find another way to reach them" in page
    assert "Address not confirmed" in page
    assert acts.fresh(case).stage == Stage.INSTRUCTED


def test_a_duty_is_met_with_its_offer_taken_and_waived(client, made):
    case, analyst, path = opened(made, "duty_meet")
    duty = Duty.objects.get(case=case, kind=DutyKind.OFFER_SOURCES)

    taken = post(client, analyst, url("duty_take", duty.pk))
    page = plain(client.get(url("case", case.pk)))
    bare = post(client, analyst, path, how=REASON)
    sent = post(client, analyst, path, how=REASON, tell="Demo Mill One.", proof="List 7")

    assert (taken.status_code, sent.status_code) == (302, 302)
    assert "Offer other sources: Names of other sources" in page
    assert "An offer has to reach the supplier: write it." in plain(bare)
    duty.refresh_from_db()
    assert (duty.state, duty.owner, duty.proof) == (DutyState.MET, analyst, "List 7")
    other = Duty.objects.get(case=case, kind=DutyKind.ADJUST_PURCHASING)
    waived = post(client, made.approver, url("duty_waive", other.pk), reason=REASON)
    assert waived.status_code == 302
    assert REASON in plain(client.get(url("case", case.pk)))
    assert post(client, analyst, url("duty_take", other.pk)).status_code == 409


# The register ----------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [1, 3])
def test_the_register_costs_the_same_for_one_case_and_for_three(client, made, count):
    for _number in range(count):
        acts.asked_for_help(made, acts.another(made))
    sign_in(client, made.analyst)

    with CaptureQueriesContext(connection) as spent:
        answer = client.get(url("duties"))

    assert answer.status_code == 200
    assert len(spent) == 8


@pytest.mark.parametrize(
    ("view", "says"),
    [
        ("open", "Offer other sources"),
        ("mine", "Offer other sources"),
        ("settled", "Instruct on sourcing and dealings"),
        ("nonsense", "Offer other sources"),
    ],
)
def test_the_register_shows_what_is_open_mine_and_settled(client, made, view, says):
    acts.asked_for_help(made, made.supplier)

    page = plain(sign_in(client, made.analyst).get(url("duties"), {"view": view}))

    assert says in page
    assert "Demo Mill Ltd" in page


def test_an_empty_register_says_what_would_stand_there(client, made):
    Duty.objects.all().delete()

    sign_in(client, made.approver)

    assert "No duty is yours" in plain(client.get(url("duties"), {"view": "mine"}))
    assert "No duty here" in plain(client.get(url("duties")))


def test_a_stranger_sees_no_duty_of_another_company(client, made):
    acts.asked_for_help(made, made.supplier)
    other = world.world(name="Demo Other GmbH")

    page = plain(sign_in(client, other.analyst).get(url("duties")))

    assert "Demo Mill Ltd" not in page
    assert sign_in(client, made.administrator).get(url("duties")).status_code == 403


def test_the_desk_counts_what_is_mine_to_do(client, made):
    acts.asked_for_help(made, made.supplier)

    page = plain(sign_in(client, made.analyst).get(url("desk")))

    assert "Our duties" in page
    count = queries.count_mine(made.analyst, [made.buyer.pk])
    assert f">{count}</span" in page.replace("\n", "").replace(" ", "")


def test_a_row_of_the_desk_says_that_our_duty_is_late(client, made):
    _case, duty = acts.asked_for_help(made, made.supplier)
    Duty.objects.filter(pk=duty.pk).update(due_at=duty.opened_at)

    assert "Our duty is late" in plain(sign_in(client, made.analyst).get(url("desk")))


def test_the_importer_and_denied_goods_are_told_of_the_company_as_a_whole(client, made):
    before = plain(sign_in(client, made.counsel).get(url("duties")))
    bare = client.post(url("duties_importer"), {"imports": ""})
    sent = client.post(url("duties_importer"), {"imports": "yes"})
    denied = client.post(url("duties_denial"), {"about": "Demo entry 7, held at the port."})
    after = plain(client.get(url("duties")))

    assert "Nobody said yet whether we import" in before
    assert "Choose yes or no." in plain(bare)
    assert (sent.status_code, denied.status_code) == (302, 302)
    assert Importer.objects.get().imports
    assert "one standard holds for all markets" in after
    assert "Demo entry 7, held at the port." in after
    assert client.get(url("duties_importer")).status_code == 200
    assert client.delete(url("duties_importer")).status_code == 405
    assert client.delete(url("duties_denial")).status_code == 405
    sign_in(client, made.manager)
    for page, sentence in (
        ("duties_importer", "Only counsel or an approver may say this."),
        ("duties_denial", "Only an analyst, an approver or counsel may log this."),
    ):
        answer = client.get(url(page))
        assert answer.status_code == 403
        assert sentence in plain(answer)


# The page of the case --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "persona", "title"),
    [
        (
            ReplyCode.AGREES_ON_CONDITIONS,
            personas.agrees_on_conditions,
            "Answer the conditions",
        ),
        (
            ReplyCode.CONFIDENTIAL_NEEDS_TERMS,
            personas.wants_confidentiality,
            "Offer confidentiality terms",
        ),
        (
            ReplyCode.DECLINES_NO_REASON,
            personas.refuses_without_reason,
            "Call once and offer help",
        ),
        (ReplyCode.CONTRADICTED_BY_EVIDENCE, personas.clean_weaver, "Send the question back"),
    ],
)
def test_a_code_says_what_follows_and_what_comes_next(client, made, code, persona, title):
    case = acts.read_as(made, made.supplier, code, persona)

    page = plain(sign_in(client, made.analyst).get(url("case", case.pk)))

    assert f"was read as “{code.label}”: what follows" in page
    assert title in page
    assert str(code) not in page
    if case.reply_until:
        assert "The clock of this reading ends" in page


@pytest.mark.parametrize(
    ("answer", "title"),
    [
        (None, "The supplier reads the terms"),
        (True, "Ask for the documents"),
        (False, "Offer other terms"),
    ],
)
def test_after_an_offer_of_terms_the_next_act_follows_the_answer(client, made, answer, title):
    ready = acts.offer_terms(made, made.supplier)
    terms = ready.do(by=ready.by)
    if answer is not None:
        actions.answer_terms(
            terms=terms, by=ready.case.contact, accepts=answer, note="" if answer else "No prices."
        )

    page = plain(sign_in(client, made.analyst).get(url("case", ready.case.pk)))

    assert title in page


def test_once_every_condition_is_answered_the_agreement_is_asked_for_again(client, made):
    case = acts.on_conditions(made, made.supplier)
    for condition in queries.conditions(case):
        actions.answer_condition(
            condition=condition, by=made.analyst, state="ACCEPTED", answer="Agreed as written."
        )

    page = plain(sign_in(client, made.analyst).get(url("case", case.pk)))

    assert "Ask whether they agree now" in page
    assert "held while it is being settled" in page


def test_an_approver_is_asked_to_read_the_reasons(client, made):
    case = acts.declined(made, made.supplier)

    sign_in(client, made.approver)

    assert "Before you did, no exit can be proposed" in plain(client.get(url("case", case.pk)))
    assert case.reference in plain(client.get(url("desk"), {"view": "waiting"}))


def test_a_reading_whose_clock_ran_out_says_so(client, made):
    case = acts.on_conditions(made, made.supplier)
    Case.objects.filter(pk=case.pk).update(reply_until=case.reply_code_at)

    assert ">Over<" in plain(sign_in(client, made.analyst).get(url("case", case.pk))).replace(
        "\n", ""
    ).replace(" ", "")


def test_a_campaign_warns_while_our_map_of_the_tiers_is_late(client, made):
    path = url("campaign", made.campaign.pk)
    before = plain(sign_in(client, made.manager).get(path))
    with clock.at(clock.now() + timedelta(days=60)):
        actions.miss_due()

    after = plain(client.get(path))

    warning = "Our own duty to map the tiers of supply is late since"
    assert warning not in before
    assert warning in " ".join(after.split())
