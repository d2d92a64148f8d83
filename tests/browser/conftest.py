import os

import pytest


@pytest.fixture
def shot():
    def take(page, name):
        if place := os.environ.get("SHOTS"):
            width = page.viewport_size["width"]
            lang = page.locator("html").get_attribute("lang")
            page.screenshot(path=f"{place}/{name}-{width}-{lang}.png", full_page=True)

    return take
