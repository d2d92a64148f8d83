"""System checks on flows and on what the engine needs of the database (engine note, 2.9)."""

from collections.abc import Iterator, Sequence

from django.conf import settings
from django.core.checks import CheckMessage, Error, Info, Tags, register
from django.db import connection
from django.utils import timezone
from viewflow.workflow.base import Flow
from viewflow.workflow.models import Task
from viewflow.workflow.nodes import Obsolete

from workflows import calendar, rules
from workflows.flows.attestation_v1 import AttestationV1
from workflows.flows.exit_v1 import ExitV1
from workflows.locks import RowLock
from workflows.models.case import TIMED
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

FLOWS: tuple[type[Flow], ...] = (AttestationV1, ExitV1)
OURS = (HumanTask, Deadline, CaseStart, CaseEnd)
INDEXES = {"viewflow_task_armed", "viewflow_task_unfinished"}


def faults_of(flow: type[Flow]) -> Iterator[CheckMessage]:
    """Yield what is wrong with one flow: lock, bases, nodes, deadlines, rules of its verbs."""
    name = flow.__name__
    if not isinstance(flow.lock_impl, RowLock):
        yield Error(f"{name} does not lock the case row.", id="workflows.E001")
    if flow.__bases__ != (Flow,):
        yield Error(f"{name} inherits from another flow.", id="workflows.E002")
    for node in flow.instance.nodes():
        if not isinstance(node, OURS):
            yield Error(f"{name}.{node.name} is not one of our nodes.", id="workflows.E003")
        if isinstance(node, HumanTask):
            yield from _faults_of_stage(f"{name}.{node.name}", node)


def _faults_of_stage(name: str, node: HumanTask) -> Iterator[CheckMessage]:
    if len(node.deadlines) != (node.stage in TIMED):
        yield Error(f"{name} has {len(node.deadlines)} deadlines.", id="workflows.E004")
    for verb in node.ways:
        if not hasattr(rules, f"may_{verb.lower()}"):
            yield Error(f"{name}: no rule for {verb}.", id="workflows.E006")


@register()
def flows_are_sound(**_: object) -> list[CheckMessage]:
    found = [fault for flow in FLOWS for fault in faults_of(flow)]
    if "viewflow" in settings.INSTALLED_APPS:
        found.append(Error("Install viewflow.workflow, not viewflow.", id="workflows.E005"))
    return found


@register()
def holidays_are_known(**_: object) -> list[CheckMessage]:
    """A table of holidays with a hole is told and refuses nothing.

    By real time: a demonstration's clock stands in the database, which may not be there yet.
    """
    return [
        Info(
            f"The holidays of {country} are not known from {missing} on.",
            hint="Bring workflows/data/holidays.json up to date.",
            id="workflows.I010",
        )
        for country, missing in calendar.holes(timezone.now().date()).items()
    ]


@register(Tags.database)
def database_serves_the_engine(
    *, databases: Sequence[str] | None = None, **_: object
) -> list[CheckMessage]:
    """Our indexes stand, and each stored node still exists."""
    tables = connection.introspection.table_names() if databases else []
    if "viewflow_task" not in tables:
        return []
    return [*_missing_indexes(), *_vanished_nodes(), *_unfit_for_races()]


def _missing_indexes() -> Iterator[CheckMessage]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "viewflow_task")
    for name in sorted(INDEXES - set(found)):
        yield Error(f"The index {name} is missing.", id="workflows.E008")


def _vanished_nodes() -> Iterator[CheckMessage]:
    for stored in Task.objects.order_by().values_list("flow_task", flat=True).distinct():
        if stored is None or isinstance(stored, Obsolete):
            yield Error(f"A stored task names {stored}, which is gone.", id="workflows.E007")


def _unfit_for_races() -> Iterator[CheckMessage]:
    """Losers of a race get an answer: SQLite takes its lock at once, PostgreSQL stops waiting."""
    mode = connection.settings_dict["OPTIONS"].get("transaction_mode")
    if connection.vendor == "sqlite" and mode != "IMMEDIATE":
        yield Error("SQLite's transactions are not IMMEDIATE.", id="workflows.E009")
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            (waits,) = cursor.fetchone()
        if waits == "0":
            yield Error("PostgreSQL waits for locks without end.", id="workflows.E009")
