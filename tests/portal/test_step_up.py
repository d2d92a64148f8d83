import hashlib
import re
import threading
from datetime import timedelta

import pytest
import time_machine
from django.contrib.sessions.backends.db import SessionStore
from django.db import connection, transaction
from django.utils import timezone

from portal.access import Conflict, Refused
from portal.actions import step_up
from portal.enums import Language, Queue, StepUpPurpose
from portal.models import OutboxMessage, StepUp
from tests.factories.portal import OrganisationFactory, UserFactory

pytestmark = pytest.mark.django_db

SIGNED = hashlib.sha256(b"what is signed").hexdigest()
OTHER = hashlib.sha256(b"what a colleague saved meanwhile").hexdigest()


@pytest.fixture
def user():
    return UserFactory()


@pytest.fixture
def session():
    store = SessionStore()
    store.create()
    return store


def ask(user, session, content_hash=SIGNED, **more):
    return step_up.ask(
        user=user,
        session=session,
        purpose=StepUpPurpose.SIGN,
        content_hash=content_hash,
        what="case K7QF-3MX9",
        **more,
    )


def code_of(asked):
    body = OutboxMessage.objects.get(key=f"step-up:{asked.pk}").body
    return re.search(r"\d{4}-\d{4}", body)[0]


def other_than(code):
    return "0000-0000" if code != "0000-0000" else "1111-1111"


def spend(asked, code, session, content_hash=SIGNED):
    with transaction.atomic():
        return step_up.spend(step_up=asked, code=code, content_hash=content_hash, session=session)


def test_the_mail_names_purpose_case_and_check_digits(user, session):
    buyer = OrganisationFactory(service_name="Quellen")
    asked = ask(user, session, buyer=buyer)
    mail = OutboxMessage.objects.get()

    assert mail.subject == "Your code: Sign an attestation"
    assert "case K7QF-3MX9" in mail.body
    assert SIGNED[:8] in mail.body
    assert SIGNED[:9] not in mail.body
    assert "5 minutes" in mail.body
    assert (mail.queue, mail.is_secret) == (Queue.URGENT, True)
    assert mail.expires_at == asked.expires_at
    assert mail.sender.startswith("Quellen ")
    assert "Extricate" not in mail.subject + mail.body


def test_the_mail_is_in_the_language_of_the_person(session):
    ask(UserFactory(language=Language.ZH), session)

    assert OutboxMessage.objects.get().language == Language.ZH


def test_the_right_code_is_spent_once(user, session):
    asked = ask(user, session)
    code = code_of(asked)

    assert step_up.confirm(step_up=asked, code=code, session=session)
    spent = spend(asked, code, session)
    assert spent.used_at is not None

    with pytest.raises(Conflict):
        spend(asked, code, session)
    assert not step_up.confirm(step_up=asked, code=code, session=session)


def test_neither_code_nor_session_stands_in_the_row(user, session):
    asked = ask(user, session)
    code = code_of(asked)
    row = str(StepUp.objects.values().get())

    assert code not in row
    assert code.replace("-", "") not in row
    assert session.session_key not in row


@pytest.mark.parametrize("shape", ["{0}{1}", " {0} {1} ", "{0}-{1}"])
def test_the_code_may_be_typed_as_people_type(user, session, shape):
    asked = ask(user, session)
    first, second = code_of(asked).split("-")

    assert step_up.confirm(step_up=asked, code=shape.format(first, second), session=session)


def test_full_width_digits_are_the_same_code(user, session):
    asked = ask(user, session)
    typed = "".join(chr(ord(one) + 0xFEE0) for one in code_of(asked).replace("-", ""))

    assert step_up.confirm(step_up=asked, code=typed, session=session)


def test_a_save_in_between_is_a_conflict_and_spends_nothing(user, session):
    asked = ask(user, session)

    with pytest.raises(Conflict, match="Something changed"):
        spend(asked, code_of(asked), session, content_hash=OTHER)

    asked.refresh_from_db()
    assert asked.used_at is None


def test_the_code_belongs_to_the_session_that_asked(user, session):
    asked = ask(user, session)
    stolen = SessionStore()
    stolen.create()

    assert not step_up.confirm(step_up=asked, code=code_of(asked), session=stolen)
    with pytest.raises(Refused):
        spend(asked, code_of(asked), stolen)


def test_a_wrong_code_counts_and_says_how_many_are_left(user, session):
    asked = ask(user, session)
    wrong = other_than(code_of(asked))

    said = [
        step_up.confirm(step_up=asked, code=wrong, session=session).sentence for _try in range(5)
    ]

    assert said[0] == "This is not the code. You have 4 tries left."
    assert said[3] == "This is not the code. You have 1 try left."
    assert said[4] == "This code can no longer be used. Ask for a new one."
    assert not step_up.confirm(step_up=asked, code=code_of(asked), session=session)


def test_a_wrong_code_is_refused_in_the_act_too(user, session):
    asked = ask(user, session)

    with pytest.raises(Refused):
        spend(asked, other_than(code_of(asked)), session)


def test_the_code_lives_five_minutes(user, session):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        asked = ask(user, session)
        clock.shift(timedelta(minutes=5))

        assert not step_up.confirm(step_up=asked, code=code_of(asked), session=session)
        with pytest.raises(Conflict):
            spend(asked, code_of(asked), session)


def test_a_new_code_voids_the_older_one(user, session):
    first, second = ask(user, session), ask(user, session)

    assert not step_up.confirm(step_up=first, code=code_of(first), session=session)
    assert step_up.confirm(step_up=second, code=code_of(second), session=session)


def test_ten_codes_an_hour(user, session):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _one in range(10):
            ask(user, session)
        with pytest.raises(Conflict, match="Too many codes"):
            ask(user, session)
        ask(UserFactory(), session)
        clock.shift(timedelta(hours=1, seconds=1))
        ask(user, session)


def test_what_fails_after_spending_leaves_the_code_unspent(user, session):
    asked = ask(user, session)

    def act():
        with transaction.atomic():
            step_up.spend(step_up=asked, code=code_of(asked), content_hash=SIGNED, session=session)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        act()
    asked.refresh_from_db()
    assert asked.used_at is None


@pytest.mark.django_db(transaction=True)
def test_spending_outside_a_transaction_is_a_fault(user, session):
    asked = ask(user, session)

    with pytest.raises(RuntimeError):
        step_up.spend(step_up=asked, code=code_of(asked), content_hash=SIGNED, session=session)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_spend_it_once(user, session):
    asked = ask(user, session)
    code, barrier, outcomes = code_of(asked), threading.Barrier(4), []

    def try_it():
        try:
            barrier.wait(10)
            spend(asked, code, session)
            outcomes.append("spent")
        except Conflict:
            outcomes.append("conflict")
        finally:
            connection.close()

    threads = [threading.Thread(target=try_it) for _one in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(outcomes) == ["conflict"] * 3 + ["spent"]


@pytest.mark.django_db(transaction=True)
def test_guessing_in_parallel_gets_no_more_than_five_tries(user, session):
    asked = ask(user, session)
    wrong, barrier, outcomes = other_than(code_of(asked)), threading.Barrier(8), []

    def guess():
        try:
            barrier.wait(10)
            outcomes.append(step_up.confirm(step_up=asked, code=wrong, session=session).allowed)
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _one in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    asked.refresh_from_db()
    assert outcomes == [False] * 8
    assert asked.attempts == 5
