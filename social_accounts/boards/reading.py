"""Asking the network for the boards of a profile, when somebody looks and what we know is old."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from social_accounts.boards import settling
from social_accounts.boards.asking import Line, line_to, note_dead_connection
from social_accounts.boards.models import Board, BoardReading
from social_accounts.boards.remembering import remember_boards, remember_sections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError, Rejected, RejectionReason
from social_accounts.sentences import kept
from tenancy.context import organization_open

FRESH_FOR: Final = timedelta(minutes=1)
SECTIONS_FRESH_FOR: Final = timedelta(minutes=10)


def read_if_old(*, profile: SocialProfile, now: datetime, fresh_for: timedelta = FRESH_FOR) -> None:
    """Read the boards unless that was tried a moment ago. Outside a transaction; safe to repeat."""
    with organization_open(profile.organization_id):
        reading = BoardReading.objects.filter(profile=profile).first()
    if reading is None or now - reading.asked_at >= fresh_for:
        read_boards(profile=profile, now=now)


def read_boards(*, profile: SocialProfile, now: datetime) -> bool:
    """Read all boards and say whether the network answered. Outside a transaction; safe to repeat.

    What is known stays when it does not answer; the reading says why. Changes nobody knew the end of are settled.
    """
    line: Line | None = None
    try:
        line = line_to(profile, now)
        remotes = line.boards.boards(**line.asking)
    except NetworkError as error:
        note_dead_connection(profile, error, line, now)
        with organization_open(profile.organization_id):
            BoardReading.objects.update_or_create(
                profile=profile, defaults={"asked_at": now, "detail": kept(error)}
            )
        return False
    with organization_open(profile.organization_id):
        reading, _created = BoardReading.objects.select_for_update().get_or_create(
            profile=profile, defaults={"asked_at": now}
        )
        if reading.read_at is not None and reading.read_at > now:
            return True  # it may not know of what was changed here meanwhile
        remember_boards(profile, remotes)
        reading.asked_at, reading.read_at, reading.detail = now, now, ""
        reading.save()
        settling.settle_by_boards(profile=profile, now=now)
    return True


def read_sections_if_old(*, board: Board, now: datetime) -> str:
    """Read a board's sections unless we just did; return why that failed, empty when it did not.

    Outside a transaction; safe to repeat.
    """
    if board.sections_read_at is not None and now - board.sections_read_at < SECTIONS_FRESH_FOR:
        return ""
    try:
        read_sections(board=board, now=now)
    except NetworkError as error:
        return kept(error)
    return ""


def read_unread_sections(*, organization_id: int, profile_id: int, now: datetime) -> None:
    """Read the sections of every board whose sections nobody has read yet; the first failure ends it.

    Outside a transaction; safe to repeat, and taken up again by whoever opens the list next.
    """
    with organization_open(organization_id):
        unread = Board.objects.filter(profile_id=profile_id, sections_read_at=None)
        boards = list(unread.select_related("profile").order_by("pk"))
    for board in boards:
        if read_sections_if_old(board=board, now=now):
            return


def read_sections(*, board: Board, now: datetime) -> None:
    """Raises NetworkError; a board that is gone has none."""
    profile = board.profile
    line = line_to(profile, now)
    try:
        remotes = line.boards.sections(**line.asking, board_id=board.remote_id)
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise
        remotes = []
    with organization_open(profile.organization_id):
        if Board.objects.filter(pk=board.pk).exists():
            remember_sections(board, remotes, now)
            settling.settle_by_sections(board=board, now=now)
