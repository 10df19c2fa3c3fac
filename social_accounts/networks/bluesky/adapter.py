"""Bluesky as Connect, SignInWithPassword, Publish and Measure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import httpx

from ..answers import Json
from ..base import (
    Account,
    Clock,
    Content,
    Credentials,
    MetricPoint,
    NetworkError,
    Processing,
    Published,
    PublishRequest,
    Rejected,
    RejectionReason,
    ServerLimits,
    TextCount,
)
from ..images import prepare_image
from ..problems import media_problems, option_problems, text_problems
from ..text import count_bluesky
from ..words import _
from . import client
from .connect import BlueskyConnect, caller_of
from .features import FEATURES, TEXT_BYTES_MAX, THUMBNAIL_BYTES_MAX
from .record import card_embed, facets, images_embed, post_record, record_key


class BlueskyAdapter(BlueskyConnect):
    """One object for all servers; it keeps nothing but its configuration."""

    features = FEATURES

    # --- Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        return count_bluesky(content.text, limit=FEATURES.text_limit, bytes_limit=TEXT_BYTES_MAX)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        """Pictures that are too large are no problem: they are made smaller."""
        return [
            *text_problems(content, self.count(content)),
            *media_problems(
                content,
                label=FEATURES.label,
                images_max=FEATURES.images_max,
                image_types=FEATURES.image_types,
                image_bytes_max=None,
                alt_text_max=FEATURES.alt_text_max,
            ),
            *option_problems(content, FEATURES.options),
            *_card_problems(content),
        ]

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        """Upload what the post needs, then write it under its own key: repeating gives the same one post."""
        caller = caller_of(http, clock, credentials)
        did = request.account.remote_id
        record = post_record(
            request,
            facets=facets(request.content.text, self._mention_lookup(http, request.account)),
            embed=_embed(caller, request.content),
        )
        key = record_key(request)
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
        did, key = request.account.remote_id, record_key(request)
        caller = client.Caller(http=http, clock=clock, server=request.account.server)
        try:
            client.get_record(caller, did=did, collection=client.POST_COLLECTION, record_key=key)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return None
            raise
        uri = f"at://{did}/{client.POST_COLLECTION}/{key}"
        return Published(remote_id=uri, permalink=self._permalink(request.account, key))

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success."""
        prefix = f"at://{account.remote_id}/{client.POST_COLLECTION}/"
        if not remote_id.startswith(prefix):
            raise Rejected(RejectionReason.NOT_FOUND, _("This post is not one of the account's."))
        caller = caller_of(http, clock, credentials)
        client.delete_post(caller, did=account.remote_id, record_key=remote_id.removeprefix(prefix))

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


def _embed(caller: client.Caller, content: Content) -> Json | None:
    """Upload the pictures, or the card's thumbnail, and return what to embed. Pictures win over a card."""
    if content.media:
        prepared = [
            (media, prepare_image(media, bytes_max=FEATURES.image_bytes_max)) for media in content.media
        ]
        return images_embed(
            [
                (
                    client.upload_blob(caller, image.data, image.content_type),
                    media.alt_text,
                    image.width,
                    image.height,
                )
                for media, image in prepared
            ]
        )
    if content.link_card is None:
        return None
    thumbnail = None
    if content.link_card.thumbnail is not None:
        image = prepare_image(content.link_card.thumbnail, bytes_max=THUMBNAIL_BYTES_MAX)
        thumbnail = client.upload_blob(caller, image.data, image.content_type)
    return card_embed(content, thumbnail)


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
