"""System checks: refuse to start where no document could be written or kept."""

from collections.abc import Sequence
from ctypes import CDLL
from ctypes.util import find_library
from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, register
from django.core.files.storage import FileSystemStorage, storages

from documents import pdf

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
        storage = storages[place]
        if isinstance(storage, FileSystemStorage) and (
            static in Path(storage.location).resolve().parents
        ):
            found.append(
                Error(f"The storage '{place}' can be read from the web.", id="documents.E004")
            )
    return found
