"""Writing down what the network said of boards. Inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from social_accounts.boards.models import Board, BoardReading, BoardSection
from social_accounts.models import SocialProfile
from social_accounts.networks.boards import RemoteBoard, RemoteSection


def remember_board(profile: SocialProfile, remote: RemoteBoard) -> Board:
    board, _created = Board.objects.update_or_create(
        profile=profile, remote_id=remote.remote_id, defaults=_fields(profile, remote)
    )
    return board


def remember_boards(profile: SocialProfile, remotes: Iterable[RemoteBoard]) -> None:
    """Make the boards we know those the network told of: no more, no less."""
    told = {remote.remote_id: remote for remote in remotes}
    known = {board.remote_id: board for board in Board.objects.filter(profile=profile)}
    Board.objects.filter(pk__in=[board.pk for key, board in known.items() if key not in told]).delete()
    changed = []
    for remote_id, board in known.items():
        if remote_id in told and _change(board, _fields(profile, told[remote_id])):
            changed.append(board)
    Board.objects.bulk_update(changed, list(_FIELDS))
    Board.objects.bulk_create(
        Board(profile=profile, remote_id=remote_id, **_fields(profile, remote))
        for remote_id, remote in told.items()
        if remote_id not in known
    )


def remember_sections(board: Board, remotes: Iterable[RemoteSection], now: datetime) -> None:
    told = {remote.remote_id: remote.name for remote in remotes}
    BoardSection.objects.filter(board=board).exclude(remote_id__in=told).delete()
    BoardSection.objects.bulk_create(
        (BoardSection(board=board, remote_id=key, name=name) for key, name in told.items()),
        update_conflicts=True,
        unique_fields=["board", "remote_id"],
        update_fields=["name"],
    )
    Board.objects.filter(pk=board.pk).update(sections_read_at=now)


def note_change_of_our_own(profile: SocialProfile, now: datetime) -> None:
    """Make a reading that began before this moment count no more: it may not know of our change."""
    BoardReading.objects.filter(profile=profile).update(read_at=now)


_FIELDS = (
    "name",
    "description",
    "privacy",
    "owner",
    "is_own",
    "cover_url",
    "pin_count",
    "follower_count",
    "collaborator_count",
)


def _fields(profile: SocialProfile, remote: RemoteBoard) -> dict[str, object]:
    own_name = profile.handle.lstrip("@").casefold()
    return {
        "name": remote.name[:180],
        "description": remote.description,
        "privacy": remote.privacy.value,
        "owner": remote.owner,
        "is_own": remote.owner.casefold() in ("", own_name),
        "cover_url": remote.cover_url,
        "pin_count": remote.pin_count,
        "follower_count": remote.follower_count,
        "collaborator_count": remote.collaborator_count,
    }


def _change(board: Board, fields: dict[str, object]) -> bool:
    """Set the fields; say whether any was another."""
    is_changed = any(getattr(board, name) != value for name, value in fields.items())
    for name, value in fields.items():
        setattr(board, name, value)
    return is_changed
