"""Reads for the pages of boards."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, Q, QuerySet

from permissions.checker import Access
from social_accounts.boards import rights
from social_accounts.boards.models import Board, BoardChange, BoardReading
from social_accounts.models import SocialProfile

TOLD_FOR: Final = timedelta(days=1)
"""How long a merge that ended badly stays on the page."""
TOLD_MAX: Final = 20


def listed_boards(access: Access, profile: SocialProfile) -> QuerySet[Board]:
    """Return the boards a person sees, his own first, each with its number of sections."""
    boards = rights.visible_boards(access, profile).annotate(section_count=Count("sections"))
    return boards.order_by("-is_own", "name", "pk")


def reading_of(profile: SocialProfile) -> BoardReading | None:
    return BoardReading.objects.filter(profile=profile).first()


def changes_to_tell(access: Access, profile: SocialProfile, now: datetime) -> list[BoardChange]:
    """Return what is not finished, or was given up lately while nobody looked; of secret boards to whom sees them."""
    State, Kind = BoardChange.State, BoardChange.Kind
    is_given_up = Q(kind=Kind.MERGE, state=State.REFUSED, settled_at__gt=now - TOLD_FOR)
    is_open = Q(state=State.UNCLEAR) | Q(state=State.UNDER_WAY, kind=Kind.MERGE)
    changes = BoardChange.objects.filter(is_open | is_given_up, profile=profile)
    if not access.can(rights.SECRET, profile):
        changes = changes.filter(is_secret=False)
    if not access.can(rights.PUBLIC, profile):
        changes = changes.filter(is_secret=True)
    return list(changes.order_by("-asked_at")[:TOLD_MAX])


def save_targets(access: Access, board: Board) -> list[Board]:
    """Return the boards a Pin of this one could be saved to as well; none for who may not act on Pins."""
    if not access.can(rights.ON_PINS, board.profile):
        return []
    others = rights.visible_boards(access, board.profile).exclude(pk=board.pk)
    return list(others.exclude(privacy=Board.Privacy.PROTECTED).order_by("name", "pk"))


def merge_targets(access: Access, board: Board) -> list[Board]:
    """Return the boards this one could go into: others of the profile's own that the person sees and may merge."""
    if not rights.may_merge(access, board):
        return []
    others = rights.visible_boards(access, board.profile).filter(is_own=True).exclude(pk=board.pk)
    return list(others.exclude(privacy=Board.Privacy.PROTECTED).order_by("name", "pk"))
