"""Signing: what binds a company, in time or late, agreeing or declining."""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase

from documents.actions import request_dossier
from portal import clock, ledger
from portal.access import Conflict, require
from portal.actions import step_up
from portal.actions.step_up import Proof
from portal.models import StepUp, User
from questionnaires import actions as answers
from questionnaires.models import Submission
from workflows import collect, engine, mail, queries, rules
from workflows.actions import duty_opening, raising, returning
from workflows.enums import Verb
from workflows.models import Case, Decision


@dataclass(frozen=True)
class Signature:
    """Who signs, as typed, and the fresh code or passkey, bound to the hash of what was shown.

    `reply` is the code taken when declining, else empty.
    """

    name: str
    title: str
    authority: str
    language: str
    statements: tuple[str, ...]
    step_up: StepUp
    code: Proof
    session: SessionBase
    reply: str = ""


def submit(*, case: Case, task: int, by: User, signature: Signature) -> Submission:
    """Sign and submit, in time or late; the code must fit the hash of exactly what is signed.

    A late answer takes an exit that is not approved back to review.

    Raises Refused, or Conflict if the answers changed since the code was asked for, a file
    is not yet judged, or the step was taken.
    """
    _confirm(signature)
    is_late = rules.may_still_answer(case)
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        verb = Verb.SUBMIT_LATE if is_late else Verb.SUBMIT
        require((rules.may_submit_late if is_late else rules.may_submit)(by, held))
        frozen = answers.freeze(
            response=held.response,
            by=by,
            statements=signature.statements,
            language=signature.language,
            name=signature.name,
            title=signature.title,
            authority=signature.authority,
            expected=signature.step_up.content_hash,
        )
        in_exit = held.stage in returning.PROPOSED
        if in_exit:
            returning.take_back(held, verb)
        _arrive(held, by, frozen, signature, "case.submitted")
        step.finish(by, verb)
        if in_exit:
            returning.by_late_answer(held, by, frozen.number)
        _no_longer_late(held)
        mail.case_submitted(held, frozen)
        _ask_receipt(held, frozen, by)
    return frozen


def prepare_decline(*, case: Case, by: User) -> Case:
    """Open section 5 for the short path, also before the request was acknowledged."""
    with engine.locked(case) as held:
        require(rules.may_prepare_decline(by, held))
        answers.begin(response=queries.response_of(held))
    return held


def decline(*, case: Case, task: int, by: User, signature: Signature) -> Submission:
    """Decline by the short path: section 5 alone, signed; a refusal is never a failure to act.

    Source: README point 15; domain note, section 8.
    """
    _confirm(signature)
    with engine.holding(case, task, case.stage.lower()) as step:
        held = step.process.case
        require(rules.may_decline(by, held))
        frozen = answers.freeze_decline(
            response=held.response,
            by=by,
            reply=signature.reply,
            language=signature.language,
            name=signature.name,
            title=signature.title,
            authority=signature.authority,
            expected=signature.step_up.content_hash,
        )
        _arrive(held, by, frozen, signature, "case.declined")
        held.declined_at = held.submitted_at
        step.finish(by, Verb.DECLINE)
        _no_longer_late(held)
        mail.case_submitted(held, frozen)
        _ask_receipt(held, frozen, by)
    return frozen


class WrongCode(Conflict):
    """The code is not right, or can no longer be used; nothing else stands in the way."""


def _confirm(signature: Signature) -> None:
    with engine.unhindered():
        verdict = step_up.confirm(
            step_up=signature.step_up, code=signature.code, session=signature.session
        )
    if not verdict:
        raise WrongCode(verdict.sentence)


def _arrive(case: Case, by: User, frozen: Submission, signature: Signature, event: str) -> None:
    """Spend the code on exactly what was frozen, and bring the case before an analyst."""
    spent = step_up.spend(
        step_up=signature.step_up,
        code=signature.code,
        content_hash=frozen.sha256,
        session=signature.session,
    )
    now = clock.now()
    case.submitted_at, case.signatory = now, by
    case.reply_code, case.reply_code_at, case.reply_until = "", None, None
    case.constraint_outcome = ""
    case.proposed_by = case.proposed_at = None
    case.escalated_to, case.escalated_person, case.escalated_at = "", None, None
    case.next_act_at = case.ours_by(now, case.policy.review_days)
    Decision.objects.filter(case=case, verb=Verb.RECOMMEND).update(is_stale=True)
    ledger.record(
        event,
        by=by,
        on=case,
        data={
            "submission": str(frozen.pk),
            "number": frozen.number,
            "sha256": frozen.sha256,
            "language": frozen.language,
            "step_up": spent.method,
            **_own_key(spent),
        },
        words={
            "name": signature.name,
            "title": signature.title,
            "authority": signature.authority,
        },
    )
    raising.from_submission(case, frozen)
    duty_opening.from_submission(case, frozen, by)


def _own_key(spent: StepUp) -> dict[str, object]:
    """Return what the signatory's passkey signed, for the record: nothing after a mailed code."""
    if not spent.assertion:
        return {}
    return {"passkey": spent.assertion | {"step_up": str(spent.pk)}}


def _no_longer_late(case: Case) -> None:
    """Forget the lapse once the step is done: until then the rule on late answers reads it."""
    if case.lapsed_at is not None or case.left_open_at is not None:
        case.lapsed_at = case.left_open_at = None
        case.save(update_fields=["lapsed_at", "left_open_at"])


def _ask_receipt(case: Case, frozen: Submission, by: User) -> None:
    request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.receipt(case, frozen),
        by=by,
    )
