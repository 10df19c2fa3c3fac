"""What every network adapter speaks: frozen values in and out, five errors, small protocols.

No Django in here and below: an adapter is handed an HTTP client and a clock, keeps nothing, sleeps
never, retries never. What a network cannot do is simply not implemented. To add a network: copy the
smallest folder, pass the contract suite in ``tests/social_accounts/networks``, add one line to
``registry.py``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import BinaryIO, Protocol, runtime_checkable

import httpx

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware UTC: the clock of everyone who was handed none."""
    return datetime.now(UTC)


# --- errors: five, and no others leave an adapter -------------------------------------------------


class NetworkError(Exception):
    """A network did not do what it was asked.

    ``str(error)`` is safe to show: it holds no token and no post text.
    """


class Rejected(NetworkError):
    """The network refuses this content or this account for good; asking again would not help.

    ``reason`` is one of ``RejectionReason``; the message is the network's own, for the author to read.
    """

    def __init__(self, reason: RejectionReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Rejected], tuple[RejectionReason, str]]:
        return type(self), (self.reason, self.args[0])


class RateLimited(NetworkError):
    """The network will listen again at ``retry_at`` (aware UTC). Nothing was published."""

    def __init__(self, retry_at: datetime, level: LimitLevel, message: str = "") -> None:
        super().__init__(message or f"rate limited until {retry_at.isoformat()}")
        self.retry_at = retry_at
        self.level = level

    def __reduce__(self) -> tuple[type[RateLimited], tuple[datetime, LimitLevel, str]]:
        return type(self), (self.retry_at, self.level, self.args[0])


class CredentialsExpired(NetworkError):
    """The token is dead or lacks a scope; a person must reconnect the profile. Nothing was published."""


class NotSent(NetworkError):
    """The request certainly did not take effect: safe to repeat.

    A refused connection, a fault before anything public.
    """


class OutcomeUnknown(NetworkError):
    """The network may have taken it: read back; never repeat blindly.

    A time-out or a broken answer after sending.
    """


class RejectionReason(StrEnum):
    TOO_LONG = "too_long"
    MEDIA_INVALID = "media_invalid"
    DUPLICATE = "duplicate"
    POLICY = "policy"
    ACCOUNT_RESTRICTED = "account_restricted"
    NOT_FOUND = "not_found"
    OTHER = "other"


class LimitLevel(StrEnum):
    """What a rate limit stops: every profile of this network (application) or this one profile."""

    APPLICATION = "application"
    PROFILE = "profile"


# --- values ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class AppRegistration:
    """Our application as one server knows it. ``extra`` is the adapter's own (JSON values only)."""

    server: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    extra: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """One grant of one account. Stored encrypted, as JSON; never logged (``repr`` shows no secret).

    ``grant`` names the consent behind it where one consent opens several accounts: revoking it for one ends all.
    """

    access_token: str = field(repr=False)
    refresh_token: str = field(default="", repr=False)
    expires_at: datetime | None = None
    scopes: tuple[str, ...] = ()
    grant: str = ""
    extra: Mapping[str, object] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, kw_only=True)
class Account:
    """An account on a network, as the network names it.

    ``server`` is its origin, such as https://mastodon.social.
    """

    network: str
    server: str
    remote_id: str
    handle: str
    display_name: str
    url: str
    avatar_url: str = ""


@dataclass(frozen=True, kw_only=True)
class Connectable:
    """An account that may be connected, with the credentials that belong to it. ``kind``: page, channel, board."""

    account: Account
    credentials: Credentials
    kind: str = ""


@dataclass(frozen=True, kw_only=True)
class AuthorizationStart:
    """Where to send the person's browser, and what to keep (in his session) until he comes back."""

    url: str
    state: str
    keep: Mapping[str, object] = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class Media:
    """One file of a post. ``open`` gives a fresh binary stream at each call.

    ``seconds``, ``frames_per_second`` and ``codecs`` (lower case, such as "h264", "aac") are of videos, measured
    when the file came in; None and empty for pictures, and where they could not be told. ``address`` makes one under
    which a network that takes no bytes may fetch the file for a day or two (``publishing.public_files``).
    """

    content_type: str
    size_bytes: int
    open: Callable[[], BinaryIO] = field(repr=False)
    alt_text: str = ""
    width: int | None = None
    height: int | None = None
    filename: str = "file"
    seconds: float | None = None
    frames_per_second: float | None = None
    codecs: tuple[str, ...] = ()
    address: Callable[[], str] | None = field(default=None, repr=False)

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")


@dataclass(frozen=True, kw_only=True)
class LinkCard:
    url: str
    title: str
    description: str = ""
    thumbnail: Media | None = None


@dataclass(frozen=True, kw_only=True)
class Content:
    """What goes out on one profile. ``options`` are the network's own (see ``Features.options``)."""

    text: str
    media: tuple[Media, ...] = ()
    link_card: LinkCard | None = None
    language: str = ""
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class PublishRequest:
    """``key`` is made once per publication and never changes: the adapter derives from it what makes a repeat
    harmless (idempotency key, record key). ``created_at`` is fixed with it, so a repeat is byte-identical.

    ``prepared`` is what ``prepare`` left: ids of uploads, containers. Empty where there was nothing to prepare.

    For ``read_back`` only: ``sent_at`` is when the first attempt whose answer was lost began
    (``created_at`` when None), ``known_remote_ids`` are posts that belong to other publications and must
    never be adopted.
    """

    account: Account
    content: Content
    key: str
    created_at: datetime
    prepared: Mapping[str, object] = field(default_factory=dict)
    sent_at: datetime | None = None
    known_remote_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Published:
    remote_id: str
    permalink: str


@dataclass(frozen=True, kw_only=True)
class Processing:
    """The network took the content but is not done; ask again with ``poll_token`` at ``check_at``."""

    poll_token: str
    check_at: datetime


@dataclass(frozen=True, kw_only=True)
class Preparing:
    """One step before the post is done and there is another: at once, or not before ``next_at``.

    ``progress`` (JSON values only) is kept and comes back as the next step's ``PublishRequest.prepared``.
    """

    progress: Mapping[str, object]
    next_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """Everything before the post is done; ``publish`` gets ``progress`` as ``PublishRequest.prepared``."""

    progress: Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class TextCount:
    """``used`` of ``limit``, counted as the network counts; ``bytes_used`` where it limits bytes as well."""

    used: int
    limit: int
    bytes_used: int | None = None
    bytes_limit: int | None = None

    @property
    def is_over(self) -> bool:
        return self.used > self.limit or (
            self.bytes_used is not None
            and self.bytes_limit is not None
            and self.bytes_used > self.bytes_limit
        )


@dataclass(frozen=True, kw_only=True)
class ServerLimits:
    """What one server allows, where servers of one network differ.

    Defaults of ``Features`` fill what it did not say.
    """

    text_limit: int
    url_length: int
    images_max: int
    image_bytes_max: int
    alt_text_max: int | None
    video_bytes_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice the composer offers for this network. ``choices`` empty means free text.

    ``is_asked``: the choices are the profile's own (its boards, its playlists) and come from ``Choices``.
    ``is_required``: without it the network takes no post. ``is_long``: text of several lines. ``help``: a sentence
    below the field.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    max_length: int | None = None
    is_asked: bool = False
    is_required: bool = False
    is_long: bool = False
    help: str = ""


# The option of networks that speak ``Comment``: delivery says it below the post once that is out.
FIRST_COMMENT = "first_comment"


@dataclass(frozen=True, kw_only=True)
class ScopeLine:
    """One permission we ask the network for, in plain words (translatable), for our page before its
    consent.
    """

    scope: str
    what: str
    used_for: str
    not_used: str = ""


@dataclass(frozen=True, kw_only=True)
class Features:
    """What the composer, the checker (R6) and the connect page need to know.

    Numbers come from limits.json.
    """

    name: str
    label: str
    has_approval: bool
    needs_server: bool
    has_app_password: bool
    # Our application is registered there by the operator, by hand, and given to us in the settings.
    has_operator_app: bool = False
    # False: a post that is out is deleted in the network's own application alone.
    can_delete: bool = True
    text_limit: int
    images_max: int
    image_types: tuple[str, ...]
    image_bytes_max: int
    alt_text_max: int | None
    images_min: int = 0  # more than none where the network takes no post without a file
    video_types: tuple[str, ...] = ()  # empty: no videos
    video_bytes_max: int | None = None
    video_seconds_max: float | None = None
    options: tuple[Option, ...] = ()
    scopes: tuple[ScopeLine, ...] = ()
    # What an operator must know before he counts on it: a review, a price. Shown on the network's card.
    conditions: str = ""


@dataclass(frozen=True, kw_only=True)
class MetricPoint:
    """One number about one post. ``value`` is None when the network did not say: missing is never zero."""

    remote_id: str
    metric: str
    value: int | None
    measured_at: datetime


# --- protocols ------------------------------------------------------------------------------------


@runtime_checkable
class Connect(Protocol):
    def register_app(
        self, *, http: httpx.Client, server: str, redirect_uri: str, clock: Clock = utc_now
    ) -> AppRegistration:
        """Make our application known to this server. Raises Rejected when the server is none of this
        network's.

        ``server`` is what a person typed (empty where ``Features.needs_server`` is false); the returned
        ``AppRegistration.server`` is the origin to store it under.
        """

    def start(
        self,
        *,
        http: httpx.Client,
        app: AppRegistration,
        redirect_uri: str,
        login_hint: str = "",
        clock: Clock = utc_now,
    ) -> AuthorizationStart:
        """Return where to send the browser. ``login_hint`` is the person's handle, where he typed one."""

    def finish(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        app: AppRegistration,
        redirect_uri: str,
        keep: Mapping[str, object],
        callback: Mapping[str, str],
    ) -> tuple[Account, Credentials]:
        """Turn the callback's query into an account and its credentials.

        The caller has compared ``state`` already. Raises Rejected(OTHER) when the person denied, and
        Rejected(NOT_FOUND) when the server forgot our application: drop the registration and start again.
        """

    def refresh(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Credentials:
        """Return the new pair. The caller holds the row lock and stores the pair before using it."""

    def revoke(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> None:
        """Make the network forget the grant. Repeating is harmless."""

    def identify(self, *, http: httpx.Client, clock: Clock, server: str, credentials: Credentials) -> Account:
        """Ask the network whose credentials these are; also the health check of a profile."""


@runtime_checkable
class ManyAccounts(Protocol):
    """For networks where one consent opens several accounts: a person's pages, his channels."""

    def accounts(
        self, *, http: httpx.Client, clock: Clock, app: AppRegistration, credentials: Credentials
    ) -> Sequence[Connectable]:
        """Return everything the person may publish on with what ``finish`` gave, himself only where that can be.

        Raises Rejected(OTHER) with a sentence when there is nothing.
        """


@runtime_checkable
class SignInWithPassword(Protocol):
    """For networks with ``Features.has_app_password``.

    It is a password made for one application, never the main one.
    """

    def sign_in(
        self, *, http: httpx.Client, clock: Clock, server: str, identifier: str, password: str
    ) -> tuple[Account, Credentials]:
        """Raises Rejected(OTHER) when the pair is wrong.

        ``server`` may be empty: it follows from the identifier.
        """


@runtime_checkable
class Limits(Protocol):
    """For networks whose servers set their own limits."""

    def server_limits(self, *, http: httpx.Client, clock: Clock, server: str) -> ServerLimits: ...


@runtime_checkable
class Publish(Protocol):
    def count(self, content: Content, limits: ServerLimits | None = None) -> TextCount: ...

    def problems(self, content: Content, limits: ServerLimits | None = None) -> Sequence[str]:
        """Return plain sentences on why the network would refuse this content; empty when it is fine.

        Show them through ``words.translated``, like every sentence and label that comes from here.
        """

    def publish(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | Processing: ...

    def poll(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        poll_token: str,
    ) -> Published | Processing: ...

    def read_back(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Published | None:
        """Look for what a lost answer may have left. None means: it is certainly not there (yet)."""

    def delete(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> None: ...


@runtime_checkable
class Prepare(Protocol):
    """For networks that take a post's files before the post, in steps of their own."""

    def prepare(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> Preparing | Prepared:
        """Do one step of what must be there before the post: an upload, a part of one, a look at whether it is ready.

        Called while the content has media. Nothing becomes public by it, so a step whose answer was lost is
        NotSent and done again with the progress it began with; what a step left half done, the next one
        finds out or begins anew. Never raises OutcomeUnknown.
        """


@dataclass(frozen=True, kw_only=True)
class CommentRequest:
    """A comment below one's own post ``remote_id``. ``key``, ``created_at``, ``sent_at`` as in ``PublishRequest``."""

    account: Account
    remote_id: str
    text: str
    key: str
    created_at: datetime
    sent_at: datetime | None = None
    known_remote_ids: frozenset[str] = frozenset()


@runtime_checkable
class Comment(Protocol):
    """For networks that take a comment of the profile itself below its post: the first comment."""

    def comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published: ...

    def find_comment(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: CommentRequest
    ) -> Published | None:
        """Look for what a lost answer may have left, as ``Publish.read_back`` does for a post."""


@runtime_checkable
class Edit(Protocol):
    """For networks that let a post that is out be changed. Repeating the same edit is harmless."""

    def edit(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        request: PublishRequest,
        remote_id: str,
    ) -> Published:
        """Make the post say what ``request.content`` says. Raises Rejected for what cannot be changed there."""

    def edit_problems(self, before: Content, after: Content) -> Sequence[str]:
        """Return plain sentences on what of this change the network does not take; empty when it is fine."""


@runtime_checkable
class Choices(Protocol):
    """For networks with options whose choices are the profile's own (``Option.is_asked``)."""

    def choices(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, option: str
    ) -> Sequence[tuple[str, str]]:
        """Return (value, words) for each, in the order to show them."""


@runtime_checkable
class Measure(Protocol):
    def measure(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        remote_ids: Iterable[str],
    ) -> list[MetricPoint]: ...


@runtime_checkable
class Presence(Protocol):
    """For networks that say whether one's own post is still there."""

    def is_there(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, remote_id: str
    ) -> bool | None:
        """Return whether the network shows the post; None where it does not tell of this account's posts."""
