"""What every test may count on: its own files, a ledger that lets a flush pass, real servers."""

import os
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings as shared_settings
from django.core.cache import cache
from django.utils import translation
from playwright.sync_api import sync_playwright
from zeal.constants import initialize_app_registry
from zeal.patch import patch

import portal.ledger_triggers
import questionnaires.ledger_triggers
from tests import servers

CHROMIUM = Path("/usr/bin/chromium")
CHROMIUM_ARGS = [
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WCAG_22_AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
REAL_COMMITS = {"transactional_db", "live_server"}
PRIVATE_PLACES = ("quarantine", "evidence", "dossiers")


def pytest_configure(config):
    initialize_app_registry()
    patch()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, tmp_path_factory):
    """A database file of this process alone: two runs in one checkout do not meet."""
    database = shared_settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(autouse=True)
def _ledger_lets_the_flush_pass(request):
    """A test with real commits ends in a flush, after which post_migrate puts triggers back."""
    marker = request.node.get_closest_marker("django_db")
    marked = marker is not None and marker.kwargs.get("transaction", False)
    if not marked and not REAL_COMMITS & set(request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    cache.clear()  # its table belongs to no model, so no flush empties it
    portal.ledger_triggers.drop()
    questionnaires.ledger_triggers.drop()


@pytest.fixture(autouse=True)
def _no_language_is_left_over():
    # a request leaves its language behind in the thread
    translation.deactivate()


@pytest.fixture(autouse=True)
def _n_plus_one_fails(settings):
    settings.MIDDLEWARE = ["zeal.middleware.zeal_middleware", *settings.MIDDLEWARE]
    settings.ZEAL_ALLOWLIST = [
        # Django reads a session's row once more to delete it
        {"model": "sessions.Session"},
        # an act may write several mails, and several events: each is one row, looked for first
        {"model": "portal.OutboxMessage"},
        {"model": "portal.LedgerChain"},
    ]


@pytest.fixture(autouse=True)
def _files_are_its_own(settings, tmp_path):
    """What a test stores lies in `tmp_path / "files"`, as it would under VAR_DIR."""
    settings.STORAGES = settings.STORAGES | {
        place: {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": tmp_path / "files" / place, "base_url": None},
        }
        for place in PRIVATE_PLACES
    }


@pytest.fixture
def mailbox(settings):
    """A real SMTP server, and Django's mail going through it."""
    with servers.smtp() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        yield box


@pytest.fixture(scope="session")
def s3_server():
    with servers.s3() as address:
        yield address


@pytest.fixture(scope="session")
def chromium():
    # Playwright's loop runs in this thread from here on, and Django would refuse its database
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    args = CHROMIUM_ARGS + (["--no-sandbox"] if os.geteuid() == 0 else [])
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=args)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, live_server, settings):
    """Opens pages with cookies of their own; what the browser complains of fails the test."""
    settings.BASE_URL = live_server.url
    contexts, complaints = [], []

    def heard(message):
        # what the status of a page says is the test's business
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            complaints.append(message.text)

    def open_page(*, width=1280, height=900, locale="en-GB"):
        context = chromium.new_context(
            base_url=live_server.url, viewport={"width": width, "height": height}, locale=locale
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", heard)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not complaints


@pytest.fixture
def page(new_page):
    """A desk's screen, in English."""
    return new_page()


@pytest.fixture
def phone(new_page):
    """A page 380 pixels wide, in Chinese."""
    return new_page(width=380, height=800, locale="zh-CN")


@pytest.fixture
def accessible():
    """Asserts that axe finds nothing on a page against WCAG 2.2 AA, and no sideways scrolling."""

    def check(page):
        # after a click the next page may have no document yet
        page.wait_for_load_state()
        found = Axe().run(page, options={"runOnly": {"type": "tag", "values": WCAG_22_AA}})
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")

    return check
