"""The flows are the transition table; their names are kept for ever."""

from pathlib import Path

import pytest
from viewflow.workflow.fields import get_task_ref

from workflows import checks, rules, transitions
from workflows.enums import Stage, Verb
from workflows.models.case import TIMED
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask

PINNED = Path(__file__).with_name("pinned_names.txt")
EXITS = {Stage.EXIT_REVIEW, Stage.EXIT_APPROVAL, Stage.WINDING_DOWN, Stage.DISENGAGED}
STOPS = {Verb.WITHDRAW, Verb.CLOSE}
# ends at which the action opens a run of the other flow, in the same transaction
HAND_OVERS = {
    ("exit_proposed", Verb.PROPOSE_EXIT): Stage.EXIT_REVIEW,
    ("exit_proposed", Verb.PROPOSE_IMMEDIATE_EXIT): Stage.EXIT_APPROVAL,
    ("returned", Verb.ACCEPT_REPLY): Stage.REVIEW,
    ("returned", Verb.RETURN_EXIT): Stage.REVIEW,
    ("returned", Verb.HALT_EXIT): Stage.REVIEW,
    ("returned", Verb.SUBMIT_LATE): Stage.REVIEW,
}


def nodes(flow, kind):
    return [node for node in flow.instance.nodes() if isinstance(node, kind)]


def edges(flow):
    """Every way of a flow as (verb, stage before, stage after)."""
    for task in nodes(flow, HumanTask):
        for verb, targets in task.ways.items():
            for target in targets:
                yield verb, task.stage, target.stage or HAND_OVERS[target.name, verb]
    for deadline in nodes(flow, Deadline):
        yield deadline.verb, deadline._attached_to.stage, deadline._next.stage


def starts(flow):
    """Every verb that begins a run, as (verb, stage after)."""
    for start in nodes(flow, CaseStart):
        for verb in start.verbs:
            yield verb, start._next.stage


def test_the_edges_of_the_flows_are_those_of_the_table():
    wired = {edge for flow in checks.FLOWS for edge in edges(flow)}
    asked = {
        (line.verb, source, target)
        for line in transitions.TABLE
        if line.kind in {"edge", "self"}
        for source in line.sources
        for target in line.targets
    }

    assert wired == asked


def test_the_starts_of_the_flows_are_those_of_the_table():
    """An exit's run is opened by the verb that ends the run before it."""
    wired = {start for flow in checks.FLOWS for start in starts(flow)}
    asked = {
        (line.verb, target)
        for line in transitions.TABLE
        if line.kind == "start" or line.verb in {Verb.PROPOSE_EXIT, Verb.PROPOSE_IMMEDIATE_EXIT}
        for target in line.targets
    }

    assert wired == asked


def test_what_no_flow_wires_stops_a_run_from_outside():
    wired = {verb for flow in checks.FLOWS for verb, *_ends in (*edges(flow), *starts(flow))}

    assert set(Verb) - wired == STOPS
    assert {line.verb for line in transitions.TABLE if line.kind == "stop"} == STOPS


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_time_alone_leads_to_a_person_and_never_into_an_exit(flow):
    reached = {deadline._next for deadline in nodes(flow, Deadline)}

    assert {type(node) for node in reached} <= {HumanTask}
    assert {node.stage for node in reached} & EXITS == set()
    by_clock = {
        target
        for line in transitions.TABLE
        if transitions.CLOCK in line.who
        for target in line.targets
    }
    assert by_clock & EXITS == set()


def test_each_stage_that_time_may_end_has_one_deadline_and_no_other_stage_has():
    tasks = [task for flow in checks.FLOWS for task in nodes(flow, HumanTask)]

    found = {task.stage: len(task.deadlines) for task in tasks}

    assert found == {stage: int(stage in TIMED) for stage in found}


def test_each_verb_on_an_edge_has_its_rule():
    missing = {
        verb
        for flow in checks.FLOWS
        for verb, *_ends in edges(flow)
        if not callable(getattr(rules, f"may_{verb.lower()}", None))
    }

    assert missing == set()


@pytest.mark.parametrize("flow", checks.FLOWS)
def test_a_node_is_named_as_its_stage_and_a_deadline_after_its_host(flow):
    for task in nodes(flow, HumanTask):
        assert task.name == task.stage.lower()
    for deadline in nodes(flow, Deadline):
        assert deadline.name == f"{deadline._attached_to.name}_lapse"
    for end in nodes(flow, CaseEnd):
        assert end.name == (end.stage.lower() if end.stage else end.name)
        assert end.stage or end.name in {name for name, _verb in HAND_OVERS}


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
