import signal
import socket
import threading
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models.functions import Now
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from portal import clock, mail, queries, tasks, ticks, work
from portal.enums import Delivery, Queue, WorkState
from portal.models import Heartbeat, OutboxMessage
from tests import processes
from tests.factories.portal import UserFactory
from tests.servers import until

pytestmark = pytest.mark.django_db


def owed(key="mail:1", **more):
    return mail.send(
        purpose="test",
        key=key,
        to=UserFactory(),
        template="mail/sign_in_code.txt",
        context={"code": "1234-5678"},
        **more,
    )


def lose_lease(row):
    OutboxMessage.objects.filter(pk=row.pk).update(lease_until=Now() - timedelta(seconds=1))


def state_of(row):
    return OutboxMessage.objects.values_list("work_state", flat=True).get(pk=row.pk)


def test_a_claim_takes_the_row_for_one_lease():
    row = owed()

    claimed = work.claim(OutboxMessage, row.pk)

    assert (claimed.work_state, claimed.attempts) == (WorkState.RUNNING, 1)
    left = claimed.lease_until - clock.now()
    assert timedelta(seconds=110) < left < timedelta(seconds=125)
    assert work.claim(OutboxMessage, row.pk) is None


def test_what_is_not_due_is_not_claimed():
    row = owed()
    OutboxMessage.objects.update(next_attempt_at=clock.now() + timedelta(hours=1))

    assert work.claim(OutboxMessage, row.pk) is None
    with clock.at(clock.now() + timedelta(hours=2)):
        assert work.claim(OutboxMessage, row.pk) is not None


def test_no_such_row_is_no_claim():
    assert work.claim(OutboxMessage, "00000000-0000-4000-8000-000000000000") is None


def test_a_deserted_row_is_claimed_by_the_next():
    row = owed()
    work.claim(OutboxMessage, row.pk)
    lose_lease(row)

    assert work.claim(OutboxMessage, row.pk).attempts == 2


def test_finishing_counts_effects_and_state_together():
    claimed = work.claim(OutboxMessage, owed().pk)

    with work.finish(claimed):
        OutboxMessage.objects.filter(pk=claimed.pk).update(answer="done")

    claimed.refresh_from_db()
    assert (claimed.work_state, claimed.answer, claimed.lease_until) == ("DONE", "done", None)


def test_an_effect_that_fails_leaves_the_row_running():
    claimed = work.claim(OutboxMessage, owed().pk)

    def act():
        with work.finish(claimed):
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    assert state_of(claimed) == WorkState.RUNNING


def test_a_woken_sleeper_has_no_effect():
    row = owed()
    sleeper = work.claim(OutboxMessage, row.pk)
    lose_lease(row)
    other = work.claim(OutboxMessage, row.pk)

    def act(who, answer):
        with work.finish(who):
            OutboxMessage.objects.filter(pk=row.pk).update(answer=answer)

    with pytest.raises(work.LeaseLost):
        act(sleeper, "sleeper")
    act(other, "other")

    row.refresh_from_db()
    assert row.answer == "other"
    with pytest.raises(work.LeaseLost):
        act(sleeper, "sleeper again")


def test_a_long_job_renews_its_lease_while_it_holds_it():
    row = owed()
    claimed = work.claim(OutboxMessage, row.pk)
    OutboxMessage.objects.update(lease_until=Now() + timedelta(seconds=1))

    work.renew(claimed)

    claimed.refresh_from_db()
    assert claimed.lease_until > clock.now() + timedelta(seconds=100)
    lose_lease(row)
    work.claim(OutboxMessage, row.pk)
    with pytest.raises(work.LeaseLost):
        work.renew(claimed)


@pytest.mark.parametrize(("attempts", "minutes"), [(0, 2), (3, 16), (9, 60)])
def test_a_failure_is_tried_again_later_and_later(attempts, minutes):
    row = owed()
    OutboxMessage.objects.update(attempts=attempts)
    claimed = work.claim(OutboxMessage, row.pk)

    with work.retrying(claimed):
        raise OSError("server gone")

    claimed.refresh_from_db()
    wait = (claimed.next_attempt_at - clock.now()).total_seconds() / 60
    assert minutes * 0.99 < wait <= minutes * 1.2
    assert (claimed.work_state, claimed.last_error) == ("PENDING", "OSError: server gone")


def test_the_last_failure_buries_the_row():
    row = owed()
    OutboxMessage.objects.update(attempts=69)
    claimed = work.claim(OutboxMessage, row.pk)

    with work.retrying(claimed):
        raise OSError

    assert state_of(row) == WorkState.DEAD


def test_a_lost_lease_inside_a_handler_is_no_failure():
    row = owed()
    sleeper = work.claim(OutboxMessage, row.pk)
    lose_lease(row)
    work.claim(OutboxMessage, row.pk)

    with work.retrying(sleeper), work.finish(sleeper):
        pytest.fail("no effect")

    assert state_of(row) == WorkState.RUNNING


def test_a_dropped_row_says_why():
    claimed = work.claim(OutboxMessage, owed().pk)

    work.drop(claimed, "nobody wants it")

    claimed.refresh_from_db()
    assert (claimed.work_state, claimed.last_error) == ("DROPPED", "nobody wants it")


def test_a_lease_is_there_exactly_while_running():
    owed()

    with pytest.raises(IntegrityError), transaction.atomic():
        OutboxMessage.objects.update(work_state=WorkState.RUNNING)


def test_the_hint_follows_the_commit(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        row = owed(queue=Queue.URGENT)
        assert not DBTaskResult.objects.exists()

    hint = DBTaskResult.objects.get()
    assert (hint.queue_name, hint.args_kwargs["args"]) == ("urgent", [str(row.pk)])


def test_a_dead_queue_costs_a_log_line_not_the_act(
    settings, caplog, django_capture_on_commit_callbacks
):
    settings.TASKS = {"default": {"BACKEND": "nowhere.Queue"}}

    with django_capture_on_commit_callbacks(execute=True):
        row = owed()

    assert "Error calling" in caplog.text
    assert state_of(row) == WorkState.PENDING


def test_waking_hints_kinds_and_not_rows():
    for number in range(3):
        owed(f"mail:{number}")
    owed("mail:urgent", queue=Queue.URGENT)
    DBTaskResult.objects.all().delete()

    assert work.wake() == 2

    queues = sorted(DBTaskResult.objects.values_list("queue_name", flat=True))
    assert queues == ["default", "urgent"]


def test_waking_buries_what_killed_its_workers():
    row = owed()
    OutboxMessage.objects.update(attempts=69)
    work.claim(OutboxMessage, row.pk)
    lose_lease(row)

    work.wake()

    assert state_of(row) == WorkState.DEAD


def test_a_sweep_works_off_what_is_due_of_its_queue(mailbox):
    for number in range(25):
        owed(f"mail:{number}")
    other = owed("mail:urgent", queue=Queue.URGENT)

    tasks.sweep.call("portal.OutboxMessage", "default")

    assert len(mailbox.mails) == 25
    assert state_of(other) == WorkState.PENDING


def test_a_tick_runs_each_alone_and_leaves_a_heartbeat(settings, caplog):
    settings.TICKS = ["tests.portal.test_work.failing", "portal.work.wake"]

    assert ticks.run() == ["tests.portal.test_work.failing"]

    beat = Heartbeat.objects.get()
    assert (beat.name, beat.failed) == ("tick", "tests.portal.test_work.failing")


def failing():
    raise RuntimeError


@pytest.mark.django_db(transaction=True)
def test_eight_workers_claim_a_row_once():
    row, barrier, claims = owed(), threading.Barrier(8), []

    def try_it():
        try:
            barrier.wait(10)
            claims.append(work.claim(OutboxMessage, row.pk) is not None)
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(claims) == [False] * 7 + [True]


def test_old_hints_are_forgotten_and_those_of_dead_workers_end(
    django_capture_on_commit_callbacks,
):
    with django_capture_on_commit_callbacks(execute=True):
        for number in range(4):
            owed(f"mail:{number}")
    deserted, living, old, fresh = DBTaskResult.objects.order_by("enqueued_at")
    begun = timezone.now() - timedelta(hours=7)
    said = [
        (deserted, {"status": "RUNNING", "started_at": begun}),
        (living, {"status": "RUNNING", "started_at": timezone.now()}),
        (old, {"status": "SUCCESSFUL", "finished_at": timezone.now() - timedelta(hours=25)}),
        (fresh, {"status": "FAILED", "finished_at": timezone.now() - timedelta(hours=23)}),
    ]
    for row, fields in said:
        DBTaskResult.objects.filter(pk=row.pk).update(**fields)

    assert tasks.forget_hints() == 1

    left = dict(DBTaskResult.objects.values_list("pk", "status"))
    assert left == {deserted.pk: "FAILED", living.pk: "RUNNING", fresh.pk: "FAILED"}


def test_a_clock_set_back_by_a_day_loses_and_doubles_nothing(mailbox, settings, time_machine):
    settings.TICKS = ["portal.work.wake"]
    now = timezone.now()
    before = owed("mail:before")
    ticks.run()
    held = work.claim(OutboxMessage, owed("mail:held").pk)

    time_machine.move_to(now - timedelta(days=1))
    after = owed("mail:after")
    assert ticks.run() == []
    tasks.sweep.call("portal.OutboxMessage", "default")

    # what was owed "tomorrow" waits; a lease lives by the database's clock and goes on
    assert [state_of(row) for row in (before, held, after)] == ["PENDING", "RUNNING", "DONE"]
    assert queries.readiness()["tick"]
    with work.finish(held):
        pass

    time_machine.move_to(now + timedelta(minutes=1))
    tasks.sweep.call("portal.OutboxMessage", "default")
    tasks.sweep.call("portal.OutboxMessage", "default")

    assert [state_of(row) for row in (before, held, after)] == ["DONE"] * 3
    assert len(mailbox.mails) == 2


def test_a_beat_of_tomorrow_is_no_beat(settings, time_machine):
    settings.TICKS = []
    ticks.run()
    time_machine.move_to(timezone.now() - timedelta(days=1))

    assert not queries.readiness()["tick"]


# --- a real worker, killed ---------------------------------------------------------------


def worker(port, *arguments):
    """A worker process of its own on this test's database, sending to `port`."""
    under = processes.environment(EMAIL_HOST="127.0.0.1", EMAIL_PORT=port)
    return processes.start("worker", *arguments, under=under)


@pytest.mark.django_db(transaction=True)
def test_a_worker_killed_in_mid_work_loses_nothing_and_doubles_nothing(mailbox):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        row = owed(queue=Queue.URGENT)
        victim = worker(silent.getsockname()[1], "urgent")
        try:
            until(lambda: state_of(row) == WorkState.RUNNING)
        finally:
            victim.send_signal(signal.SIGKILL)
            victim.wait()

    # while the lease holds, nobody else touches it
    work.wake()
    assert work.claim(OutboxMessage, row.pk) is None
    lose_lease(row)
    work.wake()
    for _twice in range(2):
        next_one = worker(mailbox.port, "urgent", "--batch")
        assert next_one.wait(120) == 0
        work.wake()

    row.refresh_from_db()
    assert (row.work_state, row.delivery, row.attempts) == ("DONE", Delivery.ACCEPTED, 2)
    assert len(mailbox.mails) == 1
