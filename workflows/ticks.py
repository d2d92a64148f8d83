"""What the clock begins by itself in this floor, in the actions' own words."""

import logging

from portal import clock
from portal.access import Conflict
from workflows import actions
from workflows.enums import Stage
from workflows.models import Case

logger = logging.getLogger(__name__)

SLICE = 200


def renew_due() -> int:
    """Ask cleared cases anew whose time has come, each in a transaction of its own."""
    due = Case.objects.filter(stage=Stage.CLEARED, renew_at__lte=clock.now())
    done = 0
    for case in due.order_by("renew_at", "pk")[:SLICE]:
        try:
            actions.renew(case=case, by=None)
        except Conflict:
            # somebody was faster, or holds it: the next tick asks again
            continue
        except Exception:
            logger.exception("renewing case %s failed", case.pk)
            continue
        done += 1
    return done


def duties() -> None:
    """Note duties whose clock ran out, and open those of the year; it moves no case."""
    actions.miss_due()
    actions.open_yearly()
