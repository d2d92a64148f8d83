"""System checks: refuse a wrong deployment before it serves anybody."""

from collections.abc import Sequence

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connection

PRAGMAS = {"journal_mode": "wal", "synchronous": "2", "recursive_triggers": "1"}


@register(Tags.security, deploy=True)
def demo_is_no_deployment(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    if not settings.EXTRICATE_DEMO:
        return []
    return [
        Error(
            "EXTRICATE_DEMO is set: anybody may become anybody.",
            hint="Unset it, and start with an empty database.",
            id="portal.E001",
        )
    ]


@register(Tags.security, deploy=True)
def redis_has_a_server_beside_it(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    """Redis is for several machines, and SQLite is a file on one of them."""
    if not settings.REDIS or connection.vendor != "sqlite":
        return []
    return [
        Error(
            "REDIS_URL is set, so several machines may work here, but SQLite serves one alone.",
            hint="Set DATABASE_URL to a PostgreSQL server, or unset REDIS_URL.",
            id="portal.E003",
        )
    ]


@register(Tags.security, deploy=True)
def machines_share_their_key(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    """Each machine would make a key of its own, and end the sessions of the others."""
    if not settings.REDIS or not settings.HAS_OWN_KEY:
        return []
    return [
        checks.Warning(
            "REDIS_URL is set, but SECRET_KEY is one this machine made for itself.",
            hint="Give every machine the same SECRET_KEY. Ignore this if there is only one.",
            id="portal.W001",
        )
    ]


@register(Tags.database)
def database_is_durable(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    databases: Sequence[str] | None = None,
    **_: object,
) -> list[CheckMessage]:
    """With SQLite's defaults losers of a race get a 500, and a signature may be lost."""
    if not databases or connection.vendor != "sqlite":
        return []
    with connection.cursor() as cursor:
        found = {
            name: str(cursor.execute(f"PRAGMA {name}").fetchone()[0]).lower() for name in PRAGMAS
        }
    wrong = {name: value for name, value in found.items() if value != PRAGMAS[name]}
    if not wrong:
        return []
    return [Error(f"SQLite runs with {wrong}, not {PRAGMAS}.", id="portal.E002")]
