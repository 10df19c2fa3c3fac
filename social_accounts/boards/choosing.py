"""The boards somebody may choose for a Pin: those he sees. For everyone who shows choices of ``base.Choices``."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext as _

from permissions.checker import Access
from social_accounts.boards.asking import has_boards
from social_accounts.boards.models import Board
from social_accounts.boards.reading import read_if_old
from social_accounts.boards.rights import visible_boards
from social_accounts.models import SocialProfile

BOARD_OPTION = "board"
SECTION_SEPARATOR = "/"
Choice = tuple[str, str]


def keep_boards_known(*, profile: SocialProfile, now: datetime) -> None:
    """Know which boards are secret before choices are shown. Outside a transaction; talks to the network if need be."""
    if has_boards(profile):
        read_if_old(profile=profile, now=now)


def seen_choices(
    access: Access, profile: SocialProfile, option: str, choices: Iterable[Choice]
) -> list[Choice]:
    """Return those of a profile's asked choices that this person sees; others than boards are for everybody.

    A board we do not know yet is shown to nobody: it may be a secret one.
    """
    if option != BOARD_OPTION or not has_boards(profile):
        return list(choices)
    seen = set(visible_boards(access, profile).values_list("remote_id", flat=True))
    return [choice for choice in choices if choice[0].partition(SECTION_SEPARATOR)[0] in seen]


def sees_choice(access: Access, profile: SocialProfile, option: str, value: str) -> bool:
    """Say whether this person may make this choice: a form written by hand may name any board's id."""
    if option != BOARD_OPTION or not has_boards(profile):
        return True
    board_id = value.partition(SECTION_SEPARATOR)[0]
    return visible_boards(access, profile).filter(remote_id=board_id).exists()


def told_choice(access: Access | None, profile: SocialProfile, option: str, value: str, words: str) -> str:
    """Return what to call a choice that was made; without its name where the reader does not see that board.

    ``access`` None: somebody from outside, who is told of public boards alone.
    """
    if option != BOARD_OPTION or not has_boards(profile):
        return words
    board_id = value.partition(SECTION_SEPARATOR)[0]
    boards = (
        Board.objects.filter(profile=profile, privacy=Board.Privacy.PUBLIC)
        if access is None
        else visible_boards(access, profile)
    )
    return words if boards.filter(remote_id=board_id).exists() else _("A board you do not see")
