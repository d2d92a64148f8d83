from django.db.models import QuerySet

from workflows.enums import ExtensionState
from workflows.models import Case, Extension


def extensions_of(case: Case) -> QuerySet[Extension]:
    """Return what was asked, taken and given of time since the case was sent, newest first."""
    rows = Extension.objects.filter(case=case).select_related("by", "decided_by")
    if case.asked_at is not None:
        rows = rows.filter(at__gte=case.asked_at)
    return rows.order_by("-at", "pk")


def has_taken_time(case: Case) -> bool:
    """Whether the supplier already took the one extension that needs no reason."""
    return extensions_of(case).filter(state=ExtensionState.TAKEN).exists()


def asked_for_time(case: Case) -> Extension | None:
    """Return the wish for more time that nobody answered yet."""
    if case.wish_on is None:
        return None
    return extensions_of(case).filter(state=ExtensionState.ASKED).first()
