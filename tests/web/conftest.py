"""Fixtures: the browser, a page, and the stand-in for the API."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.infra.equipment import lacking
from tests.web.assay import Assay
from tests.web.chromium import WIDE, chromium, launched

# Playwright's five seconds are too few for a busy machine.
expect.set_options(timeout=60_000)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Headless chromium; `make browser` installs it."""
    path = chromium()
    if path is None:
        lacking("chromium is not installed, and `make browser` could not")
    with launched(path) as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a new context; an uncaught error of its scripts fails the test."""
    with browser.new_context(viewport=WIDE, locale="en-GB", timezone_id="UTC", reduced_motion="reduce") as context:
        page = context.new_page()
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("console", lambda message: faults.append(message.text) if "Content Security" in message.text else None)
        yield page
    assert [] == faults


@pytest.fixture
def assay(page: Page) -> Iterator[Assay]:
    """The stand-in for the API; a difference from the real one fails the test."""
    assay = Assay()
    assay.answer(page)
    yield assay
    assert [] == assay.breaches
