"""Real servers for tests, each on a port of its own that ends with it.

A program that is not installed skips the test that needs it, with the line that installs it;
with ALL_SERVERS=1, as continuous integration sets it, the test fails.
"""

import asyncio
import os
import runpy
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@dataclass
class Mailbox:
    """An SMTP server's inbox. `refuse` maps a recipient to the reply it is refused with.

    `slowness` is how long a mail waits for its answer, in seconds.
    """

    port: int
    mails: list[EmailMessage] = field(default_factory=list)
    refuse: dict[str, str] = field(default_factory=dict)
    slowness: float = 0.0

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list
    ) -> str:
        if address in self.refuse:
            return self.refuse[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        self.mails.append(message_from_bytes(envelope.content, policy=policy.default))
        await asyncio.sleep(self.slowness)
        return "250 OK"


@contextmanager
def smtp() -> Iterator[Mailbox]:
    box = Mailbox(free_port())
    controller = Controller(box, hostname="127.0.0.1", port=box.port)
    controller.start()
    try:
        yield box
    finally:
        controller.stop()


@contextmanager
def s3() -> Iterator[str]:
    """The address of an S3 server that keeps its objects in memory."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def program(name: str, package: str) -> str:
    """The path of an installed program."""
    places = [os.environ.get("PATH", ""), "/usr/sbin", str(Path(sys.executable).parent)]
    found = shutil.which(name, path=os.pathsep.join(places))
    if found:
        return found
    reason = f"{name} is not installed: {package}"
    if os.environ.get("ALL_SERVERS") == "1":
        pytest.fail(reason)
    pytest.skip(reason)


def until(
    condition: Callable[[], object], seconds: float = 120, what: str | Callable[[], str] = ""
) -> None:
    last = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > last:
            pytest.fail(f"waited in vain {what() if callable(what) else what}")
        time.sleep(0.05)


@dataclass
class Server:
    """A program that listens on a port of 127.0.0.1, and can be hurt."""

    command: list[str]
    port: int
    process: subprocess.Popen | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def start(self) -> None:
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            **self.options,
        )
        until(self.answers, 60, f"for {self.command[0]}")

    def answers(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, f"{self.command[0]} ended"
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
            return True
        return False

    def freeze(self) -> None:
        self.process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self.process.send_signal(signal.SIGCONT)

    def interrupt(self) -> None:
        self.process.send_signal(signal.SIGINT)
        self.process.wait(60)

    def terminate(self) -> None:
        self.process.terminate()
        self.process.wait(30)

    def kill(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()


@contextmanager
def running(server: Server) -> Iterator[Server]:
    server.start()
    try:
        yield server
    finally:
        server.kill()


@contextmanager
def redis() -> Iterator[Server]:
    """A Redis that keeps nothing on disk: killed, it has forgotten everything."""
    redis_server, port = program("redis-server", "apt-get install redis-server"), free_port()
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        options = ["--bind", "127.0.0.1", "--dir", folder, "--save", "", "--appendonly", "no"]
        with running(Server([redis_server, "--port", str(port), *options], port)) as server:
            yield server


@contextmanager
def postgres() -> Iterator[tuple[Server, str]]:
    """A PostgreSQL that can be restarted, unlike the suite's own, and its address."""
    script = Path(__file__).parent.parent / ".ci/postgres.py"
    theirs = SimpleNamespace(**runpy.run_path(str(script), run_name="postgres"))
    programs, port = theirs.binaries(), free_port()
    # not below a folder that only this person may enter
    folder = tempfile.mkdtemp("", "extricate-postgres-", os.environ.get("POSTGRES_DIR", "/tmp"))  # noqa: S108
    owner = theirs.owner()
    try:
        if owner:
            shutil.chown(folder, "postgres", "postgres")
        make = [programs / "initdb", "-D", f"{folder}/data", "-U", "extricate", "--no-sync"]
        make += ["--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8"]
        subprocess.run(make, check=True, capture_output=True, cwd=folder, **owner)
        command = [str(programs / "postgres"), "-D", f"{folder}/data", "-p", str(port)]
        command += ["-k", folder, *(f"--{name}={said}" for name, said in theirs.OPTIONS.items())]
        server = Server(command, port, options={"cwd": folder, **owner})
        with running(server):
            ready = [programs / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)]
            until(lambda: subprocess.run(ready, check=False).returncode == 0, 60)
            yield server, f"postgres://extricate@127.0.0.1:{port}/postgres"
            server.interrupt()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


S3_KEYS = {"AWS_ACCESS_KEY_ID": "demo" * 5, "AWS_SECRET_ACCESS_KEY": "demo" * 10}
S3_PREFIX = "demo"


@contextmanager
def strict_s3() -> Iterator[Server]:
    """An S3 server that checks signatures and dates, as moto's does not; it keeps no versions."""
    rclone, port = program("rclone", "make setup"), free_port()
    with tempfile.TemporaryDirectory(prefix="s3-") as folder:
        for place in ("quarantine", "evidence", "dossiers"):
            (Path(folder) / f"{S3_PREFIX}-{place}").mkdir()
        keys = ",".join(S3_KEYS.values())
        command = [rclone, "serve", "s3", "--config", "/dev/null", "--auth-key", keys]
        command += ["--addr", f"127.0.0.1:{port}", "--vfs-cache-mode", "off", folder]
        with running(Server(command, port)) as server:
            yield server


VIRUS = b"demo-malware-for-this-test-alone"


@contextmanager
def clamd() -> Iterator[Server]:
    """A clamd whose one signature is VIRUS; it knows no others and asks nobody for any."""
    daemon, port = program("clamd", "apt-get install clamav-daemon"), free_port()
    with tempfile.TemporaryDirectory(prefix="clamd-") as folder:
        signatures, settings = Path(folder) / "signatures", Path(folder) / "clamd.conf"
        signatures.mkdir()
        (signatures / "demo.ndb").write_text(f"Demo.Virus:0:*:{VIRUS.hex()}\n")
        settings.write_text(
            f"DatabaseDirectory {signatures}\nForeground yes\nTCPSocket {port}\n"
            "TCPAddr 127.0.0.1\nStreamMaxLength 1M\n"
        )
        with running(Server([daemon, "--config-file", str(settings)], port)) as server:
            yield server


@contextmanager
def cut_off(address: int, after: int) -> Iterator[int]:
    """The port of a proxy to port `address` that hangs up once `after` bytes came back."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=_cut, args=(door, address, after), daemon=True).start()
        yield door.getsockname()[1]


def _cut(door: socket.socket, address: int, after: int) -> None:
    with suppress(OSError):
        while True:
            caller, _address = door.accept()
            threading.Thread(target=_pass_on, args=(caller, address, after), daemon=True).start()


def _pass_on(caller: socket.socket, address: int, after: int) -> None:
    with suppress(OSError), caller, socket.create_connection(("127.0.0.1", address)) as server:
        back = threading.Thread(target=_copy, args=(server, caller, after), daemon=True)
        back.start()
        _copy(caller, server, None)
        back.join(10)


def _copy(source: socket.socket, target: socket.socket, most: int | None) -> None:
    passed = 0
    with suppress(OSError):
        while piece := source.recv(4096):
            if most is not None and passed + len(piece) > most:
                target.sendall(piece[: most - passed])
                break
            target.sendall(piece)
            passed += len(piece)
        for one in (source, target):
            one.shutdown(socket.SHUT_RDWR)
