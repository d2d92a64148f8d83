"""System checks: refuse to start where no document could be written or kept."""

from collections.abc import Sequence
from ctypes import CDLL
from ctypes.util import find_library
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.files.storage import FileSystemStorage, storages
from django.db import DatabaseError, connection

from documents import pdf, queries, storage

# Name for the linker, name of the file: find_library knows no version when gcc is absent.
LIBRARIES = {
    "pango-1.0": "libpango-1.0.so.0",
    "pangoft2-1.0": "libpangoft2-1.0.so.0",
}
SUBSETTER = ("harfbuzz-subset", "libharfbuzz-subset.so.0")
PLACES = ("quarantine", "evidence", "dossiers")


@register()
def fonts_are_there(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    missing = [file for _name, _weight, file in pdf.FACES if not (pdf.FONTS / file).is_file()]
    if not missing:
        return []
    return [
        Error(
            f"Fonts are missing in {pdf.FONTS}: {', '.join(missing)}.",
            hint="They are part of the repository; check it out anew.",
            id="documents.E001",
        )
    ]


@register()
def native_libraries_are_there(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    missing = [name for name, file in LIBRARIES.items() if not _loads(name, file)]
    if missing:
        found.append(
            Error(
                f"No PDF can be written: {', '.join(missing)} cannot be loaded.",
                hint="apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0",
                id="documents.E002",
            )
        )
    if not _loads(*SUBSETTER):
        found.append(
            checks.Warning(
                "PDFs take seven times as long to write: harfbuzz-subset cannot be loaded.",
                hint="apt-get install libharfbuzz-subset0",
                id="documents.W001",
            )
        )
    return found


def _loads(name: str, file: str) -> bool:
    for candidate in (file, find_library(name)):
        try:
            if candidate and CDLL(candidate):
                return True
        except OSError:
            continue
    return False


@register()
def storages_are_private(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    found: list[CheckMessage] = []
    static = Path(settings.STATIC_ROOT or settings.BASE_DIR / "staticfiles").resolve()
    for place in PLACES:
        if place not in settings.STORAGES:
            found.append(Error(f"STORAGES has no alias '{place}'.", id="documents.E003"))
            continue
        if "FileSystemStorage" not in str(settings.STORAGES[place]["BACKEND"]):
            continue  # a remote storage is asked by readiness, not at every start
        folder = storages[place]
        if isinstance(folder, FileSystemStorage) and (
            static in Path(folder.location).resolve().parents
        ):
            found.append(
                Error(f"The storage '{place}' can be read from the web.", id="documents.E004")
            )
    return found


@register(Tags.security, deploy=True)
def machines_share_their_files(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    **_: object,
) -> list[CheckMessage]:
    """A file that came in at one machine would be looked for in vain by another one's worker."""
    if not settings.REDIS or not any(
        "FileSystemStorage" in str(settings.STORAGES[place]["BACKEND"]) for place in PLACES
    ):
        return []
    return [
        checks.Warning(
            "REDIS_URL is set, so several machines may work here, but files lie on a local disk.",
            hint="Set S3_BUCKET_PREFIX. Ignore this if there is only one machine, or if all "
            "of them share the folder VAR_DIR/files.",
            id="documents.W002",
        )
    ]


@register(Tags.database)
def files_are_here(
    app_configs: Sequence[AppConfig] | None,  # noqa: ARG001 - Django's signature
    databases: Sequence[str] | None = None,
    **_: object,
) -> list[CheckMessage]:
    """Another machine's disk, an empty mount, the wrong bucket: none of the newest is there."""
    if not databases:
        return []
    try:
        if queries.newest_files_are_here():
            return []
    except DatabaseError:
        connection.close()
        return []  # not migrated yet; who serves says so
    except storage.StorageSilent as silent:
        why = silent.__cause__
        return [
            checks.Warning(
                f"The storage for files does not answer: {type(why).__name__}: {why}",
                hint="See S3_ENDPOINT and its kin, or the disk under VAR_DIR.",
                id="documents.W003",
            )
        ]
    return [
        Error(
            "Of the files the database knows, none of the newest lies in the storage.",
            hint="Several machines need one storage: set S3_BUCKET_PREFIX, or share "
            "VAR_DIR/files. With one machine: is the disk mounted, is VAR_DIR right?",
            id="documents.E005",
        )
    ]
