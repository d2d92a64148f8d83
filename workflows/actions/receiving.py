"""A file that belongs to a case, kept before the case is held."""

from django.core.files import File

from documents import actions as documents
from documents.actions.evidence import Arrival, Description
from documents.models import Evidence
from portal.models import User
from workflows import engine
from workflows.models import Case

UPLOADED = Arrival()


def receive(
    *, case: Case, by: User, file: File, described: Description, arrival: Arrival = UPLOADED
) -> Evidence:
    """Keep a file of a case and have it judged; whether `by` may is the caller's rule.

    The same file sent twice is one. Raises Conflict.
    """
    with engine.unhindered():
        return documents.receive(
            chain=case.chain,
            buyer=case.buyer,
            supplier=case.supplier,
            by=by,
            file=file,
            described=described,
            arrival=arrival,
        )
