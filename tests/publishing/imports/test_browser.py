"""Importing in a real browser: file, preview with a bad row, only the good rows, progress, result, undoing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from publishing import tasks
from publishing.models import State
from publishing.services.import_work import work_on
from tests.cast import Acme, make_acme
from tests.publishing.imports.files import table
from tests.publishing.pages import publications, url
from tests.publishing.test_screens import sign_in_as
from tests.ui.test_browser import problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Sent = list[dict[str, int]]


@pytest.fixture
def brand() -> Acme:
    return make_acme()


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The messages to the workers; the test does their work when it is time."""
    messages: Sent = []
    monkeypatch.setattr(tasks.work_on_import, "delay", lambda **ids: messages.append(ids))
    return messages


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "June.csv"
    path.write_text(table({}, {"Profile": "Nobody"}, {}), encoding="utf-8-sig")
    return path


def step(sent: Sent) -> None:
    work_on(**sent[-1], seconds=0)


def finish(sent: Sent) -> None:
    while work_on(**sent[-1]):
        pass


def test_file_is_previewed_imported_and_undone(
    page: Page, live_server: Any, brand: Acme, sent: Sent, file: Path
) -> None:
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(live_server.url + url("calendar"))
    page.get_by_role("button", name="More ways to make posts").click()
    page.get_by_role("link", name="Import posts from a file").click()
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("0 of 3 rows checked.")).to_be_visible()
    finish(sent)
    # The page finds out by itself.
    expect(page.get_by_text("1 row has a problem. 2 rows are good.")).to_be_visible()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="3", exact=True))
    expect(row.get_by_role("rowheader")).to_have_accessible_description(
        "Profile: You have no profile called “Nobody”."
    )
    page.get_by_role("button", name="Import only the 2 good rows").click()
    expect(page.get_by_text("0 of 2 rows imported.")).to_be_visible()
    step(sent)
    expect(page.get_by_text("1 of 2 rows imported.")).to_be_visible()
    expect(page.get_by_role("progressbar", name="Rows imported")).to_have_attribute("value", "1")
    finish(sent)
    expect(page.get_by_text("2 posts are imported.")).to_be_visible()
    assert [one.state for one in publications(brand)] == [State.SCHEDULED, State.SCHEDULED]
    page.get_by_role("link", name="Undo the import").click()
    expect(page.get_by_role("heading", name="2 posts will be deleted")).to_be_visible()
    page.get_by_role("button", name="Delete 2 posts").click()
    finish(sent)
    expect(page.get_by_text("2 posts are undone.")).to_be_visible()
    assert publications(brand) == []


def test_every_state_of_the_page_is_as_good_for_everyone(
    page: Page, live_server: Any, brand: Acme, sent: Sent, file: Path
) -> None:
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(live_server.url + url("post_import_list"))
    page.get_by_label("CSV file").set_input_files(file)
    page.get_by_role("button", name="Check the file").click()
    expect(page.get_by_text("0 of 3 rows checked.")).to_be_visible()
    wrong = problems(page, 1440)
    finish(sent)
    page.get_by_role("link", name="All rows").click()
    page.get_by_role("button", name="Upload a corrected file").click()
    expect(page.get_by_role("dialog", name="Upload a corrected file")).to_be_visible()
    wrong += problems(page, 1440)
    page.keyboard.press("Escape")
    for width in (390, 320):
        page.set_viewport_size({"width": width, "height": 800})
        wrong += problems(page, width)
    page.get_by_role("link", name="Correct this row 3").click()
    expect(page.get_by_label("Profile")).to_have_attribute("aria-invalid", "true")
    wrong += problems(page, 320)
    assert wrong == []
