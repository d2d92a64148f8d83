"""Asks clamd whether a file carries a virus; anything but its own OK is never clean."""

import socket
import struct
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from documents.enums import Scan

CHUNK = 128 * 1024
CONNECT_SECONDS = 5
ANSWER_SECONDS = 120
LONGEST_ANSWER = 4096


class ScannerSilent(Exception):
    """A scanner is set, but gave no answer that can be relied upon."""


@dataclass(frozen=True)
class Scanned:
    """What the scanner said; `database` names its version and the date of its signatures."""

    result: Scan
    database: str = ""
    found: str = ""


def scan(path: Path) -> Scanned:
    """Scan one file; NOT_SCANNED when no scanner is set. Blocks for two minutes at most.

    `settings.CLAMD` is the path of a unix socket, or `host:port`. Raises ScannerSilent
    when the scanner is down, slow, cut off, or answers anything but OK or FOUND: a file
    past its StreamMaxLength is such a case.
    """
    if not settings.CLAMD:
        return Scanned(Scan.NOT_SCANNED)
    try:
        database = _ask(b"zVERSION\0")
        answer = _ask(b"zINSTREAM\0", path)
    except (OSError, ValueError) as error:
        raise ScannerSilent(str(error) or type(error).__name__) from error
    if answer == "stream: OK":
        return Scanned(Scan.CLEAN, database)
    if answer.startswith("stream: ") and answer.endswith(" FOUND"):
        found = answer.removeprefix("stream: ").removesuffix(" FOUND")
        return Scanned(Scan.INFECTED, database, found[:200])
    raise ScannerSilent(answer[:200] or "no answer")


def _ask(command: bytes, path: Path | None = None) -> str:
    with _connect() as clamd:
        clamd.sendall(command)
        if path is not None:
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
            clamd.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < LONGEST_ANSWER:
            part = clamd.recv(1024)
            if not part:
                break
            answer += part
    return answer.rstrip(b"\0").decode(errors="replace").strip()


def _connect() -> socket.socket:
    where = settings.CLAMD.removeprefix("unix://").removeprefix("tcp://")
    if where.startswith("/"):
        clamd = _connect_locally(where)
    else:
        parts = urlsplit(f"//{where}")
        address = (parts.hostname or "localhost", parts.port or 3310)
        clamd = socket.create_connection(address, CONNECT_SECONDS)
    clamd.settimeout(ANSWER_SECONDS)
    return clamd


def _connect_locally(path: str) -> socket.socket:
    clamd = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        clamd.settimeout(CONNECT_SECONDS)
        clamd.connect(path)
    except OSError:
        clamd.close()
        raise
    return clamd
