"""The main job in a real browser, start to end, with real processes and the sandbox as the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from orgs.models import Organization
from publishing.models import Publication, PublishAttempt
from sandbox.testing import SandboxServer
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import add_member, give, make_organization, make_person
from tests.chromium import chromium
from tests.end_to_end import screens
from tests.end_to_end.conftest import Install
from tests.end_to_end.installation import Installation
from tests.end_to_end.times import next_minute
from tests.end_to_end.watching import DESKTOP, PHONE, Watched

pytestmark = [pytest.mark.browser, pytest.mark.long]

ZONE = "America/Sao_Paulo"
TEXT = "Seven small fixes keep you dry all winter 🚲 https://example.org/winter #BikeToWork"
ALT_TEXT = "A bicycle in the rain, its mudguards shining"
PUBLISHED_WITHIN_SECONDS = 100
# Approved after its minute it would be held, so whoever approves gets time to read.
TIME_TO_APPROVE_SECONDS = 20


@dataclass
class House:
    """Acme in a running Chorus, and the sandbox beside it."""

    chorus: Installation
    sandbox: SandboxServer
    organization: Organization


Arrive = Callable[[dict[str, int]], Watched]


@pytest.fixture
def house(install: Install) -> Iterator[House]:
    with SandboxServer() as sandbox:
        chorus = install(
            CHORUS_SANDBOX_MASTODON_URL=sandbox.mastodon_origin,
            CHORUS_SANDBOX_BLUESKY_URL=sandbox.bluesky_origin,
        )
        organization = make_organization("acme", "Acme", make_person("Olga Owner"))
        Organization.objects.filter(pk=organization.pk).update(time_zone=ZONE)
        yield House(chorus, sandbox, organization)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Arrive]:
    """Return what lets another person come with a browser of his own; none may have heard a complaint."""
    people: list[Watched] = []

    def come(viewport: dict[str, int]) -> Watched:
        is_phone = viewport == PHONE
        context = browser.new_context(
            viewport={"width": viewport["width"], "height": viewport["height"]},
            has_touch=is_phone,
            is_mobile=is_phone,
            reduced_motion="reduce",
        )
        people.append(Watched(context))
        return people[-1]

    yield come
    for person in people:
        person.context.close()
    assert not [said for person in people for said in person.complaints]


def test_a_colleague_is_given_a_role_and_his_post_goes_out_at_its_minute(
    house: House, arrive: Arrive, tmp_path: Path
) -> None:
    add_member(house.organization, make_person("Paul Editor"), "standard:member")
    at_olga = arrive(DESKTOP)
    olga = at_olga.new_page()
    connect_and_give_paul_the_role(house, olga)

    at_paul = arrive(DESKTOP)
    paul = at_paul.new_page()
    screens.sign_in(paul, house.chorus.url, "paul@acme.test")
    screens.write(paul, handle="@acme@", text=TEXT, picture=picture(tmp_path), alt_text=ALT_TEXT)
    due_at = next_minute()
    screens.press_at(paul, "Schedule", due_at, ZONE)
    expect(paul.get_by_text("The post is scheduled.")).to_be_visible()
    assert not house.sandbox.posts() or datetime.now(UTC) > due_at
    screens.wait_until_published(house.chorus, paul, seconds=PUBLISHED_WITHIN_SECONDS)
    check_times(house, due_at)
    there = screens.read_at_network(paul, house.sandbox.mastodon_origin)
    expect(there.get_by_text("Seven small fixes keep you dry all winter 🚲")).to_be_visible()
    expect(there.get_by_alt_text(ALT_TEXT)).to_be_visible()
    there.close()

    screens.write(paul, handle="@acme@", text="One more thing")
    end_the_role(house, olga)
    assert not at_paul.take_complaints()
    paul.get_by_role("button", name="Publish now", exact=True).click()
    check_refusal(paul)
    assert [post["text"] for post in house.sandbox.posts()] == [TEXT]
    # The one complaint: the console repeats the status of the refusal.
    [said] = at_paul.take_complaints()
    assert "status of 403" in said


def connect_and_give_paul_the_role(house: House, olga: Page) -> None:
    screens.sign_in(olga, house.chorus.url, "olga@acme.test")
    screens.connect_sandbox_mastodon(olga, "acme", house.sandbox.mastodon_origin)
    screens.open_member(olga, "Paul Editor")
    screens.give_role(olga, "Editor", "@acme@")
    explanation = screens.why(olga, "Publish posts")
    expect(explanation).to_contain_text("Editor")
    expect(explanation).to_contain_text("@acme@")
    olga.keyboard.press("Escape")
    screens.sign_out(olga)


def end_the_role(house: House, olga: Page) -> None:
    screens.sign_in(olga, house.chorus.url, "olga@acme.test")
    screens.open_member(olga, "Paul Editor")
    olga.get_by_role("link", name="End Editor on").click()
    olga.get_by_role("button", name="End role").click()
    expect(olga.get_by_text("has ended.")).to_be_visible()


def check_refusal(paul: Page) -> None:
    """Told why, nothing sent, nothing typed lost, and the profile is no longer offered."""
    expect(paul.get_by_role("alert")).to_contain_text("your role on it ended")
    expect(paul.get_by_label("Text", exact=True)).to_have_value("One more thing")
    expect(paul.locator("label.chip")).to_have_count(0)


def check_times(house: House, due_at: datetime) -> None:
    """It went out once, not before its minute."""
    with organization_open(house.organization.pk):
        [publication] = Publication.objects.all()
        [attempt] = PublishAttempt.objects.filter(kind="publish")  # the picture went up before, in its own
    assert publication.due_at == due_at
    assert attempt.started_at >= due_at
    assert attempt.outcome == "published"


def picture(folder: Path) -> Path:
    path = folder / "mudguards.jpg"
    Image.radial_gradient("L").resize((400, 300)).convert("RGB").save(path, quality=90)
    return path


def test_on_a_phone_a_post_that_needs_approval_goes_out_once_somebody_else_approved_it(
    house: House, arrive: Arrive
) -> None:
    mina, marc = make_person("Mina Moderator"), make_person("Marc Manager")
    add_member(house.organization, mina, "standard:member")
    add_member(house.organization, marc, "standard:manager")
    olga = arrive(PHONE).new_page()
    screens.sign_in(olga, house.chorus.url, "olga@acme.test")
    screens.connect_sandbox_mastodon(olga, "acme", house.sandbox.mastodon_origin)
    with organization_open(house.organization.pk):
        give(SocialProfile.objects.get(), mina, "standard:moderator")
    text = "A new color: Fjord. In the shops from Thursday."

    mina_page, marc_page = arrive(PHONE).new_page(), arrive(PHONE).new_page()
    screens.sign_in(marc_page, house.chorus.url, "marc@acme.test")
    screens.sign_in(mina_page, house.chorus.url, "mina@acme.test")
    screens.write(mina_page, handle="@acme@", text=text)
    due_at = next_minute(at_least=TIME_TO_APPROVE_SECONDS)
    screens.press_at(mina_page, "Send for approval", due_at, ZONE)
    expect(mina_page.get_by_text("It goes out once somebody else approves it.")).to_be_visible()

    screens.go(marc_page, "Approvals")
    marc_page.get_by_role("link", name="A new color: Fjord.").click()
    marc_page.get_by_role("button", name="Approve", exact=True).click()
    expect(marc_page.get_by_text("Approved. It goes out at its time.")).to_be_visible()
    assert not house.sandbox.posts() or datetime.now(UTC) > due_at

    screens.wait_until_published(house.chorus, mina_page, seconds=PUBLISHED_WITHIN_SECONDS)
    check_times(house, due_at)
    there = screens.read_at_network(mina_page, house.sandbox.mastodon_origin)
    expect(there.get_by_text(text)).to_be_visible()
    assert [post["text"] for post in house.sandbox.posts()] == [text]
