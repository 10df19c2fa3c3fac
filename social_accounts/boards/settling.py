"""Finding out what became of changes nobody knows the end of: their worker died, or the answer was lost.

What the network says of its boards now is compared with what was wanted. Inside the caller's transaction, right after
a reading. A change still at work is left alone for a while.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from django.db.models import QuerySet

from audit.services import record_event
from social_accounts.boards.models import Board, BoardChange, BoardSection
from social_accounts.models import SocialProfile
from social_accounts.networks.boards import PinOnBoard
from social_accounts.networks.words import mark
from social_accounts.sentences import kept

AT_WORK: Final = timedelta(minutes=2)
"""Longer than any conversation with a network: after this nobody is at it any more."""
Kind, State = BoardChange.Kind, BoardChange.State
OF_BOARDS: Final = (Kind.CREATE, Kind.UPDATE, Kind.DELETE)
OF_SECTIONS: Final = (Kind.CREATE_SECTION, Kind.RENAME_SECTION, Kind.DELETE_SECTION)

CLOCK_DIFFERENCE_MAX: Final = timedelta(minutes=2)
_NAMED: Final = {**dict.fromkeys(OF_SECTIONS, "section"), Kind.SAVE_PIN: "pin"}

NEVER_ARRIVED: Final = mark("The network did not take it, so nothing was changed. Try again.")


def settle_by_boards(*, profile: SocialProfile, now: datetime) -> None:
    boards = {board.remote_id: board for board in Board.objects.filter(profile=profile)}
    for change in _open(BoardChange.objects.filter(profile=profile, kind__in=OF_BOARDS), now):
        board = boards.get(change.board_remote_id)
        if change.kind == Kind.CREATE:
            # The network refuses a second board of a name, so the one of this name is what was asked for.
            board = next((one for one in boards.values() if one.is_own and one.name == change.name), None)
            settle(change, is_done=board is not None, now=now, board=board)
        elif change.kind == Kind.DELETE:
            settle(change, is_done=board is None, now=now, board=board)
        else:
            settle(change, is_done=board is not None and _is_as_wanted(board, change), now=now, board=board)


def settle_by_sections(*, board: Board, now: datetime) -> None:
    sections = dict(BoardSection.objects.filter(board=board).values_list("remote_id", "name"))
    changes = BoardChange.objects.filter(
        profile=board.profile, board_remote_id=board.remote_id, kind__in=OF_SECTIONS
    )
    for change in _open(changes, now):
        if change.kind == Kind.CREATE_SECTION:
            is_done = change.name in sections.values()
        elif change.kind == Kind.DELETE_SECTION:
            is_done = change.section_remote_id not in sections
        else:
            is_done = sections.get(change.section_remote_id) == change.name
        settle(change, is_done=is_done, now=now, board=board)


def settle_by_saved_pins(change: BoardChange, pins: Iterable[PinOnBoard], now: datetime) -> None:
    """``pins``: the newest of the board the Pin was to be saved to."""
    since = change.asked_at - CLOCK_DIFFERENCE_MAX
    is_there = any(
        pin.parent_id == change.pin_remote_id and (pin.created_at is None or pin.created_at >= since)
        for pin in pins
    )
    settle(change, is_done=is_there, now=now)


def open_saves(board: Board, now: datetime) -> list[BoardChange]:
    """Return the Pins that were to be saved from this board and of which nobody knows the end."""
    saves = BoardChange.objects.filter(
        profile=board.profile, board_remote_id=board.remote_id, kind=Kind.SAVE_PIN
    )
    return _open(saves, now)


def settle(
    change: BoardChange, *, is_done: bool, now: datetime, board: Board | None = None, detail: str = ""
) -> None:
    """Write down the end of a change; what was done is told in the audit log, by whom it was asked for."""
    change.state = State.DONE if is_done else State.REFUSED
    change.detail = "" if is_done else detail or kept(NEVER_ARRIVED)
    change.settled_at = change.touched_at = now
    if board is not None and not change.board_remote_id:
        change.board_remote_id = board.remote_id
    fields = ("state", "detail", "settled_at", "touched_at", "board_remote_id")
    is_first = BoardChange.objects.unsettled().filter(pk=change.pk)
    if not is_first.update(**{name: getattr(change, name) for name in fields}):
        return  # somebody else found out already
    if is_done:
        record_event(
            actor=change.asked_by,
            action=f"board.{change.kind}",
            obj=change.profile,
            at=now,
            after=_told(change),
        )


def _open(changes: QuerySet[BoardChange], now: datetime) -> list[BoardChange]:
    at_work = {"state": State.UNDER_WAY, "touched_at__gt": now - AT_WORK}
    return list(
        changes.filter(state__in=[State.UNDER_WAY, State.UNCLEAR])
        .exclude(**at_work)
        .select_for_update(of=("self",))
        .select_related("profile", "asked_by")
        .order_by("pk")
    )


def _is_as_wanted(board: Board, change: BoardChange) -> bool:
    wanted = (change.name, change.description, change.is_secret)
    return (board.name, board.description, board.is_secret) == wanted


def _told(change: BoardChange) -> dict[str, object]:
    """Return what the log may say: of secret boards no name, for the log is read by more people than they are."""
    told: dict[str, object] = {"is_secret": change.is_secret}
    if not change.is_secret:
        told[_NAMED.get(Kind(change.kind), "board")] = change.name
    if change.kind == Kind.MERGE:
        told["moved"] = change.moved_count
    return told
