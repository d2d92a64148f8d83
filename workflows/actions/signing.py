"""Signing: what binds a company, in time or late, agreeing or declining."""

from dataclasses import dataclass

from django.contrib.sessions.backends.base import SessionBase

from documents.actions import request_dossier
from portal import clock, ledger
from portal.access import Conflict, require
from portal.actions import step_up
from portal.models import StepUp, User
from questionnaires import actions as answers
from questionnaires.models import Submission
from workflows import collect, engine, mail, queries, rules
from workflows.actions import raising
from workflows.enums import Verb
from workflows.models import Case, Decision


@dataclass(frozen=True)
class Signature:
    """Who signs, as typed, and the fresh code; the code names the hash of what was shown.

    `reply` is the code taken when declining, else empty.
    """

    name: str
    title: str
    authority: str
    language: str
    statements: tuple[str, ...]
    step_up: StepUp
    code: str
    session: SessionBase
    reply: str = ""


def submit(*, case: Case, task: int, by: User, signature: Signature) -> Submission:
    """Sign and submit, in time or late; the code must fit the hash of exactly what is signed.

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
        _arrive(held, by, frozen, signature, "case.submitted")
        step.finish(by, verb)
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
    case.reply_code = ""
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
        },
        words={
            "name": signature.name,
            "title": signature.title,
            "authority": signature.authority,
        },
    )
    raising.from_submission(case, frozen)


def _no_longer_late(case: Case) -> None:
    """Forget the lapse once the step is done: until then the rule on late answers reads it."""
    if case.lapsed_at is not None:
        case.lapsed_at = None
        case.save(update_fields=["lapsed_at"])


def _ask_receipt(case: Case, frozen: Submission, by: User) -> None:
    request_dossier(
        chain=case.chain,
        buyer=case.buyer,
        supplier=case.supplier,
        content=collect.receipt(case, frozen),
        by=by,
    )
