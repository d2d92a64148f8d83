"""More time: by the supplier once, on a wish with a reason, or given; all clocks move at once."""

from datetime import timedelta

import pytest
from django.urls import reverse
from viewflow.workflow import STATUS
from viewflow.workflow.models import Task

from portal import clock, ledger
from portal.access import Conflict, Refused
from portal.enums import Role, Wording
from portal.models import OutboxMessage
from tests.factories.portal import UserFactory
from tests.sessions import sign_in
from tests.workflows import acts, world
from tests.workflows.test_engine import stands
from workflows import actions, engine, ladder, queries, reminders, timers
from workflows.enums import ExtensionState, LetterKind, Stage
from workflows.models import Extension, SentLetter

pytestmark = pytest.mark.django_db

REASON = "The mill closes for repairs until the end of the month."


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return acts.reached(world.acknowledged_case(made))


def due_day(case):
    return clock.day_of(case.due_at, case.supplier.zone)


def later(case, days=20):
    return due_day(case) + timedelta(days=days)


def armed(case):
    return Task.objects.get(process__run__case=case, status=STATUS.SCHEDULED)


def purposes(case):
    return list(
        OutboxMessage.objects.filter(chain_id=case.chain_id)
        .order_by("written_at", "pk")
        .values_list("purpose", flat=True)
    )


def wish(case, days=20):
    return actions.ask_time(case=case, by=case.contact, until=later(case, days), reason=REASON)


def is_one_clock(case):
    """Due date, lapse, engine timer and next rung fit each other."""
    place, policy = case.place, case.policy
    steps = ladder.steps(case.due_at, case.days_to_lapse, policy, place)
    step = ladder.upcoming(steps, clock.now())
    return (
        case.lapse_at == ladder.lapse_at(case.due_at, case.days_to_lapse, policy, place)
        and armed(case).scheduled == case.lapse_at
        and case.next_act_at == case.due_at
        and case.next_rung_at <= step.at
    )


# The supplier's own


def test_the_supplier_takes_ten_working_days_once_and_every_clock_moves(made, case):
    before = case.due_at

    extension = actions.take_time(case=case, by=case.contact)

    case = acts.fresh(case)
    assert case.due_at == ladder.due_after(before, 10, case.place)
    assert is_one_clock(case)
    assert (extension.state, extension.due_before, extension.due_after) == (
        ExtensionState.TAKEN,
        before,
        case.due_at,
    )
    letter = SentLetter.objects.get(case=case, kind=LetterKind.EXTENSION)
    assert letter.facts["was_due_on"] == clock.day_of(before, "Asia/Shanghai").isoformat()
    assert "extension_taken" in purposes(case)
    assert case.chain.entries.filter(event="case.extended").count() == 1
    assert stands(case)
    with pytest.raises(Conflict, match="once"):
        actions.take_time(case=case, by=case.contact)
    assert ledger.verify(case.chain).is_intact


@pytest.mark.parametrize("stage", ["INSTRUCTED", "ANSWERING", "QUERIED"])
def test_in_each_stage_that_waits_for_it(made, stage):
    case = {
        "INSTRUCTED": world.issued_case,
        "ANSWERING": world.acknowledged_case,
        "QUERIED": lambda made: acts.queried(world.submitted_case(made), made.analyst),
    }[stage](made)

    actions.take_time(case=case, by=case.contact)

    assert is_one_clock(acts.fresh(case))


def test_who_is_overdue_already_counts_from_today(case):
    with clock.at(case.lapse_at - timedelta(days=1)):
        actions.take_time(case=case, by=case.contact)
        now = clock.now()

    case = acts.fresh(case)
    assert case.due_at == ladder.due_after(now, 10, case.place)


def test_reminders_come_again_before_the_new_day_and_none_for_the_old_one(case):
    old = ladder.steps(case.due_at, 21, case.policy, case.place)
    with clock.at(old[0].at):
        reminders.climb_due()
    acts.reached(case)
    actions.take_time(case=case, by=case.contact)
    case = acts.reached(acts.fresh(case))
    new = ladder.steps(case.due_at, 21, case.policy, case.place)

    with clock.at(new[0].at - timedelta(seconds=1)):
        assert reminders.climb_due() == 0
    with clock.at(new[0].at):
        assert reminders.climb_due() == 1
    assert case.reminders.count() == 2


@pytest.mark.parametrize("who", ["manager", "analyst", "approver", "counsel", "administrator"])
def test_nobody_takes_it_for_the_supplier(made, case, who):
    with pytest.raises(Refused):
        actions.take_time(case=case, by=getattr(made, who))


def test_once_time_ran_out_nothing_is_moved_and_the_sentence_says_that_it_is_open(made):
    case = acts.lapsed(world.issued_case(made))
    before = acts.rows()

    for act in (
        lambda: actions.take_time(case=case, by=case.contact),
        lambda: wish(case),
        lambda: actions.give_time(
            case=case, by=made.analyst, until=later(case, 90), reason=REASON
        ),
    ):
        with pytest.raises(Conflict, match="open all the same"):
            act()
    assert acts.rows() == before


def test_without_an_armed_deadline_it_is_a_conflict_and_nothing_moves(case):
    armed(case)
    Task.objects.filter(pk=armed(case).pk).update(status=STATUS.CANCELED)
    before = acts.rows()

    with pytest.raises(Conflict):
        actions.take_time(case=case, by=case.contact)

    assert acts.rows() == before


# A wish


def test_a_wish_moves_nothing_until_it_is_granted(made, case):
    before = (case.due_at, case.lapse_at)

    asked = wish(case)

    case = acts.fresh(case)
    assert (case.due_at, case.lapse_at) == before
    assert case.wish_on == later(case)
    assert "extension_asked" in purposes(case)
    assert queries.waiting_for(case).act == "answer the wish for more time"
    with pytest.raises(Conflict, match="already"):
        wish(case, 25)

    actions.grant_time(extension=asked, by=made.analyst, until=later(case), answer=REASON)

    case = acts.fresh(case)
    assert due_day(case) >= asked.wished_on
    assert case.wish_on is None
    assert is_one_clock(case)
    granted = Extension.objects.get(pk=asked.pk)
    assert (granted.state, granted.decided_by) == (ExtensionState.GRANTED, made.analyst)
    letter = SentLetter.objects.get(case=case, kind=LetterKind.EXTENSION)
    assert REASON in letter.text
    with pytest.raises(Conflict, match="already answered"):
        actions.refuse_time(extension=asked, by=made.analyst, answer=REASON)


def test_a_wish_is_refused_with_a_reason_the_supplier_reads(made, case):
    asked = wish(case)

    actions.refuse_time(extension=asked, by=made.analyst, answer="The order ships in May.")

    case = acts.fresh(case)
    assert case.wish_on is None
    (mail,) = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose="extension_refused")
    assert "The order ships in May." in mail.body
    assert queries.extensions_of(case).get().state == ExtensionState.REFUSED
    assert wish(case, 25).state == ExtensionState.ASKED


def test_a_refusal_says_no_more_than_the_wording(made):
    case = world.acknowledged_case(made, wording=Wording.TRACEABILITY)
    asked = wish(case)

    with pytest.raises(Conflict, match="more than the wording"):
        actions.refuse_time(extension=asked, by=made.analyst, answer="Because of Xinjiang cotton.")
    with pytest.raises(Conflict, match="more than the wording"):
        actions.grant_time(
            extension=asked,
            by=made.analyst,
            until=later(case),
            answer="Because of Xinjiang cotton.",
        )
    assert acts.fresh(case).wish_on is not None


def test_a_wish_that_an_answer_overtook_hinders_no_later_one(made, case):
    first = wish(case)
    world.answer(case)
    case = world.submit(case)
    assert case.wish_on is None
    case = acts.queried(case, made.analyst)

    second = wish(case)

    assert Extension.objects.get(pk=first.pk).state == ExtensionState.MOOT
    assert queries.asked_for_time(acts.fresh(case)) == second


@pytest.mark.parametrize(
    ("days", "sentence"),
    [(0, "after the one that holds"), (-5, "after the one that holds"), (900, "within a year")],
)
def test_a_day_that_is_none_is_refused_to_both_sides(made, case, days, sentence):
    with pytest.raises(Conflict, match=sentence):
        wish(case, days)
    with pytest.raises(Conflict, match=sentence):
        actions.give_time(case=case, by=made.analyst, until=later(case, days), reason=REASON)


def test_a_day_gone_by_is_none_even_after_the_due_date(made, case):
    with clock.at(case.due_at + timedelta(days=10)), pytest.raises(Conflict, match="lies ahead"):
        actions.give_time(case=case, by=made.analyst, until=later(case, 5), reason=REASON)


# Given unasked


def test_an_analyst_gives_time_any_time_and_an_open_wish_is_granted_by_it(made, case):
    for days in (10, 30, 50):
        actions.give_time(case=case, by=made.analyst, until=later(case, days), reason=REASON)
        case = acts.fresh(case)
        assert is_one_clock(case)
    wish(case, 10)
    actions.give_time(case=case, by=made.analyst, until=later(case, 5), reason=REASON)

    states = sorted(queries.extensions_of(acts.fresh(case)).values_list("state", flat=True))
    assert states == ["GIVEN", "GIVEN", "GIVEN", "GRANTED"]


@pytest.mark.parametrize("who", ["manager", "approver", "counsel", "administrator", "contact"])
def test_nobody_else_gives_or_refuses_time(made, case, who):
    person = case.contact if who == "contact" else getattr(made, who)
    asked = wish(case)

    with pytest.raises(Refused):
        actions.give_time(case=case, by=person, until=later(case), reason=REASON)
    with pytest.raises(Refused):
        actions.refuse_time(extension=asked, by=person, answer=REASON)


def test_a_day_in_a_quiet_time_is_moved_behind_it(made, case):
    wanted = clock.today().replace(year=2027, month=2, day=8)
    actions.give_time(case=case, by=made.analyst, until=wanted, reason=REASON)

    assert due_day(acts.fresh(case)).isoformat() == "2027-02-24"


def test_more_time_does_not_make_a_mail_arrive(made):
    case = world.issued_case(made)
    OutboxMessage.objects.filter(chain_id=case.chain_id).update(delivery="REFUSED")
    with clock.at(clock.now() + timedelta(hours=2)):
        reminders.climb_due()

    actions.give_time(case=case, by=made.analyst, until=later(case), reason=REASON)

    assert acts.fresh(case).stall == "REFUSED"


# Pages


@pytest.fixture
def as_contact(client, case):
    return sign_in(client, case.contact)


def url(name, case):
    return reverse(f"workflows:{name}", args=[case.pk])


def fields(day, **more):
    return {
        "until_day": day.day,
        "until_month": day.month,
        "until_year": day.year,
        **more,
    }


def test_the_supplier_finds_the_page_takes_time_and_asks_for_more(as_contact, case):
    hub = as_contact.get(url("request", case)).text
    page = as_contact.get(url("request_more_time", case)).text
    taken = as_contact.post(url("request_more_time", case), {"do": "take"})
    again = as_contact.get(url("request_more_time", case)).text
    case = acts.fresh(case)
    short = as_contact.post(
        url("request_more_time", case), fields(due_day(case), reason="because")
    ).text
    asked = as_contact.post(url("request_more_time", case), fields(later(case), reason=REASON))
    waits = as_contact.get(url("request_more_time", case)).text

    assert url("request_more_time", case) in hub
    assert "Take more time" in page
    assert taken.url == url("request", case)
    assert "Take more time" not in again
    assert "Taken by the supplier" in again
    assert "Choose a day after the one that holds now." in short
    assert "because" in short
    assert "Say a little more" in short
    assert asked.status_code == 302
    assert "The buyer has not answered yet." in " ".join(waits.split())
    assert as_contact.post(url("request_more_time", case), {"do": "take"}).status_code == 409


def test_the_analyst_sees_the_wish_reads_the_letter_and_sends_it(client, made, case):
    wish(case)
    sign_in(client, made.analyst)
    desk = client.get(reverse("workflows:desk"), {"view": "waiting"}).text
    page = client.get(url("case", case)).text
    form = client.get(url("case_more_time", case))
    said = fields(later(case), note=REASON, task=engine.open_task(case))
    shown = client.post(url("case_more_time", case), said)
    seen = shown.context["form"].preview.letter.sha256
    client.post(url("case_more_time", case), said | {"seen": seen, "do": "send"})

    assert case.reference in desk
    assert "More time asked for" in desk
    assert "Answer the wish for more time" in page
    assert REASON in form.text
    assert "The letter, exactly as it will go" in shown.text
    case = acts.fresh(case)
    assert due_day(case) >= later(case, 0)
    assert SentLetter.objects.get(case=case, kind=LetterKind.EXTENSION).sha256 == seen
    assert "More time (Granted)" in client.get(url("case_timeline", case)).text


def test_the_analyst_refuses_on_the_page(client, made, case):
    wish(case)
    sign_in(client, made.analyst)
    task = engine.open_task(case)
    short = client.post(url("case_refuse_time", case), {"task": task, "answer": "no"}).text
    done = client.post(url("case_refuse_time", case), {"task": task, "answer": REASON})
    again = client.get(url("case_refuse_time", case))

    assert "Say a little more" in short
    assert done.status_code == 302
    assert again.status_code == 302
    assert "Refused the time that was asked for." in client.get(url("case_timeline", case)).text


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("case_more_time", "Only an analyst of the buyer may give more time."),
        ("case_refuse_time", "Only an analyst of the buyer may give more time."),
    ],
)
def test_each_page_opens_to_its_role_alone(client, made, case, name, sentence, role):
    wish(case)
    where = made.supplier if role in {"CONTACT", "CONTRIBUTOR", "SIGNATORY"} else made.buyer
    sign_in(client, UserFactory(holds=(role, where)))

    answer = client.get(url(name, case))

    # who comes from outside finds the cases alone that were named to it
    otherwise = 404 if role == Role.OUTSIDE_COUNSEL else 403
    assert answer.status_code == (200 if role == Role.ANALYST else otherwise)
    if role in {"CAMPAIGN_MANAGER", "APPROVER", "COUNSEL"}:
        assert sentence in answer.text


def test_strangers_find_nothing_and_wrong_methods_are_told(client, made, case):
    stranger = world.world(name="Demo Stranger GmbH")
    sign_in(client, stranger.analyst)
    assert client.get(url("case_more_time", case)).status_code == 404
    sign_in(client, stranger.contact)
    assert client.get(url("request_more_time", case)).status_code == 404
    sign_in(client, made.analyst)
    assert client.delete(url("case_more_time", case)).status_code == 405
    sign_in(client, case.contact)
    assert client.delete(url("request_more_time", case)).status_code == 405


@pytest.mark.parametrize("count", [1, 3])
def test_the_suppliers_page_costs_the_same(
    as_contact, made, case, count, django_assert_num_queries
):
    for number in range(count):
        actions.give_time(
            case=case, by=made.analyst, until=later(case, 5), reason=f"{REASON} {number}"
        )
        case = acts.fresh(case)

    # session, person, roles, case, taken, policy, extensions, service
    with django_assert_num_queries(8):
        as_contact.get(url("request_more_time", case))


def test_an_old_page_moves_no_clock(client, made, case):
    sign_in(client, made.analyst)
    old = engine.open_task(case)
    world.answer(case)
    case = world.submit(case)
    case = acts.queried(case, made.analyst)
    said = fields(later(case), note=REASON, task=old)
    shown = client.post(url("case_more_time", case), said)
    seen = shown.context["form"].preview.letter.sha256
    before = case.due_at

    answer = client.post(url("case_more_time", case), said | {"seen": seen, "do": "send"})

    assert answer.status_code == 409
    assert acts.fresh(case).due_at == before


# Races


@pytest.mark.django_db(transaction=True)
def test_extending_against_the_sweep_is_one_or_the_other():
    made = world.world()
    case = acts.climbed(world.acknowledged_case(made))
    moment = case.lapse_at

    def extend():
        with clock.at(moment):
            return actions.take_time(case=case, by=case.contact)

    def sweep():
        with clock.at(moment):
            return timers.fire_due()

    extended, fired = acts.at_once(extend, sweep)

    case = acts.fresh(case)
    assert isinstance(extended, Conflict) == (fired == 1)
    assert case.stage == (Stage.REVIEW if fired else Stage.ANSWERING)
    assert stands(case)
    if not fired:
        assert armed(case).scheduled == case.lapse_at > moment


@pytest.mark.django_db(transaction=True)
def test_two_who_take_it_at_once_take_it_once():
    made = world.world()
    case = acts.reached(world.acknowledged_case(made))
    before = case.due_at

    found = acts.at_once(*[lambda: actions.take_time(case=case, by=case.contact)] * 3)

    assert sum(isinstance(one, Conflict) for one in found) == 2
    assert acts.fresh(case).due_at == ladder.due_after(before, 10, case.place)


@pytest.mark.django_db(transaction=True)
def test_two_tickers_climb_each_rung_once():
    made = world.world()
    cases = [acts.reached(world.issued_case(made, supplier=acts.another(made))) for _n in range(4)]
    step = ladder.steps(cases[0].due_at, 21, cases[0].policy, cases[0].place)[0]

    def sweep():
        with clock.at(step.at):
            return reminders.climb_due()

    opened = acts.at_once(sweep, sweep, sweep)

    assert sum(opened) + sweep() == 4
    for case in cases:
        assert case.reminders.count() == 1
    assert OutboxMessage.objects.filter(purpose="case_reminder").count() == 4
