"""Each system check is turned red once, on a flow thrown away or in a process of its own."""

import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as real_settings
from django.db import connection
from viewflow.workflow.models import Process, Task

from workflows import checks
from workflows.flows.attestation_v1 import AttestationV1

TOP = Path(__file__).parents[2]

# flow classes stay registered in their process, so each is written in one of its own
PREAMBLE = """
import django
django.setup()
from viewflow import this
from viewflow.workflow import lock
from viewflow.workflow.base import Flow
from viewflow.workflow.nodes import Function
from workflows import checks, moves
from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.locks import RowLock
from workflows.models import CaseProcess
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask
"""
SOUND = """
class Trial(Flow):
    process_class = CaseProcess
    lock_impl = RowLock()
    issue = CaseStart().Next(this.answering)
    answering = HumanTask(Stage.ANSWERING).On(Verb.SUBMIT, this.cleared)
    answering_lapse = Deadline(this.answering, moves.note_lapse).Next(this.cleared)
    cleared = CaseEnd(Stage.CLEARED)
"""
TELL = """
print(*sorted(fault.id for fault in checks.faults_of(Trial)))
"""


def faults(body):
    done = subprocess.run(
        [sys.executable, "-c", PREAMBLE + body + TELL],
        cwd=TOP,
        env={
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PATH": "/usr/bin:/bin",
            "VAR_DIR": str(real_settings.VAR_DIR),
            "COVERAGE_PROCESS_START": "",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


FOREIGN = "On(Verb.SUBMIT, this.cleared)\n    step = Function(print).Next(this.cleared)"
ONE = "    answering_lapse = Deadline(this.answering, moves.note_lapse).Next(this.cleared)\n"


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("", "", []),
        ("    lock_impl = RowLock()\n", "", ["workflows.E001"]),
        ("RowLock()\n", "lock.no_lock\n", ["workflows.E001"]),
        ("On(Verb.SUBMIT, this.cleared)", FOREIGN, ["workflows.E003"]),
        (ONE, "", ["workflows.E004"]),
        (ONE, ONE + ONE.replace("answering_lapse", "second"), ["workflows.E004"]),
        (
            "class Trial",
            "from workflows import rules\ndel rules.may_submit\nclass Trial",
            ["workflows.E006"],
        ),
    ],
    ids=[
        "sound",
        "no lock",
        "stock lock",
        "foreign node",
        "no deadline",
        "two deadlines",
        "no rule",
    ],
)
def test_a_flow_that_is_not_sound_is_named(old, new, found):
    assert old in SOUND

    assert faults(SOUND.replace(old, new) if old else SOUND) == found


def test_a_flow_that_inherits_another_one_is_named():
    """It would also arm each deadline of its parent twice."""
    found = faults("\nclass Trial(AttestationV1):\n    pass\n")

    assert found == ["workflows.E002", *["workflows.E004"] * 4]


def test_our_flows_are_sound():
    assert [fault for flow in checks.FLOWS for fault in checks.faults_of(flow)] == []
    assert checks.flows_are_sound() == []


def test_the_library_with_its_own_pages_is_not_to_be_installed(settings):
    # asked of the list alone: installing it would import its pages
    settings.INSTALLED_APPS.append("viewflow")
    try:
        found = [fault.id for fault in checks.flows_are_sound()]
    finally:
        settings.INSTALLED_APPS.remove("viewflow")

    assert found == ["workflows.E005"]


@pytest.mark.django_db
def test_the_database_serves_the_engine():
    assert checks.database_serves_the_engine(databases=["default"]) == []


def test_nothing_is_asked_of_a_database_that_was_not_named():
    assert checks.database_serves_the_engine() == []


@pytest.mark.django_db
@pytest.mark.parametrize("index", sorted(checks.INDEXES))
def test_an_index_that_a_library_dropped_is_missed(index):
    with connection.cursor() as cursor:
        cursor.execute(f"DROP INDEX {index}")

    (fault,) = checks.database_serves_the_engine(databases=["default"])

    assert fault.id == "workflows.E008"
    assert index in fault.msg


@pytest.mark.django_db
def test_a_stored_node_that_is_gone_is_named():
    process = Process.objects.create(flow_class=AttestationV1)
    task = Task.objects.create(
        process=process, flow_task=AttestationV1.instance.review, flow_task_type="HUMAN"
    )
    Task.objects.filter(pk=task.pk).update(status="DONE")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE viewflow_task SET flow_task = %s",
            ["workflows/flows.attestation_v1.AttestationV1.gone"],
        )

    (fault,) = checks.database_serves_the_engine(databases=["default"])

    assert fault.id == "workflows.E007"


@pytest.mark.django_db
def test_a_database_on_which_losers_of_a_race_wait_or_fail_is_refused():
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = 0")
        found = checks.database_serves_the_engine(databases=["default"])
    else:
        options = connection.settings_dict["OPTIONS"]
        mode = options.pop("transaction_mode")
        try:
            found = checks.database_serves_the_engine(databases=["default"])
        finally:
            options["transaction_mode"] = mode

    assert [fault.id for fault in found] == ["workflows.E009"]
