"""Climbing the ladder by time: each rung once, to the right person, and never past a mail lost."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection

from portal import clock, ledger, tasks, ticks
from portal.enums import Delivery, Role, WorkState
from portal.models import Membership, OutboxMessage
from questionnaires.static_checks.texts import leaks
from tests.factories.portal import UserFactory
from tests.workflows import acts, leaving, world
from tests.workflows.test_engine import a_ledger_that_is_full, stands
from workflows import actions, ladder, queries, reminders, rungs, timers
from workflows import mail as mail_of_workflows
from workflows.enums import RungKind, Stage, Stall
from workflows.models import Case, MissedClock, Reminder

pytestmark = pytest.mark.django_db

SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def made():
    return world.world()


@pytest.fixture
def case(made):
    return acts.reached(world.acknowledged_case(made))


def steps(case):
    return ladder.steps(case.due_at, case.days_to_lapse, case.policy, case.place)


def moment(case, rung):
    return next(one.at for one in steps(case) if one.rung == rung)


def sweep(at):
    with clock.at(at):
        return reminders.climb_due()


def climb(case, *numbers):
    """Let the named rungs come one by one, each mail accepted."""
    for number in numbers:
        sweep(moment(case, number))
        with clock.at(moment(case, number) + SECOND):
            acts.reached(case)
    return acts.fresh(case)


def mails(case, *purposes):
    rows = OutboxMessage.objects.filter(chain_id=case.chain_id, purpose__in=purposes)
    return list(rows.order_by("written_at", "pk"))


def climbed(case):
    return list(case.reminders.order_by("rung").values_list("rung", flat=True))


def events(case, name):
    return case.chain.entries.filter(event=name).count()


# Each rung at its moment


def test_each_rung_comes_at_its_moment_and_tells_the_right_person(made, case):
    told = {}
    for step in steps(case):
        before = set(mails(case, "case_reminder", "case_overdue", "case_chase"))
        assert sweep(step.at - SECOND) == 0
        assert sweep(step.at) == 1
        acts.reached(case)
        new = set(mails(case, "case_reminder", "case_overdue", "case_chase")) - before
        told[step.rung] = sorted((one.purpose, one.recipient.pk) for one in new)

    contact = case.contact_id
    approvers = sorted([made.approver.pk, made.second_approver.pk])
    assert told == {
        -7: [("case_reminder", contact)],
        -3: [("case_reminder", contact)],
        -1: [("case_reminder", contact)],
        0: [("case_overdue", contact)],
        3: [("case_chase", made.analyst.pk)],
        7: [("case_chase", made.analyst.pk)],
        14: [("case_chase", one) for one in approvers],
    }
    assert events(case, "case.rung_climbed") == 7
    assert ledger.verify(case.chain).is_intact
    assert stands(acts.fresh(case))


def test_a_second_contact_is_written_to_where_one_is_known(made, case):
    second = UserFactory(holds=(Role.SIGNATORY, case.supplier))

    case = climb(case, 0, 3)

    assert [one.recipient for one in mails(case, "case_second_contact")] == [second]
    assert case.chase == ""
    assert Reminder.objects.get(case=case, rung=3).done_at is not None


def test_without_one_it_is_a_task_of_the_analyst(made, case):
    case = climb(case, 0, 3)

    assert case.chase == RungKind.SECOND_CONTACT
    waiting = queries.waiting_for(case)
    assert (waiting.act, waiting.whom, waiting.is_ours) == (
        "find a second contact",
        "Analyst",
        True,
    )
    assert case.next_act_at < case.lapse_at


@pytest.mark.parametrize("stage", ["INSTRUCTED", "QUERIED"])
def test_the_ladder_climbs_in_each_stage_that_waits_for_the_supplier(made, stage):
    case = acts.reached(
        world.issued_case(made)
        if stage == "INSTRUCTED"
        else acts.queried(world.submitted_case(made), made.analyst)
    )

    assert sweep(moment(case, -1)) == 1
    assert climbed(case) == [-1]


def test_whoever_never_came_in_is_sent_a_way_in_that_still_works(made):
    supplier = world.new_supplier(made.buyer)
    case = acts.reached(world.issued_case(made, supplier=supplier))
    offer = case.contact.invitations.get()
    assert not case.contact.holds(Role.CONTACT, supplier.pk)

    sweep(moment(case, 0))

    (mail,) = mails(case, "case_overdue")
    assert f"/invitations/{offer.pk}/" in mail.body or str(offer.pk) in mail.body
    offer.refresh_from_db()
    assert offer.expires_at > moment(case, 0) + timedelta(days=29)


# Once each


def test_the_same_moment_twice_sends_once(case):
    at = moment(case, -7)

    assert [sweep(at), sweep(at), sweep(at + SECOND)] == [1, 0, 0]
    assert len(mails(case, "case_reminder")) == 1


@pytest.mark.parametrize("days", [3, 4])
def test_after_days_off_what_was_overtaken_is_left_out_run_twice_or_not(case, days):
    at = moment(case, -3) + timedelta(days=days)

    assert sweep(at) == 1
    assert sweep(at) == 0
    assert len(mails(case, "case_reminder", "case_overdue")) == 1
    assert len(climbed(case)) == 1
    following = next(one.rung for one in steps(case) if one.at > at)
    assert sweep(moment(case, following)) == 1


def test_after_a_whole_ladder_off_the_supplier_hears_once_and_time_is_put_off(made, case):
    moment_ = case.lapse_at
    with clock.at(moment_):
        assert timers.fire_due() == 0

    case = acts.fresh(case)
    assert (case.stage, case.chase) == (Stage.ANSWERING, RungKind.APPROVER)
    assert climbed(case) == [0, 3, 14]
    assert len(mails(case, "case_overdue")) == 1
    assert case.lapse_at > moment_
    acts.reached(case)
    with clock.at(case.lapse_at):
        assert timers.fire_due() == 1
    assert acts.fresh(case).stage == Stage.REVIEW


def test_a_clock_set_back_by_a_day_sends_nothing_again(case):
    at = moment(case, -3)
    sweep(at)

    assert sweep(at - DAY) == 0
    assert sweep(at) == 0
    assert len(mails(case, "case_reminder")) == 1


def test_rungs_before_it_was_sent_are_not_made_up_for(made):
    made.campaign.due_on = clock.today() + timedelta(days=3)
    made.campaign.save()
    case = acts.reached(world.issued_case(made))

    assert sweep(clock.now() + timedelta(hours=2)) == 0
    assert climbed(case) == []


@pytest.mark.parametrize("ended", ["submitted", "referred", "withdrawn"])
def test_what_left_the_supplier_is_reminded_no_more(made, case, ended):
    at = moment(case, -1)
    if ended == "submitted":
        world.answer(case)
        case = world.submit(case)
    elif ended == "referred":
        case = acts.referred(case, made.analyst)
    else:
        actions.withdraw(case=case, by=made.manager, reason="Sent in error.")

    assert sweep(at) == 0
    assert acts.fresh(case).next_rung_at is None
    assert mails(case, "case_reminder") == []


def test_with_counsel_the_ladder_stands_and_goes_on_from_the_moved_day(made, case):
    now = clock.now()
    before = moment(case, -7)
    acts.referred(case, made.analyst)
    with clock.at(now + timedelta(days=5)):
        case = acts.advised(case, made.counsel)
        acts.reached(case)

    assert moment(case, -7) > before
    assert sweep(before) == 0
    assert sweep(moment(case, -7)) == 1


def test_two_sweeps_at_once_open_a_rung_once_each(made):
    cases = [acts.reached(world.issued_case(made, supplier=acts.another(made))) for _n in range(3)]
    at = moment(cases[0], -7)

    assert sweep(at) == 3
    assert sweep(at) == 0
    assert Reminder.objects.count() == 3


def test_more_than_a_slice_is_climbed_in_one_go(made, monkeypatch):
    cases = [acts.reached(world.issued_case(made, supplier=acts.another(made))) for _n in range(3)]
    monkeypatch.setattr(reminders, "SLICE", 2)

    assert sweep(moment(cases[0], -7)) == 3


def test_no_time_left_means_nothing_is_begun(case, monkeypatch):
    monkeypatch.setattr(reminders, "SECONDS", -1)

    assert sweep(moment(case, -7)) == 0
    assert climbed(case) == []


def test_what_fails_is_undone_and_tried_later(case, caplog):
    at = moment(case, -7)
    before = acts.rows()

    with a_ledger_that_is_full():
        assert sweep(at) == 0
        during, again = acts.rows(), acts.fresh(case).next_rung_at

    assert {label for label, rows in during.items() if rows != before[label]} == {"workflows.Case"}
    assert again == at + reminders.LATER
    assert "ladder" in caplog.text
    assert sweep(at + reminders.LATER) == 1


# Office hours


def test_a_rung_found_at_night_writes_in_the_morning(case):
    night = moment(case, -7).astimezone(SHANGHAI).replace(hour=22)

    sweep(night)

    (mail,) = mails(case, "case_reminder")
    goes = mail.next_attempt_at.astimezone(SHANGHAI)
    assert goes > night
    assert (goes.hour, goes.minute) == (9, 0)


def test_the_buyers_people_are_written_to_in_their_own_hours(made, case):
    made.buyer.zone, made.buyer.country = "America/New_York", "US"
    made.buyer.save()

    climb(case, 0, 3)

    (mail,) = mails(case, "case_chase")
    assert 9 <= mail.next_attempt_at.astimezone(ZoneInfo("America/New_York")).hour < 17


def test_a_reminder_that_waited_is_not_sent_once_the_answer_is_there(case):
    sweep(moment(case, -7).astimezone(SHANGHAI).replace(hour=22))
    (mail,) = mails(case, "case_reminder")
    world.answer(case)
    world.submit(case)

    with clock.at(mail.next_attempt_at + SECOND):
        tasks.deliver.call(str(mail.pk))

    mail.refresh_from_db()
    assert (mail.delivery, mail.work_state) == (Delivery.DROPPED, WorkState.DROPPED)


def test_a_reminder_still_wanted_is_sent(case, mailbox):
    sweep(moment(case, -7))
    (mail,) = mails(case, "case_reminder")

    with clock.at(mail.next_attempt_at + SECOND):
        tasks.deliver.call(str(mail.pk))

    mail.refresh_from_db()
    assert mail.delivery == Delivery.ACCEPTED


# A mail that did not arrive stops the ladder


def deliver(case, delivery):
    newest = queries.newest_to_contact(case, queries.asked_by_mail(case))
    OutboxMessage.objects.filter(pk=newest.pk).update(delivery=delivery)
    return newest


def test_a_refused_mail_stops_the_ladder_and_becomes_a_task(made):
    case = world.issued_case(made)
    deliver(case, Delivery.REFUSED)

    sweep(clock.now() + timedelta(hours=1, minutes=1))

    case = acts.fresh(case)
    assert case.stall == Stall.REFUSED
    assert events(case, "case.ladder_stopped") == 1
    told = {one.recipient for one in mails(case, "case_unreached")}
    assert told == {made.analyst, made.manager}
    for step in steps(case):
        sweep(step.at)
    assert climbed(case) == []
    assert events(case, "case.ladder_stopped") == 1
    assert queries.waiting_for(case).act == "reach the supplier another way"


@pytest.mark.parametrize("delivery", [Delivery.QUEUED, Delivery.UNKNOWN])
def test_a_mail_no_server_took_in_three_days_does_too_and_a_later_yes_goes_on(made, delivery):
    case = world.issued_case(made)
    mail = deliver(case, delivery)
    start = clock.now()

    sweep(start + timedelta(hours=2))
    sweep(start + timedelta(days=1, hours=1))
    assert acts.fresh(case).stall == ""
    sweep(start + timedelta(days=3, hours=1))
    assert acts.fresh(case).stall == Stall.UNACCEPTED

    OutboxMessage.objects.filter(pk=mail.pk).update(delivery=Delivery.ACCEPTED)
    sweep(start + timedelta(days=4, hours=2))
    case = acts.fresh(case)
    assert (case.stall, case.stalled_at) == ("", None)
    assert sweep(moment(case, -7)) == 1


def test_time_never_runs_out_while_our_mail_has_not_arrived(made):
    case = world.issued_case(made)
    deliver(case, Delivery.REFUSED)
    for _time in range(3):
        case = acts.fresh(case)
        with clock.at(case.lapse_at):
            assert timers.fire_due() == 0

    assert acts.fresh(case).stage == Stage.INSTRUCTED
    assert acts.fresh(case).put_off_at is not None


def test_a_call_that_reached_somebody_lets_it_go_on(made):
    case = world.issued_case(made)
    deliver(case, Delivery.REFUSED)
    sweep(clock.now() + timedelta(hours=2))

    actions.log_contact(case=case, by=made.analyst, contacted=acts.contacted())

    case = acts.fresh(case)
    assert case.stall == ""
    assert case.next_act_at == case.due_at
    with clock.at(case.lapse_at):
        assert timers.fire_due() == 1


def test_another_contact_lets_it_go_on(made):
    case = world.issued_case(made)
    deliver(case, Delivery.REFUSED)
    sweep(clock.now() + timedelta(hours=2))

    actions.change_contact(case=case, by=made.analyst, email="next@supplier.example", name="Next")

    case = acts.reached(acts.fresh(case))
    assert case.stall == ""
    assert sweep(moment(case, -7)) == 1


def test_whom_the_company_let_go_is_not_reminded(made, case):
    Membership.objects.filter(user=case.contact).update(ended_at=clock.now())

    sweep(moment(case, -7))

    assert acts.fresh(case).stall == Stall.GONE
    assert mails(case, "case_reminder") == []


def test_the_wrong_person_is_not_reminded(made, case):
    actions.report_wrong_person(case=case, by=case.contact, note="I left.")

    assert acts.fresh(case).next_rung_at is None
    assert sweep(moment(case, -7)) == 0


def test_a_bounce_stops_the_ladder_at_once_and_only_for_the_newest_mail(made, case):
    first = queries.newest_to_contact(case, queries.asked_by_mail(case))
    case = climb(case, -7)
    newest = queries.newest_to_contact(case, queries.asked_by_mail(case))
    assert newest.purpose == "case_reminder"

    def came_back(mail, by=made.analyst):
        with clock.at(moment(case, -7) + timedelta(hours=3)):
            return actions.log_bounce(
                case=case,
                mail_=mail,
                by=by,
                came_back=actions.CameBack(at=clock.now(), said="550 5.1.1 user unknown"),
            )

    came_back(first)
    assert acts.fresh(case).stall == ""
    came_back(newest)
    came_back(newest, by="installation")
    assert acts.fresh(case).stall == Stall.BOUNCED
    assert case.bounces.count() == 2
    assert events(case, "mail.came_back") == 2
    assert not queries.is_accepted(queries.newest_to_contact(case, queries.asked_by_mail(case)))


# The buyer's own clocks


def test_a_missed_clock_is_told_to_all_approvers_then_to_the_administrator_and_moves_nothing(made):
    case = world.submitted_case(made)
    due = case.next_act_at

    def tell(at):
        with clock.at(at):
            return reminders.tell_missed()

    assert tell(due - SECOND) == 0
    assert [tell(due), tell(due + DAY)] == [1, 0]
    told = {one.recipient for one in mails(case, "clock_missed")}
    assert told == {made.approver, made.second_approver}
    assert tell(due + timedelta(days=10)) == 1
    assert tell(due + timedelta(days=20)) == 0
    (again,) = mails(case, "clock_missed_again")
    assert again.recipient == made.administrator
    assert case.reference in again.body
    assert f"/cases/{case.pk}" not in again.body
    assert acts.fresh(case).stage == Stage.REVIEW
    assert MissedClock.objects.filter(case=case).count() == 2


def test_a_new_clock_is_told_anew(made):
    case = world.submitted_case(made)
    with clock.at(case.next_act_at + SECOND):
        reminders.tell_missed()
        acts.referred(case, made.analyst)
    case = acts.fresh(case)
    with clock.at(case.next_act_at + SECOND):
        assert reminders.tell_missed() == 1


def test_the_suppliers_own_time_is_no_clock_of_the_buyer(case):
    with clock.at(case.due_at + DAY):
        assert reminders.tell_missed() == 0


def test_a_chase_nobody_did_is_a_missed_clock(made, case):
    case = climb(case, 0, 3)

    with clock.at(case.next_act_at + SECOND):
        assert reminders.tell_missed() == 1
    assert acts.fresh(case).stage == Stage.ANSWERING


def test_effects_nobody_looked_at_are_a_missed_clock(made):
    case = leaving.left(made)

    with clock.at(case.next_act_at + SECOND):
        assert reminders.tell_missed() == 1
        assert reminders.tell_missed() == 0
    assert "look at the effects" in mails(case, "clock_missed")[0].body


# All together


def test_the_tick_names_the_ladder_before_the_lapse(case, settings):
    names = settings.TICKS
    assert names.index("workflows.reminders.climb_due") < names.index("workflows.timers.fire_due")

    with clock.at(moment(case, -7)):
        assert ticks.run() == []

    assert climbed(case) == [-7]


def test_a_ladder_is_one_transaction(case):
    at = moment(case, -7)
    assert connection.in_atomic_block
    sweep(at)

    assert acts.fresh(case).next_rung_at > at


def test_a_case_without_a_due_date_has_no_ladder(case):
    Case.objects.filter(pk=case.pk).update(due_at=None)
    case = acts.fresh(case)

    assert rungs.climb(case) == 0


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_no_mail_of_the_clock_says_more_than_the_neutral_wording(made, language):
    supplier = world.new_supplier(made.buyer, language=language)
    UserFactory(
        email=supplier.contact_email,
        language=language,
        holds=[(Role.CONTACT, supplier), (Role.SIGNATORY, supplier)],
    )
    UserFactory(language=language, holds=(Role.SIGNATORY, supplier))
    case = acts.reached(world.issued_case(made, supplier=supplier, wording="traceability"))
    asked = actions.ask_time(
        case=case,
        by=case.contact,
        until=clock.day_of(case.due_at, "UTC") + timedelta(days=9),
        reason="The mill is closed until then.",
    )
    actions.refuse_time(extension=asked, by=made.analyst, answer="The order ships before that.")
    climb(case, -7, 0, 3)
    mail_of_workflows.case_renewed(acts.fresh(case), "demo")

    found = mails(
        case,
        "case_reminder",
        "case_overdue",
        "case_second_contact",
        "case_renewed",
        "extension_refused",
    )
    assert {one.purpose for one in found} >= {"case_reminder", "case_renewed", "extension_refused"}
    for one in found:
        assert one.language == language
        assert list(leaks(one.subject + one.body)) == []
