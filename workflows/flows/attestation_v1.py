from viewflow import this
from viewflow.workflow.base import Flow

from workflows import moves
from workflows.enums import Stage, Verb
from workflows.locks import RowLock
from workflows.models import CaseProcess
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask


class AttestationV1(Flow):
    """Instruction and attestation, clause B(4); an exit is a run of another flow."""

    process_class = CaseProcess
    lock_impl = RowLock()

    issue = CaseStart(Verb.ISSUE).Next(this.instructed)
    renew = CaseStart(Verb.RENEW).Next(this.answering)
    reopen = CaseStart(Verb.RAISE_FINDING, Verb.OPEN_REENTRY).Next(this.review)

    instructed = (
        HumanTask(Stage.INSTRUCTED)
        .On(Verb.ACKNOWLEDGE, this.answering)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
        .On(Verb.RAISE_FINDING, this.review)
    )
    instructed_lapse = Deadline(this.instructed, moves.note_lapse).Next(this.review)

    answering = (
        HumanTask(Stage.ANSWERING)
        .On(Verb.SUBMIT, this.review)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
        .On(Verb.RAISE_FINDING, this.review)
    )
    answering_lapse = Deadline(this.answering, moves.note_lapse).Next(this.review)

    queried = (
        HumanTask(Stage.QUERIED)
        .On(Verb.SUBMIT, this.review)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
        .On(Verb.RAISE_FINDING, this.review)
    )
    queried_lapse = Deadline(this.queried, moves.note_lapse).Next(this.review)

    with_counsel = (
        HumanTask(Stage.WITH_COUNSEL)
        .On(
            Verb.ADVISE,
            this.instructed,
            this.answering,
            this.queried,
            this.review,
            this.remediation,
        )
        .On(Verb.RAISE_FINDING, this.review)
    )

    review = (
        HumanTask(Stage.REVIEW)
        .On(Verb.RECOMMEND, this.review)
        .On(Verb.ESCALATE, this.review)
        .On(Verb.SUBMIT_LATE, this.review)
        .On(Verb.QUERY, this.queried)
        .On(Verb.REFER, this.with_counsel)
        .On(Verb.CLEAR, this.cleared)
        .On(Verb.AGREE_PLAN, this.remediation)
        .On(Verb.SUSPEND, this.suspended)
        .On(Verb.PROPOSE_EXIT, this.exit_proposed)
        .On(Verb.PROPOSE_IMMEDIATE_EXIT, this.exit_proposed)
    )

    remediation = (
        HumanTask(Stage.REMEDIATION)
        .On(Verb.REPORT, this.review)
        .On(Verb.SUSPEND, this.suspended)
        .On(Verb.PROPOSE_EXIT, this.exit_proposed)
        .On(Verb.PROPOSE_IMMEDIATE_EXIT, this.exit_proposed)
    )
    remediation_lapse = Deadline(this.remediation, moves.note_missed, Verb.REPORT).Next(
        this.review
    )

    suspended = (
        HumanTask(Stage.SUSPENDED)
        .On(Verb.RESUME, this.remediation, this.review)
        .On(Verb.PROPOSE_EXIT, this.exit_proposed)
        .On(Verb.PROPOSE_IMMEDIATE_EXIT, this.exit_proposed)
    )

    cleared = CaseEnd(Stage.CLEARED)
    exit_proposed = CaseEnd()
