"""Going on in the other wording: the same keys, other texts; signatures never carry over."""

from django.db import transaction
from django.db.models import F

from portal import ledger
from portal.models import User
from questionnaires.enums import ResponseState
from questionnaires.models import Response, SectionDocument


@transaction.atomic
def reword(*, response: Response, wording: str, by: User) -> Response:
    """Show a response's form in another wording from now on; part of counsel's act.

    What was signed keeps the wording it was signed in. All revs move on, so that a save of a
    page in the old wording finds nothing. Source: domain note, section 4.
    """
    held = Response.objects.select_for_update().get(pk=response.pk)
    if held.state == ResponseState.CLOSED or held.wording == wording:
        return held
    before = held.wording
    SectionDocument.objects.filter(response=held).update(rev=F("rev") + 1)
    held.wording = wording
    held.save(update_fields=["wording"])
    ledger.record(
        "response.reworded",
        by=by,
        on=held,
        data={"response": str(held.pk), "before": str(before), "wording": str(wording)},
    )
    return held
