"""One browser for the tests of the interface."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.chromium import chromium

LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor; it fails the test when a script throws or the policy is broken."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(LISTEN)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    broken = page.evaluate("violations")
    context.close()
    assert not errors
    assert not broken
