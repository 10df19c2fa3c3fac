"""Every page in French and Brazilian Portuguese: longer words fit on a phone and on a desk, and names stay names."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.ui.every_page import IN_LIGHT, Look, problems_of_every_page

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize(
    ("language", "looks", "judged"), [("fr", IN_LIGHT, IN_LIGHT[1:]), ("pt-br", IN_LIGHT[1:], [])]
)
def test_every_page_fits_in_other_words(
    browser: Browser, live_server: Any, language: str, looks: list[Look], judged: list[Look]
) -> None:
    problems = problems_of_every_page(browser, live_server.url, language, looks=looks, judged=judged)
    assert not problems, "\n".join(problems)
