"""Asking for a whole form another time: part of the act that renews a case."""

from collections import Counter

from django.db import transaction
from django.utils.translation import gettext as _

from portal import clock, ledger
from portal.access import Conflict
from portal.models import User
from questionnaires import queries
from questionnaires.actions.reviewing import change_state
from questionnaires.enums import ResponseState
from questionnaires.models import Response, SectionDocument
from questionnaires.queries import Fate


@transaction.atomic
def ask_anew(*, response: Response, by: ledger.Actor) -> Response:
    """Open a signed or closed response again, with nothing in it that counts yet.

    What may hold on is shown to be confirmed, with the files to be used again; the rest is
    given anew. What was signed stays in its submission, and files stay with the case. Raises
    Conflict while the response is open.
    """
    response = Response.objects.select_for_update(of=("self",)).get(pk=response.pk)
    if response.state not in {ResponseState.SUBMITTED, ResponseState.CLOSED}:
        raise Conflict(_("These answers are open already."))
    list(response.documents.select_for_update().order_by("pk").values_list("pk", flat=True))
    draft = queries.draft(response)
    found = queries.asked_anew(draft)
    for section, document in draft.documents.items():
        document.data = found.documents[section]
    SectionDocument.objects.bulk_update(draft.documents.values(), ["data"])
    response.evidence_links.current().update(
        removed_at=clock.now(), removed_by=by if isinstance(by, User) else None
    )
    change_state(response, ResponseState.OPEN)
    counts = Counter(one.fate for one in found.answers)
    ledger.record(
        "response.asked_anew",
        by=by,
        on=response,
        data={
            "response": str(response.pk),
            "confirm": counts[Fate.CONFIRM],
            "anew": counts[Fate.LEFT],
        },
    )
    return response
