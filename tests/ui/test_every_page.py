"""Every page in light and dark, on a phone and on a desk, in English and French: as good for everyone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as project
from django.test import Client
from playwright.sync_api import Browser, Page

from tests.chromium import RULES
from tests.test_routes import INSIDE, World, address_of, view_of
from tests.ui.conftest import LISTEN

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

LOOKS = [("light", 1440), ("dark", 1440), ("dark", 390), ("light", 390)]
SETTLED = """async () => {
  const frame = () => new Promise(requestAnimationFrame);
  for (let round = 0; round < 3; round += 1) {
    await frame(); await frame();
    const ending = document.getAnimations().filter((one) => one.effect.getComputedTiming().endTime < Infinity);
    const late = new Promise((resolve) => setTimeout(resolve, 2000));  // one that is paused never ends either
    await Promise.race([Promise.all(ending.map((one) => one.finished.catch(() => null))), late]);
  }
}"""
NO_PAGE = {
    "OrganizationImage",
    "MediaFile",
    "ConnectLeave",
    "ProfileReconnectLeave",
}  # a file, or the way out
PERSONAL = [
    "/accounts/settings/",
    "/accounts/sessions/",
    "/organizations/new/",
    "/accounts/2fa/",
    "/accounts/email/",
]


def pages_of(world: World, client: Client) -> Iterator[str]:
    """Yield every address that answers Olga, who owns Acme, with a page."""
    for route, pattern in INSIDE:
        view = view_of(pattern)
        if hasattr(view, "get") and view.__name__ not in NO_PAGE:
            address = address_of(world, route, pattern)
            response = client.get(address)
            if response.status_code == 200 and response["Content-Type"].startswith("text/html"):
                yield address
    yield from PERSONAL


def found_on(page: Page, width: int) -> list[str]:
    found: list[str] = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags, resultTypes: ['violations']})).violations"
        ".flatMap((v) => v.nodes.slice(0, 3).map((n) => v.id + ': ' + n.html.slice(0, 160)))",
        RULES,
    )
    overflow = page.evaluate("document.documentElement.scrollWidth") - width
    return found + ([f"{overflow}px too wide"] if overflow > 0 else [])


@pytest.mark.parametrize("language", ["en", "fr"])
def test_every_page_is_accessible_keeps_the_policy_and_fits(
    browser: Browser, live_server: Any, language: str
) -> None:
    world = World()
    world.acme.olga.language = language
    world.acme.olga.save()
    client = Client()
    client.force_login(world.acme.olga, backend="accounts.backends.SignInBackend")
    addresses = list(pages_of(world, client))
    assert len(addresses) > 35
    context = browser.new_context(reduced_motion="reduce")
    session = client.cookies[project.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": project.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page = context.new_page()
    page.add_init_script(LISTEN)
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    axe = (project.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text() + ";0"
    problems: list[str] = []
    for address in addresses:
        page.set_viewport_size({"width": 1440, "height": 900})
        answer = page.goto(live_server.url + address)
        assert answer is not None and answer.ok, address
        assert page.evaluate("document.documentElement.lang") == language, address
        # through the protocol, because the policy rightly refuses a script of ours
        context.new_cdp_session(page).send("Runtime.evaluate", {"expression": axe})
        for scheme, width in LOOKS:
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.set_viewport_size({"width": width, "height": 900})
            # colors glide from one scheme to the other: look at where they arrive
            page.evaluate(SETTLED)
            problems += [f"{address} {scheme} {width}: {one}" for one in found_on(page, width)]
        problems += [f"{address}: {one}" for one in [*complaints, *page.evaluate("violations")]]
        complaints.clear()
    context.close()
    assert not problems, "\n".join(dict.fromkeys(problems))
