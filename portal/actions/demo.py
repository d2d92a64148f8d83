"""What only a demonstration can do: move its clock."""

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _

from portal import ledger
from portal.access import Refused
from portal.models import DemoClock

MOST_DAYS = 3650


@transaction.atomic
def forward(*, days: int, by: ledger.Actor) -> int:
    """Move the demonstration's clock `days` on; returns how far it is ahead, in days.

    Raises Refused outside a demonstration, or ten years ahead.
    """
    if not settings.EXTRICATE_DEMO:
        raise Refused(_("This is possible in a demonstration only."))
    DemoClock.objects.get_or_create(pk=1)
    row = DemoClock.objects.select_for_update().get(pk=1)
    if row.days + days > MOST_DAYS:
        raise Refused(_("The clock of this demonstration is ten years ahead: that is its end."))
    row.days += days
    row.save(update_fields=["days"])
    ledger.record("demo.clock_moved", by=by, on=ledger.installation(), data={"days": days})
    return row.days
