"""One lock: the case row. Engine, actions and sweeps all take it first (engine note, 2.2)."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from django.db import OperationalError, transaction
from django.db.models import QuerySet
from viewflow.workflow.exceptions import FlowLockFailed

from workflows.models import Case, CaseRun


@contextmanager
def hold(cases: QuerySet[Case]) -> Iterator[list[Case]]:
    """Open one transaction that holds these cases, loaded fresh.

    Raises FlowLockFailed if they are not free in time, or if there are none. Never wrap it
    in `transaction.atomic`: on SQLite the wait happens there, and a busy database would
    then be a 500 instead of a 409.
    """
    with ExitStack() as stack:
        try:
            stack.enter_context(transaction.atomic())
            # FOR UPDATE would also hold up inserts that point at the row
            held = list(cases.select_for_update(no_key=True))
        except OperationalError as error:
            raise FlowLockFailed(str(error)) from error
        if not held:
            raise FlowLockFailed("no such case")
        yield held


class RowLock:
    """viewflow's lock hook: entering a process locks its case."""

    @contextmanager
    def __call__(self, flow_class: type, process_pk: int) -> Iterator[None]:
        runs = CaseRun.objects.filter(process_id=process_pk, process__flow_class=flow_class)
        with hold(Case.objects.filter(pk__in=runs.values("case_id"))):
            yield
