"""The Pins of a board, asked for when somebody looks at them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from social_accounts.boards import settling
from social_accounts.boards.asking import line_to
from social_accounts.boards.changing import look_for_saved_pin
from social_accounts.boards.models import Board
from social_accounts.networks.base import NetworkError
from social_accounts.networks.boards import PinOnBoard
from social_accounts.sentences import kept
from tenancy.context import organization_open


def newest_pins(*, board: Board, now: datetime) -> tuple[Sequence[PinOnBoard], str]:
    """Return the newest Pins of a board, and why they could not be read (empty when they could).

    Outside a transaction. They are not kept: Pins made elsewhere are none of ours.
    """
    with organization_open(board.organization_id):
        waiting = settling.open_saves(board, now)
    for change in waiting:
        look_for_saved_pin(change, now)
    try:
        line = line_to(board.profile, now)
        return line.boards.newest_pins(**line.asking, board_id=board.remote_id), ""
    except NetworkError as error:
        return [], kept(error)
