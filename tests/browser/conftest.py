import os
from pathlib import Path

import pytest

from tests.browser.playing import Play


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
    """Names of screens that were looked at: one case begins as another one does."""
    return set()


@pytest.fixture
def look(accessible, shot, looked_at):
    """Asserts that a screen can be read by everybody, and keeps its picture; each name once."""

    def see(page, name):
        if name not in looked_at:
            looked_at.add(name)
            accessible(page)
            shot(page, name)

    return see


@pytest.fixture
def play(new_page, look, settings, tmp_path, transactional_db):
    """A case played on pages, in a demonstration: its clock moves, its mails stay here."""
    settings.EXTRICATE_DEMO = True
    settings.EMAIL_BACKEND = "portal.demo.DemoBackend"
    return Play(open_page=new_page, look=look, place=Path(os.environ.get("SHOTS", tmp_path)))
