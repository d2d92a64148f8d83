from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from portal import clock, ledger_triggers, queries, ticks, work
from portal.enums import Delivery, Queue, Role, WorkState
from portal.models import Heartbeat, LedgerEntry, OutboxMessage
from tests.factories.portal import OrganisationFactory, UserFactory
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def ticking(settings):
    settings.TICKS = []
    ticks.run()


def owed(**said):
    return OutboxMessage.objects.create(
        **{
            "key": uuid4().hex,
            "purpose": "invitation",
            "to": "chen@supplier.example",
            "sender": "no-reply@example.com",
            "language": "en",
            "subject": "Canary subject",
            "body": "Canary body",
            "written_at": clock.now(),
            "delivery": Delivery.QUEUED,
            **said,
        }
    )


def ago(**span):
    return clock.now() - timedelta(**span)


def ready(client):
    answer = client.get("/health/ready")
    return answer.status_code, answer.text


def test_a_process_that_answers_is_alive_whatever_else(client, django_assert_num_queries):
    with django_assert_num_queries(0):
        answer = client.get("/health/live")

    assert (answer.status_code, answer.text) == (200, "yes\n")
    assert client.post("/health/live").status_code == 405


@pytest.mark.usefixtures("ticking")
def test_a_fit_installation_is_ready_and_says_no_more(client):
    assert ready(client) == (200, "yes\n")
    assert set(queries.readiness().values()) == {True}


def test_a_silent_ticker_is_not_ready(client, ticking):
    Heartbeat.objects.filter(name="tick").update(beat_at=timezone.now() - timedelta(minutes=4))

    assert ready(client) == (503, "no\n")


def test_a_ticker_that_never_ran_is_not_ready(client):
    assert ready(client) == (503, "no\n")


@pytest.mark.usefixtures("ticking")
def test_a_ledger_without_its_triggers_is_not_ready(client):
    ledger_triggers.drop()
    answer = ready(client)
    ledger_triggers.install()

    assert answer == (503, "no\n")


@pytest.mark.usefixtures("ticking")
def test_a_storage_that_fails_is_not_ready(client, settings, tmp_path):
    place = tmp_path / "file"
    place.touch()
    broken = {"BACKEND": "tests.portal.test_operations.Broken"}
    settings.STORAGES = settings.STORAGES | {"evidence": broken}

    assert ready(client) == (503, "no\n")
    assert queries.readiness()["storage"] is False


class Broken:
    def exists(self, name):
        raise OSError("no answer")


class Elsewhere:
    def exists(self, name):
        return False


@pytest.mark.usefixtures("ticking")
def test_a_storage_that_is_no_folder_is_asked(settings):
    settings.STORAGES = settings.STORAGES | {
        "evidence": {"BACKEND": "tests.portal.test_operations.Elsewhere"}
    }

    assert queries.readiness()["storage"] is True


@pytest.mark.parametrize(
    ("queue", "late", "is_ready"),
    [
        (Queue.URGENT, 3, False),
        (Queue.DEFAULT, 1, True),
        (Queue.DEFAULT, 3, False),
        (Queue.HEAVY, 29, True),
        (Queue.HEAVY, 31, False),
    ],
)
@pytest.mark.usefixtures("ticking")
def test_late_work_is_not_ready(client, queue, late, is_ready):
    owed(queue=queue, next_attempt_at=ago(minutes=late))

    assert ready(client) == ((200, "yes\n") if is_ready else (503, "no\n"))


# --- the page ------------------------------------------------------------------------------


@pytest.fixture
def operator():
    return UserFactory(holds=(Role.OPERATOR, OrganisationFactory()))


def dead(**said):
    return owed(
        work_state=WorkState.DEAD,
        attempts=8,
        max_attempts=8,
        last_error="SMTPServerDisconnected: while writing to chen@supplier.example",
        next_attempt_at=ago(hours=2),
        **said,
    )


def test_stuck_work_is_shown_by_kind_id_and_error_alone(client, operator):
    gone, late = dead(), owed(next_attempt_at=ago(minutes=5))
    owed(next_attempt_at=ago(seconds=5))

    page = sign_in(client, operator).get("/operations/").text

    assert str(gone.pk) in page
    assert str(late.pk) in page
    assert page.count("OutboxMessage<") == 2
    assert "SMTPServerDisconnected" in page
    assert "chen@supplier.example" not in page
    assert "Canary" not in page
    assert "The ticker never ran" in page


def test_a_failed_tick_is_named(client, operator, ticking):
    Heartbeat.objects.filter(name="tick").update(failed="workflows.timers.fire_due")

    page = sign_in(client, operator).get("/operations/").text

    assert "Failed then: workflows.timers.fire_due." in page
    assert "Nothing is stuck" in page


@pytest.mark.parametrize("count", [1, 3])
def test_the_page_costs_the_same_for_many(client, operator, count, django_assert_max_num_queries):
    for _row in range(count):
        dead()
    desk = sign_in(client, operator)
    kinds = len(work.kinds())

    # ten of its own; five for each kind of work
    with django_assert_max_num_queries(20 + 5 * kinds):
        page = desk.get("/operations/").text

    assert page.count("Try again") == count


@pytest.mark.parametrize("role", [Role.ANALYST, Role.COUNSEL, Role.CONTACT])
def test_others_do_not_see_operation(client, role):
    person = UserFactory(holds=(role, OrganisationFactory()))

    assert sign_in(client, person).get("/operations/").status_code == 403


def test_work_given_up_is_tried_again_once(client, operator):
    row = dead()
    url = f"/operations/portal.OutboxMessage/{row.pk}/retry/"
    desk = sign_in(client, operator)

    answer = desk.post(url, follow=True)
    again = desk.post(url)

    row.refresh_from_db()
    assert "It will be tried again." in answer.text
    assert (row.work_state, row.attempts) == (WorkState.PENDING, 8)
    assert row.max_attempts > row.attempts
    assert LedgerEntry.objects.get().event == "work.retried"
    assert again.status_code == 409


def test_what_is_no_work_is_not_tried(client, operator):
    answer = sign_in(client, operator).post(f"/operations/portal.User/{uuid4()}/retry/")

    assert answer.status_code == 409
