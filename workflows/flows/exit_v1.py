from viewflow import this
from viewflow.workflow.base import Flow

from workflows.enums import Stage, Verb
from workflows.locks import RowLock
from workflows.models import CaseProcess
from workflows.nodes import CaseEnd, CaseStart, HumanTask


class ExitV1(Flow):
    """Responsible exit (B2, B3, B5) and the immediate track (B1); no clock leads in or on."""

    process_class = CaseProcess
    lock_impl = RowLock()

    propose = CaseStart(Verb.PROPOSE_EXIT).Next(this.exit_review)
    propose_immediate = CaseStart(Verb.PROPOSE_IMMEDIATE_EXIT).Next(this.exit_approval)

    exit_review = (
        HumanTask(Stage.EXIT_REVIEW)
        .On(Verb.ACCEPT_REPLY, this.returned)
        .On(Verb.SUBMIT_LATE, this.returned)
        .On(Verb.PRESENT_PLAN, this.exit_approval)
    )

    exit_approval = (
        HumanTask(Stage.EXIT_APPROVAL)
        .On(Verb.RETURN_EXIT, this.returned)
        .On(Verb.SUBMIT_LATE, this.returned)
        .On(Verb.APPROVE_EXIT, this.winding_down)
    )

    winding_down = (
        HumanTask(Stage.WINDING_DOWN)
        .On(Verb.HALT_EXIT, this.returned)
        .On(Verb.COMPLETE_EXIT, this.disengaged)
    )

    disengaged = CaseEnd(Stage.DISENGAGED)
    returned = CaseEnd()
