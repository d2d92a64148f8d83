"""The installation's programs as processes of their own, on the database of the test."""

import os
import subprocess
import sys
from pathlib import Path

from django.conf import settings
from django.db import connection

NOT_OURS = ("AWS_", "S3_", "REDIS_", "EMAIL_", "CLAMD", "BASE_URL", "LISTEN")


def database_url() -> str:
    found = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{found['NAME']}"
    place = f"{found['HOST']}:{found['PORT']}" if found["HOST"] else ""
    return f"postgres://{found['USER']}:{found['PASSWORD']}@{place}/{found['NAME']}"


def environment(**more: object) -> dict[str, str]:
    """Of this test's database and key, and of what is named besides."""
    own = {name: value for name, value in os.environ.items() if not name.startswith(NOT_OURS)}
    own |= {"EXTRICATE_DEMO": "0", "SECRET_KEY": settings.SECRET_KEY}
    if "DATABASE_URL" not in more:
        own["DATABASE_URL"] = database_url()
    return own | {name: str(value) for name, value in more.items()}


def start(
    *words: str,
    under: dict[str, str],
    program: tuple[str, ...] = ("manage.py",),
    log: Path | None = None,
) -> subprocess.Popen:
    """Start `manage.py WORDS`, or another `program` of Python's, quietly or into `log`."""
    out = log.open("ab") if log else subprocess.DEVNULL
    try:
        return subprocess.Popen(
            [sys.executable, *program, *words],
            cwd=settings.BASE_DIR,
            env=under,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    finally:
        if log:
            out.close()


def end(*processes: subprocess.Popen) -> None:
    for process in processes:
        process.kill()
    for process in processes:
        process.wait()
