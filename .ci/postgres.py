#!/usr/bin/env python3
"""Runs a command with DATABASE_URL naming a PostgreSQL server that lives as long as the command.

The server comes from the installed binaries, listens on 127.0.0.1 alone, forgets everything.
"""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

INSTALLED = Path("/usr/lib/postgresql")
OPTIONS = {
    "listen_addresses": "127.0.0.1",
    "max_connections": "200",
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "timezone": "UTC",
    "log_min_messages": "fatal",
}
START_SECONDS = 60


def binaries() -> Path:
    versions = [found for found in INSTALLED.glob("*/bin") if (found / "initdb").exists()]
    if not versions:
        sys.exit("No PostgreSQL is installed: sudo apt-get install postgresql")
    return max(versions, key=lambda found: float(found.parent.name))


def owner() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    return (
        {"user": "postgres", "group": "postgres", "extra_groups": []} if not os.geteuid() else {}
    )


def dies_with_us() -> list[str]:
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "INT", "--"] if setpriv else []


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return probe.getsockname()[1]


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the address of a fresh server."""
    programs, port, password = binaries(), free_port(), secrets.token_hex(16)
    folder = Path(tempfile.mkdtemp("", "extricate-postgres-", os.environ.get("POSTGRES_DIR")))
    server = None
    try:
        (folder / "password").write_text(password)
        if not os.geteuid():
            shutil.chown(folder, "postgres", "postgres")
            shutil.chown(folder / "password", "postgres", "postgres")
        data = str(folder / "data")
        initdb = [str(programs / "initdb"), "--pgdata", data, "--username", "extricate"]
        initdb += ["--pwfile", str(folder / "password"), "--auth", "scram-sha-256", "--no-sync"]
        initdb += ["--encoding", "UTF8", "--locale", "C.UTF-8"]
        subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, cwd=folder, **owner())
        command = [*dies_with_us(), str(programs / "postgres"), "-D", data]
        command += ["-p", str(port), "-k", str(folder)]
        command += [f"--{name}={value}" for name, value in OPTIONS.items()]
        with (folder / "log").open("wb") as log:
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,  # Ctrl-C is for the tests first
                **owner(),
            )
        wait_for(programs / "pg_isready", port, server, folder / "log")
        yield f"postgres://extricate:{password}@127.0.0.1:{port}/postgres"
    finally:
        if server is not None:
            stop(server)
        shutil.rmtree(folder, ignore_errors=True)


def wait_for(ready: Path, port: int, server: subprocess.Popen[Any], log: Path) -> None:
    last = time.monotonic() + START_SECONDS
    while time.monotonic() < last and server.poll() is None:
        asked = subprocess.run([ready, "-q", "-h", "127.0.0.1", "-p", str(port)], check=False)
        if asked.returncode == 0:
            return
        time.sleep(0.1)
    sys.exit(f"PostgreSQL did not start:\n{log.read_text()}")


def stop(server: subprocess.Popen[Any]) -> None:
    server.send_signal(signal.SIGINT)  # fast: no waiting for clients
    try:
        server.wait(timeout=20)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait()


def main(command: list[str]) -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    with postgres() as address:
        child = subprocess.Popen(command, env=os.environ | {"DATABASE_URL": address})
        try:
            return child.wait()
        except SystemExit:
            child.send_signal(signal.SIGINT)
            try:
                child.wait(timeout=20)
            except subprocess.TimeoutExpired:
                child.kill()
            raise


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
