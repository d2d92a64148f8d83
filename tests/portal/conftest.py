"""What every test of this floor needs."""

import pytest

from portal import ledger_triggers


@pytest.fixture(autouse=True)
def _triggers_let_a_flush_through(request):
    """A test with real transactions ends in a flush, which the ledger's triggers refuse."""
    marker = request.node.get_closest_marker("django_db")
    if marker is None or not marker.kwargs.get("transaction"):
        yield
        return
    blocker = request.getfixturevalue("django_db_blocker")
    request.getfixturevalue("transactional_db")
    with blocker.unblock():
        ledger_triggers.install()
    yield
    with blocker.unblock():
        ledger_triggers.drop()
