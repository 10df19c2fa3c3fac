"""What is handed to an adapter, read in a transaction and used outside of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final, Protocol

from django.db import connection, transaction
from django.db.models import Min

from publishing.content import content_for
from publishing.models import FollowUp, Publication, PublishAttempt
from social_accounts import connections, vault
from social_accounts.networks.base import (
    Credentials,
    CredentialsExpired,
    NetworkError,
    NotSent,
    Prepare,
    PublishRequest,
)
from social_accounts.networks.words import _

Outcome = PublishAttempt.Outcome
PREPARE, PUBLISH, POLL, READ_BACK, REPEAT = "prepare", "publish", "poll", "read_back", "repeat"
# X, Instagram, Threads and Facebook forget after a day what no post was made of, and TikTok after an hour, which its
# adapter sees. A wait of days - an outage, a pause - ends with files that go up anew.
UPLOADS_LAST: Final = timedelta(hours=20)


@dataclass(frozen=True, kw_only=True)
class Call:
    """One conversation with a network about one publication."""

    organization_id: int
    publication_id: int
    profile_id: int
    network: str
    request: PublishRequest
    is_preparing: bool = False
    poll_token: str = ""
    attempt_id: int | None = None
    credentials: Credentials | None = None  # None: they must be fetched, or refreshed
    started_at: datetime
    is_first_look: bool = True  # nothing was looked for yet; the first request may still be on its way
    server_fails: bool = False  # the server's last answer did not come: this one's is news


def call_about(publication: Publication, *, now: datetime, attempt: PublishAttempt | None = None) -> Call:
    """Return all that is needed to talk about the publication without a transaction."""
    profile = publication.profile
    # At the first attempt no answer was lost yet, and the post is looked for nowhere: whose others are is no question.
    is_first = attempt is not None and attempt.number == 1
    return Call(
        organization_id=publication.organization_id,
        publication_id=publication.pk,
        profile_id=profile.pk,
        network=profile.network,
        request=PublishRequest(
            account=connections.account_of(profile),
            content=content_for(publication.post, profile),
            key=publication.key.hex,
            created_at=publication.first_sent_at or now,
            prepared=made_ahead(publication).get("progress", {}),
            sent_at=None if is_first else lost_since(publication),
            known_remote_ids=frozenset() if is_first else known_remote_ids(publication),
        ),
        is_preparing=attempt is not None and attempt.kind == PREPARE,
        poll_token=publication.poll_token,
        attempt_id=attempt.pk if attempt else None,
        credentials=vault.credentials_in_hand(profile, now),
        started_at=now,
        is_first_look=publication.read_back_count == 0,
        server_fails=publication.server_fails,
    )


def known_remote_ids(publication: Publication) -> frozenset[str]:
    """Return what is known to belong to other publications of its profile, or to be a comment: not to be adopted."""
    others = Publication.objects.filter(profile=publication.profile_id).exclude(pk=publication.pk)
    comments = FollowUp.objects.filter(publication__profile=publication.profile_id)
    return frozenset(
        remote_id
        for rows in (others, comments)
        for remote_id in rows.exclude(remote_id="").values_list("remote_id", flat=True)
    )


def must_prepare(publication: Publication) -> bool:
    """Say whether files have to go up before the post can."""
    if made_ahead(publication).get("is_ready"):
        return False
    adapter = connections.adapter(publication.profile.network)
    return isinstance(adapter, Prepare) and bool(publication.post.files)


def made_ahead(publication: Publication) -> dict[str, Any]:
    """Return what was prepared; nothing when it was for another content, or is too old and the post never left."""
    made: dict[str, Any] = publication.preparation
    if made.get("digest") != publication.sealed_digest:
        return {}
    since = datetime.fromisoformat(made["since"]) if "since" in made else None
    is_old = since is not None and connections.clock() - since > UPLOADS_LAST
    # With what a lost attempt was made of, some networks tell what became of it: then it stays, however old.
    return {} if is_old and lost_since(publication) is None else made


def lost_since(publication: Publication) -> datetime | None:
    """Return when the first attempt began whose answer was lost; None when every one was answered."""
    lost = publication.attempts.filter(kind__in=[PUBLISH, POLL], outcome=Outcome.UNKNOWN)
    moment: datetime | None = lost.aggregate(first=Min("started_at"))["first"]
    return moment


class OfProfile(Protocol):
    """A conversation in a profile's name."""

    @property
    def organization_id(self) -> int: ...

    @property
    def profile_id(self) -> int: ...


def credentials_for(call: OfProfile, now: datetime) -> Credentials:
    """Return usable credentials. Raises CredentialsExpired, RateLimited, or NotSent: nothing public has happened."""
    if isinstance(call, Call) and call.credentials:
        return call.credentials
    try:
        return vault.fresh_credentials(
            organization_id=call.organization_id, profile_id=call.profile_id, now=now
        )
    except (CredentialsExpired, NotSent):
        raise
    except NetworkError as error:
        if hasattr(error, "retry_at"):
            raise
        # Whatever became of the refresh, no post was sent.
        trouble = error.trouble
        raise NotSent(_("The connection to the network could not be renewed."), trouble=trouble) from error


@contextmanager
def no_transaction() -> Iterator[None]:
    """Refuse to run inside a transaction, and give the database connection back to the pool meanwhile."""
    with transaction.atomic(durable=True):
        pass
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    yield
