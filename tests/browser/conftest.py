import os
import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.playing import Play

IDS = re.compile(r"[0-9a-f-]{32,}")


@pytest.fixture
def shot():
    def take(page, name):
        if place := os.environ.get("SHOTS"):
            width = page.viewport_size["width"]
            lang = page.locator("html").get_attribute("lang")
            page.screenshot(path=f"{place}/{name}-{width}-{lang}.png", full_page=True)

    return take


@pytest.fixture(scope="session")
def looked_at():
    """Pages that were looked at, whichever case they belong to."""
    return set()


@pytest.fixture
def look(accessible, shot, looked_at):
    """Keeps a picture of a screen, and asserts that everybody can read it: each page once.

    That takes the browser longer than anything else it does.
    """

    def see(page, name):
        shot(page, name)
        found = (IDS.sub("", urlsplit(page.url).path), page.viewport_size["width"])
        if found not in looked_at:
            looked_at.add(found)
            accessible(page)

    return see


@pytest.fixture
def play(new_page, look, settings, tmp_path, transactional_db):
    """A case played on pages, in a demonstration: its clock moves, its mails stay here."""
    settings.EXTRICATE_DEMO = True
    settings.EMAIL_BACKEND = "portal.demo.DemoBackend"
    return Play(open_page=new_page, look=look, place=Path(os.environ.get("SHOTS", tmp_path)))
