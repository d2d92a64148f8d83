"""What was committed is done, whatever process dies: workers and tickers killed at random.

KILLS says how many in each test: a few in `make test`, 200 in `make soak`.
"""

import hashlib
import json
import os
import random
import signal
import time
from collections import Counter
from contextlib import ExitStack, nullcontext
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from documents import actions as files
from documents import storage
from documents.actions.evidence import Description
from documents.enums import DossierState, EvidenceKind, EvidenceState
from documents.models import Dossier, Evidence
from portal import clock, ledger, mail, tasks, work
from portal.enums import Delivery, Queue, WorkState
from portal.models import LedgerChain, LedgerEntry, OutboxMessage
from tests import processes, servers
from tests.chaos import shortened
from tests.documents import samples
from tests.factories.portal import LedgerChainFactory
from tests.servers import until
from tests.workflows import acts, world
from workflows import actions
from workflows.enums import CampaignState, Stage
from workflows.models import Campaign, CampaignSlice, Case

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.whole]

KILLS = int(os.environ.get("KILLS", "10"))
CHANCE = random.Random()  # noqa: S311 - no secret
QUEUES = ("urgent", "default", "heavy")
PATIENCE = 120
SETTLE_SECONDS = 240 + 4 * KILLS


@pytest.fixture(params=["database", "redis"])
def engine(request):
    """What each process is told of the background engine."""
    with servers.redis() if request.param == "redis" else nullcontext() as server:
        yield {"REDIS_URL": f"redis://127.0.0.1:{server.port}/0"} if server else {}


@pytest.fixture
def start(engine, mailbox, tmp_path):
    """Starts a worker or ticker on this test's database, files, queue and mail server."""
    under = processes.environment(
        VAR_DIR=tmp_path, EMAIL_HOST="127.0.0.1", EMAIL_PORT=mailbox.port, **engine
    )
    with ExitStack() as ends:

        def started(*words, **more):
            log = tmp_path / f"{words[0]}.log"
            process = processes.start(
                *words, under=under | more, program=("-m", "tests.chaos"), log=log
            )
            ends.callback(processes.end, process)
            return process

        yield started


@pytest.fixture
def made():
    """A buyer with suppliers in a campaign, which a worker will send."""
    made = world.world()
    for _one in range(6):
        world.draft_case(made, supplier=acts.another(made))
    return made


def owe_mail(made, number):
    return mail.send(
        purpose="test",
        key=f"chaos:{number}",
        to=made.contact,
        template="mail/sign_in_code.txt",
        context={"code": "1234-5678"},
        chain=LedgerChainFactory(),
        queue=CHANCE.choice([Queue.URGENT, Queue.DEFAULT]),
    )


def send_file(made, number):
    return files.receive(
        chain=LedgerChainFactory(),
        buyer=made.buyer,
        supplier=made.supplier,
        by=made.contact,
        file=ContentFile(f"invoice {number}".encode(), name=f"{number}.txt"),
        described=Description(kind=EvidenceKind.INVOICE, issuer="Demo Spinning"),
    )


def ask_for_document(made):
    return files.request_dossier(
        chain=LedgerChainFactory(),
        buyer=made.buyer,
        supplier=made.supplier,
        content=samples.receipt(),
        by=made.counsel,
    )


class Killing:
    """Three workers, each for all queues, and two tickers; any of them may die at any moment."""

    def __init__(self, start):
        self.start = start
        self.running = [self.another(place) for place in range(5)]

    def another(self, place):
        if place < 3:
            order = CHANCE.sample(QUEUES, len(QUEUES))
            return self.start("worker", *order)
        return self.start("tick", "--every", "1")

    def kill_one(self):
        place = CHANCE.randrange(5)
        self.running[place].kill()
        self.running[place].wait()
        self.running[place] = self.another(place)

    def look_after(self):
        """Start again what ended by itself, as the supervisor does."""
        for place, process in enumerate(self.running):
            if process.poll() is not None:
                self.running[place] = self.another(place)


def test_nothing_is_lost_or_doubled_whoever_is_killed(start, made, mailbox):
    mailbox.slowness = 0.15
    killing = Killing(start)
    actions.launch(campaign=made.campaign, by=made.manager)
    for number in range(KILLS):
        for part in range(4):
            owe_mail(made, f"{number}-{part}")
        send_file(made, number)
        if number % 8 == 0:
            ask_for_document(made)
        time.sleep(CHANCE.uniform(0.1, 1.2))
        killing.kill_one()
        killing.look_after()

    mailbox.slowness = 0.0
    settle(killing)
    assert_all_done_once(mailbox)
    assert_campaign_sent_once(made)


def settle(killing):
    """Wait until nothing is owed; what waits for a later try, or was given up, is tried now."""

    def is_settled():
        killing.look_after()
        for kind in work.kinds():
            waiting = kind.objects.filter(work_state=WorkState.PENDING)
            waiting.update(next_attempt_at=clock.now())
            for dead in kind.objects.filter(work_state=WorkState.DEAD):
                assert work.retry(kind._meta.label, str(dead.pk))  # as the operator's page does
        owed = [kind.objects.exclude(work_state=WorkState.DONE) for kind in work.kinds()]
        leftovers = Evidence.objects.filter(has_leftovers=True)
        return not any(rows.exists() for rows in (*owed, leftovers))

    last = time.monotonic() + SETTLE_SECONDS
    while not is_settled():
        assert time.monotonic() < last, states()
        time.sleep(0.5)


def states():
    return {
        kind.__name__: Counter(kind.objects.values_list("work_state", "last_error"))
        for kind in work.kinds()
    }


def counted(event, name):
    """How often an event is in the ledger, by the id it carries under `name`."""
    bodies = LedgerEntry.objects.filter(event=event).values_list("body", flat=True)
    return Counter(json.loads(body)["data"][name] for body in bodies)


def once_each(rows):
    return Counter({str(row.pk): 1 for row in rows})


def assert_all_done_once(mailbox):
    mails = list(OutboxMessage.objects.all())
    assert {one.delivery for one in mails} == {Delivery.ACCEPTED}
    # killed between acceptance and our commit a mail goes out again, under the same name
    sent = Counter(one["Message-ID"] for one in mailbox.mails)
    assert set(sent) == {tasks.message_id(one) for one in mails}
    assert sent.total() - len(sent) <= KILLS
    assert counted("mail.accepted", "mail") == once_each(one for one in mails if one.chain_id)

    rows = list(Evidence.objects.all())
    assert {row.state for row in rows} == {EvidenceState.RELEASED}
    assert counted("evidence.released", "evidence") == once_each(rows)
    assert all(storage.holds("evidence", row.key) for row in rows)
    assert not any(storage.holds("quarantine", row.key) for row in rows)

    written = list(Dossier.objects.all())
    assert {one.state for one in written} == {DossierState.ISSUED}
    assert counted("dossier.issued", "dossier") == once_each(written)
    assert all(is_as_written(one) for one in written)

    assert all(ledger.verify(chain).is_intact for chain in LedgerChain.objects.all())


def is_as_written(document):
    with storage.read("dossiers", document.key) as file:
        return hashlib.sha256(file.read()).hexdigest() == document.sha256


def assert_campaign_sent_once(made):
    assert Campaign.objects.get(pk=made.campaign.pk).state == CampaignState.LAUNCHED
    assert CampaignSlice.objects.get().problems == []
    cases = Case.objects.filter(campaign=made.campaign)
    assert set(cases.values_list("stage", flat=True)) == {Stage.INSTRUCTED}
    issued = LedgerEntry.objects.filter(event="case.issued").values_list("chain", flat=True)
    assert Counter(issued) == Counter(cases.values_list("chain", flat=True))
    assert cases.count() == 6


def with_children(process):
    """Process ids of a worker and of what it forked for its job."""
    forked = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [process.pid, *map(int, forked)]


def test_a_worker_frozen_past_its_lease_has_no_effect_when_it_wakes(start, made, mailbox):
    mailbox.slowness = 4.0
    row = owe_mail(made, 1)
    start("tick", "--every", "1")
    sleeper = start("worker", "urgent", "default")
    # in the middle of its talk with the mail server, where it holds no lock of SQLite's
    until(lambda: handed_over(row), PATIENCE)
    asleep = with_children(sleeper)
    for pid in asleep:
        os.kill(pid, signal.SIGSTOP)
    attempts = state_of(row)[1]
    lease_over = time.monotonic() + shortened(OutboxMessage.lease).total_seconds()
    until(lambda: time.monotonic() > lease_over, PATIENCE)

    mailbox.slowness = 0.0
    other = start("worker", "urgent", "default")
    until(lambda: state_of(row)[0] == WorkState.DONE, PATIENCE)
    done = OutboxMessage.objects.get(pk=row.pk)
    for pid in asleep:
        os.kill(pid, signal.SIGCONT)
    second = owe_mail(made, 2)
    until(lambda: state_of(second)[0] == WorkState.DONE, PATIENCE)
    sleeper.terminate()
    sleeper.wait(30)

    row.refresh_from_db()
    assert (row.attempts, row.accepted_at) == (attempts + 1, done.accepted_at)
    assert counted("mail.accepted", "mail") == once_each([row, second])
    assert other.poll() is None


def handed_over(row):
    return OutboxMessage.objects.filter(pk=row.pk, handed_over_at__isnull=False).exists()


def state_of(row):
    return OutboxMessage.objects.values_list("work_state", "attempts").get(pk=row.pk)
