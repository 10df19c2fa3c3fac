"""Pinterest's boards and their sections. Source: OpenAPI 5.23.0, tag boards.

The interface knows neither archiving nor merging: a merge is made of moved Pins (PATCH /pins/{id}).
"""

from __future__ import annotations

from collections.abc import Sequence

import httpx

from ..answers import Json, address_of, number_of, object_of, text_of
from ..base import Account, Clock, Credentials, Rejected, RejectionReason
from ..boards import BoardDraft, PinOnBoard, PinPlace, Privacy, RemoteBoard, RemoteSection
from ..http import Effect
from . import client
from .errors import Call, raise_unreadable, send

PAGES_MAX = 8
"""Pinterest allows an account two thousand boards, a board five hundred sections."""
PINS_AT_ONCE = 100
PINS_LISTED = 50


class BoardsOfPinterest:
    """The part of the adapter that speaks ``networks.boards.Boards``."""

    def _call(
        self, http: httpx.Client, clock: Clock, server: str, credentials: Credentials | None = None
    ) -> Call:
        raise NotImplementedError

    def boards(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account
    ) -> Sequence[RemoteBoard]:
        call = self._call(http, clock, account.server, credentials)
        return [_board(found) for found in client.everything(call, "/boards", pages_max=PAGES_MAX)]

    def sections(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[RemoteSection]:
        call = self._call(http, clock, account.server, credentials)
        path = f"/boards/{board_id}/sections"
        return [_section(found) for found in client.everything(call, path, pages_max=PAGES_MAX)]

    def create_board(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        draft: BoardDraft,
    ) -> RemoteBoard:
        call = self._call(http, clock, account.server, credentials)
        return _board(send(call, "POST", "/boards", effect=Effect.PUBLISH, json=_body(draft)), Effect.PUBLISH)

    def update_board(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        draft: BoardDraft,
    ) -> RemoteBoard:
        call = self._call(http, clock, account.server, credentials)
        return _board(
            send(call, "PATCH", f"/boards/{board_id}", effect=Effect.PREPARE, json=_body(draft)),
            Effect.PREPARE,
        )

    def delete_board(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> None:
        _gone(self._call(http, clock, account.server, credentials), f"/boards/{board_id}")

    def create_section(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        name: str,
    ) -> RemoteSection:
        call = self._call(http, clock, account.server, credentials)
        path = f"/boards/{board_id}/sections"
        return _section(send(call, "POST", path, effect=Effect.PUBLISH, json={"name": name}), Effect.PUBLISH)

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
    ) -> RemoteSection:
        call = self._call(http, clock, account.server, credentials)
        path = f"/boards/{board_id}/sections/{section_id}"
        return _section(send(call, "PATCH", path, effect=Effect.PREPARE, json={"name": name}), Effect.PREPARE)

    def delete_section(
        self,
        *,
        http: httpx.Client,
        clock: Clock,
        credentials: Credentials,
        account: Account,
        board_id: str,
        section_id: str,
    ) -> None:
        call = self._call(http, clock, account.server, credentials)
        _gone(call, f"/boards/{board_id}/sections/{section_id}")

    def some_pins(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[PinPlace]:
        call = self._call(http, clock, account.server, credentials)
        pins, _after = client.list_pins(call, board_id, page_size=PINS_AT_ONCE)
        if not pins:  # Pinterest does not say whether a board lists the Pins of its sections as well
            pins = _in_sections(call, board_id)
        return [PinPlace(remote_id=pin.id, section_id=pin.section_id) for pin in pins]

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
        call = self._call(http, clock, account.server, credentials)
        place = {"board_id": board_id, "board_section_id": section_id or None}
        client.update_pin(call, pin_id, place)

    def newest_pins(
        self, *, http: httpx.Client, clock: Clock, credentials: Credentials, account: Account, board_id: str
    ) -> Sequence[PinOnBoard]:
        call = self._call(http, clock, account.server, credentials)
        pins, _after = client.list_pins(call, board_id, page_size=PINS_LISTED)
        return [_listed(pin, account) for pin in pins if pin.id.isdecimal()]

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
        call = self._call(http, clock, account.server, credentials)
        return _listed(client.save_pin(call, pin_id, board_id), account)


def _listed(pin: client.RemotePin, account: Account) -> PinOnBoard:
    return PinOnBoard(
        remote_id=pin.id,
        title=pin.title,
        description=pin.description,
        url=f"{account.server}/pin/{pin.id}/",
        created_at=pin.created_at,
        parent_id=pin.parent_id,
    )


def _body(draft: BoardDraft) -> dict[str, object]:
    return {
        "name": draft.name,
        "description": draft.description,
        "privacy": "SECRET" if draft.is_secret else "PUBLIC",
    }


def _in_sections(call: Call, board_id: str) -> list[client.RemotePin]:
    """Return the first Pins of the first section that has any."""
    for section in client.everything(call, f"/boards/{board_id}/sections", pages_max=PAGES_MAX):
        found, _after = client.list_pins(
            call, board_id, section_id=text_of(section, "id"), page_size=PINS_AT_ONCE
        )
        if found:
            return found
    return []


def _gone(call: Call, path: str) -> None:
    try:
        send(call, "DELETE", path, effect=Effect.PREPARE)
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise


def _board(found: Json, effect: Effect = Effect.READ) -> RemoteBoard:
    if not text_of(found, "id"):
        raise_unreadable(effect)
    privacy = text_of(found, "privacy").lower()
    return RemoteBoard(
        remote_id=text_of(found, "id"),
        name=text_of(found, "name"),
        description=text_of(found, "description"),
        # A word Pinterest may yet invent is kept from those who see public boards only.
        privacy=Privacy(privacy or "public") if privacy in ("", *Privacy) else Privacy.SECRET,
        owner=text_of(object_of(found, "owner"), "username"),
        cover_url=address_of(object_of(found, "media"), "image_cover_url"),
        pin_count=number_of(found, "pin_count"),
        follower_count=number_of(found, "follower_count"),
        collaborator_count=number_of(found, "collaborator_count"),
    )


def _section(found: Json, effect: Effect = Effect.READ) -> RemoteSection:
    if not text_of(found, "id"):
        raise_unreadable(effect)
    return RemoteSection(remote_id=text_of(found, "id"), name=text_of(found, "name"))
