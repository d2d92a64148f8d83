import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, nullcontext, suppress
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import OperationalError

from portal.management.supervisor import Child, Supervisor

DEMO_PORTS = range(8000, 8100)
DEMO_TICK_SECONDS = 5
PARTS = ["web", "workers", "tick"]


class Command(BaseCommand):
    help = "Run web, workers and ticker as one, with settings from the environment."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default=os.environ.get("LISTEN", "127.0.0.1:8000"))
        parser.add_argument("--web", type=int, default=os.environ.get("WEB_PROCESSES", "2"))
        parser.add_argument("--tick", type=int, default=os.environ.get("TICK_SECONDS", "60"))
        parser.add_argument(
            "--only", nargs="+", choices=PARTS, default=PARTS, help="what this machine does"
        )

    def handle(
        self, *args: Any, listen: str, web: int, tick: int, only: list[str], **options: Any
    ) -> None:
        door: socket.socket | None
        if settings.EXTRICATE_DEMO:
            door = _free_door()
            tick = min(tick, DEMO_TICK_SECONDS)
            os.environ.setdefault("BASE_URL", _address(door))
            if not _is_migrated():
                _manage("migrate", "--verbosity", "0")
            _manage("seed_demo")
        else:
            self.check(databases=[DEFAULT_DB_ALIAS])
            if not _is_migrated():
                raise CommandError(
                    "The database is not up to date. Run: .venv/bin/python manage.py migrate"
                )
            door = _door(listen) if "web" in only else None

        children = _background(only, tick)
        with door or nullcontext():
            if door is None:
                self._say("At work.")
            else:
                children.insert(0, _web(door, web))
                threading.Thread(target=self._announce, args=(door,), daemon=True).start()
            raise SystemExit(Supervisor(children, say=self.stderr.write).run())

    def _announce(self, door: socket.socket) -> None:
        host, port = door.getsockname()[:2]
        while True:
            caller = HTTPConnection(host, port, timeout=5)
            with suppress(OSError, HTTPException), closing(caller):
                caller.request("GET", "/")
                if caller.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
            time.sleep(0.2)
        self._say(_address(door))

    def _say(self, line: str) -> None:
        self.stdout.write(f"{line}\nCtrl-C stops everything.")
        self.stdout.flush()


def _web(door: socket.socket, processes: int) -> Child:
    gunicorn = [
        *(sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"fd://{door.fileno()}"),
        *("--workers", str(processes), "--threads", "4", "--timeout", "60"),
        *("--graceful-timeout", "20", "--log-level", "warning", "--no-control-socket"),
    ]
    if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats, which a slow disk would delay
        gunicorn += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    return Child("web", gunicorn, pass_fds=[door.fileno()])


def _background(only: list[str], tick: int) -> list[Child]:
    manage = [sys.executable, str(settings.BASE_DIR / "manage.py")]
    children = []
    if "workers" in only:
        # one each: no sign-in code waits behind a campaign, no mail behind a document
        children += [Child(name, [*manage, "worker", name]) for name in settings.QUEUES]
    if "tick" in only:
        children.append(Child("tick", [*manage, "tick", "--every", str(tick)]))
    return children


def _manage(*words: str) -> None:
    command = [sys.executable, str(settings.BASE_DIR / "manage.py"), *words]
    try:
        subprocess.run(command, check=True)  # noqa: S603 - our own command line
    except subprocess.CalledProcessError as error:
        raise CommandError(f"manage.py {words[0]} failed; see above.") from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _is_migrated() -> bool:
    try:
        executor = MigrationExecutor(connection)
        return not executor.migration_plan(executor.loader.graph.leaf_nodes())
    except OperationalError as error:
        raise CommandError(f"The database does not answer: {error}") from error
    finally:
        connection.close()


def _door(listen: str) -> socket.socket:
    host, _, port = listen.rpartition(":")
    if not host or not port.isdigit():
        raise CommandError(f"LISTEN must look like 127.0.0.1:8000, not {listen!r}.")
    try:
        return socket.create_server((host, int(port)), backlog=256)
    except OSError as error:
        raise CommandError(f"{listen} cannot be opened: {error.strerror}.") from error


def _free_door() -> socket.socket:
    for port in DEMO_PORTS:
        try:
            return socket.create_server(("127.0.0.1", port), backlog=256)
        except OSError:
            continue
    raise CommandError(f"No port between {DEMO_PORTS[0]} and {DEMO_PORTS[-1]} is free.")


def _address(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://{host}:{port}"
