import hashlib
import json
from contextlib import contextmanager

import pytest
from django.core.files.base import ContentFile
from django.db import transaction

from documents import actions, storage, tasks
from documents.actions.evidence import Arrival, Description
from documents.enums import EvidenceKind, EvidenceState, Grade, Problem, ReceivedBy, Scan
from documents.models import Evidence
from documents.scanner import Scanned, ScannerSilent
from portal import ledger, work
from portal.access import Conflict, Refused
from portal.enums import Role, WorkState
from tests.documents import hostile
from tests.factories.documents import EvidenceFactory
from tests.factories.portal import UserFactory

pytestmark = pytest.mark.django_db

INVOICE = Description(kind=EvidenceKind.INVOICE, issuer="Demo Spinning", about="2.1")


@pytest.fixture
def receive(chain, supplier, contact):
    def received(content=None, name="a.pdf", described=INVOICE, **options):
        return actions.receive(
            chain=chain,
            buyer=supplier.buyer,
            supplier=supplier,
            by=contact,
            file=ContentFile(hostile.pdf() if content is None else content, name=name),
            described=described,
            **options,
        )

    return received


@pytest.fixture
def judge(django_capture_on_commit_callbacks):
    def judged(evidence):
        with django_capture_on_commit_callbacks(execute=True):
            tasks.inspect.call(str(evidence.pk))
        evidence.refresh_from_db()
        return evidence

    return judged


@contextmanager
def scanner_says(monkeypatch, answer):
    def scan(path):
        if isinstance(answer, Exception):
            raise answer
        return answer

    monkeypatch.setattr(tasks.scanner, "scan", scan)
    yield


def events(chain):
    return [
        (entry.event, json.loads(entry.body)["data"]) for entry in chain.entries.order_by("seq")
    ]


def test_a_file_is_kept_in_quarantine_and_told_to_the_ledger(receive, chain):
    evidence = receive(b"bytes", name="../../发票\u202e.pdf")

    assert evidence.name == "发票.pdf"
    assert (evidence.state, evidence.work_state) == ("RECEIVED", WorkState.PENDING)
    with storage.read("quarantine", evidence.key) as file:
        assert file.read() == b"bytes"
    [(event, data)] = events(chain)
    assert event == "evidence.received"
    assert data["sha256"] == evidence.sha256 == hashlib.sha256(b"bytes").hexdigest()
    assert (data["kind"], data["size"], data["way"]) == ("invoice", 5, "PORTAL")
    assert set(data["name"]) == {"sha256"}  # names are personal: the body holds their hash
    assert ledger.verify(chain).is_intact


def test_the_same_file_for_the_same_thing_is_one_row(receive, chain):
    first = receive(b"bytes")

    assert receive(b"bytes") == first
    assert receive(b"bytes", described=Description(kind=EvidenceKind.CONTRACT)) != first
    assert len(events(chain)) == 2


def test_a_file_that_came_by_post_says_from_whom(receive):
    evidence = receive(arrival=Arrival(way=ReceivedBy.POST, sender="Demo Contact, Shaoxing"))

    assert (evidence.received_by, evidence.received_from) == ("POST", "Demo Contact, Shaoxing")


def test_a_full_case_takes_no_more(receive, settings):
    settings.CASE_MAX_BYTES = 8
    receive(b"12345")

    with pytest.raises(Conflict):
        receive(b"67890")


def test_a_ledger_that_fails_leaves_neither_row_nor_bytes(receive, monkeypatch, tmp_path):
    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(ledger, "record", fail)

    with pytest.raises(RuntimeError), transaction.atomic():
        receive(b"bytes")

    assert not Evidence.objects.exists()
    assert not [path for path in (tmp_path / "files").rglob("*") if path.is_file()]


def test_a_genuine_file_is_released_as_not_scanned_without_a_scanner(receive, judge, chain):
    evidence = judge(receive())

    assert (evidence.state, evidence.scan, evidence.media_type) == (
        EvidenceState.RELEASED,
        Scan.NOT_SCANNED,
        "pdf",
    )
    assert evidence.is_judged
    assert evidence.work_state == WorkState.DONE
    assert storage.holds("evidence", evidence.key)
    assert not storage.holds("quarantine", evidence.key)
    assert [event for event, _data in events(chain)] == ["evidence.received", "evidence.released"]
    assert events(chain)[1][1]["scan"] == "NOT_SCANNED"


def test_a_broken_file_is_refused_and_its_bytes_destroyed(receive, judge, chain):
    evidence = judge(receive(b"<html>", name="a.pdf"))

    assert (evidence.state, evidence.problem) == (EvidenceState.REFUSED, Problem.MISNAMED)
    assert not storage.holds("quarantine", evidence.key)
    assert not storage.holds("evidence", evidence.key)
    assert events(chain)[1][1]["sha256"] == evidence.sha256


def test_a_held_file_stays_in_quarantine(receive, judge):
    evidence = judge(receive(hostile.encrypted_pdf()))

    assert (evidence.state, evidence.problem) == (EvidenceState.HELD, Problem.ENCRYPTED)
    assert storage.holds("quarantine", evidence.key)
    assert not storage.holds("evidence", evidence.key)


SAID = {
    "clean": (Scanned(Scan.CLEAN, "ClamAV 1"), EvidenceState.RELEASED, "", Scan.CLEAN),
    "infected": (
        Scanned(Scan.INFECTED, "ClamAV 1", "Demo.Sig"),
        EvidenceState.REFUSED,
        Problem.INFECTED,
        Scan.INFECTED,
    ),
    "silent": (
        ScannerSilent(),
        EvidenceState.HELD,
        Problem.SCANNER_SILENT,
        Scan.NOT_SCANNED,
    ),
}


@pytest.mark.parametrize("said", SAID)
def test_the_scanner_has_its_say(receive, judge, monkeypatch, said):
    answer, state, problem, scan = SAID[said]
    evidence = receive()

    with scanner_says(monkeypatch, answer):
        judge(evidence)

    assert (evidence.state, evidence.problem, evidence.scan) == (state, problem, scan)
    assert storage.holds("evidence", evidence.key) == (state == EvidenceState.RELEASED)
    assert storage.holds("quarantine", evidence.key) == (state == EvidenceState.HELD)


def test_a_file_is_judged_once(receive, judge, chain):
    evidence = judge(receive())
    Evidence.objects.filter(pk=evidence.pk).update(work_state=WorkState.PENDING)

    judge(evidence)

    assert len(events(chain)) == 2
    assert evidence.work_state == WorkState.DROPPED


def test_a_worker_that_lost_its_lease_has_no_effect(receive, judge, chain, monkeypatch):
    evidence = receive()

    def steal(path):
        Evidence.objects.filter(pk=evidence.pk).update(attempts=7)
        return Scanned(Scan.NOT_SCANNED)

    monkeypatch.setattr(tasks.scanner, "scan", steal)
    judge(evidence)

    assert evidence.state == EvidenceState.CHECKING
    assert len(events(chain)) == 1


def test_a_storage_that_fails_is_tried_again(receive, judge):
    evidence = receive()
    storage.destroy("quarantine", evidence.key)

    judge(evidence)

    assert evidence.work_state == WorkState.PENDING
    assert evidence.last_error.startswith("FileNotFoundError")
    assert work.claim(Evidence, evidence.pk) is None  # not due yet


def held(chain, supplier, **options):
    evidence = EvidenceFactory(
        held=True, chain=chain, supplier=supplier, buyer=supplier.buyer, **options
    )
    storage.put("quarantine", evidence.key, ContentFile(b"bytes"))
    return evidence


def test_an_analyst_releases_a_held_file_with_a_reason(
    chain, supplier, analyst, django_capture_on_commit_callbacks
):
    evidence = held(chain, supplier)

    with django_capture_on_commit_callbacks(execute=True):
        evidence = actions.release(evidence=evidence, by=analyst, reason="Read on a spare machine")

    assert (evidence.state, evidence.decided_by) == (EvidenceState.RELEASED, analyst)
    with storage.read("evidence", evidence.key) as file:
        assert file.read() == b"bytes"
    assert not storage.holds("quarantine", evidence.key)
    [(event, data)] = events(chain)
    assert (event, data["scan"]) == ("evidence.released", "NOT_SCANNED")


def test_the_supplier_decides_about_personal_data(chain, supplier, analyst, contact):
    evidence = held(chain, supplier, problem=Problem.ID_NUMBERS)

    with pytest.raises(Refused):
        actions.release(evidence=evidence, by=analyst, reason="")
    assert actions.release(evidence=evidence, by=contact, reason="Not persons").state == "RELEASED"


def test_a_held_file_is_refused_once(chain, supplier, analyst, django_capture_on_commit_callbacks):
    evidence = held(chain, supplier)

    with django_capture_on_commit_callbacks(execute=True):
        actions.refuse(evidence=evidence, by=analyst, reason="Locked")

    assert not storage.holds("quarantine", evidence.key)
    with pytest.raises(Conflict):
        actions.refuse(evidence=evidence, by=analyst, reason="Locked")
    assert [event for event, _data in events(chain)] == ["evidence.refused"]


def test_a_file_described_as_another_kind_loses_its_grade(chain, supplier, analyst, contact):
    evidence = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)
    actions.grade(evidence=evidence, by=analyst, grade=Grade.B, reason="Names the order")

    evidence = actions.describe(
        evidence=evidence, by=contact, described=Description(kind=EvidenceKind.CONTRACT)
    )

    assert (evidence.kind, evidence.grade, evidence.graded_by) == ("contract", "", None)
    assert [event for event, _data in events(chain)] == ["evidence.graded", "evidence.described"]
    assert events(chain)[0][1]["grade"] == "B"


def test_a_file_described_better_keeps_its_grade(chain, supplier, analyst, contact):
    evidence = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)
    actions.grade(evidence=evidence, by=analyst, grade=Grade.B, reason="Names the order")

    evidence = actions.describe(
        evidence=evidence,
        by=contact,
        described=Description(kind=EvidenceKind.INVOICE, number="18"),
    )

    assert (evidence.grade, evidence.number) == ("B", "18")


def test_the_work_of_a_row_that_is_gone_is_nobody_s():
    tasks.inspect.call("00000000-0000-0000-0000-000000000000")

    assert not Evidence.objects.exists()


def test_querysets_tell_files_apart(supplier):
    waiting, released, held, refused = (
        EvidenceFactory(supplier=supplier),
        EvidenceFactory(supplier=supplier, released=True),
        EvidenceFactory(supplier=supplier, held=True),
        EvidenceFactory(supplier=supplier, refused=True),
    )

    rows = Evidence.objects
    assert set(rows.not_judged()) == {waiting}
    assert set(rows.released()) == {released}
    assert set(rows.held()) == {held}
    assert set(rows.kept()) == {waiting, released, held}
    assert (refused.place, released.place, str(held)) == ("quarantine", "evidence", held.name)
    assert held.proposed_grade == Grade.B


def test_a_grade_needs_an_analyst(chain, supplier, contact):
    evidence = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)

    with pytest.raises(Refused):
        actions.grade(evidence=evidence, by=contact, grade=Grade.A, reason="")


def test_a_file_taken_back_leaves_its_hash(
    receive, judge, contact, chain, django_capture_on_commit_callbacks
):
    evidence = judge(receive())

    with django_capture_on_commit_callbacks(execute=True):
        evidence = actions.destroy(evidence=evidence, by=contact, reason="Wrong file")

    assert evidence.state == EvidenceState.DESTROYED
    assert not storage.holds("evidence", evidence.key)
    assert events(chain)[2] == ("evidence.destroyed", events(chain)[2][1])
    assert events(chain)[2][1]["sha256"] == evidence.sha256


def test_a_worker_s_file_taken_back_before_it_was_judged_stays_gone(
    receive, judge, contact, django_capture_on_commit_callbacks
):
    evidence = receive()
    with django_capture_on_commit_callbacks(execute=True):
        actions.destroy(evidence=evidence, by=contact, reason="Wrong file")

    judge(evidence)

    assert evidence.state == EvidenceState.DESTROYED
    assert not storage.holds("quarantine", evidence.key)


def test_no_entry_no_file(receive, judge, contact, monkeypatch):
    evidence = judge(receive())

    def fail(*args, **kwargs):
        raise RuntimeError

    monkeypatch.setattr(ledger, "record", fail)
    with pytest.raises(RuntimeError):
        actions.open_evidence(evidence=evidence, by=contact)


def test_a_file_the_storage_lost_is_a_conflict(chain, supplier, contact):
    evidence = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)

    with pytest.raises(Conflict):
        actions.open_evidence(evidence=evidence, by=contact)


def test_two_people_decide_once(chain, supplier):
    evidence = held(chain, supplier)
    first, second = (UserFactory(holds=(Role.ANALYST, supplier.buyer)) for _person in range(2))

    actions.release(evidence=evidence, by=first, reason="Read")

    with pytest.raises(Conflict):
        actions.refuse(evidence=evidence, by=second, reason="Locked")
