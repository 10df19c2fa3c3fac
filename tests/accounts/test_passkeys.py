"""Passkeys, in a real browser with a virtual authenticator: set up, sign in with, and count as a second factor."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from playwright.sync_api import Page, expect

from accounts.models import User
from orgs.models import Organization
from tests.cast import PASSWORD, Acme, make_acme

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.accounts.urls"),
]

PROBE = "/o/acme/_probe/"
Authenticators = Callable[[bool], None]


@pytest.fixture
def acme() -> Acme:
    return make_acme()


@pytest.fixture
def plug_in(page: Page) -> Authenticators:
    """Give the browser a passkey store (True) or a plain security key (False)."""

    def plug_in(keeps_passkeys: bool) -> None:
        session = page.context.new_cdp_session(page)
        session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal" if keeps_passkeys else "usb",
            "hasResidentKey": keeps_passkeys,
            "hasUserVerification": keeps_passkeys,
            "isUserVerified": keeps_passkeys,
            "automaticPresenceSimulation": True,
        }
        session.send("WebAuthn.addVirtualAuthenticator", {"options": options})

    return plug_in


def enter_password(page: Page, base: str, person: User) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", person.email)
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: not url.endswith("/accounts/login/"))


def add_key(page: Page, base: str, *, is_passkey: bool) -> None:
    page.goto(f"{base}/accounts/2fa/webauthn/add/")
    page.fill("[name=password]", PASSWORD)
    page.get_by_role("button", name="Confirm").click()
    page.fill("[name=name]", "My key")
    page.set_checked("[name=passwordless]", is_passkey)
    page.get_by_role("button", name="Add key").click()
    page.wait_for_url(re.compile("recovery-codes|/2fa/webauthn/$"))


def sign_out(page: Page, base: str) -> None:
    page.goto(f"{base}/accounts/logout/")
    page.locator("main").get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/accounts/login/")


def test_passkey_opens_an_organization_that_asks_for_a_second_factor(
    page: Page,
    live_server: Any,
    acme: Acme,
    plug_in: Authenticators,
) -> None:
    Organization.objects.update(two_factor="everyone")
    plug_in(True)
    enter_password(page, live_server.url, acme.paul)
    page.goto(live_server.url + PROBE)
    expect(page.locator("h1")).to_have_text("Acme asks for two-step sign-in")
    add_key(page, live_server.url, is_passkey=True)
    page.get_by_role("link", name="Continue to Acme").click()
    expect(page.locator("body")).to_have_text("inside")

    sign_out(page, live_server.url)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto(live_server.url + PROBE)
    expect(page.locator("body")).to_have_text("inside")


def test_security_key_is_the_second_step_after_the_password(
    page: Page,
    live_server: Any,
    acme: Acme,
    plug_in: Authenticators,
) -> None:
    plug_in(False)
    enter_password(page, live_server.url, acme.paul)
    add_key(page, live_server.url, is_passkey=False)
    sign_out(page, live_server.url)
    enter_password(page, live_server.url, acme.paul)
    expect(page.locator("h1")).to_have_text("Enter your code")
    page.get_by_role("button", name="Use a security key").click()
    page.wait_for_url(lambda url: "/accounts/" not in url)
    page.goto(f"{live_server.url}/accounts/settings/")
    expect(page.locator("h1")).to_have_text("Your settings")


def test_passkey_of_a_deactivated_person_opens_nothing(
    page: Page,
    live_server: Any,
    acme: Acme,
    plug_in: Authenticators,
) -> None:
    plug_in(True)
    enter_password(page, live_server.url, acme.paul)
    add_key(page, live_server.url, is_passkey=True)
    sign_out(page, live_server.url)
    User.objects.filter(pk=acme.paul.pk).update(is_active=False)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page.locator("h1")).to_have_text("This account is suspended")
    assert Authenticator.objects.filter(user=acme.paul, type="webauthn").exists()
