import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import closing, suppress
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
QUEUES = {"urgent": 0.3, "default": 0.5, "heavy": 1.0}  # seconds between looks at the queue


class Command(BaseCommand):
    help = "Run web, workers and ticker as one, with settings from the environment."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--listen", default=os.environ.get("LISTEN", "127.0.0.1:8000"))
        parser.add_argument("--web", type=int, default=os.environ.get("WEB_PROCESSES", "2"))
        parser.add_argument("--tick", type=int, default=os.environ.get("TICK_SECONDS", "60"))

    def handle(self, *args: Any, listen: str, web: int, tick: int, **options: Any) -> None:
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
            door = _door(listen)

        threading.Thread(target=self._announce, args=(door,), daemon=True).start()
        with door:
            raise SystemExit(Supervisor(_children(door, web, tick), say=self.stderr.write).run())

    def _announce(self, door: socket.socket) -> None:
        host, port = door.getsockname()[:2]
        while True:
            caller = HTTPConnection(host, port, timeout=5)
            with suppress(OSError, HTTPException), closing(caller):
                caller.request("GET", "/")
                if caller.getresponse().status < HTTPStatus.INTERNAL_SERVER_ERROR:
                    break
            time.sleep(0.2)
        self.stdout.write(f"{_address(door)}\nCtrl-C stops everything.")
        self.stdout.flush()


def _children(door: socket.socket, web: int, tick: int) -> list[Child]:
    python, manage = sys.executable, str(settings.BASE_DIR / "manage.py")
    gunicorn = [
        *(python, "-m", "gunicorn", "portal.wsgi", "--bind", f"fd://{door.fileno()}"),
        *("--workers", str(web), "--threads", "4", "--timeout", "60"),
        *("--graceful-timeout", "20", "--log-level", "warning", "--no-control-socket"),
    ]
    if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats, which a slow disk would delay
        gunicorn += ["--worker-tmp-dir", "/dev/shm"]  # noqa: S108
    workers = [
        Child(
            name,
            [python, manage, "db_worker", "--queue-name", name, "--interval", str(seconds)],
        )
        for name, seconds in QUEUES.items()
    ]
    return [
        Child("web", gunicorn, pass_fds=[door.fileno()]),
        *workers,
        Child("tick", [python, manage, "tick", "--every", str(tick)]),
    ]


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
