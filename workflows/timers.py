"""Firing deadlines: the one way a clock moves a case, and always to a person."""

import logging
from datetime import timedelta
from time import monotonic

from django.db import models
from viewflow.workflow import STATUS
from viewflow.workflow.exceptions import FlowLockFailed
from viewflow.workflow.models import Task

from portal import clock, ledger
from workflows import calendar, mail, moves, rungs
from workflows.enums import Verb
from workflows.locks import hold
from workflows.models import Case

logger = logging.getLogger(__name__)

SLICE = 200
SECONDS = 40
MOST_MINUTES = 60


def fire_due() -> int:
    """Fire what is due, in slices, until nothing is left or 40 seconds are gone."""
    until, fired = monotonic() + SECONDS, 0
    while monotonic() < until:
        found, done = _fire_slice()
        fired += done
        if found < SLICE:
            break
    return fired


def _due() -> models.QuerySet[Task]:
    armed = Task.objects.filter(flow_task_type="TIMER", status=STATUS.SCHEDULED)
    return armed.filter(scheduled__lte=clock.now())


def _fire_slice() -> tuple[int, int]:
    found = list(
        _due().order_by("scheduled", "pk").values_list("pk", "process__run__case")[:SLICE]
    )
    fired = 0
    for pk, case_pk in found:
        try:
            with hold(Case.objects.filter(pk=case_pk)) as (case,):
                # asked again under the lock: it may have been extended or disarmed
                timer = _due().select_related("process__run").filter(pk=pk).first()
                if timer is not None:
                    timer.process.run.case = case
                    fired += _fire(timer, case)
        except FlowLockFailed:
            continue
        except Exception:
            logger.exception("deadline %s failed", pk)
            _back_off(pk)
    return len(found), fired


def _fire(timer: Task, case: Case) -> int:
    if rungs.is_due(case, clock.now()):
        # what stands before the lapse comes before it, however late the sweep
        rungs.climb(case)
    # a missed step of a plan is no silence: it was agreed, and comes back to a person
    later = moves.put_off(case) if case.is_with_supplier else None
    if later is None:
        timer.flow_task.activation_class(timer).fire()
        if timer.flow_task.verb == Verb.REPORT:
            mail.milestone_missed(case, timer.pk)
        else:
            mail.case_lapsed(case, timer.pk)
        return 1
    timer.scheduled = case.lapse_at = later
    case.put_off_at = clock.now()
    timer.save(update_fields=["scheduled"])
    case.save(update_fields=["lapse_at", "put_off_at"])
    ledger.record(
        "case.lapse_put_off",
        by="clock",
        on=case,
        data={"why": _why(case), "until": ledger.moment(later)},
    )
    return 0


def _why(case: Case) -> str:
    today = clock.today(case.supplier.zone)
    if calendar.is_quiet(today, case.supplier.country):
        return "quiet time"
    if moves.is_reached(case):
        return "a question of the supplier waits for our answer"
    return "no accepted delivery"


def _back_off(pk: int) -> None:
    task = Task.objects.filter(pk=pk, status=STATUS.SCHEDULED).first()
    if task is None:
        return
    tried = (task.data or {}).get("attempts", 0) + 1
    task.data = {"attempts": tried}
    task.scheduled = clock.now() + timedelta(minutes=min(2**tried, MOST_MINUTES))
    task.save(update_fields=["data", "scheduled"])
