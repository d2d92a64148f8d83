"""Keeping a form open while its case is not decided, and shutting it after: parts of an exit."""

from django.db import transaction

from portal import ledger
from questionnaires.actions.reviewing import change_state
from questionnaires.enums import ResponseState
from questionnaires.models import Response


@transaction.atomic
def open_again(*, response: Response, by: ledger.Actor) -> Response:
    """Let the supplier change and sign anew what was signed or shut. Harmless while it is open.

    What nobody acknowledged waits for that, as before.
    """
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.is_open or response.state == ResponseState.WAITING:
        return response
    has_begun = response.begun_at is not None
    change_state(response, ResponseState.OPEN if has_begun else ResponseState.WAITING)
    ledger.record("response.opened_again", by=by, on=response, data={"response": str(response.pk)})
    return response


@transaction.atomic
def shut(*, response: Response, by: ledger.Actor) -> Response:
    """End an open form without a new signature; drafts are kept, and what was signed stands.

    Harmless twice.
    """
    response = Response.objects.select_for_update().get(pk=response.pk)
    if response.state in {ResponseState.SUBMITTED, ResponseState.CLOSED}:
        return response
    was_signed = response.submissions.exists()
    change_state(response, ResponseState.SUBMITTED if was_signed else ResponseState.CLOSED)
    ledger.record("response.shut", by=by, on=response, data={"response": str(response.pk)})
    return response
