"""The calendar in a real browser: carried by mouse and by keys, asked before an approval is void."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from accounts.models import User
from publishing.models import Approval, Publication
from publishing.services.approvals import approve
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, make_acme
from tests.publishing.pages import publications, send, url
from tests.publishing.test_screens import sign_in_as
from tests.ui.test_browser import SIZES, open_page, problems, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("SCREENSHOTS")  # a folder: leave a picture of every page there
THURSDAY = datetime(2027, 6, 10, 10, 15, tzinfo=UTC)
NOW = datetime(2027, 6, 1, 9, 0, tzinfo=UTC)


@pytest.fixture
def brand() -> Acme:
    return make_acme()


def week(base: str, day: int = 10) -> str:
    return str(base + url("calendar_week_of", 2027, 6, day))


def due(acme: Acme) -> datetime:
    found = publications(acme)[0].due_at
    assert found is not None
    return found


def test_card_is_carried_by_keys_over_hours_and_days(page: Page, live_server: Any, brand: Acme) -> None:
    publication = send(brand, brand.paul, brand.news, due_at=THURSDAY)
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(week(live_server.url))
    link, said = page.locator(f"#p{publication.pk} .cal-link"), page.locator("[data-live]")
    link.focus()
    page.keyboard.press("Space")
    expect(said).to_contain_text("Picked up Hello, world.")
    page.keyboard.press("ArrowRight")
    expect(said).to_have_text("Friday 11 June, 10:00")
    page.keyboard.press("Escape")
    expect(said).to_have_text("Put back on Thursday 10 June, 10:00.")
    page.keyboard.press("Space")
    for key in ("ArrowRight", "ArrowDown", "ArrowDown"):
        page.keyboard.press(key)
    expect(link).to_be_focused()
    page.keyboard.press("Space")
    expect(page.locator(".toast [data-text]")).to_have_text("The post is moved.")
    expect(page.locator(f"#h2027061112 #p{publication.pk}")).to_be_visible()
    expect(link).to_be_focused()
    assert due(brand) == datetime(2027, 6, 11, 12, 15, tzinfo=UTC)
    page.goto(live_server.url + url("calendar_month", 2027, 6))
    link.focus()
    for key in ("Space", "ArrowDown", "ArrowLeft"):
        page.keyboard.press(key)
    expect(said).to_have_text("Thursday 17 June")
    for _week in range(4):
        page.keyboard.press("ArrowDown")
    expect(said).to_contain_text("The calendar ends here.")
    page.keyboard.press("Enter")
    expect(page.locator(".toast [data-text]")).to_have_text("The post is moved.")
    assert due(brand) == datetime(2027, 7, 1, 12, 15, tzinfo=UTC)


def carry(page: Page, card: str, goal: str) -> None:
    page.locator(card).scroll_into_view_if_needed()
    start, end = page.locator(card).bounding_box(), page.locator(goal).bounding_box()
    assert start and end
    page.mouse.move(start["x"] + 12, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + 20, start["y"] + 14, steps=4)
    page.mouse.move(end["x"] + 30, end["y"] + 20, steps=12)
    page.mouse.up()


def test_card_is_dragged_to_another_hour_and_asks_before_an_approval_is_void(
    page: Page, live_server: Any, brand: Acme
) -> None:
    publication = send(brand, brand.mina, brand.news, due_at=THURSDAY)
    with organization_open(brand.organization.pk):
        approval = Approval.objects.get()
        approve(actor=brand.access(brand.paul), approval=approval, digest=approval.content_digest, now=NOW)
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(week(live_server.url))
    card, ask = f"#p{publication.pk}", page.locator("#move-ask")
    carry(page, card, "#h2027061112")
    expect(ask).to_contain_text("Paul Editor approved it for this time. Moving it voids the approval")
    ask.get_by_role("button", name="Leave it where it was").click()
    expect(page.locator(f"#h2027061010 {card}")).to_be_visible()
    assert due(brand) == THURSDAY
    carry(page, card, "#h2027061112")
    ask.get_by_role("button", name="Move post").click()
    expect(page.locator(f"#h2027061112 {card}")).to_be_visible()
    expect(page.locator(".toast [data-text]")).to_contain_text("The post is moved")
    assert due(brand) == datetime(2027, 6, 11, 12, 15, tzinfo=UTC)


@pytest.fixture
def full(brand: Acme) -> Acme:
    """Acme with a week in which hours are crowded, and one in which the clock is put back."""
    with organization_open(brand.organization.pk):
        SocialProfile.objects.update(time_zone="Europe/Berlin")
    User.objects.filter(pk=brand.olga.pk).update(time_zone="Europe/Berlin")
    texts = ["Winter commuting checklist", "Map of safe routes", "Repair café, Lisbon", "Behind the weld"]
    for number, text in enumerate(texts):
        send(
            brand,
            brand.paul,
            brand.news,
            brand.sky,
            text=text,
            due_at=THURSDAY + timedelta(minutes=7 * number),
        )
        send(
            brand,
            brand.mina,
            brand.news,
            text=text,
            due_at=THURSDAY + timedelta(days=number - 3, hours=number),
        )
    for hour in (0, 1):
        send(
            brand,
            brand.paul,
            brand.news,
            text="At half past two",
            due_at=datetime(2027, 10, 31, hour, 30, tzinfo=UTC),
        )
    with organization_open(brand.organization.pk):
        Publication.objects.filter(post__text=texts[0]).update(state="draft")
    return brand


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_week_is_accessible_and_keeps_the_policy(
    browser: Browser, live_server: Any, full: Acme, size: str, scheme: Any
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = open_page(context)
    sign_in(page, live_server.url)
    found: dict[str, list[str]] = {}
    pages = {
        "week": url("calendar_week_of", 2027, 6, 10),
        "week-clock": url("calendar_week_of", 2027, 10, 31),
        "month": url("calendar_month", 2027, 6) + "?network=mastodon&state=waiting",
    }
    for name, path in pages.items():
        page.goto(live_server.url + path)
        if name == "month":
            page.locator("[popovertarget=filters]").click()
        found[name] = problems(page, width)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{size}-{scheme}.png", full_page=True)
    context.close()
    assert not {name: list_ for name, list_ in found.items() if list_}
