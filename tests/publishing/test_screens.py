"""The publishing screens in a real browser: they look alright everywhere, and their scripts meet the server."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from publishing.models import Approval, HoldReason, OpenComposer, Publication, PublishAttempt, State
from publishing.services.media import PART_BYTES
from tenancy.context import organization_open
from tests.cast import PASSWORD, Acme, give, make_acme
from tests.films import film
from tests.publishing.pages import picture, publications, send, url, write
from tests.ui.test_browser import OTHER_LOOKS, SIZES, open_page, problems, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("SCREENSHOTS")  # a folder: leave a picture of every page there


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def brand() -> Acme:
    """Acme with one publication in every state a page shows differently."""
    acme = make_acme()
    now = timezone.now().replace(minute=15)
    texts = ["Winter commuting checklist", "Map of safe routes", "Repair café, Lisbon", "Behind the weld"]
    for number, text in enumerate(texts):
        send(acme, acme.paul, acme.news, acme.sky, text=text, due_at=now + timedelta(days=number, hours=2))
    send(acme, acme.mina, acme.news, text="Black Friday stance", due_at=now + timedelta(days=1))
    write(acme, acme.paul, acme.news, text="A draft")
    states: dict[State, dict[str, Any]] = {
        State.PUBLISHED: {"published_at": now - timedelta(days=2), "permalink": "https://sandbox.test/@a/1"},
        State.REJECTED: {"detail": "Validation failed: text character limit of 500 exceeded"},
        State.HELD: {"hold_reason": HoldReason.RIGHT_LOST},
        State.UNCONFIRMED: {"detail": "sandbox.test did not answer in time."},
    }
    for state, fields in states.items():
        made = send(acme, acme.olga, acme.news, text=f"This one is {state.label.lower()}")
        with organization_open(acme.organization.pk):
            changes = {"state": state, "due_at": now - timedelta(days=2)} | fields
            Publication.objects.filter(pk=made.pk).update(**changes)
            PublishAttempt.objects.create(
                publication=made,
                number=1,
                started_at=now - timedelta(days=2),
                finished_at=now - timedelta(days=2) + timedelta(seconds=2),
                outcome=PublishAttempt.Outcome.REJECTED,
                detail=fields.get("detail", ""),
                content_digest="0" * 64,
            )
    return acme


def pages_of(acme: Acme) -> dict[str, str]:
    by_state = {one.state: one for one in publications(acme)}
    with organization_open(acme.organization.pk):
        approval = Approval.objects.get()
    named = {f"publication-{state}": url("publication_detail", one.pk) for state, one in by_state.items()}
    return named | {
        "composer": url("post_new"),
        "composer-edit": url("post_edit", by_state[State.DRAFT].post_id),
        "calendar": url("calendar"),
        "list": url("post_list"),
        "list-empty": url("post_list") + "?state=processing",
        "approvals": url("approval_list"),
        "asked": url("approval_list") + "?show=asked",
        "approval": url("approval_detail", approval.pk),
        "move": url("publication_move", by_state[State.SCHEDULED].pk),
        "pause": url("pause"),
    }


@pytest.mark.parametrize(("size", "scheme"), OTHER_LOOKS)
def test_publishing_pages_are_accessible_and_keep_the_policy(
    browser: Browser, live_server: Any, brand: Acme, size: str, scheme: Any
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = open_page(context)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    sign_in(page, live_server.url)
    found: dict[str, list[str]] = {}
    for name, path in pages_of(brand).items():
        page.goto(live_server.url + path)
        if name.startswith("composer"):
            page.locator("[name=profile]").nth(0).check()
        found[name] = problems(page, width)
        if SHOTS:
            page.screenshot(path=f"{SHOTS}/{name}-{size}-{scheme}.png", full_page=True)
    context.close()
    assert not {name: list_ for name, list_ in found.items() if list_}
    assert not said


def sign_in_as(page: Page, base: str, email: str) -> None:
    page.goto(f"{base}/accounts/login/")
    page.fill("[name=login]", email)
    page.fill("[name=password]", PASSWORD)
    page.click("main button.btn-primary")
    page.wait_for_url(lambda url: "/accounts/login/" not in url)


def begin(page: Page, base: str) -> None:
    sign_in(page, base)
    page.goto(base + url("post_new"))


def test_composer_follows_what_is_typed_and_chosen(page: Page, live_server: Any) -> None:
    make_acme()
    begin(page, live_server.url)
    expect(page.locator("[data-preview-none]")).to_be_visible()
    page.get_by_label("@acme-sky@sandbox.test").check()
    page.fill("#body", "x" * 310)
    expect(page.locator("[data-count=bluesky] b")).to_have_text("-10")
    expect(page.locator("#post-error")).to_contain_text("Too long for Bluesky")
    page.locator("[data-network=bluesky] summary").click()
    page.fill("#text-bluesky", "Shorter")
    expect(page.locator("#post-error")).to_be_hidden()
    expect(page.locator("[data-preview=bluesky] [data-body]")).to_have_text("Shorter")
    page.get_by_label("@acme-news@sandbox.test").check()
    page.locator("[data-network=mastodon] summary").click()
    page.fill("[name=option_mastodon_spoiler_text]", "Careful")
    expect(page.locator("[data-count=mastodon] b")).to_have_text(str(500 - 310 - 7))
    expect(page.locator("[data-preview=mastodon] [data-warning]")).to_have_text("Careful")


def test_large_film_comes_in_parts_a_picture_is_cropped_by_keys_and_all_of_it_is_kept(
    page: Page, live_server: Any
) -> None:
    acme = make_acme()
    begin(page, live_server.url)
    page.get_by_label("@acme-news@sandbox.test").check()
    page.fill("#body", "With a film")
    large = {"name": "ride.mp4", "mimeType": "video/mp4", "buffer": film(bytes_min=PART_BYTES + 1000)}
    page.set_input_files("[data-upload]", large)  # type: ignore[arg-type]
    expect(page.get_by_label("Description of ride.mp4")).to_be_visible()
    expect(page.locator("[data-preview=mastodon] [data-pictures] video")).to_have_count(1)
    image = {"name": "bridge.png", "mimeType": "image/png", "buffer": picture(size=(400, 300)).read()}
    page.set_input_files("[data-upload]", image)  # type: ignore[arg-type]
    expect(page.locator("[data-problems-of=mastodon]")).to_contain_text("either pictures or one video")
    page.get_by_role("button", name="Crop bridge.png").click()
    page.get_by_role("button", name="1:1").click()
    page.locator("[data-frame]").press("ArrowLeft")
    expect(page.locator("#crop-left")).to_have_value("42")
    page.locator("[data-crop-apply]").click()
    expect(page.locator("[data-picture-list]")).to_contain_text("300 × 300")
    page.get_by_role("button", name="Remove ride.mp4").click()
    expect(page.locator("[data-problems-of=mastodon]")).to_be_empty()
    expect(page.locator("[data-kept]")).to_contain_text("not saved yet")
    with organization_open(acme.organization.pk):
        assert OpenComposer.objects.get().fields["text"] == ["With a film"]


def test_picture_is_uploaded_at_once_and_survives_a_refusal(page: Page, live_server: Any) -> None:
    acme = make_acme()
    begin(page, live_server.url)
    page.get_by_label("@acme-news@sandbox.test").check()
    page.fill("#body", "With a picture")
    image = {"name": "bridge.png", "mimeType": "image/png", "buffer": picture().read()}
    page.set_input_files("[data-upload]", image)  # type: ignore[arg-type]
    page.get_by_label("Description of bridge.png").fill("A bridge at dawn")
    expect(page.locator("[data-preview=mastodon] [data-pictures] img")).to_have_count(1)
    broken = {"name": "bad.png", "mimeType": "image/png", "buffer": b"no picture"}
    page.set_input_files("[data-upload]", broken)  # type: ignore[arg-type]
    expect(page.locator("[data-upload-problem]")).to_contain_text("bad.png is not a picture we can read.")
    page.locator("button[value=schedule]:visible").click()  # no time chosen
    expect(page.locator("#when-error")).to_have_text("Choose a day and a time.")
    expect(page.get_by_label("Description of bridge.png")).to_have_value("A bridge at dawn")
    page.locator("button[value=now]:visible").click()
    page.wait_for_url("**/publications/*/")
    (publication,) = publications(acme)
    with organization_open(acme.organization.pk):
        assert publication.post.media.get().alt_text == "A bridge at dawn"


def test_card_is_dragged_to_another_day_and_goes_back_when_refused(
    page: Page, live_server: Any, django_user_model: Any
) -> None:
    acme = make_acme()
    first = timezone.now().replace(day=1, hour=9, minute=15) + timedelta(days=40)
    start = first.replace(day=10)
    publication = send(acme, acme.paul, acme.news, text="Dragged", due_at=start)
    sign_in(page, live_server.url)
    page.goto(live_server.url + url("calendar_month", start.year, start.month))

    def drag(day: int) -> None:
        card = page.locator(f"#p{publication.pk}")
        card.hover()
        begin = card.bounding_box()
        goal = page.locator(f'[data-day="{start:%Y-%m}-{day:02}"]').bounding_box()
        assert begin and goal
        page.mouse.move(begin["x"] + 30, begin["y"] + 8)
        page.mouse.down()
        page.mouse.move(begin["x"] + 50, begin["y"] + 20, steps=5)
        page.mouse.move(goal["x"] + 40, goal["y"] + 10, steps=15)
        page.mouse.up()

    drag(12)
    expect(page.locator(".toast [data-text]")).to_have_text(["The post is moved."])
    expect(page.locator(f'[data-day="{start:%Y-%m}-12"] #p{publication.pk}')).to_have_count(1)
    assert publications(acme)[0].due_at == start.replace(day=12)
    with organization_open(acme.organization.pk):
        Publication.objects.update(state=State.PUBLISHING)
    drag(13)
    expect(page.locator(".toast [data-text]")).to_contain_text(
        ["moved", "It is out or on its way, so it can no longer be moved."]
    )
    expect(page.locator(f'[data-day="{start:%Y-%m}-12"] #p{publication.pk}')).to_have_count(1)
    assert publications(acme)[0].due_at == start.replace(day=12)


def test_card_is_moved_by_keyboard_too(page: Page, live_server: Any) -> None:
    acme = make_acme()
    start = timezone.now().replace(day=10, hour=9, minute=15, second=0, microsecond=0) + timedelta(days=31)
    publication = send(acme, acme.paul, acme.news, text="Moved", due_at=start)
    sign_in(page, live_server.url)
    page.goto(live_server.url + url("calendar_month", start.year, start.month))
    page.locator(f"#p{publication.pk} .cal-more").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#move-when")).to_have_value(f"{start:%Y-%m-%dT%H:%M}")
    expect(page.locator("#move [data-zone]")).to_have_text("UTC")
    page.fill("#move-when", f"{start + timedelta(days=1):%Y-%m-%dT%H:%M}")
    page.locator("#move button.btn-primary").click()
    expect(page.locator(".toast [data-text]")).to_have_text(["The post is moved."])
    assert publications(acme)[0].due_at == start + timedelta(days=1)


def test_buttons_follow_the_chosen_profiles_and_a_blocked_one_says_why(page: Page, live_server: Any) -> None:
    acme = make_acme()
    give(acme.sky, acme.mina, "standard:editor")
    sign_in_as(page, live_server.url, "mina@acme.test")
    page.goto(live_server.url + url("post_new"))
    primary = page.locator(".composer-foot .btn-primary:visible")
    page.get_by_label("@acme-news@sandbox.test").check()
    expect(primary).to_have_text("Send for approval")
    page.locator("[popovertarget=blocked-now]").press("Enter")
    expect(page.locator("#blocked-now")).to_contain_text("You may not publish without approval here.")
    page.keyboard.press("Escape")
    page.get_by_label("@acme-sky@sandbox.test").check()
    expect(primary).to_have_text("Schedule and send for approval")
    expect(page.locator("[data-asking]")).to_have_text("@acme-news@sandbox.test")
    page.get_by_label("@acme-news@sandbox.test").uncheck()
    expect(primary).to_have_text("Schedule")
    if SHOTS:
        page.get_by_label("@acme-news@sandbox.test").check()
        page.fill("#body", "Riding to work all winter? See https://acme.test/winter #BikeToWork")
        page.screenshot(path=f"{SHOTS}/composer-mina.png", full_page=True)
