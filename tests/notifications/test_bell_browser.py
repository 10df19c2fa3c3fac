"""The bell while its page stands open."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, expect

from tests.cast import Acme
from tests.notifications.conftest import Tell
from tests.ui.conftest import browser as browser

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_bell_learns_within_a_minute_and_a_session_that_ended_throws_nobody_out(
    acme: Acme, tell: Tell, browser: Browser, live_server: Any
) -> None:
    client = Client()
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    name = settings.SESSION_COOKIE_NAME
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": live_server.url}])
    page = context.new_page()
    page.clock.install()
    page.goto(f"{live_server.url}/accounts/settings/")
    bell = page.locator(".side [data-bell]")
    expect(bell.locator(".bell-count")).to_have_count(0)

    tell(acme.paul), tell(acme.paul)
    page.clock.run_for(75_000)
    expect(bell).to_have_text("Notifications, 2 unread2")

    context.clear_cookies()
    with page.expect_response("**/notifications/bell/") as answer:
        page.clock.run_for(75_000)
    assert answer.value.status == 204
    expect(bell).to_have_text("Notifications, 2 unread2")
    assert page.url.endswith("/accounts/settings/")
    context.close()
