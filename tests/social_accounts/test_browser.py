"""The pages of profiles in a real browser: connect to both sandboxes, disconnect; every page light, dark and small."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any, Literal

import pytest
from django.conf import LazySettings
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from orgs.models import Workspace
from sandbox.testing import SandboxServer
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.ui.conftest import LISTEN
from tests.ui.conftest import browser as browser
from tests.ui.test_browser import problems, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings("ignore::ResourceWarning")]
SIZES = {"desktop": (1440, 900), "phone": (390, 844)}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def base(transactional_acme: Acme, live_server: Any, settings: LazySettings, sandbox: SandboxServer) -> str:
    settings.BASE_URL = live_server.url
    settings.SANDBOX_MASTODON_URL = sandbox.mastodon_origin
    settings.SANDBOX_BLUESKY_URL = sandbox.bluesky_origin
    settings.TRUSTED_NETWORK_ORIGINS = [sandbox.mastodon_origin, sandbox.bluesky_origin]
    return f"{live_server.url}/o/acme/profiles/"


def signed_in_page(browser: Browser, base: str, **more: Any) -> tuple[BrowserContext, Page]:
    """Return a page in which Olga is signed in through the sign-in page, with the cookies that gives."""
    context = browser.new_context(reduced_motion="reduce", **more)
    page = context.new_page()
    page.add_init_script(LISTEN)
    sign_in(page, base.partition("/o/")[0])
    return context, page


@pytest.mark.parametrize("network", ["Mastodon", "Bluesky"])
def test_a_profile_is_connected_and_disconnected_by_hand(browser: Browser, base: str, network: str) -> None:
    context, page = signed_in_page(browser, base)
    page.goto(base)
    page.get_by_role("link", name="Connect a profile").click()
    page.get_by_role("link", name=f"Try with {network}").click()
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"What Chorus asks {network} for")
    assert page.evaluate("violations") == []
    page.get_by_role("link", name=re.compile("^Continue to")).click()

    page.fill("[name=new_handle]", "anna")
    page.get_by_role("button", name="Allow").click()

    expect(page.get_by_text("Connected", exact=True).first).to_be_visible()
    assert page.url.startswith(base), page.url
    expect(page.get_by_text(re.compile("@anna.* is connected")).first).to_be_visible()
    page.get_by_role("button", name="Disconnect…").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    dialog.get_by_role("button", name="Disconnect").click()
    expect(page.get_by_text("Disconnected", exact=True).first).to_be_visible()
    assert page.evaluate("violations") == []
    context.close()


@pytest.mark.parametrize(("size", "scheme"), [("phone", "light"), ("desktop", "dark")])
def test_every_page_is_accessible_and_keeps_the_policy(
    browser: Browser,
    base: str,
    transactional_acme: Acme,
    sandbox: SandboxServer,
    size: str,
    scheme: Literal["light", "dark"],
) -> None:
    acme = transactional_acme
    with organization_open(acme.organization.pk):
        Workspace.objects.create(slug="south", name="South")
        SocialProfile.objects.filter(pk=acme.sky.pk).update(
            status=SocialProfile.Status.NEEDS_RECONNECT, status_detail="The connection is gone."
        )
    closed = give(acme.news, acme.emil, "standard:none", expires_at=timezone.now() + timedelta(days=5))
    news, sky = acme.news.pk, acme.sky.pk
    width, height = SIZES[size]
    context, page = signed_in_page(
        browser, base, viewport={"width": width, "height": height}, color_scheme=scheme
    )
    found = {}
    for path in (
        "",
        "?q=nothing",
        "connect/",
        "connect/mastodon/",
        "connect/bluesky/",
        f"connect/mastodon/consent/?server={sandbox.mastodon_origin}&workspace={acme.main.pk}",
        "connect/mastodon/leave/?server=localhost",
        f"{news}/",
        f"{sky}/",
        f"{sky}/reconnect/",
        f"{news}/disconnect/",
        f"{news}/access/",
        f"{news}/access/give/",
        f"{news}/access/{closed.pk}/end/",
        f"{news}/access/person/{acme.mina.pk}/?action=profile.publish_posts",
        "../../../connect/mastodon/callback?state=made-up",
    ):
        page.goto(base + path)
        found[path] = problems(page, width)
    context.close()
    assert not {path: list_ for path, list_ in found.items() if list_}
