import socket
import struct
import threading
from contextlib import contextmanager, suppress

import pytest

from documents import scanner
from documents.enums import Scan


@contextmanager
def clamd(answer):
    """A clamd that reads a whole stream, then says `answer`; None: it hangs up at once."""
    server = socket.create_server(("127.0.0.1", 0))
    received = []

    def serve():
        with suppress(OSError):  # the test is over
            for _connection in range(2):
                peer, _address = server.accept()
                with peer:
                    talk(peer)

    def talk(peer):
        if answer is None:
            return
        if read_until(peer, b"\0") == b"zVERSION\0":
            peer.sendall(b"ClamAV 1.4.2/27460/Tue Nov 17 08:43:12 2026\0")
            return
        received.append(read_stream(peer))
        peer.sendall(answer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{server.getsockname()[1]}", received
    finally:
        server.shutdown(socket.SHUT_RDWR)  # wakes who waits in accept()
        thread.join(10)
        server.close()


def read_until(peer, end):
    found = b""
    while not found.endswith(end):
        found += peer.recv(1)
    return found


def read_exactly(peer, count):
    found = b""
    while len(found) < count:
        found += peer.recv(count - len(found))
    return found


def read_stream(peer):
    found = b""
    while length := struct.unpack("!L", read_exactly(peer, 4))[0]:
        found += read_exactly(peer, length)
    return found


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "evidence"
    path.write_bytes(b"bytes" * 60_000)
    return path


def test_without_a_scanner_nothing_is_called_clean(settings, file):
    settings.CLAMD = ""

    assert scanner.scan(file) == scanner.Scanned(Scan.NOT_SCANNED)


def test_only_the_scanner_s_own_ok_is_clean(settings, file):
    with clamd(b"stream: OK\0") as (settings.CLAMD, received):
        found = scanner.scan(file)

    assert found.result == Scan.CLEAN
    assert found.database == "ClamAV 1.4.2/27460/Tue Nov 17 08:43:12 2026"
    assert received == [file.read_bytes()]


def test_a_virus_is_named(settings, file):
    with clamd(b"stream: Demo.Test.Signature FOUND\0") as (settings.CLAMD, _received):
        assert scanner.scan(file).found == "Demo.Test.Signature"


@pytest.mark.parametrize(
    "answer", [None, b"", b"INSTREAM size limit exceeded. ERROR\0", b"stream: OK, perhaps\0"]
)
def test_any_other_answer_is_silence(settings, file, answer):
    with clamd(answer) as (settings.CLAMD, _received), pytest.raises(scanner.ScannerSilent):
        scanner.scan(file)


def test_a_scanner_that_is_down_is_silent(settings, file, tmp_path):
    settings.CLAMD = str(tmp_path / "no.socket")

    with pytest.raises(scanner.ScannerSilent):
        scanner.scan(file)


def test_a_scanner_that_hangs_is_left(settings, file, monkeypatch):
    monkeypatch.setattr(scanner, "ANSWER_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as server:
        settings.CLAMD = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(scanner.ScannerSilent):
            scanner.scan(file)
