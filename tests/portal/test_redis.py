"""Redis as queue and cache: real, down, frozen, wiped. Rows are the truth: nothing is lost."""

import time
from contextlib import ExitStack

import django_rq
import pytest
from django.core.cache import cache, caches
from django.db import transaction
from django.test import Client
from django.utils.module_loading import import_string
from rq import Worker
from rq.worker import WorkerStatus

from portal import mail, ticks, work
from portal.enums import Delivery, Queue, WorkState
from portal.models import Heartbeat, LedgerEntry, OutboxMessage
from tests import processes, servers
from tests.factories.portal import LedgerChainFactory, UserFactory
from tests.servers import until

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def redis(settings, monkeypatch):
    """A server, and this process set as REDIS_URL sets it."""
    with servers.redis() as server:
        monkeypatch.setenv("REDIS_URL", url(server))
        settings.REDIS = import_string("portal.settings._redis")()
        settings.RQ_QUEUES = dict.fromkeys(settings.QUEUES, settings.REDIS)
        settings.RQ = {"COMMIT_MODE": "auto"}
        settings.TASKS = {
            "default": {
                "BACKEND": "portal.redis_queue.RedisBackend",
                "QUEUES": settings.QUEUES,
            }
        }
        settings.CACHES = {
            "default": {
                "BACKEND": "portal.redis_cache.RedisOrTable",
                "LOCATION": url(server),
                "TABLE": settings.CACHES["default"],
            }
        }
        yield server


def url(server):
    return f"redis://127.0.0.1:{server.port}/0"


@pytest.fixture
def worker(redis, mailbox):
    """Starts worker processes by Redis; whatever still runs is ended."""
    under = processes.environment(
        REDIS_URL=url(redis), EMAIL_HOST="127.0.0.1", EMAIL_PORT=mailbox.port
    )
    with ExitStack() as ends:

        def started(*words):
            process = processes.start("worker", *words, under=under)
            ends.callback(processes.end, process)
            return process

        yield started


def owed(key="mail:1", **more):
    return mail.send(
        purpose="test",
        key=key,
        to=UserFactory(),
        template="mail/sign_in_code.txt",
        context={"code": "1234-5678"},
        chain=LedgerChainFactory(),
        **more,
    )


def act(count=1):
    """Owe some mails in one transaction, as an action does; returns the seconds it took."""
    began = time.monotonic()
    with transaction.atomic():
        for _one in range(count):
            owed(f"mail:{OutboxMessage.objects.count()}", queue=Queue.URGENT)
    return time.monotonic() - began


def hints(queue="urgent"):
    return len(django_rq.get_queue(queue))


def waits():
    # one that meets a silent Redis sooner ends, and is started again by what looks after it
    known = Worker.all(connection=django_rq.get_connection())
    return [each.get_state() for each in known] == [WorkerStatus.IDLE]


def all_done():
    return not OutboxMessage.objects.exclude(work_state=WorkState.DONE).exists()


def assert_each_once(mailbox, count):
    assert OutboxMessage.objects.filter(delivery=Delivery.ACCEPTED).count() == count
    assert LedgerEntry.objects.filter(event="mail.accepted").count() == count
    assert len({sent["Message-ID"] for sent in mailbox.mails}) == len(mailbox.mails) == count


def test_the_hint_follows_the_commit_into_the_queue_of_its_row(redis, mailbox, worker):
    with transaction.atomic():
        row = owed(queue=Queue.URGENT)
        assert hints() == 0
    owed("mail:2")

    [job] = django_rq.get_queue("urgent").jobs
    assert (job.args, job.timeout) == ((str(row.pk),), 3600)
    assert hints("default") == 1

    assert worker("urgent", "--batch").wait(120) == 0
    assert hints() == 0
    row.refresh_from_db()
    assert row.delivery == Delivery.ACCEPTED
    assert len(mailbox.mails) == 1


def test_an_act_commits_while_redis_is_down_and_the_ticker_makes_good(redis, mailbox, worker):
    redis.kill()

    assert act(4) < 1
    with pytest.raises(Exception, match=r"Connection|refused|^$"):
        work.wake()
    assert OutboxMessage.objects.filter(work_state=WorkState.PENDING).count() == 4

    redis.start()
    django_rq_again()
    assert work.wake() == 1
    assert worker("urgent", "--batch").wait(120) == 0
    assert_each_once(mailbox, 4)


def django_rq_again():
    # whoever met a silent server leaves it alone for five seconds
    from django_tasks import task_backends

    task_backends["default"].silent_until = 0.0


def test_an_act_waits_once_for_a_frozen_redis_however_many_mails_it_owes(redis, mailbox, worker):
    redis.freeze()
    try:
        took = act(5)
    finally:
        redis.thaw()

    assert 2 < took < 5
    django_rq_again()
    work.wake()
    assert worker("urgent", "--batch").wait(120) == 0
    assert_each_once(mailbox, 5)


def test_a_queue_wiped_by_a_kill_loses_nothing_and_its_worker_lives_on(redis, mailbox, worker):
    act(6)
    assert hints() == 6
    redis.kill()
    redis.start()
    assert hints() == 0
    living = worker("urgent")
    until(waits)
    redis.kill()
    redis.start()

    work.wake()
    until(all_done)

    assert living.poll() is None
    assert_each_once(mailbox, 6)


def test_a_silent_queue_fails_one_tick_and_hinders_no_other(redis, settings, caplog):
    row = owed()
    OutboxMessage.objects.update(attempts=70)
    settings.TICKS = ["portal.work.wake", "tests.portal.test_redis.other"]
    redis.kill()
    row = owed("mail:2")

    assert ticks.run() == ["portal.work.wake"]

    assert Heartbeat.objects.get().failed == "portal.work.wake"
    assert row.work_state == WorkState.PENDING


def other():
    """A tick of its own."""


# --- the cache -----------------------------------------------------------------------------


def test_what_is_counted_in_redis_is_counted_for_all(redis):
    cache.add("tries", 1, 60)
    cache.incr("tries")

    assert caches.create_connection("default").get("tries") == 2
    assert cache.touch("tries", 30)
    assert cache.delete("tries")
    assert cache.get("tries", "none") == "none"
    cache.set("tries", 7)
    cache.clear()
    assert cache.get("tries") is None


@pytest.mark.parametrize("hurt", ["kill", "freeze"])
def test_while_redis_is_away_the_table_counts(redis, hurt):
    getattr(redis, hurt)()
    try:
        began = time.monotonic()
        assert cache.add("tries", 1, 60)
        assert not cache.add("tries", 1, 60)
        assert cache.incr("tries") == 2
        assert time.monotonic() - began < 2  # one wait, not three
    finally:
        redis.thaw()


def test_a_code_can_be_asked_for_and_is_limited_while_redis_is_down(redis):
    person = UserFactory()
    redis.kill()
    for _try in range(5):
        answer = Client().post("/account/login/code/", {"email": person.email})
        assert answer.status_code < 500

    assert OutboxMessage.objects.filter(to=person.email).count() == 3
