"""The flow is the transition table, as far as it is wired; its names are kept for ever."""

from pathlib import Path

import pytest
from viewflow.workflow.fields import get_task_ref

from workflows import checks, rules, transitions
from workflows.enums import Stage, Verb
from workflows.flows.attestation_v1 import AttestationV1
from workflows.models.case import WITH_SUPPLIER
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

PINNED = Path(__file__).with_name("pinned_names.txt")
EXITS = {Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL, Stage.WINDING_DOWN, Stage.DISENGAGED}
# README point 30: what the first issue wires
WIRED = {
    Verb.ISSUE,
    Verb.ACKNOWLEDGE,
    Verb.SUBMIT,
    Verb.SUBMIT_LATE,
    Verb.DECLINE,
    Verb.LAPSE,
    Verb.QUERY,
    Verb.REFER,
    Verb.ADVISE,
    Verb.RECOMMEND,
    Verb.ESCALATE,
    Verb.CLEAR,
}
STOPS = {Verb.WITHDRAW}


def nodes(flow, kind):
    return [node for node in flow.instance.nodes() if isinstance(node, kind)]


def edges(flow):
    """Every way of a flow as (verb, stage before, stage after)."""
    for task in nodes(flow, HumanTask):
        for verb, targets in task.ways.items():
            for target in targets:
                yield verb, task.stage, target.stage
    for deadline in nodes(flow, Deadline):
        yield Verb.LAPSE, deadline._attached_to.stage, deadline._next.stage
    for start in nodes(flow, CaseStart):
        yield Verb.ISSUE, Stage.DRAFT, start._next.stage


def table():
    return {
        (line.verb, source, target)
        for line in transitions.TABLE
        for source in line.sources
        for target in line.targets
    }


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_every_edge_of_a_flow_stands_in_the_table(flow):
    assert set(edges(flow)) - table() == set()


def test_the_verbs_wired_are_those_of_the_first_issue():
    assert {verb for flow in checks.FLOWS for verb, *_ends in edges(flow)} == WIRED
    assert {line.kind for line in transitions.TABLE if line.verb in STOPS} == {"stop"}


def test_of_a_wired_verb_every_way_to_a_stage_of_the_flow_is_wired():
    flow = set(edges(AttestationV1))
    stages = {task.stage for task in nodes(AttestationV1, HumanTask)} | {
        Stage.DRAFT,
        Stage.CLEARED,
    }
    asked = {
        (verb, source, target)
        for verb, source, target in table()
        if verb in WIRED and source in stages and target in stages
    }

    assert flow == asked


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_time_alone_leads_to_a_person_and_never_into_an_exit(flow):
    reached = {deadline._next for deadline in nodes(flow, Deadline)}

    assert {type(node) for node in reached} == {HumanTask}
    assert {node.stage for node in reached} & EXITS == set()
    by_clock = {
        target
        for line in transitions.TABLE
        if transitions.CLOCK in line.who
        for target in line.targets
    }
    assert by_clock & EXITS == set()


def test_each_stage_with_the_supplier_has_one_deadline_and_no_other_stage_has():
    found = {task.stage: len(task.deadlines) for task in nodes(AttestationV1, HumanTask)}

    assert found == {stage: int(stage in WITH_SUPPLIER) for stage in found}


def test_each_verb_on_an_edge_has_its_rule():
    missing = {
        verb
        for verb, *_ends in edges(AttestationV1)
        if not callable(getattr(rules, f"may_{verb.lower()}", None))
    }

    assert missing == set()


def test_a_node_is_named_as_its_stage_and_a_deadline_after_its_host():
    for task in nodes(AttestationV1, HumanTask):
        assert task.name == task.stage.lower()
    for deadline in nodes(AttestationV1, Deadline):
        assert deadline.name == f"{deadline._attached_to.name}_lapse"
    assert [(end.name, end.stage) for end in nodes(AttestationV1, CaseEnd)] == [
        ("cleared", Stage.CLEARED)
    ]


def test_names_in_the_database_are_only_ever_added():
    pinned = PINNED.read_text().split()
    now = sorted(get_task_ref(node) for flow in checks.FLOWS for node in flow.instance.nodes())

    assert pinned == sorted(set(pinned))
    assert set(pinned) - set(now) == set(), "a name that rows may hold is gone"
    assert set(now) - set(pinned) == set(), "write new names into pinned_names.txt"


def test_every_verb_and_stage_of_the_enums_stands_in_the_table():
    stages = {stage for line in transitions.TABLE for stage in (*line.sources, *line.targets)}

    assert {line.verb for line in transitions.TABLE} == set(Verb)
    assert stages == set(Stage)


@pytest.mark.parametrize(
    ("verb", "doers", "sources"),
    [
        (Verb.LAPSE, {"CLOCK"}, {"INSTRUCTED", "ANSWERING", "QUERIED"}),
        (Verb.SUBMIT_LATE, {"SIGNATORY"}, {"REVIEW", "EXIT_REVIEW", "EXIT_APPROVAL"}),
        (Verb.APPROVE_EXIT, {"APPROVER", "COUNSEL"}, {"EXIT_APPROVAL"}),
    ],
)
def test_who_and_whence_are_read_from_all_lines_of_a_verb(verb, doers, sources):
    assert transitions.doers(verb) == doers
    assert transitions.sources(verb) == sources


def test_a_stage_is_left_only_by_people_or_into_review():
    """What the clock does alone: time runs out, a plan is missed, a cleared case is renewed."""
    found = {
        (line.verb, target)
        for line in transitions.TABLE
        if transitions.CLOCK in line.who
        for target in line.targets
    }

    assert found == {
        (Verb.LAPSE, Stage.REVIEW),
        (Verb.REPORT, Stage.REVIEW),
        (Verb.RENEW, Stage.ANSWERING),
    }
