"""Losing the right to publish against publishing: after the revoke returned, no attempt begins."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from permissions.services import end_grant
from publishing.delivery import checks, claiming, sending
from publishing.models import Post, Publication, PublishAttempt, State
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, access_of, make_acme
from tests.proof.racing import PATIENCE_SECONDS, in_thread

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]


def due_publication(acme: Acme) -> Publication:
    now = datetime.now(UTC)
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.paul, text="Doors open at nine.")
        return Publication.objects.create(
            post=post,
            profile=acme.news,
            state=State.SCHEDULED,
            due_at=now - timedelta(seconds=1),
            vouched_by=acme.paul,
            sealed_digest=post.content_digest("mastodon"),
        )


def attempts_begun_after_the_revoke(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> int:
    """Revoke Paul's role in the very moment between the look at it and the attempt; count what begins after."""
    publication = due_publication(acme)
    [due] = claiming.claim_due(now=datetime.now(UTC))
    looked, revoked = threading.Event(), threading.Event()

    def look_then_dawdle(*arguments: Any) -> Any:
        reason = checks.reason_to_hold(*arguments)
        looked.set()
        revoked.wait(PATIENCE_SECONDS)
        return reason

    monkeypatch.setattr(sending, "reason_to_hold", look_then_dawdle)

    def work() -> None:
        sending.begin(
            organization_id=due.organization_id,
            publication_id=due.publication_id,
            now=datetime.now(UTC),
        )

    worker = in_thread(work)
    assert looked.wait(PATIENCE_SECONDS)
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.paul, content_object=acme.news)
    marc = access_of(acme.marc, acme.organization)
    with organization_open(acme.organization.pk):
        end_grant(actor=marc, grant=grant, now=datetime.now(UTC))
    revoked.set()
    begun_before = attempts(acme, publication)
    worker.join()
    return attempts(acme, publication) - begun_before


def attempts(acme: Acme, publication: Publication) -> int:
    with organization_open(acme.organization.pk):
        return PublishAttempt.objects.filter(publication=publication).count()


def test_nothing_begins_after_a_revoke_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = make_acme()

    assert attempts_begun_after_the_revoke(acme, monkeypatch) == 0


def test_without_the_lock_something_begins_after_a_revoke_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The test above can fail: this is what it would see."""
    acme = make_acme()
    monkeypatch.setattr(sending, "hold_access", lambda _organization_id: None)

    assert attempts_begun_after_the_revoke(acme, monkeypatch) == 1


def test_what_is_looked_at_after_the_revoke_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    acme = make_acme()
    publication = due_publication(acme)
    with organization_open(acme.organization.pk):
        grant = ProfileUserGrant.objects.get(user=acme.paul, content_object=acme.news)
        end_grant(actor=access_of(acme.marc, acme.organization), grant=grant, now=datetime.now(UTC))
    [due] = claiming.claim_due(now=datetime.now(UTC))

    call = sending.begin(
        organization_id=due.organization_id, publication_id=due.publication_id, now=datetime.now(UTC)
    )

    assert call is None
    assert attempts(acme, publication) == 0
