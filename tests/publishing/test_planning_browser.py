"""Planning in a real browser: a post is given a free time of the queue; a refused card goes back where it was."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from publishing.models import HashtagList, Publication, QueueSlot, State
from publishing.slots import WEEKDAYS
from publishing.times import LOCAL_TIME
from tenancy.context import organization_open
from tests.cast import Acme, make_acme
from tests.publishing.pages import picture, publications, send, url
from tests.publishing.test_calendar_browser import carry
from tests.publishing.test_screens import sign_in_as

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def brand() -> Acme:
    acme = make_acme()
    with organization_open(acme.organization.pk):
        HashtagList.objects.create(name="Cycling", hashtags=["BikeToWork", "BehindTheWeld"])
        for weekday in range(WEEKDAYS):
            QueueSlot.objects.create(profile=acme.news, weekday=weekday, minute=9 * 60)
    return acme


def test_post_is_written_and_scheduled_at_the_next_free_time(
    page: Page, live_server: Any, brand: Acme
) -> None:
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(live_server.url + url("post_new"))
    expect(page.locator("[data-network]:visible")).to_have_count(0)
    page.get_by_label("@acme-news@sandbox.test").check()
    page.get_by_label("@acme-sky@sandbox.test").check()
    expect(page.locator("[data-network]:visible")).to_have_count(2)
    page.locator("#body").press_sequentially("Rain again. #bi")
    expect(page.locator("#hashtag-suggestions [role=option]")).to_have_text(["#BikeToWorkCycling"])
    page.keyboard.press("Enter")
    expect(page.locator("#body")).to_have_value("Rain again. #BikeToWork ")
    expect(page.locator("[data-preview=mastodon] [data-body]")).to_contain_text("Rain again. #BikeToWork")
    page.locator("[data-network=bluesky] summary").click()
    page.fill("#text-bluesky", "Rain, again.")
    image = {"name": "bridge.png", "mimeType": "image/png", "buffer": picture().read()}
    page.set_input_files("[data-upload]", image)  # type: ignore[arg-type]
    page.get_by_label("Description of bridge.png").fill("A bridge in the rain")
    free = page.locator("[data-set-time]")
    expect(free).to_have_count(1)
    at = str(free.get_attribute("data-set-time"))
    free.click()
    expect(page.locator("#id_when")).to_have_value(at)
    expect(page.locator("[data-around-week] .here")).to_contain_text("09:00")
    page.get_by_role("button", name="Schedule", exact=True).click()
    expect(page.locator(f'[data-day="{at[:10]}"]')).to_contain_text("Rain again.")
    due = datetime.strptime(at, LOCAL_TIME).replace(tzinfo=UTC)
    found = publications(brand)
    assert [(one.state, one.due_at) for one in found] == [(State.SCHEDULED, due)] * 2
    with organization_open(brand.organization.pk):
        post = found[0].post
        assert (post.text_for("mastodon"), post.text_for("bluesky")) == (
            "Rain again. #BikeToWork ",
            "Rain, again.",
        )
        assert post.media.get().alt_text == "A bridge in the rain"


def test_card_carried_over_the_week_springs_back_when_it_is_refused(
    page: Page, live_server: Any, brand: Acme
) -> None:
    start = datetime(2027, 6, 10, 10, 15, tzinfo=UTC)
    publication = send(brand, brand.paul, brand.news, text="Carried", due_at=start)
    sign_in_as(page, live_server.url, brand.paul.email)
    page.goto(live_server.url + url("calendar_week_of", 2027, 6, 10))
    with organization_open(brand.organization.pk):
        Publication.objects.update(state=State.PUBLISHING)  # since the page was opened
    card, refusal = f"#p{publication.pk}", "It is out or on its way, so it can no longer be moved."
    carry(page, card, "#h2027061112")
    expect(page.locator(".toast [data-text]")).to_have_text(refusal)
    expect(page.locator(f"#h2027061010 {card}")).to_have_count(1)
    page.locator(f"{card} .cal-link").focus()
    for key in ("Space", "ArrowRight", "ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(page.locator(".toast [data-text]")).to_have_text([refusal, refusal])
    expect(page.locator(f"#h2027061010 {card}")).to_have_count(1)
    assert publications(brand)[0].due_at == start
