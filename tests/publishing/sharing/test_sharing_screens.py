"""The pages of shared calendars in a real browser: for the team, and quiet and whole for people outside."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from publishing.models import Approval, Comment, PostMedia, State
from publishing.services.scheduling import schedule_post
from tenancy.context import organization_open
from tests.cast import Acme, make_acme
from tests.publishing.approvals.making import make_workflow, say_yes, step
from tests.publishing.pages import picture, publications, send, url, write
from tests.publishing.sharing.pages import JUNE, linked, month, post_page, shared
from tests.publishing.test_screens import sign_in_as
from tests.ui.test_browser import SIZES, open_page, problems

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

SHOTS = os.environ.get("SCREENSHOTS")  # a folder: leave a picture of every page there
CLARA = ("Clara Client", "clara@client.test")


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def brand() -> Acme:
    """Acme with a month that is shared, one post of which waits for Clara."""
    acme = make_acme()
    texts = ["Winter commuting checklist", "Map of safe routes", "Repair café, Lisbon", "Behind the weld"]
    for number, text in enumerate(texts):
        send(acme, acme.paul, acme.news, acme.sky, text=text, due_at=JUNE + timedelta(days=2 * number))
    make_workflow(acme, step("Team", acme.marc), step("Client", outsiders=[CLARA]))
    text = "Black Friday stance: we close the shop and ride.\nCome along, bring a friend."
    post = write(acme, acme.mina, acme.news, text=text)
    with organization_open(acme.organization.pk):
        PostMedia.objects.create(
            post=post, file=ContentFile(picture(size=(640, 360)).read(), name="n.png"),
            filename="n.png", content_type="image/png", size_bytes=3, width=640, height=360, digest="d",
            alt_text="A bridge at dawn",
        )  # fmt: skip
        Comment.objects.create(
            post=post, author=acme.paul, author_name="Paul Editor", text="Have a look", thread="external"
        )
        now = timezone.now()
        due = {one.pk: JUNE for one in post.publications.all()}
        schedule_post(actor=acme.access(acme.mina), post=post, due=due, now=now)
        approval = Approval.objects.get(answer="")
    say_yes(acme, acme.marc, approval)
    return acme


def waiting(acme: Acme) -> int:
    (found,) = publications(acme, state=State.WAITING)
    return int(found.pk)


def token_of_clara(acme: Acme) -> str:
    calendar = shared(acme, acme.news, acme.sky)
    linked(acme, calendar, name="Board", may_comment=False)
    _link, token = linked(acme, calendar, email=CLARA[1], may_comment=True, may_approve=True)
    return token


@pytest.mark.parametrize(("size", "scheme"), [("desktop", "light"), ("phone", "dark")])
def test_pages_are_accessible_and_keep_the_policy(
    browser: Browser, live_server: Any, brand: Acme, size: str, scheme: Any
) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, reduced_motion="reduce"
    )
    page = open_page(context)
    token = token_of_clara(brand)
    calendar = url("shared_calendar", 1)
    outside = {
        "outside-month": month(token),
        "outside-list": f"{month(token)}?view=list",
        "outside-post": post_page(token, waiting(brand)),
        "outside-gone": reverse("outside_calendar", args=["wrong"]),
    }
    inside = {
        "shared-list": url("shared_calendar_list"),
        "shared-new": url("shared_calendar_new"),
        "shared": calendar,
        "shared-link": f"{calendar}links/",
        "subscription": url("calendar_subscription"),
        "calendar": url("calendar_month", 2027, 6),
    }
    found: dict[str, list[str]] = {}
    for pages in (outside, inside):
        if pages is inside:
            sign_in_as(page, live_server.url, brand.marc.email)
        for name, path in pages.items():
            page.goto(live_server.url + path)
            if name == "calendar":
                page.locator("[popovertarget=share-menu]").click()
            found[name] = problems(page, width)
            if SHOTS:
                page.screenshot(path=f"{SHOTS}/{name}-{size}-{scheme}.png", full_page=True)
    context.close()
    assert not {name: list_ for name, list_ in found.items() if list_}


def test_client_approves_in_two_presses_without_an_account(page: Page, live_server: Any, brand: Acme) -> None:
    token, pk = token_of_clara(brand), waiting(brand)
    page.goto(live_server.url + month(token))
    page.get_by_role("link", name="Look at it").click()
    expect(page.get_by_alt_text("A bridge at dawn")).to_be_visible()
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator(".toast [data-text]")).to_have_text("You approved it. Thank you.")
    page.reload()
    expect(page.get_by_role("heading", name="For the client")).to_be_visible()
    assert [one.pk for one in publications(brand, state=State.SCHEDULED) if one.pk == pk] == [pk]


def test_link_is_made_and_opens_for_whoever_has_it(
    page: Page, browser: Browser, live_server: Any, brand: Acme
) -> None:
    sign_in_as(page, live_server.url, brand.marc.email)
    page.goto(live_server.url + url("calendar_month", 2027, 6))
    page.get_by_role("button", name="Share").click()
    page.get_by_role("link", name="With people outside").click()
    page.get_by_role("link", name="Share a calendar").first.click()
    page.get_by_label("Name", exact=True).fill("Summer")
    page.locator("[name=profiles]").first.check()
    page.get_by_role("button", name="Create calendar").click()
    page.get_by_role("link", name="New link").click()
    page.get_by_label("Who is it for?").fill("Clara")
    page.get_by_role("button", name="Make the link").click()
    address = page.locator("#address").input_value()
    stranger = browser.new_context()
    outside = stranger.new_page()
    outside.goto(address)
    expect(outside.get_by_role("heading", name="Summer")).to_be_visible()
    stranger.close()
