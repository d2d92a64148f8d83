"""Two people at once on one case: one act stands, the others hear that it was taken."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from documents.enums import Grade
from tests.sessions import sign_in
from tests.workflows import world
from workflows import engine
from workflows.enums import Stage, Verb
from workflows.models import Case, Decision, Proof

pytestmark = pytest.mark.django_db(transaction=True)

REASON = "Read by several people at the same moment."


def at_once(*acts):
    """Run each act in a thread and a connection of its own, all let go together."""
    ready = Barrier(len(acts))

    def run(act):
        try:
            ready.wait(timeout=30)
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(acts)) as pool:
        return [done.result(timeout=60) for done in [pool.submit(run, act) for act in acts]]


def posting(person, name, case, **typed):
    client = sign_in(Client(raise_request_exception=False), person)
    path = reverse(f"workflows:{name}", args=[case.pk])
    return lambda: client.post(path, typed).status_code


def test_of_people_who_clear_at_once_exactly_one_does():
    made = world.world()
    case = world.recommended_case(made)
    sent = {"task": engine.open_task(case), "reason": REASON, "knows_unscanned": "on"}

    statuses = at_once(
        *(
            posting(person, "case_clear", case, **sent)
            for person in (made.approver, made.second_approver) * 2
        )
    )

    assert sorted(statuses) == [302, 409, 409, 409]
    assert Case.objects.get(pk=case.pk).stage == Stage.CLEARED
    assert Decision.objects.filter(case=case, verb=Verb.CLEAR).count() == 1


def test_clearing_and_referring_at_once_lead_to_one_place():
    made = world.world()
    case = world.recommended_case(made)
    task = engine.open_task(case)

    cleared, referred = at_once(
        posting(made.approver, "case_clear", case, task=task, reason=REASON, knows_unscanned="on"),
        posting(made.analyst, "case_refer", case, task=task, note=REASON),
    )

    assert sorted([cleared, referred]) == [302, 409]
    stage = Case.objects.get(pk=case.pk).stage
    assert stage == (Stage.CLEARED if cleared == 302 else Stage.WITH_COUNSEL)


def test_a_grade_that_falls_while_somebody_clears_is_never_overlooked():
    made = world.world()
    case = world.recommended_case(made)
    only = Proof.objects.filter(case=case).order_by("pk").first()
    same_claim = Proof.objects.filter(case=case, claim=only.claim, step=only.step)
    same_claim.exclude(pk=only.pk).update(grade=Grade.C)
    task = engine.open_task(case)
    path = reverse("workflows:case_proof", args=[case.pk, only.pk])
    client = sign_in(Client(raise_request_exception=False), made.analyst)
    lowered = {"task": task, "grade": "C", "counts": "yes", "reason": REASON}

    cleared, graded = at_once(
        posting(made.approver, "case_clear", case, task=task, reason=REASON, knows_unscanned="on"),
        lambda: client.post(path, lowered).status_code,
    )

    proof = Proof.objects.get(pk=only.pk)
    is_cleared = Case.objects.get(pk=case.pk).stage == Stage.CLEARED
    assert is_cleared == (cleared == 302)
    assert (proof.grade == "C") == (graded == 302)
    assert not (is_cleared and proof.grade == "C")


def test_a_task_taken_by_a_colleague_is_seen_by_the_second_analyst():
    made = world.world()
    case = world.submitted_case(made)
    sent = {"task": engine.open_task(case), "reason": REASON}

    statuses = at_once(
        posting(made.analyst, "case_escalate", case, to=str(made.approver.pk), **sent),
        posting(made.analyst, "case_escalate", case, to=str(made.counsel.pk), **sent),
    )

    assert sorted(statuses) == [302, 409]
    assert Decision.objects.filter(case=case, verb=Verb.ESCALATE).count() == 1
