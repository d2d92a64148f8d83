import subprocess
import sys

import pytest
from django.core.files.storage import storages
from django.utils import translation

from documents import checks, pdf
from documents.templatetags import printing
from tests.documents import samples


def ids(found):
    return [one.id for one in found]


def test_a_whole_installation_has_nothing_to_say(settings):
    assert checks.fonts_are_there(None) == []
    assert checks.native_libraries_are_there(None) == []
    assert checks.storages_are_private(None) == []


def test_a_missing_font_is_named(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "FONTS", tmp_path)

    [error] = checks.fonts_are_there(None)

    assert error.id == "documents.E001"
    assert "NotoSansSC-Regular.otf" in error.msg


def test_a_missing_library_comes_with_the_line_to_run(monkeypatch):
    monkeypatch.setattr(checks, "LIBRARIES", {"demo-1.0": "libdemo-1.0.so.0"})
    monkeypatch.setattr(checks, "SUBSETTER", ("demo-subset", "libdemo-subset.so.0"))

    error, warning = checks.native_libraries_are_there(None)

    assert (error.id, warning.id) == ("documents.E002", "documents.W001")
    assert error.hint.startswith("apt-get install libpango")


def test_a_storage_that_is_missing_or_public_is_refused(settings):
    places = dict(settings.STORAGES)
    del places["dossiers"]
    places["quarantine"] = {"BACKEND": "storages.backends.s3.S3Storage"}
    places["evidence"] = {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": settings.BASE_DIR / "staticfiles" / "evidence"},
    }
    settings.STORAGES = places
    storages._backends = None

    assert ids(checks.storages_are_private(None)) == ["documents.E004", "documents.E003"]


MOMENT = "2026-11-20T06:05:09.000000Z"


@pytest.mark.parametrize(
    ("language", "moment", "day", "country"),
    [
        ("en", "20 November 2026, 14:05 (Shanghai)", "20 November 2026", "Germany"),
        ("zh-hans", "2026年11月20日 14:05（上海）", "2026年11月20日", "德国"),
    ],
)
def test_moments_days_and_countries_are_written_as_the_reader_writes(
    language, moment, day, country
):
    imprint = samples.imprint(language, place="Shanghai")
    with translation.override(language):
        assert printing.moment(MOMENT, imprint) == moment
        assert printing.day(MOMENT) == day
        assert printing.country("DE") == country


def test_what_is_no_date_or_code_stays_as_it_is():
    imprint = samples.imprint()

    assert printing.moment("soon", imprint) == printing.day("soon") == "soon"
    assert printing.country("Demo Land") == "Demo Land"
    assert printing.said("NEVER_HEARD", "kind") == "NEVER_HEARD"
    assert printing.tone("NEVER_HEARD") == "due"


@pytest.mark.parametrize(
    ("count", "shown"), [(7, "7 bytes"), (12_345, "12.3 kB"), (12_345_678, "12.3 MB")]
)
def test_sizes_are_rounded_to_what_is_read(count, shown):
    assert printing.size(count) == shown


def test_a_text_in_a_style_stays_inside_its_quotes():
    assert printing.quoted('a"\\</style>') == "a\\22 \\5c \\3c /style\\3e "


def test_slow_libraries_are_not_loaded_before_they_are_needed():
    code = (
        "import django, sys; django.setup();"
        "import documents.tasks, documents.forms, documents.views.files, documents.checks;"
        "assert not {'weasyprint', 'boto3', 'pyhanko'} & set(sys.modules)"
    )
    environment = {"DJANGO_SETTINGS_MODULE": "portal.settings", "PATH": "/usr/bin:/bin"}

    subprocess.run([sys.executable, "-c", code], check=True, env=environment)
