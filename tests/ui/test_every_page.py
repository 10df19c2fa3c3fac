"""Every page in light and dark, on a phone and on a desk: as good for everyone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.ui.every_page import LOOKS, problems_of_every_page

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def test_every_page_is_accessible_keeps_the_policy_and_fits(browser: Browser, live_server: Any) -> None:
    problems = problems_of_every_page(browser, live_server.url, "en", looks=LOOKS, judged=LOOKS)
    assert not problems, "\n".join(problems)
