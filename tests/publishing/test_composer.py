from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from publishing.models import Approval, Post, State
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, give, make_profile
from tests.publishing.pages import (
    in_days,
    press,
    publications,
    typed,
    upload,
    url,
    words,
    write,
)

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


@pytest.fixture
def mina(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.mina)


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def test_composer_offers_what_one_may_write_for_and_shows_the_rest_blocked(
    acme: Acme, signed_in: SignIn
) -> None:
    page = words(signed_in(acme.gus).get(url("post_new")))
    assert "acme-news@sandbox.test" in page
    assert "does not include writing posts" in page
    assert 'name="profile"' not in page


def test_composer_shows_a_lost_connection_with_the_way_out(acme: Acme, paul: Client) -> None:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.sky.pk).update(status=SocialProfile.Status.NEEDS_RECONNECT)
    page = words(paul.get(url("post_new")))
    assert "is not connected to its network" in page
    assert f'name="profile" value="{acme.sky.pk}"' not in page
    assert f'name="profile" value="{acme.news.pk}"' in page


def test_somebody_of_another_organization_finds_nothing(acme: Acme, signed_in: SignIn) -> None:
    mallory = signed_in(acme.mallory)
    assert mallory.get(url("post_new")).status_code == 404
    assert press(mallory, "save", acme.news).status_code == 404


def test_draft_is_saved_with_everything_typed(acme: Acme, paul: Client) -> None:
    media = upload(paul)
    answer = press(
        paul,
        "save",
        acme.news,
        acme.sky,
        media=media,
        text_bluesky="Shorter",
        option_mastodon_visibility="unlisted",
        option_mastodon_spoiler_text="Cycling",
        link_url="https://acme.test/winter",
        link_title="Winter",
        internal_note="For the winter campaign",
        **{f"alt_{media}": "A bridge at dawn"},
    )
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        assert answer.status_code == 302
        assert answer["Location"] == url("post_edit", post.pk)
        assert post.network_texts == {"bluesky": "Shorter"}
        assert post.network_options == {"mastodon": {"visibility": "unlisted", "spoiler_text": "Cycling"}}
        assert post.link_card == {"url": "https://acme.test/winter", "title": "Winter", "description": ""}
        assert [(one.pk, one.alt_text) for one in post.media.all()] == [(media, "A bridge at dawn")]
    assert [one.state for one in publications(acme)] == [State.DRAFT, State.DRAFT]
    page = words(paul.get(url("post_edit", post.pk)))
    for kept in ("Shorter", "Cycling", "acme.test/winter", "For the winter campaign", "A bridge at dawn"):
        assert kept in page


def test_draft_may_be_too_long_but_is_not_sent(acme: Acme, paul: Client) -> None:
    assert press(paul, "save", acme.news, text="x" * 600).status_code == 302
    refused = press(paul, "schedule", acme.news, text="y" * 600, when=in_days(1))
    assert refused.status_code == 422
    assert "100 characters too long (600 of 500)" in words(refused)
    assert "y" * 600 in words(refused)
    assert len(publications(acme)) == 1


def test_editor_publishes_now(acme: Acme, paul: Client) -> None:
    answer = press(paul, "now", acme.news)
    (publication,) = publications(acme)
    assert answer["Location"] == url("publication_detail", publication.pk)
    assert publication.state == State.SCHEDULED
    assert abs(publication.due_at - timezone.now()) < timedelta(minutes=1)


def test_moderator_is_offered_approval_and_told_why_not_now(acme: Acme, mina: Client) -> None:
    page = words(mina.get(url("post_new")))
    assert 'value="now"' not in page
    assert "You may not publish without approval here" in page
    assert press(mina, "now", acme.news).status_code == 403
    assert not publications(acme)
    assert press(mina, "ask", acme.news, when=in_days(1)).status_code == 302
    assert [one.state for one in publications(acme)] == [State.WAITING]


def test_moderator_scheduling_asks_for_approval_instead(acme: Acme, mina: Client) -> None:
    press(mina, "schedule", acme.news, when=in_days(1))
    assert [(one.state, one.vouched_by) for one in publications(acme)] == [(State.WAITING, None)]


def test_guest_cannot_write_even_by_hand(acme: Acme, signed_in: SignIn) -> None:
    assert press(signed_in(acme.gus), "save", acme.news).status_code == 403
    assert not publications(acme)


def test_link_card_needs_an_address_that_is_one(acme: Acme, paul: Client) -> None:
    refused = press(paul, "save", acme.news, link_url="not a link", link_title="Winter")
    assert refused.status_code == 422
    assert "Enter a valid URL." in words(refused)
    assert "not a link" in words(refused)


def test_saving_over_somebody_elses_change_says_so_and_keeps_what_was_typed(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    post = write(acme, acme.paul, acme.news)
    assert (
        press(signed_in(acme.marc), "save", acme.news, post=post, text="First", version=1).status_code == 302
    )
    refused = press(paul, "save", acme.news, post=post, text="Second", version=1)
    assert refused.status_code == 409
    page = words(refused)
    assert "Marc Manager saved this post meanwhile" in page
    assert "<del>First</del>" in page and "<ins>Second</ins>" in page
    assert "Second</textarea>" in page
    assert 'name="version" value="2"' in page
    assert press(paul, "save", acme.news, post=post, text="Second", version=2).status_code == 302


def test_refusal_for_another_reason_does_not_hide_that_somebody_saved(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    post = write(acme, acme.paul, acme.news)
    press(signed_in(acme.marc), "save", acme.news, post=post, text="First", version=1)
    refused = press(paul, "schedule", acme.news, post=post, text="Second", version=1)
    assert refused.status_code == 422
    assert 'name="version" value="1"' in words(refused)


def test_ones_own_other_window_is_named_as_such(acme: Acme, paul: Client) -> None:
    post = write(acme, acme.paul, acme.news)
    press(paul, "save", acme.news, post=post, text="First", version=1)
    refused = press(paul, "save", acme.news, post=post, text="Second", version=1)
    assert "You saved this post meanwhile, in another window" in words(refused)


def test_colleague_without_the_right_may_not_edit_what_he_sees(acme: Acme, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    assert signed_in(acme.mina).get(url("post_edit", post.pk)).status_code == 403
    assert press(signed_in(acme.gus), "save", acme.news, post=post, version=1).status_code == 403
    assert signed_in(acme.emil).get(url("post_edit", post.pk)).status_code == 404
    assert signed_in(acme.mallory).get(url("post_edit", post.pk)).status_code == 404


def test_editing_an_approved_post_takes_the_moderators_schedule_away(acme: Acme, mina: Client) -> None:
    press(mina, "ask", acme.news, when=in_days(1))
    (waiting,) = publications(acme)
    press(mina, "save", acme.news, post=waiting.post, text="Changed", version=1)
    assert [one.state for one in publications(acme)] == [State.DRAFT]
    with organization_open(acme.organization.pk):
        assert Approval.objects.get().answer == Approval.Answer.VOID


def test_post_is_deleted_by_its_author_and_not_once_out(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    post = write(acme, acme.paul, acme.news)
    assert signed_in(acme.mina).post(url("post_deletion", post.pk)).status_code == 403
    assert paul.post(url("post_deletion", post.pk)).status_code == 302
    assert not publications(acme)
    out = write(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        out.publications.update(state=State.PUBLISHED, published_at=timezone.now())
    paul.post(url("post_deletion", out.pk))
    assert len(publications(acme)) == 1


def test_post_that_is_out_is_shown_instead_of_edited(acme: Acme, paul: Client) -> None:
    post = write(acme, acme.paul, acme.news)
    with organization_open(acme.organization.pk):
        post.publications.update(state=State.PUBLISHED, published_at=timezone.now())
    (publication,) = publications(acme)
    assert paul.get(url("post_edit", post.pk))["Location"] == url("publication_detail", publication.pk)
    refused = press(paul, "save", acme.news, post=post, version=1, text="Too late")
    assert refused.status_code == 422
    assert "can no longer be changed" in words(refused) and "Too late" in words(refused)


def test_post_with_a_canceled_publication_can_be_edited_and_taken_up_again(acme: Acme, paul: Client) -> None:
    post = write(acme, acme.paul, acme.news, acme.sky)
    paul.post(url("cancellation", publications(acme)[0].pk))
    press(paul, "save", acme.sky, post=post, version=1, text="Changed")
    assert [one.state for one in publications(acme)] == [State.CANCELED, State.DRAFT]
    press(paul, "schedule", acme.news, acme.sky, post=post, version=2, when=in_days(1))
    assert [one.state for one in publications(acme)] == [State.SCHEDULED, State.SCHEDULED]


def test_draft_needs_no_profile(acme: Acme, signed_in: SignIn) -> None:
    emil = signed_in(acme.emil)
    assert press(emil, "save").status_code == 302
    assert "Your drafts without a profile" in words(emil.get(url("post_list")))


def test_mixed_profiles_are_explained_and_go_their_own_ways(
    acme: Acme, inside: Acme, signed_in: SignIn
) -> None:
    give(acme.sky, acme.mina, "standard:editor")
    mina = signed_in(acme.mina)
    refused = press(mina, "now", acme.news, acme.sky, text="Kept")
    assert refused.status_code == 422
    assert "You may not publish without approval on @acme-news@sandbox.test" in words(refused)
    assert "Kept" in words(refused)
    assert "elsewhere it waits for approval" in words(refused)
    press(mina, "schedule", acme.news, acme.sky, when=in_days(1))
    assert {one.profile.slug: one.state for one in publications(acme)} == {
        "acme-news": State.WAITING,
        "acme-sky": State.SCHEDULED,
    }


def test_profile_that_is_not_visible_is_not_written_for(acme: Acme, paul: Client) -> None:
    answer = press(paul, "save", make_profile(acme.elsewhere, "theirs"), acme.news)
    assert answer.status_code == 403
    assert not publications(acme)


@pytest.mark.parametrize(
    ("act", "action"), [("now", "profile.publish_posts"), ("ask", "profile.send_for_approval")]
)
def test_profile_lost_while_writing_is_named_as_the_reason_and_not_left_out_silently(
    acme: Acme, paul: Client, inside: Acme, act: str, action: str
) -> None:
    acme.sky.group_grants.all().delete()
    answer = press(paul, act, acme.news, acme.sky)
    assert answer.status_code == 403
    assert "A profile you chose is not open to you" in words(answer)
    assert "Hello, world" in words(answer)
    assert not publications(acme)
    [refusal] = AuditEvent.objects.filter(outcome=AuditEvent.Outcome.REFUSED)
    assert (refusal.actor, refusal.action) == (acme.paul, action)


def test_nothing_is_sent_without_a_profile(acme: Acme, paul: Client) -> None:
    for act in ("schedule", "now", "ask"):
        refused = press(paul, act, when=in_days(1))
        assert refused.status_code == 422
        assert "Choose at least one profile." in words(refused)
    with organization_open(acme.organization.pk):
        assert not Post.objects.exists()


def test_publishing_now_while_paused_promises_nothing_else(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    signed_in(acme.marc).post(url("pause"), {"reason": "A bad day"})
    told = paul.post(url("post_new"), typed(acme.news, act="now"), follow=True)
    assert "The post goes out as soon as publishing is resumed." in words(told)
