"""Background work of this floor: judge a piece of evidence, write a document."""

import tempfile
from pathlib import Path

from django_tasks import task

from documents import actions, inspection, scanner, storage
from documents.enums import EvidenceState
from documents.models import Evidence
from portal import work


@task(queue_name="heavy")
def inspect(pk: str) -> None:
    """Judge one file on one local copy, then release, hold or refuse it."""
    evidence = work.claim(Evidence, pk)
    if evidence is None:
        return
    if evidence.is_judged:
        work.drop(evidence, "it is judged already")
        return
    with work.retrying(evidence), tempfile.TemporaryDirectory(prefix="extricate-") as spool:
        work.held(evidence).update(state=EvidenceState.CHECKING)
        path = Path(spool) / "evidence"
        _copy_here(evidence, path)
        found = inspection.inspect(path, evidence.name)
        scanned = _scan(path)
        infected = scanned is not None and scanned.found
        if found.state == EvidenceState.RELEASED and scanned is not None and not infected:
            with path.open("rb") as file:
                storage.put("evidence", evidence.key, file)
        with work.finish(evidence):
            actions.settle(evidence=evidence, inspected=found, scanned=scanned)


def _copy_here(evidence: Evidence, path: Path) -> None:
    with storage.read("quarantine", evidence.key) as kept, path.open("wb") as copy:
        for piece in kept.chunks(1024 * 1024):
            copy.write(piece)


def _scan(path: Path) -> scanner.Scanned | None:
    try:
        return scanner.scan(path)
    except scanner.ScannerSilent:
        return None


@task(queue_name="heavy")
def render(pk: str) -> None:
    """Write one document and issue it."""
    actions.write(pk)
