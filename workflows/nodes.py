"""The four kinds of node our flows are made of (engine note, 2.3)."""

from collections.abc import Callable, Iterator
from typing import Any

from viewflow import this
from viewflow.workflow import STATUS
from viewflow.workflow.activation import Activation
from viewflow.workflow.base import Edge
from viewflow.workflow.exceptions import FlowRuntimeError
from viewflow.workflow.models import Task
from viewflow.workflow.nodes import StartHandle, TerminateEnd, View, ViewActivation
from viewflow.workflow.nodes.boundary import TimerBoundary, TimerBoundaryActivation
from viewflow.workflow.nodes.end import TerminateEndActivation

from portal import clock
from portal.access import Verdict, require
from workflows import rules
from workflows.enums import Stage, Verb
from workflows.models import Case, CaseRun


class HumanTaskActivation(ViewActivation):
    @classmethod
    def create(
        cls,
        flow_task: "HumanTask",
        prev_activation: Activation,
        token: Any,
        data: Any = None,
        seed: Any = None,
    ) -> "HumanTaskActivation":
        activation = super().create(flow_task, prev_activation, token, data=data, seed=seed)
        activation.process.case.enter(flow_task.stage)
        activation.process.case.save()  # with all that the action changed
        return activation

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def finish(self, by: Any, verb: Verb, to: str | None = None) -> None:
        """Ask the rule under the lock, then follow the verb.

        Raises Refused or Conflict from the rule, FlowRuntimeError if the verb leads nowhere.
        """
        require(self.flow_task.rule(verb)(by, self.process.case))
        self.way = self.flow_task.way(verb, to)
        self.process.case.last_verb = verb
        self.task.started = clock.now()
        self.execute()

    @Activation.status.transition(source=STATUS.NEW, target=STATUS.STARTED)
    def again(self) -> None:
        """End this task and open the same one anew, so that no old page can act on it."""
        self.way = self.flow_task
        self.task.started = clock.now()
        self.execute()

    @Activation.status.super()
    def create_next(self) -> Iterator[Activation]:
        yield self.way._create(self, self.task.token)  # noqa: SLF001 - viewflow's own call

    @Activation.status.super()
    def cancel(self) -> None:
        super().cancel.original()
        for deadline in self.flow_task.deadlines:
            deadline.disarm(self.task)

    def never(self, *_: Any) -> None:
        raise FlowRuntimeError("a human task is finished or cancelled, nothing else")

    assign = start = revive = undo = never


class HumanTask(View):
    """A stage that waits for a person; `On(verb, *nodes)` names where each verb leads."""

    activation_class = HumanTaskActivation

    def __init__(self, stage: Stage) -> None:
        super().__init__(view=None)
        self.stage = stage
        self.ways: dict[Verb, Any] = {}

    def On(self, verb: Verb, *nodes: Any) -> "HumanTask":  # noqa: N802 - viewflow's style
        self.ways[verb] = nodes
        return self

    @property
    def deadlines(self) -> list["Deadline"]:
        return self._boundary_events

    def way(self, verb: Verb, to: str | None = None) -> Any:
        found = [node for node in self.ways.get(verb, ()) if to in (None, node.name)]
        if len(found) != 1:
            raise FlowRuntimeError(f"{self.name}: {verb} leads to {len(found)} places")
        return found[0]

    def rule(self, verb: Verb) -> Callable[[Any, Case], Verdict]:
        return getattr(rules, f"may_{verb.lower()}")

    def can_assign(self, *_: Any) -> bool:
        return False

    def _resolve(self, instance: Any) -> None:
        super()._resolve(instance)
        for verb, targets in self.ways.items():
            self.ways[verb] = [this.resolve(instance, node) for node in targets]

    def _outgoing(self) -> Iterator[Edge]:
        for verb, targets in self.ways.items():
            for node in targets:
                yield Edge(src=self, dst=node, edge_class="next", label=verb)


class DeadlineActivation(TimerBoundaryActivation):
    @Activation.status.transition(source=STATUS.SCHEDULED, target=STATUS.DONE)
    def fire(self) -> None:
        """Take the way of time in one transaction, whole or not at all.

        viewflow's own timer swallows what fails behind it; here a failure undoes the firing.
        """
        host = self.flow_task._attached_to  # noqa: SLF001 - the only way to the host
        human = Task.objects.filter(process=self.process, flow_task=host, status=STATUS.NEW)
        now = clock.now()
        if human.update(status=STATUS.CANCELED, finished=now) != 1:
            raise FlowRuntimeError(f"{host.name} is not open")
        self.task.started = self.task.finished = now
        self.task.save()
        self.process.case.last_verb = self.flow_task.verb
        self.flow_task.note(self.process.case)
        self.activate_next()


class Deadline(TimerBoundary):
    """The interrupting deadline of a supplier's stage, armed at the case's `lapse_at`.

    `note` is called when it fires, in the same transaction; `verb` is what time did.
    """

    activation_class = DeadlineActivation

    def __init__(
        self, attached_to: Any, note: Callable[[Case], None], verb: Verb = Verb.LAPSE
    ) -> None:
        super().__init__(attached_to, delay=None)
        self.note = note
        self.verb = verb

    def _arm(self, host: HumanTaskActivation) -> None:
        armed = Task.objects.create(
            process=host.process,
            flow_task=self,
            status=STATUS.SCHEDULED,
            scheduled=host.process.case.lapse_at,
            token=host.task.token,
        )
        armed.previous.add(host.task)

    def disarm(self, host: Task) -> None:
        armed = Task.objects.filter(process=host.process, flow_task=self, status=STATUS.SCHEDULED)
        armed.update(status=STATUS.CANCELED, finished=clock.now())

    def _on_host_finished(self, *, task: Task, **_: Any) -> None:
        if task.flow_task == self._attached_to:
            self.disarm(task)


class CaseStart(StartHandle):
    """Opens a run: process first, then its CaseRun, since deadline and lock need both.

    `verbs` are those that begin here, for charts and tests.
    """

    def __init__(self, *verbs: Verb) -> None:
        super().__init__(self.open_run)
        self.verbs = verbs

    @staticmethod
    def open_run(activation: Any, *, case: Case, by: Any, reason: str = "") -> CaseRun:
        activation.process.save()
        return CaseRun.objects.create(
            case=case,
            process=activation.process,
            opened_by=by,
            opened_at=clock.now(),
            reason=reason,
        )


class CaseEndActivation(TerminateEndActivation):
    @Activation.status.super()
    def activate(self) -> None:
        run = self.process.run
        run.closed_at, run.outcome = clock.now(), self.flow_task.stage or self.flow_task.name
        run.save(update_fields=["closed_at", "outcome"])
        if self.flow_task.stage:
            run.case.enter(self.flow_task.stage)
        run.case.save()
        super().activate.original()


class CaseEnd(TerminateEnd):
    """Closes the run and sets the stage; without one, the next run does."""

    activation_class = CaseEndActivation

    def __init__(self, stage: Stage | None = None) -> None:
        super().__init__()
        self.stage = stage
