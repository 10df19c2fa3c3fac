"""The scripts of tabs, composer, calendar and role matrix, on the smallest page each can run on."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.ui.urls"),
]


@pytest.fixture
def composer(page: Page, live_server: Any) -> Page:
    page.goto(f"{live_server.url}/_probe/composer/")
    return page


@pytest.fixture
def matrix(page: Page, live_server: Any) -> Page:
    page.goto(f"{live_server.url}/_probe/matrix/")
    return page


@pytest.mark.parametrize(
    ("text", "left_on_x", "left_on_mastodon"),
    [
        ("", 280, 500),
        ("hello", 275, 495),
        ("https://example.org/" + "a" * 200, 257, 477),
        ("\U0001f469\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466", 278, 499),
        ("hi @bob@very.long.server.example", 248, 493),
        ("日本", 276, 498),
    ],
)
def test_composer_counts_as_each_network_does(
    composer: Page, text: str, left_on_x: int, left_on_mastodon: int
) -> None:
    composer.fill("#body", text)
    expect(composer.locator("[data-count=x] b")).to_have_text(str(left_on_x))
    expect(composer.locator("[data-count=mastodon] b")).to_have_text(str(left_on_mastodon))


def test_composer_names_the_networks_that_are_too_long(composer: Page) -> None:
    composer.fill("#body", "x" * 300)
    expect(composer.locator("#post-error")).to_have_text("Too long for X")
    expect(composer.locator("#body")).to_have_attribute("aria-invalid", "true")
    composer.uncheck("[data-net=x]")
    expect(composer.locator("#post-error")).to_be_hidden()
    expect(composer.locator("[data-preview=x]")).to_be_hidden()


def test_preview_shows_text_and_never_markup(composer: Page) -> None:
    expect(composer.locator("[data-body]")).to_have_text("Empty")
    composer.fill("#body", "<b>no</b> and a long rest")
    expect(composer.locator("[data-body]")).to_have_text("<b>no</b>  …more")


def test_emoji_is_found_by_name_and_put_at_the_cursor(composer: Page) -> None:
    composer.click("[popovertarget=emoji]")
    composer.fill("emoji-picker input", "bicycle")
    composer.locator("emoji-picker [data-grid] button").and_(composer.get_by_label("bicycle")).first.click()
    expect(composer.locator("#body")).to_have_value(re.compile("^\U0001f6b2"))
    expect(composer.locator("#emoji")).to_be_hidden()


def test_dragged_post_goes_back_when_the_server_refuses(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/_probe/calendar/")
    start = page.locator('[data-post="7"]').first.bounding_box()
    goal = page.locator('[data-day="2026-11-22"]').bounding_box()
    assert start and goal
    with page.expect_request("**/_probe/refused/") as sent:
        page.mouse.move(start["x"] + 30, start["y"] + 8)
        page.mouse.down()
        page.mouse.move(start["x"] + 50, start["y"] + 20, steps=5)
        page.mouse.move(goal["x"] + 40, goal["y"] + 10, steps=15)
        page.mouse.up()
    assert sent.value.post_data == "post=7&day=2026-11-22&from=2026-11-21"
    assert sent.value.headers["x-csrftoken"]
    expect(page.locator(".toast [data-text]")).to_contain_text("Le 13 est gelé")
    expect(page.locator('[data-day="2026-11-21"] [data-post="7"].cal-post')).to_have_count(1)


def test_post_is_moved_by_keyboard_as_well(page: Page, live_server: Any) -> None:
    page.goto(f"{live_server.url}/_probe/calendar/")
    page.locator(".cal-more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#move")).to_be_visible()
    expect(page.locator("#move [name=post]")).to_have_value("7")
    expect(page.locator("#at")).to_have_value("2026-11-21T09:15")


def test_matrix_is_one_tab_stop_with_arrow_keys(matrix: Page) -> None:
    assert matrix.locator('role-matrix tbody [tabindex="0"]').count() == 1
    matrix.locator('input[value="2.edit"]').focus()
    for key in ["ArrowRight", "ArrowDown"]:
        matrix.keyboard.press(key)
    expect(matrix.locator('input[value="3.publish"]')).to_be_focused()
    matrix.keyboard.press("Home")  # a cell that only shows something is read like the others
    expect(matrix.locator('tr[data-action="publish"] td').first).to_be_focused()
    matrix.keyboard.press("End")
    expect(matrix.locator('input[value="3.publish"]')).to_be_focused()
    matrix.keyboard.press("Control+End")
    expect(matrix.locator('input[value="3.delete"]')).to_be_focused()
    matrix.keyboard.press("ArrowLeft")
    expect(matrix.locator('input[value="2.delete"]')).to_be_focused()
    assert matrix.locator('role-matrix tbody [tabindex="0"]').count() == 1


def test_matrix_hands_over_what_changed_and_takes_it_back(matrix: Page) -> None:
    matrix.locator('input[value="2.edit"]').focus()
    matrix.keyboard.press("Space")
    matrix.locator('input[value="3.delete"]').focus()
    matrix.keyboard.press("Space")
    expect(matrix.locator("#changes")).to_have_value("2.edit- 3.delete+")
    expect(matrix.locator('td[data-changed="added"]')).to_have_count(1)
    matrix.click("[data-reset]")
    expect(matrix.locator("#changes")).to_have_value("")
    expect(matrix.locator('input[value="2.edit"]')).to_be_checked()


def test_matrix_search_hides_rows_and_says_when_nothing_is_left(matrix: Page) -> None:
    matrix.fill("#find", "publish")
    expect(matrix.locator("#matrix-count")).to_have_text("1")
    matrix.fill("#find", "zzz")
    expect(matrix.locator("#matrix-none")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1440])
def test_strip_of_tabs_shows_the_one_the_person_is_on(page: Page, live_server: Any, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    page.goto(f"{live_server.url}/_probe/tabs/")
    expect(page.locator(".tabs > [aria-current]")).to_be_in_viewport(ratio=0.9)
    overflows = page.locator(".tabs").evaluate("(box) => box.scrollWidth > box.clientWidth")
    assert overflows is (width == 390)
