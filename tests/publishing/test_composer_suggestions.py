"""Accounts to mention, while somebody types, in a real browser; the network's answer is put in its place."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.cast import make_acme
from tests.publishing.pages import url
from tests.ui.test_browser import sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
# A timer of the page's own that ends after the one which waits for more letters, however slow the machine is.
WAITED = "new Promise((done) => setTimeout(done, 500))"
FOUND = [{"handle": "lab@sandbox.test", "name": "The Lab"}, {"handle": "labor@sandbox.test", "name": ""}]


def test_account_is_chosen_by_keyboard_and_only_chosen_networks_are_asked(
    page: Page, live_server: Any
) -> None:
    acme = make_acme()
    asked: list[str] = []

    def answer(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(json={"accounts": FOUND})

    page.route("**/mentions/?q=*", answer)
    sign_in(page, live_server.url)
    page.goto(f"{live_server.url}{url('post_new')}")
    text, suggested = page.locator("#body"), page.get_by_role("listbox", name="Accounts to mention")
    text.press_sequentially("With @la")
    page.evaluate(WAITED)
    expect(suggested).to_be_hidden()  # no profile is chosen, so nobody is asked
    assert not asked
    page.locator(f"input[name=profile][value='{acme.news.pk}']").check()
    text.press_sequentially("b")
    expect(suggested.get_by_role("option")).to_have_count(2)
    text.press("ArrowDown")
    expect(suggested.get_by_role("option", selected=True)).to_contain_text("@labor@sandbox.test")
    text.press("Enter")
    expect(text).to_have_value("With @labor@sandbox.test ")
    expect(suggested).to_be_hidden()
    assert len(asked) == 1 and f"/profiles/{acme.news.pk}/" in asked[0]
