"""Mastodon as Connect, Prepare, Publish, Repeat, Comment, Edit, Measure and Limits."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

import httpx

from ..answers import Json, number_of, object_of
from ..base import (
    Account,
    Clock,
    CommentRequest,
    Content,
    Credentials,
    MetricPoint,
    NetworkError,
    OutcomeUnknown,
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
from ..words import _
from . import client
from .connect import MastodonConfig as MastodonConfig
from .connect import MastodonConnect
from .errors import Call, is_over_a_named_limit
from .features import (
    DEFAULT_LIMITS,
    FEATURES,
    content_problems,
    count_text,
    edit_problems,
    outgoing_text,
)
from .people import FindsAccounts
from .reading_back import find_reply, find_status
from .uploading import next_step, tell_lost, uploaded_ids

# A server remembers a key for an hour: https://docs.joinmastodon.org/methods/statuses/#headers
KEY_IS_KNOWN_FOR: Final = timedelta(minutes=55)
METRICS = {"likes": "favourites_count", "comments": "replies_count", "shares": "reblogs_count"}


class MastodonAdapter(FindsAccounts, MastodonConnect):
    """One object for all servers; it keeps nothing but its configuration."""

    features = FEATURES

    # --- Prepare and Publish ---

    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount:
        spoiler_text = content.options.get("spoiler_text", "")
        return count_text(outgoing_text(content), limits or DEFAULT_LIMITS, spoiler_text)

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        return content_problems(content, limits or DEFAULT_LIMITS)

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        return next_step(_call(http, clock, credentials, request.account), request)

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing:
        call = _call(http, clock, credentials, request.account)
        content = request.content
        try:
            status = client.create_status(
                call,
                idempotency_key=request.key,
                text=outgoing_text(content),
                media_ids=uploaded_ids(call, request),
                visibility=content.options.get("visibility", ""),
                spoiler_text=content.options.get("spoiler_text", ""),
                language=content.language,
            )
        except Rejected as refused:
            _tell_too_long(refused, self.count(content))
            tell_lost(refused, call, request)
            raise
        return Published(remote_id=status.id, permalink=status.url)

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing:
        """A server answers a post at once, so there is nothing to poll: its files were waited for before."""
        raise OutcomeUnknown(
            _("%(host)s was asked about a post it never took into work.", host=FEATURES.label)
        )

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        found = find_status(_call(http, clock, credentials, request.account), request)
        return Published(remote_id=found.id, permalink=found.url) if found is not None else None

    def is_harmless_to_repeat(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> bool:
        """Within the hour a server makes one post per key; so does Mastodon itself, not all that speak like it."""
        sent_at = request.sent_at or request.created_at
        if clock() - sent_at > KEY_IS_KNOWN_FOR:
            return False
        try:
            return client.is_mastodon_itself(_call(http, clock, credentials, request.account))
        except NetworkError:
            return False

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None:
        """Delete a post; one that is gone already is a success."""
        try:
            client.delete_status(_call(http, clock, credentials, account), remote_id)
        except Rejected as refused:
            if refused.reason is not RejectionReason.NOT_FOUND:
                raise

    # --- Comment and Edit ---

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published:
        """Reply to one's own post, seen by those who see the post."""
        call = _call(http, clock, credentials, request.account)
        parent = client.get_status(call, request.remote_id)
        try:
            status = client.create_status(
                call,
                idempotency_key=request.key,
                text=request.text,
                media_ids=(),
                visibility=parent.visibility,
                spoiler_text=parent.spoiler_text,
                language=parent.language,
                in_reply_to_id=request.remote_id,
            )
        except Rejected as refused:
            _tell_too_long(refused, count_text(request.text, DEFAULT_LIMITS))
            raise
        return Published(remote_id=status.id, permalink=status.url)

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        found = find_reply(_call(http, clock, credentials, request.account), request)
        return Published(remote_id=found.id, permalink=found.url) if found is not None else None

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Change text, warning, language and descriptions. The files stay: the server is told their ids again."""
        call = _call(http, clock, credentials, request.account)
        content = request.content
        media_ids = client.get_status(call, remote_id).media_ids
        if len(media_ids) != len(content.media):
            raise Rejected(
                RejectionReason.MEDIA_INVALID,
                _("The pictures and videos of a post that is out stay as they are; change its text."),
            )
        try:
            status = client.edit_status(
                call,
                remote_id,
                text=outgoing_text(content),
                spoiler_text=content.options.get("spoiler_text", ""),
                language=content.language,
                media_ids=media_ids,
                descriptions=[media.alt_text for media in content.media],
            )
        except Rejected as refused:
            _tell_too_long(refused, self.count(content))
            raise
        return Published(remote_id=remote_id, permalink=status.url)

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        return edit_problems(before, after)

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
        """Return likes, comments and shares of each post; a post that is gone has values of None."""
        call = _call(http, clock, credentials, account)
        points = []
        for remote_id in remote_ids:
            counts: Mapping[str, int | None] = {}
            try:
                counts = client.get_status(call, remote_id).counts
            except Rejected as refused:
                if refused.reason is not RejectionReason.NOT_FOUND:
                    raise
            points += [
                MetricPoint(remote_id=remote_id, metric=metric, value=counts.get(field), measured_at=call.now)
                for metric, field in METRICS.items()
            ]
        return points

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        try:
            client.get_status(_call(http, clock, credentials, account), remote_id)
        except Rejected as refused:
            if refused.reason is RejectionReason.NOT_FOUND:
                return False
            raise
        return True

    # --- Limits ---

    def server_limits(self, *, http: httpx.Client, clock: Clock, server: str) -> ServerLimits:
        """Ask one server what it allows; what it does not say is the network's usual."""
        call = Call(http=http, server=server, now=clock())
        try:
            found = client.get_instance_configuration(call)
        except Rejected:
            found = client.get_instance_configuration_v1(call)
        return _limits(found)


def _call(http: httpx.Client, clock: Clock, credentials: Credentials, account: Account) -> Call:
    return Call(http=http, server=account.server, now=clock(), token=credentials.access_token)


def _tell_too_long(refused: Rejected, count: TextCount) -> None:
    """Raise the refusal as too long where it names a number of characters that the text exceeds."""
    if refused.reason is RejectionReason.OTHER and is_over_a_named_limit(str(refused), count.used):
        raise Rejected(RejectionReason.TOO_LONG, str(refused)) from refused


def _limits(found: Json) -> ServerLimits:
    statuses, media = object_of(found, "statuses"), object_of(found, "media_attachments")
    usual = DEFAULT_LIMITS
    return ServerLimits(
        text_limit=number_of(statuses, "max_characters") or usual.text_limit,
        url_length=number_of(statuses, "characters_reserved_per_url") or usual.url_length,
        images_max=number_of(statuses, "max_media_attachments") or usual.images_max,
        image_bytes_max=number_of(media, "image_size_limit") or usual.image_bytes_max,
        alt_text_max=number_of(media, "description_limit") or usual.alt_text_max,
        video_bytes_max=number_of(media, "video_size_limit") or usual.video_bytes_max,
    )
