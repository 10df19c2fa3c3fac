"""What only a browser shows: the policy holds, nothing overflows, axe finds nothing, keys and toasts work."""

import re
from typing import Any

import pytest
from django.conf import settings as project
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.cast import PASSWORD, make_person
from tests.chromium import RULES
from tests.ui.conftest import LISTEN

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.ui.urls"),
]

SIZES = {"desktop": (1440, 900), "phone": (390, 844), "smallest": (320, 640)}
# What the walk over every page (tests/ui/every_page.py) does not see: light on a desk and dark on a phone are there.
OTHER_LOOKS = [("smallest", "light"), ("desktop", "dark")]


def open_page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.add_init_script(LISTEN)
    return page


def sign_in(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", "olga@acme.test")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def confirm(page: Page, base: str) -> None:
    """Pass the step that protects risky changes, so that their pages open."""
    page.goto(f"{base}/accounts/reauthenticate/")
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda url: "/reauthenticate/" not in url)


def problems(page: Page, width: int) -> list[str]:
    script = (project.BASE_DIR / "node_modules/axe-core/axe.min.js").read_text()
    # through the protocol, because the policy rightly refuses a script of ours
    page.context.new_cdp_session(page).send("Runtime.evaluate", {"expression": script + ";0"})
    found = page.evaluate(
        "async (tags) => (await axe.run(document, {runOnly: tags})).violations"
        ".flatMap((v) => v.nodes.map((n) => v.id + ': ' + n.html.slice(0, 120)))",
        RULES,
    )
    overflow = page.evaluate("document.documentElement.scrollWidth") - width
    return [*found, *page.evaluate("violations"), *([f"{overflow}px too wide"] if overflow > 0 else [])]


@pytest.mark.parametrize(("size", "scheme"), OTHER_LOOKS)
def test_pages_are_accessible_and_keep_the_policy(
    browser: Browser, live_server: Any, size: str, scheme: Any
) -> None:
    make_person("Olga Owner")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = open_page(context)
    found: dict[str, list[str]] = {}
    for path in ["/accounts/login/", "/accounts/signup/", "/nowhere/"]:
        page.goto(live_server.url + path)
        found[path] = problems(page, width)
    sign_in(page, live_server.url)
    confirm(page, live_server.url)
    paths = ["/_states/?message=1", "/accounts/email/", "/accounts/2fa/", "/accounts/2fa/totp/activate/"]
    for path in [*paths, "/accounts/sessions/", "/_probe/refused/"]:
        page.goto(live_server.url + path)
        found[path] = problems(page, width)
    context.close()
    assert not {path: list_ for path, list_ in found.items() if list_}


def test_refusals_and_failures_change_nothing_and_say_why(browser: Browser, live_server: Any) -> None:
    context = browser.new_context()
    page = open_page(context)
    page.goto(f"{live_server.url}/_probe/")
    toasts = page.locator(".toast [data-text]")
    page.click("#refused")
    expect(toasts).to_have_text(["Le 13 est gelé: only a Publisher may schedule there."])
    page.click("#broken")
    expect(toasts.nth(1)).to_have_text("That did not work. Nothing was changed.")
    page.click("#moved")
    expect(toasts.nth(2)).to_have_text("Déplacé au 24 nov.")
    expect(page.locator("h1")).to_have_text("Probe")
    expect(page.locator("#box")).to_have_text("moved")
    page.locator(".toast [data-close]").first.click()
    expect(toasts).to_have_count(2)
    page.click("#expired")
    page.wait_for_url("**/accounts/login/")
    context.close()


def test_menus_dialogs_and_errors_work_by_keyboard(browser: Browser, live_server: Any) -> None:
    make_person("Olga Owner")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = open_page(context)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/_states/")
    expect(page.locator("[name=email]")).to_be_focused()  # the first wrong field
    opener = page.locator("[popovertarget=person-menu]")
    opener.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#person-menu")).to_be_visible()
    links = page.locator("#person-menu :is(a, button)")
    expect(links.nth(0)).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#person-menu")).to_be_hidden()
    expect(opener).to_be_focused()
    page.locator("[popovertarget=blocked-example]").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#blocked-example")).to_contain_text("Ask Olga Owner")
    page.keyboard.press("Escape")
    page.locator("[commandfor=dialog-example]").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#dialog-example")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog-example")).to_be_hidden()
    context.close()


def test_messages_and_navigation_need_no_script(browser: Browser, live_server: Any) -> None:
    make_person("Olga Owner")
    context = browser.new_context(java_script_enabled=False, viewport={"width": 390, "height": 844})
    page = context.new_page()
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}/_states/?message=1")
    expect(page.locator(".toast")).to_have_count(2)
    expect(page.locator(".toast").first).to_be_in_viewport()
    page.click("[popovertarget=side]")
    expect(page.locator("#side")).to_be_visible()
    context.close()


def test_passkey_is_added_and_signs_in(browser: Browser, live_server: Any) -> None:
    make_person("Olga Owner")
    context = browser.new_context()
    page = open_page(context)
    protocol = context.new_cdp_session(page)
    protocol.send("WebAuthn.enable")
    key = {"protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True}
    options = {**key, "isUserVerified": True, "automaticPresenceSimulation": True}
    protocol.send("WebAuthn.addVirtualAuthenticator", {"options": options})
    sign_in(page, live_server.url)
    confirm(page, live_server.url)
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/add/")
    page.fill("[name=name]", "Laptop")
    page.check("[name=passwordless]")
    page.click("#mfa_webauthn_add")
    page.wait_for_url("**/accounts/2fa/recovery-codes/")
    page.goto(f"{live_server.url}/accounts/2fa/webauthn/")
    expect(page.locator(".list")).to_contain_text("Laptop")
    page.goto(f"{live_server.url}/accounts/logout/")
    page.click("main button.btn-primary")
    page.goto(f"{live_server.url}/accounts/login/")
    page.click("#passkey_login")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)
    assert re.search(r"sessionid", str(context.cookies()))
    assert page.evaluate("violations") == []
    context.close()
