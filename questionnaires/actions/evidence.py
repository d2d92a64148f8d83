"""Files as answers: received by `documents`, linked to a question here."""

from django.core.files import File
from django.db import transaction
from django.utils.translation import gettext as _

from documents import actions as documents
from documents.actions.evidence import Description
from documents.models import Evidence
from portal import clock, ledger
from portal.access import Conflict, Refused, require
from portal.models import User
from questionnaires import queries, rules
from questionnaires.actions.reviewing import mark_answered
from questionnaires.definition import QuestionType, split_path
from questionnaires.enums import ResponseState
from questionnaires.models import EvidenceLink, Response


def attach(
    *, response: Response, path: str, file: File, described: Description, by: User
) -> EvidenceLink:
    """Receive a file and let it answer the file question at `path`.

    Call it outside a transaction: the file is stored first. The same file for the same
    question twice is one link. Raises Refused or Conflict.
    """
    _require_may_answer(response, path, by)
    evidence = documents.receive(
        chain=response.chain,
        buyer=response.buyer,
        supplier=response.supplier,
        by=by,
        file=file,
        described=described,
    )
    return link(response=response, path=path, evidence=evidence, by=by)


@transaction.atomic
def link(*, response: Response, path: str, evidence: Evidence, by: User) -> EvidenceLink:
    """Let a file that is here already answer the question at `path`, too.

    Raises Refused or Conflict; Conflict also for a file of another case.
    """
    now = Response.objects.select_for_update().get(pk=response.pk)
    _require_may_answer(now, path, by)
    if evidence.chain_id != now.chain_id:
        raise Conflict(_("This file belongs to another case."))
    found, is_new = EvidenceLink.objects.get_or_create(
        response=now,
        path=path,
        evidence=evidence,
        removed_at=None,
        defaults={"by": by, "at": clock.now()},
    )
    if is_new:
        mark_answered(now, [path])
        _record("evidence.linked", found, by)
    return found


@transaction.atomic
def detach(*, link: EvidenceLink, by: User) -> EvidenceLink:
    """Take a file away from a question; file and history stay. Raises Refused or Conflict."""
    now = Response.objects.select_for_update().get(pk=link.response_id)
    _require_may_answer(now, link.path, by)
    taken = EvidenceLink.objects.current().filter(pk=link.pk).first()
    if taken is None:
        raise Conflict(_("This file was taken away already."))
    taken.removed_at, taken.removed_by = clock.now(), by
    taken.save(update_fields=["removed_at", "removed_by"])
    _record("evidence.unlinked", taken, by)
    return taken


def _require_may_answer(response: Response, path: str, by: User) -> None:
    require(rules.may_edit(by, response))
    try:
        key, row = split_path(path)
    except ValueError as error:
        raise Conflict(_("There is no such question.")) from error
    draft = queries.draft(response)
    question = draft.questionnaire.questions.get(key)
    if question is None or question.type != QuestionType.FILE or question.path(row) != path:
        raise Conflict(_("There is no such question."))
    if path not in draft.visible:
        raise Conflict(_("This question is not asked at present. Check the answers before it."))
    if response.state == ResponseState.CORRECTING and not draft.may_change(path):
        raise Refused(_("Only the answers that were sent back can be changed."))


def _record(event: str, link: EvidenceLink, by: User) -> None:
    ledger.record(
        event,
        by=by,
        on=link.response,
        data={
            "response": str(link.response_id),
            "path": link.path,
            "evidence": str(link.evidence_id),
        },
    )
