"""How an open draft comes to a newer version: the buyer asks for it, the supplier does it."""

from collections import Counter
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict, require
from portal.models import User
from questionnaires import queries, rules
from questionnaires.actions.evidence import link
from questionnaires.actions.responding import change_rows, open_response
from questionnaires.actions.reviewing import change_state
from questionnaires.definition import QuestionType, Section
from questionnaires.enums import ResponseState
from questionnaires.models import (
    EvidenceLink,
    QuestionnaireVersion,
    Response,
    SectionDocument,
)
from questionnaires.queries import Fate


@transaction.atomic
def offer(*, response: Response, version: QuestionnaireVersion, by: User) -> Response:
    """Ask the supplier to use a newer version; its answers stay as they are until it does.

    The same version again changes nothing. Raises Refused, or Conflict when the answers are
    signed or the version is not the newest.
    """
    response = Response.objects.select_for_update(of=("self",)).get(pk=response.pk)
    require(rules.may_offer(by, response))
    newest = queries.newest(response)
    if newest is None or newest.pk != version.pk:
        raise Conflict(_("This is not the newest version. Please look at it again."))
    if response.offered_id == version.pk:
        return response
    response.offered, response.offered_by, response.offered_at = version, by, clock.now()
    response.save(update_fields=["offered", "offered_by", "offered_at"])
    ledger.record(
        "response.version_offered",
        by=by,
        on=response,
        data={
            "response": str(response.pk),
            "version": version.version,
            "sha256": version.sha256,
        },
    )
    return response


@transaction.atomic
def change_over(*, response: Response, by: User) -> Response:
    """Carry an open draft over to the version offered; returns the new response.

    The old one is closed with all that stood in it. What means the same stays, files too;
    what changed in meaning is shown to be confirmed; signatures never come along. Raises
    Refused or Conflict.
    """
    old = Response.objects.select_for_update(of=("self",)).get(pk=response.pk)
    require(rules.may_change_over(by, old))
    list(old.documents.select_for_update().order_by("pk").values_list("pk", flat=True))
    version = cast("QuestionnaireVersion", old.offered)  # the rule saw to it
    draft = queries.draft(old)
    found = queries.carried(draft, queries.questionnaire(version))
    new = open_response(
        buyer=old.buyer,
        supplier=old.supplier,
        chain=old.chain,
        version=version,
        wording=old.wording,
        language=old.language,
        by=by,
        due_on=old.due_on,
        previous=old,
    )
    new.state, new.begun_at = ResponseState.OPEN, old.begun_at
    new.save(update_fields=["state", "begun_at"])
    _write(new, draft, found)
    EvidenceLink.objects.bulk_create(
        EvidenceLink(
            response=new, path=one.path, evidence_id=one.evidence_id, by=by, at=clock.now()
        )
        for one in found.links
    )
    change_state(old, ResponseState.CLOSED)
    counts = Counter(one.fate for one in found.answers)
    ledger.record(
        "response.carried_over",
        by=by,
        on=new,
        data={
            "response": str(new.pk),
            "previous": str(old.pk),
            "version": version.version,
            "sha256": version.sha256,
            "stays": counts[Fate.STAYS],
            "confirm": [one.path for one in found.of(Fate.CONFIRM)],
            "left": [one.path for one in found.of(Fate.LEFT)],
        },
    )
    return new


def _write(new: Response, draft: queries.Draft, found: queries.Carried) -> None:
    """One document for each section, with who saved what stood there last."""
    made = []
    for section, data in found.documents.items():
        before = draft.documents.get(section)
        made.append(
            SectionDocument(
                response=new,
                section=section,
                data=data,
                updated_by=before.updated_by if before else None,
                updated_at=before.updated_at if before else None,
                language=before.language if before else "",
            )
        )
    SectionDocument.objects.bulk_create(made)


def confirm_rows(*, response: Response, section: str, by: User, language: str) -> int:
    """Confirm in one act what was carried over in all rows of a table; returns how many.

    Only answers that are asked at present count, and no files. Raises Refused or Conflict.
    """

    def write(table: tuple[dict[str, Any], Section]) -> int:
        content, asked = table
        waiting = queries.draft(response).to_confirm
        count = 0
        for row in content["rows"]:
            for question in asked.questions:
                path = question.path(row["id"])
                if path in waiting and question.type != QuestionType.FILE:
                    row["answers"][question.key] = waiting[path]
                    count += 1
        return count

    return int(change_rows(response, section, by, language, write))


def use_again(*, response: Response, path: str, by: User) -> list[EvidenceLink]:
    """Let files carried over answer the question at `path` again. Raises Refused or Conflict."""
    files = queries.draft(response).earlier_files.get(path)
    if files is None:
        raise Conflict(_("There is no such question."))
    return [link(response=response, path=path, evidence=one, by=by) for one in files]
