"""Bluesky as Connect, SignInWithPassword, Prepare, Publish, Repeat, Comment and Measure. Its readers show no edits."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress

import httpx

from ..answers import Json
from ..base import (
    FIRST_COMMENT,
    Account,
    Clock,
    CommentRequest,
    Content,
    Credentials,
    MetricPoint,
    NetworkError,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
    ServerLimits,
    TextCount,
)
from ..images import prepare_image
from ..problems import (
    comment_problems,
    media_problems,
    option_problems,
    pictures_of,
    text_problems,
    video_problems,
)
from ..text import count_bluesky
from ..words import _
from . import client
from .connect import BlueskyConnect, caller_of
from .features import FEATURES, TEXT_BYTES_MAX, THUMBNAIL_BYTES_MAX, VIDEO_RULE
from .people import FindsAccounts
from .record import card_embed, facets, post_record, record_key, reply_record, threadgate_record
from .uploading import media_embed, next_step


class BlueskyAdapter(FindsAccounts, BlueskyConnect):
    """One object for all servers; it keeps nothing but its configuration."""

    features = FEATURES

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return _count(content.text)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        """Pictures that are too large are no problem: they are made smaller."""
        return [
            *text_problems(content, self.count(content)),
            *media_problems(
                pictures_of(content),
                label=FEATURES.label,
                images_max=FEATURES.images_max,
                image_types=FEATURES.image_types,
                image_bytes_max=None,
                alt_text_max=FEATURES.alt_text_max,
            ),
            *video_problems(content, VIDEO_RULE, label=FEATURES.label),
            *option_problems(content, FEATURES.options),
            *comment_problems(content, _count(content.options.get(FIRST_COMMENT, ""))),
            *_card_problems(content),
        ]

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        caller = caller_of(http, clock, credentials)
        return next_step(caller, self._realm(request.account.server).video_url, request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        """Write the post under its own key: repeating gives the same one post. Who may reply is written before it."""
        caller = caller_of(http, clock, credentials)
        did, key = request.account.remote_id, record_key(request)
        record = post_record(
            request,
            facets=facets(request.content.text, self._mention_lookup(http, request.account)),
            embed=media_embed(request, clock()) or _card(caller, request.content),
        )
        gate = threadgate_record(request, _post_uri(did, key))
        if gate is not None:
            client.put_threadgate(caller, did=did, record_key=key, record=gate)
        written = client.put_post(caller, did=did, record_key=key, record=record)
        return Published(remote_id=written.uri, permalink=self._permalink(request.account, key))

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """Nothing takes time on this network; a poll that comes all the same publishes, harmlessly."""
        return self.publish(http=http, clock=clock, credentials=credentials, request=request)

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        return self._find(http, clock, request)

    def is_harmless_to_repeat(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> bool:
        """A post is written under its own key, today or in a year: one record, however often."""
        return True

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success. Who might reply to it goes with it, if it can."""
        prefix = _post_uri(account.remote_id, "")
        if not remote_id.startswith(prefix):
            raise Rejected(RejectionReason.NOT_FOUND, _("This post is not one of the account's."))
        caller, key = caller_of(http, clock, credentials), remote_id.removeprefix(prefix)
        did = account.remote_id
        client.delete_record(caller, did=did, collection=client.POST_COLLECTION, record_key=key)
        with suppress(NetworkError):
            client.delete_record(caller, did=did, collection=client.THREADGATE_COLLECTION, record_key=key)

    # --- Comment ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        """Reply to one's own post under a key of one's own: repeating gives the same one reply."""
        caller = caller_of(http, clock, credentials)
        did, key = request.account.remote_id, record_key(request)
        parent = client.get_record(
            client.Caller(http=http, clock=clock, server=request.account.server),
            did=did,
            collection=client.POST_COLLECTION,
            record_key=request.remote_id.rpartition("/")[2],
        )
        found = facets(request.text, self._mention_lookup(http, request.account))
        record = reply_record(request, facets=found, parent=parent)
        written = client.put_post(caller, did=did, record_key=key, record=record)
        return Published(remote_id=written.uri, permalink=self._permalink(request.account, key))

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        return self._find(http, clock, request)

    # --- Measure ---

    def measure(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        remote_ids: Iterable[str],
    ) -> list[MetricPoint]:
        """Return likes, comments, shares and saves of each post; a post that is gone has values of None."""
        now, uris = clock(), list(remote_ids)
        view = client.Caller(http=http, clock=clock, server=self._realm(account.server).appview_url)
        found: dict[str, client.PostCounts] = {}
        for start in range(0, len(uris), client.POSTS_PER_CALL):
            batch = uris[start : start + client.POSTS_PER_CALL]
            found |= {counts.uri: counts for counts in client.get_posts(view, batch)}
        return [
            MetricPoint(remote_id=uri, metric=metric, value=value, measured_at=now)
            for uri in uris
            for metric, value in _metrics(found.get(uri)).items()
        ]

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        caller = client.Caller(http=http, clock=clock, server=account.server)
        return self._is_record(caller, account.remote_id, remote_id.rpartition("/")[2])

    def _find(
        self, http: httpx.Client, clock: Clock, request: PublishRequest | CommentRequest
    ) -> Published | None:
        did, key = request.account.remote_id, record_key(request)
        caller = client.Caller(http=http, clock=clock, server=request.account.server)
        if not self._is_record(caller, did, key):
            return None
        return Published(remote_id=_post_uri(did, key), permalink=self._permalink(request.account, key))

    @staticmethod
    def _is_record(caller: client.Caller, did: str, key: str) -> bool:
        try:
            client.get_record(caller, did=did, collection=client.POST_COLLECTION, record_key=key)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    def _permalink(self, account: Account, key: str) -> str:
        return f"{self._realm(account.server).web_url}/profile/{account.remote_id}/post/{key}"

    def _mention_lookup(self, http: httpx.Client, account: Account) -> Callable[[str], str]:
        directory = self._directory(http, account.server)

        def did_of(handle: str) -> str:
            try:
                return directory.did_of_handle(handle)
            except NetworkError:
                # A mention that cannot be resolved stays text; the post is worth more than its link.
                return ""

        return did_of


def _card_problems(content: Content) -> Iterable[str]:
    card = content.link_card
    if card is not None and content.media and card.url not in content.text:
        yield _(
            "Bluesky shows pictures or a link card, not both: put the link into the text or leave one out."
        )


def _card(caller: client.Caller, content: Content) -> Json | None:
    """Upload the thumbnail of the card, and return what to embed."""
    if content.link_card is None:
        return None
    thumbnail = None
    if content.link_card.thumbnail is not None:
        image = prepare_image(content.link_card.thumbnail, bytes_max=THUMBNAIL_BYTES_MAX)
        thumbnail = client.upload_blob(caller, image.data, image.content_type)
    return card_embed(content, thumbnail)


def _count(text: str) -> TextCount:
    return count_bluesky(text, limit=FEATURES.text_limit, bytes_limit=TEXT_BYTES_MAX)


def _post_uri(did: str, key: str) -> str:
    return f"at://{did}/{client.POST_COLLECTION}/{key}"


def _metrics(counts: client.PostCounts | None) -> dict[str, int | None]:
    if counts is None:
        return {"likes": None, "comments": None, "shares": None, "saves": None}
    is_shared_known = counts.reposts is not None and counts.quotes is not None
    return {
        "likes": counts.likes,
        "comments": counts.replies,
        "shares": (counts.reposts or 0) + (counts.quotes or 0) if is_shared_known else None,
        "saves": counts.bookmarks,
    }
