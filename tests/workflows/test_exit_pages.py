"""The pages of an exit: who, when, what they cost, and that nothing typed or sent is lost."""

from datetime import timedelta
from html import unescape

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.models import Evidence
from portal import clock
from portal.enums import Role
from portal.models import User
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, leaving, world
from workflows import actions, engine, queries
from workflows.enums import ExitRole, FindingState, Outcome, Stage, Trading, Verb
from workflows.models import (
    Case,
    Closure,
    ExitConsent,
    ExitLook,
    ExitPlan,
    ExitReply,
    ExitReview,
    ExitStep,
    Finding,
    SentLetter,
)

pytestmark = pytest.mark.django_db

REASON = "Looked at with care in this demo case."
PLACES = ("quarantine", "evidence", "dossiers")
DESK = (Role.CAMPAIGN_MANAGER, Role.ANALYST, Role.APPROVER, Role.COUNSEL)


class Built:
    """One buyer; of it, a case at each step of an exit."""

    def __init__(self):
        self.made = made = world.world(name="Demo Buyer One GmbH")
        self.located = self._case(leaving.located)
        self.transfers = self._case(leaving.transfers)
        self.plain = self._case(world.submitted_case)
        self.proposed = self._case(leaving.proposed)
        self.replied = leaving.replied(made, leaving.written(made, self._case(leaving.proposed)))
        self.asked = leaving.replied(made, self._case(leaving.proposed), answer=False)
        self.presented = self._case(leaving.presented)
        self.agreed = self._case(leaving.agreed)
        self.immediate = self._case(leaving.immediate)
        self.unwritten = self._case(leaving.immediate, whole=False)
        self.approved = self._case(leaving.approved)
        self.halting = self._case(leaving.approved)
        actions.halt_exit(
            case=self.halting,
            task=engine.open_task(self.halting),
            by=made.approver,
            word=leaving.word(self.halting),
        )
        self.wound = self._case(leaving.wound_down)
        self.left = self._case(leaving.left)
        first = leaving.review(self.left, 3)
        ExitReview.objects.filter(pk=first.pk).update(due_at=clock.now())
        Case.objects.filter(pk=self.left.pk).update(next_act_at=clock.now())
        self.left = acts.fresh(self.left)
        self.ready = self._case(leaving.ready_to_return)
        self.again = self._case(leaving.recommended_again)
        self.stranger = UserFactory(
            holds=[(role, OrganisationFactory()) for role in (*DESK, Role.CONTACT)]
        )

    def _case(self, build, **kwargs):
        return build(self.made, supplier=acts.another(self.made), **kwargs)


@pytest.fixture(scope="module")
def shared(django_db_setup, django_db_blocker, tmp_path_factory):
    """Built once: each test changes it inside a savepoint of its own."""
    root = tmp_path_factory.mktemp("files")
    places = {
        place: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": root / place, "base_url": None},
        }
        for place in PLACES
    }
    from django.conf import settings

    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(STORAGES=settings.STORAGES | places):
            found = Built()
        yield found
        transaction.set_rollback(True)


@pytest.fixture
def built(shared, db):
    for one in vars(shared.made).values():
        if isinstance(one, User):
            one.__dict__.pop("roles", None)
    return shared


# page: its name, the case it is shown for, whose it is, what it costs
PAGES = {
    "propose": ("case_propose_exit", "transfers", "analyst", 12),
    "immediate": ("case_propose_immediate_exit", "located", "analyst", 10),
    "plan": ("case_exit_plan", "proposed", "analyst", 7),
    "answer": ("case_exit_answer", "asked", "analyst", 7),
    "present": ("case_present_plan", "replied", "analyst", 9),
    "accept": ("case_accept_reply", "replied", "approver", 9),
    "approve": ("case_approve_exit", "presented", "approver", 13),
    "return": ("case_return_exit", "presented", "counsel", 6),
    "quietly": ("case_return_exit", "immediate", "counsel", 6),
    "point": ("case_exit_point", "approved", "analyst", 7),
    "look": ("case_exit_look", "approved", "analyst", 5),
    "halt": ("case_halt_exit", "approved", "approver", 8),
    "halt second": ("case_halt_exit", "halting", "counsel", 8),
    "complete": ("case_complete_exit", "wound", "approver", 10),
    "review": ("case_exit_review", "left", "analyst", 6),
    "reentry": ("case_open_reentry", "ready", "approver", 9),
    "concur": ("case_concur_clear", "again", "counsel", 7),
    "trading": ("case_trading", "located", "approver", 10),
    "close": ("case_close", "plain", "approver", 8),
}
WRONG = {
    "propose": ("counsel", "Only an analyst or an approver of the buyer may propose an exit."),
    "immediate": ("counsel", "Only an analyst or an approver of the buyer may propose an exit."),
    "plan": ("approver", "Only an analyst of the buyer may write the plan."),
    "answer": ("approver", "Only an analyst of the buyer may answer a reply."),
    "present": ("approver", "Only an analyst of the buyer may present the plan."),
    "accept": ("analyst", "Only an approver of the buyer may do this."),
    "approve": ("analyst", "Only an approver and counsel of the buyer decide this together."),
    "return": ("analyst", "Only an approver or counsel of the buyer may return this."),
    "quietly": ("analyst", "Only an approver or counsel of the buyer may return this."),
    "point": ("approver", "Only an analyst of the buyer may keep the checklist."),
    "look": ("approver", "Only an analyst of the buyer may keep the checklist."),
    "halt": ("analyst", "Only an approver and counsel of the buyer decide this together."),
    "halt second": ("manager", "Only an approver and counsel of the buyer decide this together."),
    "complete": ("analyst", "Only an approver of the buyer may do this."),
    "review": ("approver", "Only an analyst of the buyer may write down the effects."),
    "reentry": ("analyst", "Only an approver of the buyer may do this."),
    "concur": ("approver", "Only the buyer's counsel may concur here."),
    "trading": ("analyst", "Only an approver of the buyer may say what applies to orders."),
    "close": ("analyst", "Only an approver of the buyer may do this."),
}


def url(name, case, *more):
    return reverse(f"workflows:{name}", args=[case.pk, *more])


def address(built, page):
    name, case, person, _cost = PAGES[page]
    case = getattr(built, case)
    more = {
        "answer": lambda: [leaving.first_reply(case).pk],
        "point": lambda: ["invoices"],
        "review": lambda: [3],
    }.get(page, list)()
    return case, getattr(built.made, person), url(name, case, *more)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_opens_to_whom_it_belongs_and_costs_what_it_did(client, built, page):
    _case, person, path = address(built, page)
    sign_in(client, person)

    with CaptureQueriesContext(connection) as made:
        answer = client.get(path)

    assert answer.status_code == 200
    assert len(made) == PAGES[page][3]


@pytest.mark.parametrize("page", PAGES)
def test_of_another_company_there_is_no_such_case(client, built, page):
    _case, _person, path = address(built, page)
    sign_in(client, built.stranger)

    assert client.get(path).status_code == 404
    assert client.post(path, {"task": "1"}).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_no_other_method_is_open(client, built, page):
    _case, person, path = address(built, page)
    sign_in(client, person)

    assert client.delete(path).status_code == 405
    assert client.put(path).status_code == 405


@pytest.mark.parametrize("page", PAGES)
def test_the_wrong_role_is_refused_with_a_sentence(client, built, page):
    _case, _person, path = address(built, page)
    who, sentence = WRONG[page]
    sign_in(client, getattr(built.made, who))

    for answer in (client.get(path), client.post(path, {})):
        assert answer.status_code == 403
        assert sentence in unescape(answer.text)


@pytest.mark.parametrize("page", PAGES)
def test_what_is_left_out_is_asked_for_and_changes_nothing(client, built, page):
    case, person, path = address(built, page)
    sign_in(client, person)
    before = (acts.fresh(case).stage, case.chain.entries.count())

    answer = client.post(path, {"task": engine.open_task(case) or "", "do": "send"})

    assert answer.status_code in {200, 409}
    assert (acts.fresh(case).stage, case.chain.entries.count()) == before


def send(client, path, typed, *, letter=True):
    """Fill in the page as a person does: first read the letter, then send it."""
    if not letter:
        return client.post(path, typed)
    shown = client.post(path, typed | {"do": "preview"})
    assert shown.status_code == 200, shown.text
    form = shown.context["form"]
    assert form.errors == {}
    return client.post(path, typed | {"do": "send", "seen": form.preview.letter.sha256})


DONE = {
    "propose": (
        {
            "ground": Outcome.B3,
            "reason": REASON,
            "ground_words": "An agency of the kind we asked about placed groups.",
            "orders": "Orders that were placed go on.",
        },
        Stage.EXIT_REVIEW,
    ),
    "immediate": (
        {"reason": REASON, "ground_words": "A place of yours lies where we take no goods from."},
        Stage.EXIT_APPROVAL,
    ),
    "answer": ({"text": "We read it, and come back to you."}, Stage.EXIT_REVIEW),
    "present": ({"reason": REASON, "rev": 1}, Stage.EXIT_APPROVAL),
    "accept": ({"reason": REASON, "orders": "Orders run as before."}, Stage.REVIEW),
    "approve": ({"reason": REASON, "role": "APPROVER", "rev": 1}, Stage.EXIT_APPROVAL),
    "return": (
        {"reason": REASON, "orders": "Orders run as before.", "advice": "Demo advice."},
        Stage.REVIEW,
    ),
    "quietly": ({"reason": REASON, "advice": ""}, Stage.REVIEW),
    "point": ({"applies": "yes", "note": REASON}, Stage.WINDING_DOWN),
    "look": ({"note": REASON}, Stage.WINDING_DOWN),
    "halt": ({"reason": REASON, "role": "APPROVER"}, Stage.WINDING_DOWN),
    "halt second": (
        {"reason": REASON, "role": "COUNSEL", "orders": "Orders run as before."},
        Stage.REVIEW,
    ),
    "complete": ({"reason": REASON}, Stage.DISENGAGED),
    "review": ({"effect": "AS_PLANNED", "found": REASON}, Stage.DISENGAGED),
    "reentry": ({"reason": REASON, "needed": "Please show the new invoices."}, Stage.REVIEW),
    "concur": ({"reason": REASON}, Stage.REVIEW),
    "trading": ({"trading": "NO_NEW_ORDERS", "reason": REASON}, Stage.REVIEW),
}
LETTERS = {"propose", "accept", "approve", "return", "halt second", "reentry"}


@pytest.mark.parametrize("page", DONE)
def test_what_is_typed_on_a_page_is_done(client, built, page):
    case, person, path = address(built, page)
    typed, stage = DONE[page]
    before = case.chain.entries.count()
    sign_in(client, person)

    answer = send(
        client, path, {"task": engine.open_task(case) or "", **typed}, letter=page in LETTERS
    )

    assert answer.status_code == 302, answer.text
    assert acts.fresh(case).stage == stage
    assert case.chain.entries.count() > before


# The plan


def test_a_plan_keeps_what_can_be_kept_and_shows_what_cannot(client, built):
    case = built.proposed
    sign_in(client, built.made.analyst)

    answer = client.post(
        url("case_exit_plan", case),
        {
            "rev": 0,
            "leverage": "Two talks.",
            "notice_days": "ninety",
            "last_order_on_day": "31",
            "last_order_on_month": "2",
            "last_order_on_year": "2027",
        },
    )

    plan = leaving.plan_of(case)
    assert answer.status_code == 200
    assert (plan.leverage, plan.notice_days, plan.rev) == ("Two talks.", None, 1)
    text = unescape(answer.text)
    assert "Saved, but for the fields named above." in text
    assert "Write a whole number, such as 90." in text
    assert 'value="ninety"' in text


def test_a_plan_that_somebody_saved_meanwhile_is_a_conflict_that_keeps_what_was_typed(
    client, built
):
    case = built.proposed
    actions.save_exit_plan(
        case=case, by=built.made.analyst, values={"leverage": "x"}, not_applicable={}, rev=0
    )
    sign_in(client, built.made.analyst)
    page = url("case_exit_plan", case)

    answer = client.post(page, {"rev": 0, "leverage": "My own words on this."})

    assert answer.status_code == 409
    assert "My own words on this." in answer.text
    assert leaving.plan_of(case).leverage == "x"
    # what stands below may be saved over it, knowingly
    assert 'name="rev" value="1"' in answer.text
    assert client.post(page, {"rev": 1, "leverage": "My own words on this."}).status_code == 302
    assert leaving.plan_of(case).leverage == "My own words on this."


def test_a_whole_plan_is_saved_from_its_page(client, built):
    case = built.unwritten
    plan = leaving.plan_of(case)
    sign_in(client, built.made.analyst)
    typed = {
        name: f"Words on {name}."
        for name, field in leaving.exit_plan.FIELDS.items()
        if plan.track in field.tracks
    }

    answer = client.post(
        url("case_exit_plan", case), {"rev": 0, "skip_before": "B1: not to be asked.", **typed}
    )

    assert answer.status_code == 302
    plan = leaving.plan_of(case)
    assert plan.not_applicable == {"before": "B1: not to be asked."}
    assert plan.lacks() == []


# Three people, by direct POST


def test_the_same_person_is_refused_by_direct_post_too(client, built):
    made = built.made
    both = UserFactory(holds=[(role, made.buyer) for role in DESK])
    case = leaving.approve(built.presented, both)
    page = url("case_approve_exit", case)
    sign_in(client, both)

    for role in ("APPROVER", "COUNSEL"):
        answer = client.post(
            page, {"task": engine.open_task(case), "rev": 1, "role": role, "reason": REASON}
        )
        assert answer.status_code == 409
        assert "You agreed already." in unescape(answer.text)
    assert ExitConsent.objects.filter(plan__case=case).count() == 1

    ExitPlan.objects.filter(case=case).update(presented_by=made.counsel)
    sign_in(client, made.counsel)
    answer = client.post(page, {"task": engine.open_task(case), "role": "COUNSEL"})
    assert answer.status_code == 403
    assert "You presented the plan" in answer.text


def test_a_role_that_one_does_not_hold_cannot_be_typed(client, built):
    case = built.presented
    sign_in(client, built.made.approver)
    shown = client.get(url("case_approve_exit", case)).context["form"]

    answer = client.post(
        url("case_approve_exit", case),
        {
            "task": engine.open_task(case),
            "rev": 1,
            "role": "COUNSEL",
            "reason": REASON,
            "do": "send",
            "seen": shown.preview.letter.sha256,
        },
    )

    assert answer.status_code == 200
    assert not ExitConsent.objects.filter(plan__case=case).exists()


def test_an_approver_removed_between_page_and_click_is_refused(client, built):
    case, made = built.presented, built.made
    sign_in(client, made.approver)
    shown = client.get(url("case_approve_exit", case)).context["form"]
    made.approver.memberships.update(ended_at=clock.now())

    answer = client.post(
        url("case_approve_exit", case),
        {
            "task": engine.open_task(case),
            "rev": 1,
            "role": "APPROVER",
            "reason": REASON,
            "do": "send",
            "seen": shown.preview.letter.sha256,
        },
    )

    assert answer.status_code in {403, 404}
    assert not ExitConsent.objects.filter(plan__case=case).exists()


def test_the_second_of_two_reads_who_agreed_and_sends_the_notice(client, built):
    case = built.agreed
    sign_in(client, built.made.counsel)
    page = url("case_approve_exit", case)
    shown = client.get(page)

    assert str(built.made.approver) in shown.text
    answer = send(
        client,
        page,
        {"task": engine.open_task(case), "rev": 1, "role": "COUNSEL", "reason": REASON},
    )

    assert answer.status_code == 302
    assert acts.fresh(case).stage == Stage.WINDING_DOWN
    assert SentLetter.objects.filter(case=case, kind="DISENGAGEMENT").exists()


@pytest.mark.parametrize(
    ("case", "name"), [("agreed", "case_approve_exit"), ("halting", "case_halt_exit")]
)
def test_whoever_agreed_is_not_asked_again_on_the_page_of_the_case(client, built, case, name):
    case = getattr(built, case)
    act = f'href="{url(name, case)}"'
    sign_in(client, built.made.approver)
    page_of_the_first = client.get(url("case", case)).text
    sign_in(client, built.made.counsel)

    assert act not in page_of_the_first
    assert act in client.get(url("case", case)).text


def test_who_holds_both_roles_says_in_which_one_they_agree(client, built):
    made = built.made
    both = UserFactory(holds=[(Role.APPROVER, made.buyer), (Role.COUNSEL, made.buyer)])
    sign_in(client, both)

    answer = client.get(url("case_approve_exit", built.presented))

    assert [value for value, _label in answer.context["form"].fields["role"].choices] == [
        "APPROVER",
        "COUNSEL",
    ]


def test_an_unwritten_plan_is_not_agreed_to(client, built):
    sign_in(client, built.made.approver)

    answer = client.get(url("case_approve_exit", built.unwritten))

    assert "points are missing for a decision" in answer.text
    assert "An analyst completes it." in answer.text


# What is not open


@pytest.mark.parametrize("name", ["case_propose_exit", "case_propose_immediate_exit"])
def test_without_a_ground_the_page_says_what_would_be_one(client, built, name):
    sign_in(client, built.made.analyst)

    answer = client.get(url(name, built.plain))

    assert answer.status_code == 200
    assert "confirmed" in answer.text
    assert "form" not in (answer.context or {})


def test_what_is_missing_stands_on_the_pages_that_wait_for_it(client, built):
    sign_in(client, built.made.approver)
    complete = client.get(url("case_complete_exit", built.approved))
    back = client.get(url("case_open_reentry", built.left))
    sign_in(client, built.made.analyst)
    present = client.get(url("case_present_plan", built.asked))

    assert "Invoices are paid" in complete.text
    assert "six months" in back.text
    assert "not answered yet: 1" in present.text
    assert "points are missing" in present.text


def test_an_old_page_is_told_so(client, built):
    sign_in(client, built.made.analyst)

    answer = client.post(
        url("case_present_plan", built.replied), {"task": 1, "rev": 1, "reason": REASON}
    )

    assert answer.status_code == 409
    assert "already taken" in answer.text


# The case page, desk, counsel's room


@pytest.mark.parametrize(
    ("case", "who", "title"),
    [
        ("located", "analyst", "Propose an immediate exit"),
        ("located", "approver", "Stop new orders now"),
        ("proposed", "analyst", "Write the exit plan"),
        ("asked", "analyst", "Answer the reply"),
        ("replied", "analyst", "Present the exit plan"),
        ("presented", "approver", "Decide on the exit"),
        ("agreed", "counsel", "Decide on the exit"),
        ("agreed", "second_approver", "Nothing waits for you"),
        ("unwritten", "analyst", "Write the exit plan"),
        ("approved", "analyst", "Wind trade down"),
        ("halting", "counsel", "Decide whether to halt the exit"),
        ("wound", "approver", "Complete the exit"),
        ("left", "analyst", "Look at the effects"),
        ("again", "counsel", "Concur in clearing"),
    ],
)
def test_each_finds_the_one_thing_to_do_next(client, built, case, who, title):
    sign_in(client, getattr(built.made, who))

    answer = client.get(url("case", getattr(built, case)))

    assert answer.context["offered"].next.title == title
    assert answer.context["exit"] is not None or case in {"located", "transfers"}


def test_what_is_confirmed_of_transfers_leads_to_an_exit_before_proof_is_graded(client, built):
    Case.objects.filter(pk=built.transfers.pk).update(reviewer=built.made.analyst)
    judged = {"judged_by": built.made.analyst, "judged_at": clock.now(), "reason": REASON}
    rest = Finding.objects.filter(case=built.transfers, judged_at=None)
    rest.update(state=FindingState.DISMISSED, **judged)
    sign_in(client, built.made.analyst)

    answer = client.get(url("case", built.transfers))

    assert answer.context["offered"].next.title == "Propose an exit"
    assert "Not graded" in answer.text


def test_the_page_of_a_case_shows_its_exit_whole(client, built):
    sign_in(client, built.made.counsel)

    text = unescape(client.get(url("case", built.left)).text)

    for words in (
        "Three people",
        str(built.made.analyst),
        str(built.made.approver),
        str(built.made.counsel),
        "We ended that agency's contract.",
        "Demo words on leaving who.",
        "Invoices are paid",
        "After 3 months",
    ):
        assert words in text


def test_the_desk_and_counsels_room_list_what_waits(client, built):
    made = built.made
    waiting = {}
    for who in ("approver", "second_approver", "counsel", "analyst"):
        sign_in(client, getattr(made, who))
        page = client.get(reverse("workflows:desk") + "?view=waiting")
        waiting[who] = {row.case.pk for row in page.context["table"].rows}
    sign_in(client, made.counsel)
    room = client.get(reverse("workflows:counsel"))

    assert {built.presented.pk, built.immediate.pk} <= waiting["approver"]
    assert built.agreed.pk not in waiting["approver"] | waiting["second_approver"]
    assert built.agreed.pk in waiting["counsel"]
    assert {built.proposed.pk, built.approved.pk, built.left.pk} <= waiting["analyst"]
    listed = {one.pk for one in room.context["waiting"]}
    assert {built.agreed.pk, built.halting.pk, built.again.pk} <= listed
    assert not {built.approved.pk, built.proposed.pk, built.left.pk} & listed
    assert "Halt of an exit: your concurrence" in room.text


def test_counsels_room_shows_what_is_late_and_the_hour_of_an_immediate_exit(client, built):
    Case.objects.filter(stage=Stage.EXIT_APPROVAL).update(next_act_at=clock.now())
    sign_in(client, built.made.counsel)

    text = client.get(reverse("workflows:counsel")).text

    assert 'class="x-late"' in text
    late = acts.fresh(built.immediate).next_act_at
    assert f"{late:%H:%M}" in text


def test_a_campaign_in_preparation_says_that_three_people_are_missing(client, built):
    made = built.made
    page = reverse("workflows:campaign", args=[made.campaign.pk])
    sign_in(client, made.manager)
    assert "Three people for an exit are missing" not in client.get(page).text

    made.counsel.memberships.update(ended_at=clock.now())

    assert "Three people for an exit are missing" in client.get(page).text


# The supplier


def reply_page(case):
    return reverse("workflows:request_reply", args=[case.pk])


def test_a_company_reads_calmly_what_is_proposed_and_how_to_reply(client, built):
    case = built.proposed
    sign_in(client, case.contact)

    answer = client.get(url("request", case))

    assert answer.context["next"].title == "Reply to what is proposed"
    assert reply_page(case) in answer.text
    assert "Before we decide about our trade" in answer.text
    assert "Correct your answers and sign them anew" in answer.text


@pytest.mark.parametrize(
    ("case", "label", "title"),
    [
        ("asked", "Your reply is asked for", "Demo Buyer One GmbH reads your reply"),
        ("presented", "Being decided", "Demo Buyer One GmbH decides"),
        ("immediate", "In review", "Demo Buyer One GmbH reads"),
        ("approved", "Trade is ending", "Trade is ending"),
        ("left", "Trade has ended", "Trade has ended"),
    ],
)
def test_a_company_finds_where_it_stands(client, built, case, label, title):
    case = getattr(built, case)
    sign_in(client, case.contact)

    answer = client.get(url("request", case))

    assert (answer.context["state"].label, answer.context["next"].title) == (label, title)
    assert client.get(reverse("workflows:requests")).status_code in {200, 302}


def test_after_an_immediate_exit_a_company_reads_what_it_can_still_show(client, built):
    case = leaving.left(built.made, at_once=True, supplier=acts.another(built.made))
    sign_in(client, case.contact)

    answer = client.get(url("request", case))

    assert "taken for another one" in answer.context["next"].text
    assert [one["state"] for one in answer.context["state"].steps] == ["Done", "Done", "Now"]


def test_while_trade_winds_down_and_after_a_return_a_company_reads_what_is_so(client, built):
    sign_in(client, built.approved.contact)
    assert client.get(url("request", built.approved)).context["trading"] == "As the notice says"

    case = leaving.ready_to_return(
        built.made, ground=Outcome.B5_AGREEMENT, supplier=acts.another(built.made)
    )
    actions.open_reentry(case=case, by=built.made.approver, reason=REASON, facts=leaving.REENTRY)
    sign_in(client, case.contact)
    answer = client.get(url("request", case))

    assert "looked at again" in answer.context["next"].text
    assert "You declined" not in answer.text


def test_of_an_immediate_exit_a_company_reads_nothing_before_its_notice(client, built):
    case = built.immediate
    sign_in(client, case.contact)

    text = client.get(url("request", case)).text

    assert "xit" not in text.replace("Exits", "")
    assert client.get(reply_page(case)).status_code == 409
    answer = client.post(reverse("workflows:request_refer", args=[case.pk]), {"note": "x"})
    assert "approval" not in answer.text


def test_the_reply_page_costs_what_it_did_and_is_the_companys_alone(client, built):
    case = built.asked
    sign_in(client, case.contact)
    with CaptureQueriesContext(connection) as made:
        assert client.get(reply_page(case)).status_code == 200
    assert len(made) == 10
    assert client.delete(reply_page(case)).status_code == 405

    sign_in(client, built.stranger)
    assert client.get(reply_page(case)).status_code == 404
    sign_in(client, built.made.analyst)
    assert client.get(reply_page(case)).status_code == 403


def test_a_reply_is_sent_with_its_documents(client, built):
    case = built.proposed
    sign_in(client, case.contact)

    answer = client.post(
        reply_page(case),
        {
            "text": "That agency's contract ended in May.",
            "kind": "contract",
            "for_counsel": "A word for counsel alone.",
            "documents": [
                SimpleUploadedFile("one.pdf", acts.PDF),
                SimpleUploadedFile("two.pdf", acts.PDF + b"%2\n"),
            ],
        },
    )

    assert answer.status_code == 302
    reply = ExitReply.objects.get(plan__case=case)
    assert {one.name for one in reply.files.all()} == {"one.pdf", "two.pdf"}
    shown = client.get(url("request", case)).text
    assert "That agency's contract ended in May." in unescape(shown)
    assert "A word for counsel alone." not in shown


def test_documents_sent_without_words_are_kept_for_the_next_press(client, built):
    case = built.proposed
    sign_in(client, case.contact)

    first = client.post(
        reply_page(case),
        {"text": "", "kind": "contract", "documents": SimpleUploadedFile("one.pdf", acts.PDF)},
    )
    kept = Evidence.objects.get(chain=case.chain, about="exit")

    assert first.status_code == 200
    assert "Write your reply." in first.text
    assert "one.pdf" in first.text
    assert f'value="{kept.pk}"' in first.text
    answer = client.post(
        reply_page(case), {"text": "See the contract.", "kind": "contract", "kept": str(kept.pk)}
    )
    assert answer.status_code == 302
    assert [one.pk for one in ExitReply.objects.get(plan__case=case).files.all()] == [kept.pk]


def test_a_document_of_somebody_else_is_no_part_of_a_reply(client, built):
    case = built.proposed
    other = Evidence.objects.exclude(chain=case.chain).first()
    sign_in(client, case.contact)

    client.post(reply_page(case), {"text": "Nothing of mine.", "kept": str(other.pk)})

    assert not ExitReply.objects.get(plan__case=case).files.exists()


@pytest.mark.parametrize(
    ("file", "sentence"),
    [
        (SimpleUploadedFile("empty.pdf", b""), "The file is empty."),
        ([SimpleUploadedFile(f"{n}.pdf", acts.PDF) for n in range(11)], "At most 10 files"),
    ],
)
def test_a_file_that_cannot_be_taken_is_named_and_no_reply_goes(client, built, file, sentence):
    case = built.proposed
    sign_in(client, case.contact)

    answer = client.post(reply_page(case), {"text": "See the file.", "documents": file})

    assert sentence in answer.text
    assert "See the file." in answer.text
    assert not ExitReply.objects.filter(plan__case=case).exists()


def test_on_the_immediate_track_a_mistake_can_be_ticked(client, built):
    case = leaving.approve(built.immediate, built.made.approver)
    case = leaving.approve(case, built.made.counsel, ExitRole.COUNSEL)
    sign_in(client, case.contact)
    assert "take us, or a place" in client.get(reply_page(case)).text

    client.post(reply_page(case), {"text": "That is another company.", "is_mistake": "on"})

    assert ExitReply.objects.get(plan__case=case).is_mistake
    assert acts.fresh(case).stage == Stage.WINDING_DOWN


def test_answers_that_an_approved_exit_shut_do_not_pass_for_signed(client, built):
    case = built.approved
    sign_in(client, case.signatory)

    answer = client.get(reverse("workflows:request_sign", args=[case.response_id]))

    assert answer.status_code == 409


# Closing


def close(client, case, **typed):
    page = url("case_close", case)
    shown = client.get(page).context["form"]
    return client.post(
        page,
        {
            "task": engine.open_task(case),
            "ending": "DISSOLVED",
            "reason": REASON,
            "do": "send",
            "seen": shown.preview.letter.sha256,
            **typed,
        },
    )


def test_a_case_is_closed_by_a_file_that_comes_with_it(client, built):
    case = built.plain
    sign_in(client, built.made.approver)

    answer = close(
        client,
        case,
        file=SimpleUploadedFile("gone.pdf", acts.PDF),
        kind="deregistration",
        sender="Demo Registry",
    )

    assert answer.status_code == 302
    assert Closure.objects.get(case=case).proof.name == "gone.pdf"
    assert acts.fresh(case).stage == Stage.WITHDRAWN


def test_a_file_that_came_without_a_reason_is_kept_and_chosen(client, built):
    case = built.plain
    sign_in(client, built.made.approver)

    answer = close(
        client,
        case,
        reason="",
        file=SimpleUploadedFile("gone.pdf", acts.PDF),
        kind="deregistration",
        sender="Demo Registry",
    )

    kept = Evidence.objects.get(chain=case.chain, about="closing")
    assert answer.status_code == 200
    assert answer.context["form"]["proof"].value() == str(kept.pk)
    assert close(client, case, proof=str(kept.pk)).status_code == 302


def test_a_case_is_not_closed_without_a_document_or_with_a_grave_finding(client, built):
    sign_in(client, built.made.approver)

    answer = close(client, built.plain)
    assert "Choose a document that shows it, or add one below." in unescape(answer.text)
    assert acts.fresh(built.plain).stage == Stage.REVIEW

    answer = client.get(url("case_close", built.proposed))
    assert answer.status_code == 409
    assert "must be decided" in answer.text


def test_what_cannot_be_set_for_orders_is_said(client, built):
    sign_in(client, built.made.approver)

    answer = client.get(url("case_trading", built.plain))

    assert "Orders are stopped here only on one of these" in answer.text
    sent = client.post(url("case_trading", built.plain), {"trading": "ENDED", "reason": REASON})
    assert sent.status_code == 200
    assert acts.fresh(built.plain).trading == Trading.OPEN


def test_rows_kept_by_the_pages_say_who_and_what(client, built):
    sign_in(client, built.made.analyst)
    case = built.approved
    client.post(url("case_exit_point", case, "stock"), {"applies": "no", "note": REASON})
    client.post(url("case_exit_look", case), {"note": REASON})

    step, look = ExitStep.objects.get(plan__case=case), ExitLook.objects.get(plan__case=case)
    assert (step.key, step.applies, step.by) == ("stock", False, built.made.analyst)
    assert (look.note, look.by) == (REASON, built.made.analyst)
    assert client.get(url("case_exit_point", case, "banana")).status_code == 404
    assert queries.waiting_for(acts.fresh(case)).at > clock.now() + timedelta(days=6)
    assert acts.fresh(case).last_verb == Verb.APPROVE_EXIT
