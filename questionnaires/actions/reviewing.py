"""What goes back and forth about answers: corrections and comments."""

from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import queries, rules
from questionnaires.definition import split_path
from questionnaires.enums import CommentAudience, ResponseState
from questionnaires.models import Comment, Correction, Response, SectionDocument


@transaction.atomic
def reopen(
    *, response: Response, paths_with_reasons: Mapping[str, str], by: User
) -> list[Correction]:
    """Send named answers back, each with its reason; part of the act that queries a case.

    A path is a question's, or `table[*]` for a whole table. Only these, and what they
    reveal, can be changed until all is signed anew. Raises Refused or Conflict.
    """
    response = Response.objects.select_for_update().get(pk=response.pk)
    require(rules.may_reopen(by, response))
    known = queries.draft(response)
    unknown = [path for path in paths_with_reasons if not _is_known(known, path)]
    if unknown or not paths_with_reasons:
        raise Conflict(_("Choose the answers that go back to the supplier."))
    submission = response.submissions.order_by("-number").first()
    if submission is None:
        raise Conflict(_("Nothing was signed yet."))
    corrections = Correction.objects.bulk_create(
        Correction(submission=submission, path=path, reason=reason, by=by, at=clock.now())
        for path, reason in paths_with_reasons.items()
    )
    change_state(response, ResponseState.CORRECTING)
    ledger.record(
        "response.sent_back",
        by=by,
        on=response,
        data={"response": str(response.pk), "paths": sorted(paths_with_reasons)},
        words={f"reason {n}": c.reason for n, c in enumerate(corrections, 1)},
    )
    return corrections


def _is_known(draft: queries.Draft, path: str) -> bool:
    if path.endswith("[*]"):
        return path.removesuffix("[*]") in draft.questionnaire.tables
    try:
        key, row = split_path(path)
    except ValueError:
        return False
    question = draft.questionnaire.questions.get(key)
    return question is not None and question.path(row) == path


@transaction.atomic
def withdraw_correction(*, correction: Correction, by: User) -> Correction:
    """Take a mark back; it stays in the history. Raises Refused or Conflict."""
    response = Response.objects.select_for_update().get(pk=correction.submission.response_id)
    if response.state != ResponseState.CORRECTING or correction.withdrawn_at:
        raise Conflict(_("This mark can't be taken back now."))
    require(rules.may_comment(by, response, CommentAudience.BUYER))
    correction.withdrawn_at = clock.now()
    correction.save(update_fields=["withdrawn_at"])
    ledger.record(
        "response.mark_withdrawn",
        by=by,
        on=response,
        data={"response": str(response.pk), "path": correction.path},
    )
    return correction


@transaction.atomic
def comment(*, response: Response, path: str = "", audience: str, text: str, by: User) -> Comment:
    """Write beside one answer, or with an empty path beside the whole. Raises Refused."""
    require(rules.may_comment(by, response, audience))
    written = Comment.objects.create(
        response=response, path=path, audience=audience, text=text, by=by, at=clock.now()
    )
    hidden = {"text": text}
    is_counsels = audience == CommentAudience.COUNSEL
    ledger.record(
        "response.commented",
        by=by,
        on=response,
        data={"response": str(response.pk), "path": path, "audience": str(audience)},
        words={} if is_counsels else hidden,
        counsel=hidden if is_counsels else {},
    )
    return written


@transaction.atomic
def close(*, response: Response, by: ledger.Actor) -> Response:
    """End a response for good: withdrawn, or replaced by another. Harmless twice."""
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.state == ResponseState.CLOSED:
        return response
    change_state(response, ResponseState.CLOSED)
    ledger.record("response.closed", by=by, on=response, data={"response": str(response.pk)})
    return response


def mark_answered(response: Response, paths: Collection[str]) -> None:
    """Note that answers which were sent back were given again, or a table's row was."""
    if response.state != ResponseState.CORRECTING:
        return
    whole = {f"{path.partition('[')[0]}[*]" for path in paths if "[" in path}
    rows = Correction.objects.standing().filter(submission__response=response)
    rows.filter(path__in=[*paths, *whole], answered_at=None).update(answered_at=clock.now())


def change_state(response: Response, state: ResponseState) -> None:
    """Move a locked response; all revs move on, so that a save under way finds nothing."""
    SectionDocument.objects.filter(response=response).update(rev=F("rev") + 1)
    response.state = state
    response.save(update_fields=["state"])
