"""A real clamd with one signature of this test's own; nothing is asked of anybody outside."""

import pytest

from documents import scanner, storage, tasks
from documents.actions.evidence import Description, receive
from documents.enums import EvidenceKind, EvidenceState, Problem, Scan
from tests import servers
from tests.documents import hostile


@pytest.fixture(scope="module")
def daemon():
    with servers.clamd() as server:
        yield server


@pytest.fixture
def clamd(daemon, settings):
    settings.CLAMD = f"127.0.0.1:{daemon.port}"
    return daemon


def scan(tmp_path, content):
    path = tmp_path / "file"
    path.write_bytes(content)
    return scanner.scan(path)


def test_a_clean_file_is_clean_and_the_scanner_is_named(clamd, tmp_path):
    found = scan(tmp_path, b"harmless")

    assert found.result == Scan.CLEAN
    assert found.database.startswith("ClamAV ")


def test_the_virus_is_named(clamd, tmp_path):
    found = scan(tmp_path, b"before " + servers.VIRUS + b" after")

    assert (found.result, found.found) == (Scan.INFECTED, "Demo.Virus.UNOFFICIAL")


def test_what_is_past_its_limit_is_not_called_clean(clamd, tmp_path):
    with pytest.raises(scanner.ScannerSilent):
        scan(tmp_path, bytes(3 * 1024 * 1024))


@pytest.fixture
def judged(chain, supplier, contact, django_capture_on_commit_callbacks):
    from django.core.files.base import ContentFile

    def sent(content):
        row = receive(
            chain=chain,
            buyer=supplier.buyer,
            supplier=supplier,
            by=contact,
            file=ContentFile(content, name="a.txt"),
            described=Description(kind=EvidenceKind.INVOICE, issuer="Demo Spinning"),
        )
        with django_capture_on_commit_callbacks(execute=True):
            tasks.inspect.call(str(row.pk))
        row.refresh_from_db()
        return row

    return sent


@pytest.mark.django_db
def test_an_infected_file_is_refused_and_its_bytes_are_gone(clamd, judged, chain):
    row = judged(b"an invoice " + servers.VIRUS)

    assert (row.state, row.problem) == (EvidenceState.REFUSED, Problem.INFECTED)
    assert (row.scan, row.detail) == (Scan.INFECTED, "Demo.Virus.UNOFFICIAL")
    assert not storage.holds("quarantine", row.key)
    assert not storage.holds("evidence", row.key)
    assert not row.has_leftovers
    assert chain.entries.last().event == "evidence.refused"


@pytest.mark.django_db
def test_a_clean_file_is_released_as_scanned(clamd, judged):
    row = judged(b"an invoice")

    assert (row.state, row.scan) == (EvidenceState.RELEASED, Scan.CLEAN)
    assert row.scan_database.startswith("ClamAV ")


@pytest.mark.django_db
def test_a_frozen_scanner_holds_the_file(clamd, judged, monkeypatch):
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.5)
    clamd.freeze()
    try:
        row = judged(b"an invoice")
    finally:
        clamd.thaw()

    assert (row.state, row.problem) == (EvidenceState.HELD, Problem.SCANNER_SILENT)
    assert row.scan == Scan.NOT_SCANNED


@pytest.mark.django_db
def test_a_file_in_a_pdf_is_scanned_as_well(clamd, judged):
    row = judged(hostile.pdf() + b"\n% " + servers.VIRUS)

    assert row.state != EvidenceState.RELEASED
