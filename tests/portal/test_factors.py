"""A lost second step: two administrators, the record, the mails, every session ended."""

import threading
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.access import Conflict, Refused
from portal.actions import factors
from portal.enums import Role
from portal.models import FactorReset, OutboxMessage
from tests.factories.portal import FactorResetFactory, OrganisationFactory, UserFactory
from tests.passkeys import set_up
from tests.portal.test_sign_in import with_app
from tests.sessions import sign_in

pytestmark = pytest.mark.django_db

HOW = "I called the number on file and knew the voice."
TOO = "Called the switchboard, asked for the person, who knew the case."


@pytest.fixture
def buyer():
    return OrganisationFactory(name="Demo Buyer GmbH")


@pytest.fixture
def first(buyer):
    return UserFactory(name="First Admin", holds=(Role.ADMINISTRATOR, buyer))


@pytest.fixture
def second(buyer):
    return UserFactory(name="Second Admin", holds=(Role.ADMINISTRATOR, buyer))


@pytest.fixture
def analyst(buyer):
    found = UserFactory(name="Lost Analyst", holds=(Role.ANALYST, buyer))
    with_app(Client(), found)
    found.refresh_from_db()
    return found


def page_of(buyer, person):
    return f"/companies/{buyer.pk}/people/{person.pk}/second-step/"


def reset_page(asked):
    return f"/people/second-steps/{asked.pk}/"


def test_one_asks_another_removes_and_everything_is_told(client, buyer, first, second, analyst):
    at_work = sign_in(Client(), analyst)
    sign_in(client, first)
    assert "Second step lost" in client.get("/people/").text
    assert client.get(page_of(buyer, analyst)).status_code == 200
    client.post(page_of(buyer, analyst), {"reason": HOW})
    asked = FactorReset.objects.get()

    other = sign_in(Client(), second)
    assert "Lost Analyst" in other.get("/people/").text
    page = other.get(reset_page(asked))
    assert HOW in page.text
    done = other.post(reset_page(asked), {"reason": TOO}, follow=True)

    assert "The second step of Lost Analyst is removed" in done.text
    assert not Authenticator.objects.exists()
    assert at_work.get("/account/2fa/").status_code == 302
    told = dict(OutboxMessage.objects.exclude(is_secret=True).values_list("purpose", "recipient"))
    assert told["second_step_lost"] == second.pk
    assert told["second_step_reported_lost"] == analyst.pk
    assert told["second_step_reset"] == analyst.pk
    events = list(buyer.chain.entries.order_by("seq").values_list("event", flat=True))
    assert events[-2:] == ["person.second_step_lost", "person.second_step_removed"]
    last = buyer.chain.entries.order_by("seq").last()
    assert str(first.pk) in last.body
    assert str(second.pk) in last.body
    assert TOO not in last.body


def test_whoever_asked_does_not_remove_it(client, buyer, first, analyst):
    asked = factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)
    sign_in(client, first)

    assert "another administrator must do it" in client.get(reset_page(asked)).text
    answer = client.post(reset_page(asked), {"reason": TOO})

    assert answer.status_code == 403
    assert Authenticator.objects.exists()
    with pytest.raises(Refused):
        factors.reset(asked=asked, reason=TOO, by=first)


def test_nobody_removes_ones_own(buyer, first, second):
    with_app(Client(), second)
    asked = factors.ask_reset(company=buyer, person=second, reason=HOW, by=first)

    with pytest.raises(Refused, match="for yourself"):
        factors.reset(asked=asked, reason=TOO, by=second)
    with pytest.raises(Refused, match="for yourself"):
        factors.ask_reset(company=buyer, person=first, reason=HOW, by=first)


def test_it_may_be_left_as_it_is(client, buyer, first, second, analyst):
    asked = factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)

    answer = sign_in(client, second).post(reset_page(asked), {"keep": "1"}, follow=True)

    assert "stays as it is" in answer.text
    assert Authenticator.objects.exists()
    assert buyer.chain.entries.order_by("seq").last().event == "person.second_step_kept"
    with pytest.raises(Conflict):
        factors.reset(asked=asked, reason=TOO, by=second)
    assert client.get(reset_page(asked)).status_code == 404


def test_it_runs_out_after_a_day_and_can_be_asked_again(client, buyer, first, second, analyst):
    asked = factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)

    with pytest.raises(Conflict):
        factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=second)
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        assert sign_in(client, second).get(reset_page(asked)).status_code == 404
        with pytest.raises(Conflict):
            factors.reset(asked=asked, reason=TOO, by=second)
        factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=second)

    assert FactorReset.objects.filter(dropped_at=None).count() == 1


@pytest.mark.parametrize("reason", ["", "short", "x" * 1001])
def test_a_reason_is_needed_and_what_was_typed_stays(client, buyer, first, analyst, reason):
    answer = sign_in(client, first).post(page_of(buyer, analyst), {"reason": reason})

    assert answer.status_code == 200
    assert 'href="#id_reason"' in answer.text
    assert not FactorReset.objects.exists()


def test_a_single_administrator_is_told_that_nobody_could_finish(client, buyer, first, analyst):
    page = sign_in(client, first).get(page_of(buyer, analyst)).text

    assert "There is no other administrator" in page


def test_who_has_no_second_step_has_none_to_lose(client, buyer, first):
    nobody = UserFactory(holds=(Role.ANALYST, buyer))

    answer = sign_in(client, first).get(page_of(buyer, nobody))

    assert answer.status_code == 409
    assert "no second step" in answer.text


def test_who_serves_another_buyer_too_is_the_operators(client, buyer, first):
    both = UserFactory(
        holds=[(Role.ANALYST, buyer), (Role.ANALYST, OrganisationFactory(name="Elsewhere"))]
    )
    with_app(Client(), both)

    answer = sign_in(client, first).get(page_of(buyer, both))

    assert answer.status_code == 403
    assert "Only the operator of this installation" in answer.text
    assert "Elsewhere" not in answer.text


def test_a_suppliers_person_may_lose_a_passkey_too(client, buyer, first, second):
    supplier = OrganisationFactory(supplier=True, buyer=buyer)
    contact = UserFactory(holds=(Role.CONTACT, supplier))
    set_up(sign_in(Client(), contact))
    sign_in(client, first)
    assert "Second step lost" in client.get("/people/suppliers/").text

    client.post(page_of(supplier, contact), {"reason": HOW})
    factors.reset(asked=FactorReset.objects.get(), reason=TOO, by=second)

    assert not Authenticator.objects.exists()
    assert supplier.chain.entries.order_by("seq").last().event == "person.second_step_removed"


@pytest.mark.parametrize("role", [Role.ANALYST, Role.APPROVER, Role.COUNSEL, Role.CONTACT])
def test_other_roles_are_refused(client, buyer, first, analyst, role):
    asked = factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)
    where = buyer if role != Role.CONTACT else OrganisationFactory(supplier=True, buyer=buyer)
    sign_in(client, UserFactory(holds=(role, where)))

    for url in (page_of(buyer, analyst), reset_page(asked)):
        answer = client.get(url)
        assert answer.status_code == 403
        assert "not open to your role" in answer.text
    with pytest.raises(Refused):
        factors.ask_reset(
            company=buyer, person=analyst, reason=HOW, by=UserFactory(holds=(role, where))
        )


def test_another_buyers_administrator_finds_nothing(client, buyer, first, analyst):
    asked = factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)
    sign_in(client, UserFactory(holds=(Role.ADMINISTRATOR, OrganisationFactory())))

    for url in (page_of(buyer, analyst), reset_page(asked)):
        assert client.get(url).status_code == 404
        assert client.delete(url).status_code == 405


def test_who_left_meanwhile_is_no_longer_asked_for(buyer, first, analyst):
    analyst.memberships.update(ended_at=timezone.now())
    analyst.__dict__.pop("roles", None)

    with pytest.raises(Conflict, match="no longer serves"):
        factors.ask_reset(company=buyer, person=analyst, reason=HOW, by=first)


def test_the_operator_does_it_from_the_shell(buyer, analyst):
    call_command("reset_second_step", analyst.email, reason=HOW)

    assert not Authenticator.objects.exists()
    entry = buyer.chain.entries.order_by("seq").last()
    assert entry.event == "person.second_step_removed"
    assert "installation" in entry.body
    assert OutboxMessage.objects.filter(purpose="second_step_reset").exists()


@pytest.mark.parametrize(
    ("email", "reason"), [("nobody@example.com", HOW), ("", HOW), ("analyst", "short")]
)
def test_the_shell_says_what_is_wrong(analyst, email, reason):
    with pytest.raises(CommandError):
        call_command("reset_second_step", email or "x", reason=reason)

    assert Authenticator.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_at_once_remove_it_once(buyer, first, second):
    third = UserFactory(holds=(Role.ADMINISTRATOR, buyer))
    asked = FactorResetFactory(
        user=UserFactory(holds=(Role.ANALYST, buyer)), organisation=buyer, asked_by=first
    )
    barrier, answers = threading.Barrier(2), []

    def remove(by):
        try:
            barrier.wait()
            factors.reset(asked=asked, reason=TOO, by=by)
            answers.append("done")
        except Conflict:
            answers.append("late")
        finally:
            connection.close()

    threads = [threading.Thread(target=remove, args=(one,)) for one in (second, third)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answers) == ["done", "late"]
    assert OutboxMessage.objects.filter(purpose="second_step_reset").count() == 1
