"""The screens of the main job as a person uses them: by what is written on them."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.cast import PASSWORD
from tests.end_to_end.installation import Installation
from tests.end_to_end.times import typed


def sign_in(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/")
    expect(page.get_by_role("heading", name="Sign in to Chorus")).to_be_visible()
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(re.compile(r"/o/acme/"))


def sign_out(page: Page) -> None:
    page.get_by_role("button", name="Your account").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in to Chorus")).to_be_visible()


def go(page: Page, name: str) -> None:
    """Choose a page in the navigation, which a phone keeps behind a button."""
    opener = page.get_by_role("button", name="Open navigation")
    if opener.is_visible():
        opener.click()
    page.locator("#side").get_by_role("link", name=name).click()


def connect_sandbox_mastodon(page: Page, handle: str, sandbox_origin: str) -> None:
    """Choose the network, read our page of scopes, allow it on the sandbox's own page, come back connected."""
    go(page, "Profiles")
    page.get_by_role("link", name="Connect").first.click()
    page.get_by_role("link", name="Try with Mastodon").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", name="What Chorus asks Mastodon for")).to_be_visible()
    expect(page.get_by_text("write:statuses")).to_be_visible()
    page.get_by_role("link", name="Continue to").click()
    expect(page.get_by_role("heading", name="Chorus asks for access")).to_be_visible()
    assert page.url.startswith(sandbox_origin), page.url
    page.get_by_label("Or a new account, by name").fill(handle)
    page.get_by_role("button", name="Allow").click()
    expect(page.get_by_text("is connected.")).to_be_visible()


def open_member(page: Page, name: str) -> None:
    go(page, "Members")
    page.get_by_role("link", name=name).first.click()
    expect(page.get_by_role("heading", level=1, name=name)).to_be_visible()


def give_role(page: Page, role: str, profile: str) -> None:
    page.get_by_role("link", name="Grant access").click()
    page.get_by_label("Role", exact=True).select_option(label=role)
    page.get_by_label(profile).check()
    page.get_by_role("button", name="Grant access").click()
    expect(page.get_by_text(f"has the role {role}.")).to_be_visible()


def why(page: Page, action: str) -> Locator:
    """Ask why a person may do something, on his page; return what opens."""
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name=action))
    row.first.get_by_role("button", name="Why").click()
    explanation = page.locator("#why")
    expect(explanation.get_by_role("heading", name=action)).to_be_visible()
    return explanation


def write(page: Page, *, handle: str, text: str, picture: Path | None = None, alt_text: str = "") -> None:
    go(page, "Compose")
    page.locator("label.chip", has_text=handle).click()
    page.get_by_label("Text", exact=True).fill(text)
    if picture is not None:
        page.get_by_label("Add pictures").set_input_files(picture)
        page.get_by_placeholder("Describe the picture").fill(alt_text)


def press_at(page: Page, button: str, due_at: datetime, zone: str) -> str:
    """Set the time and press the button; return the address of the publication."""
    page.get_by_label("Publish at").fill(typed(due_at, zone))
    page.get_by_role("button", name=button, exact=True).click()
    page.wait_for_url(re.compile(r"/publications/\d+/$"))
    return page.url


def wait_until_published(chorus: Installation, page: Page, *, seconds: float) -> None:
    """Look again and again, as a person would, until the publication's page says Published."""

    def is_published() -> bool:
        page.reload()
        return page.get_by_role("heading", level=1).get_by_text("Published", exact=True).is_visible()

    chorus.wait_for(is_published, seconds=seconds, what="the page never says Published")


def read_at_network(page: Page, sandbox_origin: str) -> Page:
    """Follow the link to the network; return its page."""
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Open at the network").click()
    there = opened.value
    there.wait_for_load_state()
    assert there.url.startswith(sandbox_origin), there.url
    return there
