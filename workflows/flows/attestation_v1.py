from viewflow import this
from viewflow.workflow.base import Flow

from workflows import moves
from workflows.enums import Stage, Verb
from workflows.locks import RowLock
from workflows.models import CaseProcess
from workflows.nodes import CaseEnd, CaseStart, Deadline, HumanTask


class AttestationV1(Flow):
    """Instruction and attestation, clause B(4)."""

    process_class = CaseProcess
    lock_impl = RowLock()

    issue = CaseStart().Next(this.instructed)

    instructed = (
        HumanTask(Stage.INSTRUCTED)
        .On(Verb.ACKNOWLEDGE, this.answering)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
    )
    instructed_lapse = Deadline(this.instructed, moves.note_lapse).Next(this.review)

    answering = (
        HumanTask(Stage.ANSWERING)
        .On(Verb.SUBMIT, this.review)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
    )
    answering_lapse = Deadline(this.answering, moves.note_lapse).Next(this.review)

    queried = (
        HumanTask(Stage.QUERIED)
        .On(Verb.SUBMIT, this.review)
        .On(Verb.DECLINE, this.review)
        .On(Verb.REFER, this.with_counsel)
    )
    queried_lapse = Deadline(this.queried, moves.note_lapse).Next(this.review)

    with_counsel = HumanTask(Stage.WITH_COUNSEL).On(
        Verb.ADVISE, this.instructed, this.answering, this.queried, this.review
    )

    review = (
        HumanTask(Stage.REVIEW)
        .On(Verb.RECOMMEND, this.review)
        .On(Verb.ESCALATE, this.review)
        .On(Verb.SUBMIT_LATE, this.review)
        .On(Verb.QUERY, this.queried)
        .On(Verb.REFER, this.with_counsel)
        .On(Verb.CLEAR, this.cleared)
    )
    cleared = CaseEnd(Stage.CLEARED)
