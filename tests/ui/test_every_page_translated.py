"""Every page in French and Brazilian Portuguese: longer words fit on a phone, and names stay names."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.ui.every_page import ON_A_PHONE, problems_of_every_page

pytestmark = [pytest.mark.browser, pytest.mark.long, pytest.mark.django_db(transaction=True)]


@pytest.mark.parametrize("language", ["fr", "pt-br"])
def test_every_page_fits_in_other_words(browser: Browser, live_server: Any, language: str) -> None:
    problems = problems_of_every_page(browser, live_server.url, language, looks=ON_A_PHONE, judged=[])
    assert not problems, "\n".join(problems)
