"""What goes into an adapter and what comes out of it: frozen values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import BinaryIO

from .features import PictureForm

Clock = Callable[[], datetime]


def utc_now() -> datetime:
    """Return the present moment, aware UTC: the clock of everyone who was handed none."""
    return datetime.now(UTC)


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
    """An account that may be connected, with the credentials that belong to it. ``kind``: page, channel, board.

    ``problem``: why it cannot be, as it stands. ``notes``: what Chorus will not be able to do on it.
    """

    account: Account
    credentials: Credentials
    kind: str = ""
    problem: str = ""
    notes: tuple[str, ...] = ()


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
    which a network that takes no bytes may fetch the file for a day or two (``publishing.public_files``), a picture
    in the form it is given.
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
    address: Callable[[PictureForm | None], str] | None = field(default=None, repr=False)

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
    """``shortfall``: a sentence on what of it the network did not do, though the post is out; for its author."""

    remote_id: str
    permalink: str
    shortfall: str = ""


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
class MetricPoint:
    """One number about one post. ``value`` is None when the network did not say: missing is never zero."""

    remote_id: str
    metric: str
    value: int | None
    measured_at: datetime


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
