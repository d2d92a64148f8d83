"""Reading across the models of this floor: whether the files are where the rows say."""

from documents import storage
from documents.models import Dossier, Evidence

NEWEST = 3


def newest_files_are_here() -> bool:
    """Tell whether the storage holds any of the newest files of either kind.

    Also true where the database knows none. Raises StorageSilent.
    """
    evidence = Evidence.objects.kept().order_by("-received_at")[:NEWEST]
    written = Dossier.objects.issued().order_by("-issued_at")[:NEWEST]
    sent: list[tuple[storage.Place, str]] = [(row.place, row.key) for row in evidence]
    issued: list[tuple[storage.Place, str]] = [("dossiers", row.key) for row in written]
    return all(
        any(storage.holds(place, key) for place, key in known) for known in (sent, issued) if known
    )
