"""Who sees and changes which board. One action for public boards, one for secret ones, one for those of others.

A board a person does not see does not exist for him. Source: Pinterest's list of what its editors may do, PE02 to PE06
and PE09.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from permissions.checker import Access
from permissions.errors import NotAllowed
from social_accounts.boards.models import Board
from social_accounts.models import SocialProfile

PUBLIC: Final = "profile.manage_public_boards"
SECRET: Final = "profile.manage_secret_boards"  # noqa: S105 - an action
TOGETHER: Final = "profile.collaborate_on_boards"
DELETE: Final = "profile.delete_boards"
MERGE: Final = "profile.archive_and_merge_boards"
ON_PINS: Final = "profile.act_on_pin_details"
SEEING: Final = (PUBLIC, SECRET, TOGETHER)
Privacy = Board.Privacy


def visible_boards(access: Access, profile: SocialProfile) -> QuerySet[Board]:
    """Return the boards of the profile that exist for this person."""
    boards = Board.objects.filter(profile=profile)
    if not access.can(SECRET, profile):
        boards = boards.exclude(privacy=Privacy.SECRET)
    if not access.can(PUBLIC, profile):
        boards = boards.exclude(~Q(privacy=Privacy.SECRET), is_own=True)
    return boards if access.can(TOGETHER, profile) else boards.filter(is_own=True)


def viewing_action(board: Board) -> str:
    """Return the action that shows this board, and changes it where it is the account's own."""
    if board.is_secret:
        return SECRET
    return PUBLIC if board.is_own else TOGETHER


def may_create(access: Access, profile: SocialProfile) -> bool:
    return access.can(PUBLIC, profile) or access.can(SECRET, profile)


def may_change(access: Access, board: Board) -> bool:
    """Say whether the person may rename, describe, hide or show it. Others' boards are theirs to change."""
    return _is_changeable(board) and access.can(viewing_action(board), board.profile)


def may_change_sections(access: Access, board: Board) -> bool:
    if board.is_own:
        return may_change(access, board)
    return access.can(TOGETHER, board.profile) and access.can(viewing_action(board), board.profile)


def may_delete(access: Access, board: Board) -> bool:
    return may_change(access, board) and access.can(DELETE, board.profile)


def may_merge(access: Access, board: Board) -> bool:
    return may_change(access, board) and access.can(MERGE, board.profile)


def require_all(access: Access, actions: Iterable[str], profile: SocialProfile) -> None:
    """Raise NotAllowed, explained, for the first action that is not held."""
    for action in actions:
        if not access.can(action, profile):
            raise NotAllowed(access.decide(action, profile), profile)


def _is_changeable(board: Board) -> bool:
    """The board of advertisements is kept by Pinterest itself."""
    return board.is_own and board.privacy != Privacy.PROTECTED
