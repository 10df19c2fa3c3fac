"""What an adapter speaks. What a network cannot do is simply not implemented."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Protocol, runtime_checkable

import httpx

from .features import ServerLimits
from .values import (
    Account,
    AppRegistration,
    AuthorizationStart,
    Clock,
    CommentRequest,
    Connectable,
    Content,
    Credentials,
    MetricPoint,
    Prepared,
    Preparing,
    Processing,
    Published,
    PublishRequest,
    TextCount,
    utc_now,
)


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


@runtime_checkable
class Repeat(Protocol):
    """For networks that make one post of all requests with one key: a lost answer can be asked for once more."""

    def is_harmless_to_repeat(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
    ) -> bool:
        """Say whether ``publish`` may be called again for a post that was looked for and not found.

        True only where the network itself promises that one post comes of it, whatever became of the first
        request. It may read at the network; what it cannot find out is False.
        """


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
class Notes(Protocol):
    """For networks with more to tell of a content than what becomes of its files."""

    def notes(self, content: Content) -> Sequence[str]:
        """Return plain sentences on what people should know before it goes out; nothing is against it."""


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
