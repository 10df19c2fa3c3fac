"""For networks whose posts stand on boards of the account: what can be read and changed of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol, runtime_checkable

import httpx

from .base import Account, Clock, Credentials


class Privacy(StrEnum):
    """Who sees a board: everyone; the account and its collaborators; or nobody but advertisements."""

    PUBLIC = "public"
    SECRET = "secret"  # noqa: S105 - a board
    PROTECTED = "protected"


@dataclass(frozen=True, kw_only=True)
class RemoteBoard:
    """``owner`` is the handle of whose board it is: others' boards are those the account collaborates on.

    Counts are None where the network did not say.
    """

    remote_id: str
    name: str
    description: str = ""
    privacy: Privacy = Privacy.PUBLIC
    owner: str = ""
    cover_url: str = ""
    pin_count: int | None = None
    follower_count: int | None = None
    collaborator_count: int | None = None


@dataclass(frozen=True, kw_only=True)
class RemoteSection:
    remote_id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class BoardDraft:
    """What a board is to be called and to say."""

    name: str
    description: str = ""
    is_secret: bool = False


@dataclass(frozen=True, kw_only=True)
class PinPlace:
    """A Pin and the section it stands in; empty for none."""

    remote_id: str
    section_id: str = ""


@dataclass(frozen=True, kw_only=True)
class PinOnBoard:
    """A Pin as a list shows it. ``parent_id``: the Pin it was saved from, empty for one made anew."""

    remote_id: str
    title: str
    description: str
    url: str
    created_at: datetime | None = None
    parent_id: str = ""


@runtime_checkable
class Boards(Protocol):
    """Creating what was created already is a second one: OutcomeUnknown says to look. All else may be repeated.

    Raises Rejected(NOT_FOUND) for a board or section that is gone; deleting that again is a success.
    """

    def boards(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account
    ) -> Sequence[RemoteBoard]:
        """Return every board of the account, and those of others it works on."""

    def sections(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[RemoteSection]: ...

    def create_board(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        draft: BoardDraft,
    ) -> RemoteBoard: ...

    def update_board(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        draft: BoardDraft,
    ) -> RemoteBoard: ...

    def delete_board(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> None:
        """Delete the board with every Pin on it."""

    def create_section(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        name: str,
    ) -> RemoteSection: ...

    def rename_section(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        section_id: str,
        name: str,
    ) -> RemoteSection: ...

    def delete_section(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        section_id: str,
    ) -> None: ...

    def some_pins(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[PinPlace]:
        """Return the first Pins that are on the board now, a hundred at most; empty when there is none."""

    def move_pin(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        pin_id: str,
        board_id: str,
        section_id: str = "",
    ) -> None:
        """Put a Pin on another board of the account."""

    def newest_pins(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[PinOnBoard]:
        """Return the newest Pins of the board, fifty at most."""

    def save_pin(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        pin_id: str,
        board_id: str,
    ) -> PinOnBoard:
        """Save a Pin to another board as well. Twice is two Pins: OutcomeUnknown says to look for ``parent_id``."""
