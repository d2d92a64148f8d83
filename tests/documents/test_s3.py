"""S3 as it is used: by a server that checks signatures and dates, that is silent, that cuts."""

import socket
import time
from datetime import timedelta
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import storages
from django.urls import reverse
from django.utils.module_loading import import_string

from documents import actions, checks, storage, tasks, ticks
from documents.actions.evidence import Description
from documents.enums import EvidenceKind, EvidenceState
from documents.models import Evidence
from portal import clock
from portal.enums import WorkState
from tests import servers
from tests.documents import hostile
from tests.factories.documents import DossierFactory, EvidenceFactory
from tests.servers import free_port

pytestmark = pytest.mark.django_db

PDF = hostile.pdf()


@pytest.fixture(scope="module")
def server():
    with servers.strict_s3() as started:
        yield started


@pytest.fixture
def point_at(settings, monkeypatch, tmp_path):
    """Sets the storages as S3_BUCKET_PREFIX and its kin do, at a port of this machine."""

    def pointed(port, **keys):
        values = servers.S3_KEYS | keys
        values["S3_BUCKET_PREFIX"] = servers.S3_PREFIX
        values["S3_ENDPOINT"] = f"http://127.0.0.1:{port}"
        values["S3_ADDRESSING"] = "path"
        for name, value in values.items():
            monkeypatch.setenv(name, value)
        settings.STORAGES = settings.STORAGES | import_string("portal.settings._storages")(
            tmp_path
        )

    return pointed


@pytest.fixture
def s3(server, point_at):
    point_at(server.port)
    return server


@pytest.fixture
def receive(chain, supplier, contact):
    def received(content=None, name="发票.pdf"):
        return actions.receive(
            chain=chain,
            buyer=supplier.buyer,
            supplier=supplier,
            by=contact,
            file=ContentFile(PDF if content is None else content, name=name),
            described=Description(kind=EvidenceKind.INVOICE, issuer="Demo Spinning"),
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


@pytest.fixture
def released(receive, judge, s3):
    return judge(receive())


def path_of(evidence):
    return reverse("documents:download", args=[evidence.pk])


def fetched(address):
    with urlopen(address, timeout=10) as answer:  # noqa: S310 - our own server
        return answer.headers, answer.read()


# --- the way through ------------------------------------------------------------------------


def test_a_file_is_judged_released_and_leaves_quarantine(s3, receive, judge):
    row = receive()
    assert storage.holds("quarantine", row.key)

    row = judge(row)

    assert (row.state, row.work_state) == (EvidenceState.RELEASED, WorkState.DONE)
    assert not storage.holds("quarantine", row.key)
    with storage.read("evidence", row.key) as file:
        assert b"".join(file.chunks()) == PDF


def test_a_download_is_a_link_of_two_minutes_written_down(sign_in, released, contact, chain):
    answer = sign_in(contact).get(path_of(released))

    assert (answer.status_code, answer["Cache-Control"]) == (302, "no-store")
    assert "X-Amz-Expires=120&" in answer["Location"]
    headers, body = fetched(answer["Location"])
    assert body == PDF
    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["Content-Disposition"] == (
        "attachment; filename*=utf-8''%E5%8F%91%E7%A5%A8.pdf"
    )
    assert headers["Cache-Control"] == "no-store"
    assert chain.entries.last().event == "evidence.downloaded"


def test_no_entry_no_link(sign_in, released, contact, chain, monkeypatch):
    def refuses(*args, **kwargs):
        raise RuntimeError("the ledger refuses")

    monkeypatch.setattr(actions.evidence.ledger, "record", refuses)

    with pytest.raises(RuntimeError):
        sign_in(contact).get(path_of(released))


def test_a_link_is_good_for_its_file_and_its_time_alone(released, receive, judge, time_machine):
    address = storage.link("evidence", released.key, "a.pdf")
    other = judge(receive(PDF + b"\n"))

    with pytest.raises(HTTPError, match=r"40[03]"):
        fetched(address.replace(released.key, other.key))
    with pytest.raises(HTTPError, match=r"40[03]"):
        fetched(address.split("?")[0])
    with pytest.raises(HTTPError, match=r"40[03]"):
        fetched(address.replace("X-Amz-Expires=120", "X-Amz-Expires=9999"))

    time_machine.move_to(clock.now() - timedelta(seconds=125), tick=True)
    expired = storage.link("evidence", released.key, "a.pdf")
    time_machine.move_to(clock.now() + timedelta(seconds=125), tick=True)
    with pytest.raises(HTTPError, match=r"40[03]"):
        fetched(expired)


def test_a_file_the_bucket_lost_is_a_sentence(sign_in, released, contact, chain):
    storage.destroy("evidence", released.key)

    answer = sign_in(contact).get(path_of(released))

    assert answer.status_code == 409
    assert "The storage does not hold this file." in answer.text
    assert chain.entries.last().event == "evidence.released"


def test_a_document_goes_through_here_so_that_its_entry_names_what_was_served(
    s3, sign_in, supplier, chain, contact
):
    row = DossierFactory(
        issued=True, chain=chain, supplier=supplier, kind="RECEIPT", edition="SUPPLIER"
    )
    storage.put("dossiers", row.key, ContentFile(b"%PDF-demo"))

    answer = sign_in(contact).get(reverse("documents:dossier", args=[row.pk]))

    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == b"%PDF-demo"


def test_a_large_file_is_spooled_to_disk_not_kept_in_memory(s3):
    assert storages["evidence"].max_memory_size == 8 * 1024 * 1024


# --- refused, silent, cut -------------------------------------------------------------------


def test_wrong_keys_refuse_the_upload_with_a_sentence_and_leave_no_row(server, point_at, receive):
    point_at(server.port, AWS_SECRET_ACCESS_KEY="wrong" * 8)

    with pytest.raises(storage.StorageSilent, match="does not answer"):
        receive()

    assert not Evidence.objects.exists()


def test_a_server_that_is_down_refuses_the_upload_at_once(point_at, receive):
    point_at(free_port())
    began = time.monotonic()

    with pytest.raises(storage.StorageSilent):
        receive()

    assert time.monotonic() - began < 10


@pytest.fixture
def impatient(point_at):
    """A port that accepts and says nothing, and a client that waits a tenth of its time."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        point_at(silent.getsockname()[1])
        for place in ("quarantine", "evidence", "dossiers"):
            patient = storages[place].client_config
            assert (patient.connect_timeout, patient.read_timeout) == (2, 10)
            assert patient.retries["total_max_attempts"] == 3
            storages[place].client_config = patient.merge(
                import_string("botocore.config.Config")(read_timeout=0.3)
            )
        yield


def test_a_silent_server_puts_the_judgement_off(impatient, supplier, chain):
    row = EvidenceFactory(chain=chain, supplier=supplier, buyer=supplier.buyer)

    tasks.inspect.call(str(row.pk))

    row.refresh_from_db()
    assert (row.state, row.work_state) == (EvidenceState.CHECKING, WorkState.PENDING)
    assert row.next_attempt_at > clock.now() + timedelta(minutes=1)
    assert row.last_error


def test_a_silent_server_is_a_sentence_on_the_page(impatient, sign_in, contact, chain, supplier):
    row = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)

    answer = sign_in(contact).get(path_of(row))

    assert answer.status_code == 409
    assert "The storage for files does not answer." in answer.text
    assert not chain.entries.exists()


def test_a_copy_cut_in_the_middle_is_no_copy(server, point_at, receive, judge):
    point_at(server.port)
    row = receive(PDF + bytes(300_000))
    with servers.cut_off(server.port, 100_000) as port:
        point_at(port)
        row = judge(row)

    assert row.work_state == WorkState.PENDING
    assert row.last_error
    assert not Evidence.objects.released().exists()

    point_at(server.port)
    with clock.at(clock.now() + timedelta(hours=2)):
        assert judge(row).work_state == WorkState.DONE


def test_a_document_cut_in_the_middle_is_a_sentence_and_no_half_file(
    s3, point_at, sign_in, supplier, chain, contact
):
    row = DossierFactory(
        issued=True, chain=chain, supplier=supplier, kind="RECEIPT", edition="SUPPLIER"
    )
    storage.put("dossiers", row.key, ContentFile(b"%PDF-demo" + bytes(300_000)))
    with servers.cut_off(s3.port, 100_000) as port:
        point_at(port)
        answer = sign_in(contact).get(reverse("documents:dossier", args=[row.pk]))

    assert answer.status_code == 409
    assert "The storage for files does not answer." in answer.text
    assert not chain.entries.exists()


def test_bytes_that_could_not_be_destroyed_are_destroyed_later(
    server, point_at, released, contact, django_capture_on_commit_callbacks
):
    row = released
    point_at(free_port())
    with django_capture_on_commit_callbacks(execute=True):
        actions.destroy(evidence=row, by=contact, reason="Sent by mistake")
    row.refresh_from_db()
    assert row.has_leftovers
    with pytest.raises(storage.StorageSilent):
        ticks.destroy_leftovers()

    point_at(server.port)
    assert storage.holds("evidence", row.key)
    assert ticks.destroy_leftovers() == 1
    assert ticks.destroy_leftovers() == 0
    assert not storage.holds("evidence", row.key)


# --- is this the storage the database speaks of? ---------------------------------------------


def found(*, databases=("default",)):
    return [message.id for message in checks.files_are_here(None, databases=databases)]


def test_files_that_lie_elsewhere_stop_the_start(s3, supplier, chain):
    assert found() == []
    row = EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)
    written = DossierFactory(issued=True, chain=chain, supplier=supplier)
    storage.put("dossiers", written.key, ContentFile(b"x"))

    assert found() == ["documents.E005"]
    assert found(databases=None) == []

    storage.put("evidence", row.key, ContentFile(b"x"))
    assert found() == []


def test_a_storage_that_does_not_answer_is_only_a_warning(point_at, supplier, chain):
    EvidenceFactory(released=True, chain=chain, supplier=supplier, buyer=supplier.buyer)
    point_at(free_port())

    assert found() == ["documents.W003"]


def test_the_link_s_host_is_the_buckets(released):
    address = urlsplit(storage.link("evidence", released.key, "a.pdf"))

    assert address.path == f"/{servers.S3_PREFIX}-evidence/{released.key}"
    with pytest.raises((HTTPError, URLError)):
        fetched(f"http://{address.netloc}/{servers.S3_PREFIX}-evidence/")
