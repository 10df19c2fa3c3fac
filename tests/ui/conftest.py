"""One browser for the tests of the interface."""

import time
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from playwright.sync_api import Browser, Page, Request

from tests.chromium import chromium

REQUESTS_END_SECONDS: Final = 10
LISTEN = """
window.violations = [];
document.addEventListener("securitypolicyviolation",
  (e) => violations.push(e.effectiveDirective + " " + e.blockedURI));
"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as started:
        yield started


def requests_of(page: Page) -> Callable[[], None]:
    """Watch the page's requests; return what lets no new one begin and waits for those under way.

    Call it before the context is closed: the database is emptied next, and a request under way would lock it.
    """
    asked: set[Request] = set()
    page.on("request", lambda one: asked.add(one))
    page.on("requestfinished", lambda one: asked.discard(one))
    page.on("requestfailed", lambda one: asked.discard(one))

    def let_them_end() -> None:
        page.context.route("**/*", lambda route: route.abort())
        end = time.monotonic() + REQUESTS_END_SECONDS
        while time.monotonic() < end and any(one.resource_type != "media" for one in asked):
            page.wait_for_timeout(20)

    return let_them_end


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page of a fresh visitor; it fails the test when a script throws or the policy is broken."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.add_init_script(LISTEN)
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    let_requests_end = requests_of(page)
    yield page
    broken = page.evaluate("violations")
    let_requests_end()
    context.close()
    assert not errors
    assert not broken
