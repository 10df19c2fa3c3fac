"""A post that is too late, where people decide about it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import HoldReason, Post, Publication, State
from tenancy.context import organization_open
from tests.cast import Acme

SignIn = Callable[[User], Client]
TOMORROW = "%Y-%m-%dT09:00"


@pytest.fixture
def late(acme: Acme) -> Publication:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.paul, text="Good morning!")
        return Publication.objects.create(
            post=post,
            profile=acme.news,
            state=State.HELD,
            hold_reason=HoldReason.TOO_LATE,
            held_at=timezone.now(),
            due_at=timezone.now() - timedelta(hours=4),
            vouched_by=acme.paul,
            sealed_digest=post.content_digest(acme.news.network),
        )


def reread(acme: Acme, publication: Publication) -> Publication:
    with organization_open(acme.organization.pk):
        return Publication.objects.get(pk=publication.pk)


def test_its_page_offers_now_a_new_time_and_canceling(
    acme: Acme, signed_in: SignIn, late: Publication
) -> None:
    client, page = signed_in(acme.marc), f"/o/acme/publications/{late.pk}/"
    told = client.get(page).content.decode()
    assert "Send it now" in told and "Send it at the new time" in told and "Cancel publication" in told

    unclear = client.post(f"{page}takeover/", {"digest": late.sealed_digest, "when": ""})
    assert unclear.status_code == 422 and "Choose a time, or send it now." in unclear.content.decode()
    assert reread(acme, late).state == State.HELD
    client.post(f"{page}takeover/", {"digest": late.sealed_digest, "when": "", "is_now": "1"})

    sent = reread(acme, late)
    assert (sent.state, sent.hold_reason, sent.held_at) == (State.SCHEDULED, "", None)
    assert sent.due_at is not None and timezone.now() - sent.due_at < timedelta(minutes=1)


def test_whoever_may_not_take_over_is_offered_nothing_and_refused(
    acme: Acme, signed_in: SignIn, late: Publication
) -> None:
    client, page = signed_in(acme.mina), f"/o/acme/publications/{late.pk}/"
    assert "Send it now" not in client.get(page).content.decode()

    refused = client.post(f"{page}takeover/", {"digest": late.sealed_digest, "is_now": "1"})

    assert refused.status_code == 403
    assert reread(acme, late).state == State.HELD


def test_held_posts_are_sent_now_together_and_never_by_accident(
    acme: Acme, signed_in: SignIn, late: Publication
) -> None:
    client = signed_in(acme.marc)
    ticked = {"publication": late.pk, f"digest_{late.pk}": late.sealed_digest}

    assert client.post("/o/acme/held/", ticked).status_code == 422
    both = {**ticked, "is_now": "on", "when": (timezone.now() + timedelta(days=1)).strftime(TOMORROW)}
    answer = client.post("/o/acme/held/", both)
    assert answer.status_code == 422 and "Choose one of both" in answer.content.decode()
    assert reread(acme, late).state == State.HELD

    assert client.post("/o/acme/held/", {**ticked, "is_now": "on"}).status_code == 302
    assert reread(acme, late).state == State.SCHEDULED
