"""What the operator of an installation may do to work that was given up."""

from django.db import transaction
from django.utils.translation import gettext as _

from portal import ledger, rules, work
from portal.access import Conflict, require
from portal.models import User


@transaction.atomic
def retry(*, kind: str, row: str, by: User) -> None:
    """Let one row of background work be tried again; `kind` is its model's label.

    Raises Refused if `by` may not, Conflict if the row is not given up.
    """
    require(rules.may_operate(by))
    if not work.retry(kind, row):
        raise Conflict(_("This work is not given up: it is done, dropped or tried already."))
    ledger.record("work.retried", by=by, on=ledger.installation(), data={"kind": kind, "row": row})
