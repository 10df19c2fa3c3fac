"""A pause of one profile stops that profile alone, asks its own action, and is seen where people look."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from permissions.errors import NotAllowed
from publishing.delivery import claiming
from publishing.models import FollowUp, Post, Publication, State
from social_accounts.models import ProfilePause, ServerOutage, SocialProfile
from social_accounts.services.pausing import pause_profile
from tenancy.context import organization_open
from tests.cast import Acme, access_of

SignIn = Callable[[User], Client]


def url(profile: SocialProfile) -> str:
    return f"/o/acme/profiles/{profile.pk}/pause/"


def due_post(acme: Acme, profile: SocialProfile) -> Publication:
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=profile.pk).update(status=SocialProfile.Status.CONNECTED)
        post = Post.objects.create(workspace=acme.main, author=acme.paul, text="Doors open at nine.")
        return Publication.objects.create(
            post=post,
            profile=profile,
            state=State.SCHEDULED,
            due_at=timezone.now() - timedelta(minutes=1),
            vouched_by=acme.marc,
            sealed_digest=post.content_digest(profile.network),
        )


def claimed() -> set[int]:
    return {due.publication_id for due in claiming.claim_due(now=timezone.now())}


def test_a_paused_profile_sends_nothing_and_others_go_on(acme: Acme, signed_in: SignIn) -> None:
    paused, other = due_post(acme, acme.news), due_post(acme, acme.quiet)

    answer = signed_in(acme.marc).post(url(acme.news), {"reason": "A storm"}, follow=True)

    assert (
        "(@acme-news@sandbox.test) is paused" in answer.content.decode()
        and "A storm" in answer.content.decode()
    )
    assert claimed() == {other.pk}
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="profile.pause", reason="A storm").count() == 1
    signed_in(acme.marc).post(url(acme.news), {"act": "resume"})
    assert claimed() == {paused.pk}
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="profile.resume").exists()


def test_pausing_asks_its_own_action(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.paul).post(url(acme.news))

    assert answer.status_code == 403
    with organization_open(acme.organization.pk):
        with pytest.raises(NotAllowed):
            pause_profile(
                actor=access_of(acme.paul, acme.organization), profile=acme.news, now=timezone.now()
            )
        assert not ProfilePause.objects.exists()
    assert signed_in(acme.mallory).post(url(acme.news)).status_code == 404


def test_pausing_twice_changes_nothing(acme: Acme, signed_in: SignIn) -> None:
    client = signed_in(acme.marc)
    client.post(url(acme.news), {"reason": "First"})
    client.post(url(acme.news), {"reason": "Second"})

    with organization_open(acme.organization.pk):
        assert ProfilePause.objects.get().reason == "First"
        assert AuditEvent.objects.filter(action="profile.pause").count() == 1


def test_a_pause_stops_what_is_said_and_not_what_is_deleted(acme: Acme) -> None:
    now = timezone.now()
    with organization_open(acme.organization.pk):
        publication = due_post(acme, acme.news)
        for kind in (FollowUp.Kind.EDIT, FollowUp.Kind.DELETION):
            FollowUp.objects.create(publication=publication, kind=kind, asked_by=acme.marc)
        ProfilePause.objects.create(profile=acme.news, paused_at=now)

        assert [row.kind for row in FollowUp.objects.may_go(now)] == [FollowUp.Kind.DELETION]


@pytest.mark.parametrize(
    "page", ["calendar/", "posts/", "publications/{}/", "profiles/", "profiles/{profile}/"]
)
def test_pages_say_what_posts_wait_for(acme: Acme, signed_in: SignIn, page: str) -> None:
    publication = due_post(acme, acme.news)
    now = timezone.now()
    with organization_open(acme.organization.pk):
        ProfilePause.objects.create(profile=acme.news, paused_at=now, paused_by=acme.olga)
    ServerOutage.objects.create(
        network="mastodon",
        server="https://sandbox.test",
        since=now - timedelta(minutes=3),
        opened_at=now - timedelta(minutes=2),
        try_at=now + timedelta(minutes=5),
    )
    address = f"/o/acme/{page.format(publication.pk, profile=acme.news.pk)}"

    told = " ".join(signed_in(acme.marc).get(address).content.decode().split())

    assert "Mastodon (sandbox.test) has not answered since" in told and "We try again at" in told
    assert "is paused" in told or "Paused" in told


def test_pages_say_at_once_that_a_lost_connection_holds_the_whole_queue(
    acme: Acme, signed_in: SignIn
) -> None:
    publication = due_post(acme, acme.news)
    with organization_open(acme.organization.pk):
        SocialProfile.objects.filter(pk=acme.news.pk).update(status=SocialProfile.Status.NEEDS_RECONNECT)

    for page in ("calendar/", "posts/", f"publications/{publication.pk}/"):
        told = signed_in(acme.marc).get(f"/o/acme/{page}").content.decode()
        assert "must be reconnected. Everything scheduled there waits until then." in told
        assert f"/o/acme/profiles/{acme.news.pk}/reconnect/" in told
    assert claimed() == set()
    assert "must be reconnected" not in signed_in(acme.mallory).get("/o/elsewhere/calendar/").content.decode()


def test_the_limit_for_late_posts_is_set_beside_the_pause(acme: Acme, signed_in: SignIn) -> None:
    page = signed_in(acme.marc).get("/o/acme/settings/delivery/").content.decode()
    assert '<option value="120" selected>' in page

    assert (
        signed_in(acme.marc)
        .post("/o/acme/settings/delivery/", {"act": "hold_late", "hold_after": "7"})
        .status_code
        == 422
    )
    saved = signed_in(acme.marc).post(
        "/o/acme/settings/delivery/", {"act": "hold_late", "hold_after": "never"}, follow=True
    )

    assert '<option value="never" selected>' in saved.content.decode()
    refused = signed_in(acme.paul).post(
        "/o/acme/settings/delivery/", {"act": "hold_late", "hold_after": "15"}
    )
    assert refused.status_code == 403
