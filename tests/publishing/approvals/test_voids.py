"""Any edit of what goes out voids the approval of it, through the page on which people edit; nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import Approval, Post, State
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.publishing.organizing.shelves import make_campaign, make_field, make_label
from tests.publishing.pages import in_days, picture, press, publications, upload, url, words
from tests.publishing.test_composer_crops import MIDDLE, crop

SignIn = Callable[[User], Client]
NEWS, SKY = "mastodon", "bluesky"


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


class Waiting:
    """A post of Mina with a picture that waits on Acme News and Acme Sky, and the form it came from."""

    def __init__(self, acme: Acme, mina: Client) -> None:
        self.acme, self.mina = acme, mina
        give(acme.sky, acme.mina, "standard:moderator")
        self.picture = upload(mina, picture("bridge.png", (60, 40)))
        self.when = in_days(3)
        self.typed: dict[str, Any] = {
            "text": "Doors open at nine https://acme.test/",
            "media": [self.picture],
            f"alt_{self.picture}": "A bridge",
            "option_mastodon_visibility": "public",
            "option_bluesky_first_comment": "Bring a friend",
            "when": self.when,
            "organizing": "1",
        }
        assert press(mina, "ask", acme.news, acme.sky, **self.typed).status_code == 302

    def void(self, *profiles: Any, **change: Any) -> set[str]:
        """Save the form with a change; return on which networks the approval was voided by it."""
        with organization_open(self.acme.organization.pk):
            post = Post.objects.get()
            asked = {one.pk: one.publication.profile.network for one in Approval.objects.all()}
        form = self.typed | {"version": post.version, "when_before": self.when} | change
        chosen = profiles or (self.acme.news, self.acme.sky)
        self.answer = press(self.mina, "save", *chosen, post=post, **form)
        assert self.answer.status_code == 302, words(self.answer)
        with organization_open(self.acme.organization.pk):
            left = dict(Approval.objects.values_list("pk", "answer"))
        return {network for pk, network in asked.items() if left.get(pk) != ""}


@pytest.fixture
def waiting(acme: Acme, signed_in: SignIn) -> Waiting:
    return Waiting(acme, signed_in(acme.mina))


@pytest.mark.parametrize(
    ("change", "voided"),
    [
        ({"text": "Doors open at ten https://acme.test/"}, {NEWS, SKY}),
        ({"text_bluesky": "Shorter"}, {SKY}),
        ({"option_mastodon_visibility": "unlisted"}, {NEWS}),
        ({"option_bluesky_first_comment": "Bring two"}, {SKY}),
        ({"language": "fr"}, {NEWS, SKY}),
        ({"media": []}, {NEWS, SKY}),
        ({"link_url": "https://acme.test/", "link_title": "Acme"}, {NEWS, SKY}),
        ({"tracking": "on", "utm_campaign": "winter"}, {NEWS, SKY}),
        ({"internal_note": "Ask the lawyer"}, set()),
        ({}, set()),
    ],
    ids=[
        "text",
        "text of one",
        "option",
        "first comment",
        "language",
        "media",
        "link",
        "tracking",
        "note",
        "none",
    ],
)
def test_each_part_of_what_goes_out_voids_where_it_goes_out(
    change: dict[str, Any], voided: set[str], waiting: Waiting
) -> None:
    assert waiting.void(**change) == voided


def test_description_and_crop_of_a_picture_void(waiting: Waiting) -> None:
    assert waiting.void(**{f"alt_{waiting.picture}": "A red bridge"}) == {NEWS, SKY}
    waiting.typed[f"alt_{waiting.picture}"] = "A red bridge"
    waiting.typed["when"] = waiting.when
    press(waiting.mina, "ask", waiting.acme.news, waiting.acme.sky, post=_post(waiting), **again(waiting))
    cut = crop(waiting.mina, waiting.picture, **MIDDLE)
    assert waiting.void(**{"media": [cut], f"alt_{cut}": "A red bridge"}) >= {NEWS, SKY}


def test_profile_taken_out_is_gone_and_the_other_stays_asked_for(waiting: Waiting) -> None:
    assert waiting.void(waiting.acme.news) == {SKY}
    assert [(one.profile.network, one.state) for one in publications(waiting.acme)] == [(NEWS, State.WAITING)]


def test_profile_that_comes_is_a_draft_and_voids_nothing(acme: Acme, waiting: Waiting) -> None:
    give(acme.quiet, acme.mina, "standard:moderator")
    assert waiting.void(acme.news, acme.sky, acme.quiet) == set()
    states = {one.profile.name: one.state for one in publications(acme)}
    assert states["Acme Quiet"] == State.DRAFT and states["Acme News"] == State.WAITING


def test_new_time_asks_anew_and_says_so(waiting: Waiting) -> None:
    assert waiting.void(when=in_days(5)) == {NEWS, SKY}
    assert {one.state for one in publications(waiting.acme)} == {State.WAITING}
    said = words(waiting.mina.get(waiting.answer["Location"]))
    assert "sent for approval again" in said


def test_edit_says_that_what_was_asked_is_void(waiting: Waiting) -> None:
    waiting.void(text="Other words")
    said = words(waiting.mina.get(waiting.answer["Location"]))
    assert "What was asked before is void" in said
    assert {one.state for one in publications(waiting.acme)} == {State.DRAFT}


def test_labels_fields_and_a_campaign_without_tracking_are_not_what_goes_out(
    acme: Acme, waiting: Waiting
) -> None:
    """A5 sends a *scheduled* post again for a moderator's label; what waits is waiting already."""
    label, field, campaign = make_label(acme), make_field(acme), make_campaign(acme)
    chosen = {"labels": [label.pk], f"field_{field.pk}": "4711", "campaign": campaign.pk}
    assert waiting.void(**chosen) == set()
    tracked = make_campaign(acme, "Tracked", utm_campaign="winter")
    assert waiting.void(**chosen | {"campaign": tracked.pk}) == {NEWS, SKY}, "its links are what goes out"


def test_void_request_is_told_on_its_page(acme: Acme, waiting: Waiting, signed_in: SignIn) -> None:
    with organization_open(acme.organization.pk):
        approval = Approval.objects.order_by("pk").first()
    assert approval is not None
    waiting.void(text="Other words")
    page = words(signed_in(acme.paul).get(url("approval_detail", approval.pk)))
    assert "Void: the content changed" in page and 'value="approve"' not in page


def _post(waiting: Waiting) -> Post:
    with organization_open(waiting.acme.organization.pk):
        return Post.objects.get()


def again(waiting: Waiting) -> dict[str, Any]:
    return waiting.typed | {"version": _post(waiting).version, "when_before": waiting.when}
