"""The sandbox's pages in a real browser: consent there and back, no violation in any light or width."""

from __future__ import annotations

import http.server
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import httpx
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from sandbox.testing import ROOT, SandboxServer
from tests.sandbox.test_timeline import publish_on_both

pytestmark = pytest.mark.browser

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CHROMIUM = "/usr/bin/chromium"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM if Path(CHROMIUM).exists() else None,
            args=["--no-sandbox", "--disable-gpu"],
        )
        yield chromium
        chromium.close()


def problems_of(page: Page) -> list[str]:
    """Return axe's findings, policy violations and sideways scroll of the page as it stands."""
    found: list[str] = page.evaluate("window.violations")
    if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
        found.append("scrolls sideways")
    # Through the debugger: the page's own policy allows no script at all.
    session = page.context.new_cdp_session(page)
    session.send("Runtime.evaluate", {"expression": AXE.read_text() + ";0"})
    return found + page.evaluate(
        "async rules => (await axe.run(document, {runOnly: rules})).violations"
        ".map(v => v.id + ' ' + v.nodes.map(n => n.html).join(' | '))",
        RULES,
    )


class Callback(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.end_headers()
        self.wfile.write(b"back")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def redirect() -> Iterator[str]:
    """The client's own page, on another origin than the sandbox."""
    with http.server.HTTPServer(("127.0.0.1", 0), Callback) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()
        thread.join()


def authorize_url(sandbox: SandboxServer, redirect: str) -> str:
    body = {
        "client_name": "Chorus",
        "redirect_uris": redirect,
        "scopes": "profile write:statuses write:media",
    }
    app = httpx.post(f"{sandbox.mastodon_origin}/api/v1/apps", data=body, trust_env=False).json()
    asked = {"response_type": "code", "client_id": app["client_id"], "redirect_uri": redirect, "state": "s1",
             "scope": "profile write:statuses write:media"}  # fmt: skip
    return f"{sandbox.mastodon_origin}/oauth/authorize?{urlencode(asked)}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1440])
def test_pages_have_no_violation(
    sandbox: SandboxServer,
    mastodon: httpx.Client,
    bluesky: httpx.Client,
    browser: Browser,
    redirect: str,
    scheme: str,
    width: int,
) -> None:
    publish_on_both(mastodon, bluesky)
    sandbox.fault(kind="drop", times=3, account="mina")
    pages = {
        "timeline": f"{sandbox.mastodon_origin}/",
        "person": f"{sandbox.mastodon_origin}/@emil",
        "panel": f"{sandbox.mastodon_origin}/_control/",
        "consent": authorize_url(sandbox, redirect),
        "missing": f"{sandbox.mastodon_origin}/@nobody",
    }
    context = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme="dark" if scheme == "dark" else "light"
    )
    page = context.new_page()
    page.add_init_script(
        "window.violations = [];"
        "document.addEventListener('securitypolicyviolation', e => window.violations.push(e.violatedDirective))"
    )
    for name, url in pages.items():
        page.goto(url)
        for summary in page.locator("summary").all():
            summary.click()
        if folder := os.environ.get("SANDBOX_SHOTS"):
            page.screenshot(path=f"{folder}/{name}-{scheme}-{width}.png", full_page=True)
        assert (name, problems_of(page)) == (name, [])
    context.close()


def test_the_check_of_pages_finds_what_is_wrong(sandbox: SandboxServer, browser: Browser) -> None:
    page = browser.new_page()
    page.add_init_script("window.violations = []")
    page.goto(f"{sandbox.mastodon_origin}/")
    page.evaluate("document.querySelector('h1').innerHTML = '<img src=/avatars/0.svg><a href=/></a>'")
    assert [problem.split()[0] for problem in problems_of(page)] == [
        "empty-heading",
        "image-alt",
        "link-name",
    ]
    page.close()


def test_consent_is_given_in_the_browser_and_leads_back(
    sandbox: SandboxServer, browser: Browser, redirect: str
) -> None:
    page = browser.new_page()
    page.goto(authorize_url(sandbox, redirect))
    page.get_by_label("Or a new account").fill("olga")
    page.get_by_role("button", name="Allow").click()
    page.wait_for_url(f"{redirect}?code=*")
    assert "state=s1" in page.url
    page.goto(authorize_url(sandbox, redirect))
    page.get_by_role("radio", name="olga").check()
    page.get_by_role("button", name="Deny").click()
    page.wait_for_url(f"{redirect}?error=access_denied*")
    page.close()


def test_panel_is_used_in_the_browser(sandbox: SandboxServer, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(f"{sandbox.mastodon_origin}/")
    page.get_by_role("link", name="Make things go wrong").click()
    page.get_by_label("What", exact=True).select_option("drop")
    page.get_by_role("button", name="Do it").click()
    page.get_by_text("1 to come").wait_for()
    page.get_by_role("button", name="Take away drop").click()
    page.get_by_text("the networks behave").wait_for()
    page.close()
