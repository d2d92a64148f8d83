"""Holding a human task, starting and stopping runs: what actions know of the engine."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from django.db import OperationalError
from django.utils.translation import gettext as _
from viewflow.fsm import TransitionNotAllowed
from viewflow.workflow import STATUS
from viewflow.workflow.exceptions import FlowLockFailed
from viewflow.workflow.models import Task

from portal import clock
from portal.access import Conflict
from portal.models import User
from workflows.flows.attestation_v1 import AttestationV1
from workflows.flows.exit_v1 import ExitV1
from workflows.locks import hold
from workflows.models import Case, CaseRun
from workflows.nodes import HumanTaskActivation


@contextmanager
def locked(case: Case) -> Iterator[Case]:
    """Hold the case and yield it fresh.

    Raises Conflict when it is not free in time. Opens its own transaction.
    """
    try:
        with hold(Case.objects.filter(pk=case.pk)) as (fresh,):
            yield fresh
    except (FlowLockFailed, TransitionNotAllowed) as error:
        raise Conflict(
            _("Somebody else is working on this case at this moment. Nothing was changed.")
        ) from error


@contextmanager
def unhindered() -> Iterator[None]:
    """Turn a busy database into a Conflict, for what is written before the case is held."""
    try:
        yield
    except OperationalError as error:
        raise Conflict(
            _("Somebody else is working on this case at this moment. Nothing was changed.")
        ) from error


@contextmanager
def holding(case: Case, task: int, node: str) -> Iterator[HumanTaskActivation]:
    """Hold the case and its open human task, the one the page was shown for.

    `node` is the stage's node name. Raises Conflict if the step was taken meanwhile.
    """
    with locked(case) as fresh:
        tasks = Task.objects.filter(pk=task, process__run__case=fresh, status=STATUS.NEW)
        found = tasks.select_related("process__run").first()
        if found is None or found.flow_task.name != node:
            raise Conflict(_("This step was already taken. Please look at the case as it is now."))
        found.process.run.case = fresh
        yield found.flow_task.activation_class(found)


def open_task(case: Case) -> int | None:
    """Return the key of the case's open human task: a page's form carries it."""
    tasks = Task.objects.filter(
        process__run__case=case, process__run__closed_at=None, status=STATUS.NEW
    )
    return tasks.values_list("pk", flat=True).first()


Start = Literal["issue", "renew", "reopen", "propose", "propose_immediate"]
# the newest version of each flow opens new runs; running ones end on theirs
STARTS = {
    "issue": AttestationV1.issue,
    "renew": AttestationV1.renew,
    "reopen": AttestationV1.reopen,
    "propose": ExitV1.propose,
    "propose_immediate": ExitV1.propose_immediate,
}


def start(case: Case, by: User | None, reason: str = "", at: Start = "issue") -> CaseRun:
    """Open a run of a case held by the caller, at the named start; no other run is open.

    `by` is None where the clock opens it.
    """
    return STARTS[at].run(case=case, by=by, reason=reason)


def stop(case: Case, outcome: str) -> None:
    """End the open run of a held case from outside the flow.

    Raises Conflict if no run is open.
    """
    run = case.runs.filter(closed_at=None).select_related("process").first()
    if run is None:
        raise Conflict(_("This case was already ended."))
    run.process.flow_class.instance.cancel(run.process)
    run.closed_at, run.outcome = clock.now(), outcome
    run.save(update_fields=["closed_at", "outcome"])


def rearm(case: Case) -> None:
    """Move the armed deadline of a held case to its `lapse_at`.

    Raises Conflict if none is armed: the step was taken meanwhile.
    """
    armed = Task.objects.filter(process__run__case=case, status=STATUS.SCHEDULED)
    if armed.update(scheduled=case.lapse_at) != 1:
        raise Conflict(_("This step was already taken. Please look at the case as it is now."))


def renew_review(case: Case) -> None:
    """Open the review of a held case anew, so that no page shown before can decide it."""
    task = (
        Task.objects.filter(process__run__case=case, status=STATUS.NEW)
        .select_related("process__run")
        .first()
    )
    if task is None:
        raise Conflict(_("This case was already ended."))
    task.process.run.case = case
    task.flow_task.activation_class(task).again()
