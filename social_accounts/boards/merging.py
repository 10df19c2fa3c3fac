"""Joining two boards. The network has no such call: every Pin is moved, then the empty board is deleted.

A merge is a row and is worked on in short turns, each of which moves some Pins and writes down how many. A turn that
crashed is taken up by the next one: a Pin that was moved is on the source no more. The source is deleted only when the
network lists no Pin on it and counts none.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db.models import Q
from django.utils.translation import gettext as _

from permissions.checker import Access
from permissions.errors import Refused
from permissions.services import begin_act
from social_accounts import connections
from social_accounts.boards import rights
from social_accounts.boards.asking import Line, line_to, note_dead_connection
from social_accounts.boards.changing import NotChangeable, write_down_merge
from social_accounts.boards.models import Board, BoardChange
from social_accounts.boards.remembering import note_change_of_our_own
from social_accounts.boards.settling import settle
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError, NotSent, RateLimited
from social_accounts.networks.words import mark
from social_accounts.sentences import kept
from tenancy.context import organization_open, unscoped

TURN: Final = timedelta(seconds=30)
"""A turn begins no further Pin after this."""
TAKEN_UP_AFTER: Final = timedelta(minutes=1)
Kind, State = BoardChange.Kind, BoardChange.State


class NotMergeable(Refused):
    """These two boards cannot be joined. The message is for the person."""


def merge_board(*, actor: Access, source: Board, target: Board, now: datetime) -> BoardChange:
    """Ask for every Pin of ``source`` to be moved to ``target``, and ``source`` to be deleted after.

    Raises NotAllowed, NotChangeable and NotMergeable. The work itself is done in turns, by ``go_on``.
    """
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        actions = {rights.viewing_action(source), rights.viewing_action(target), rights.MERGE}
        rights.require_all(actor, actions, source.profile)
        if not (rights.may_merge(actor, source) and rights.may_merge(actor, target)):
            raise NotChangeable(_("Only boards of the profile's own can be merged."))
        if source.pk == target.pk or source.profile_id != target.profile_id:
            raise NotMergeable(_("Choose another board of the same profile to merge into."))
        at_it = BoardChange.objects.unsettled().filter(profile=source.profile, kind=Kind.MERGE)
        ids = [source.remote_id, target.remote_id]
        if at_it.filter(Q(board_remote_id__in=ids) | Q(target_remote_id=source.remote_id)).exists():
            raise NotMergeable(_("One of these boards is being merged already."))
        return write_down_merge(actor=actor, source=source, target=target, now=now)


def waiting_merges(now: datetime) -> list[tuple[int, int]]:
    """Return (organization id, change id) of the merges nobody has worked on for a while."""
    with unscoped():  # the schedule looks over all organizations; each turn opens its own
        return list(
            BoardChange.objects.filter(
                kind=Kind.MERGE, state=State.UNDER_WAY, touched_at__lte=now - TAKEN_UP_AFTER
            ).values_list("organization_id", "pk")
        )


def go_on(*, organization_id: int, change_id: int, now: datetime) -> bool:
    """Do one turn of a merge; say whether another is due at once. Outside a transaction. Safe to repeat."""
    change = _claimed(organization_id, change_id, now)
    if change is None:
        return False
    line: Line | None = None
    try:
        line = line_to(change.profile, now)
        is_empty = _move_some(line, change)
        if is_empty:
            _end(line, change)
    except RateLimited as error:
        _wait(change, error, until=error.retry_at)
    except NotSent as error:
        _wait(change, error, until=connections.clock())
    except NetworkError as error:
        note_dead_connection(change.profile, error, line, now)
        with organization_open(organization_id):
            settle(change, is_done=False, detail=kept(error), now=connections.clock())
    else:
        return not is_empty
    return False


def _claimed(organization_id: int, change_id: int, now: datetime) -> BoardChange | None:
    """Take the merge for one turn; None when it has ended, or somebody else is at it."""
    with organization_open(organization_id):
        change: BoardChange | None = (
            BoardChange.objects.select_for_update(of=("self",), skip_locked=True)
            .select_related("profile", "asked_by")
            .filter(pk=change_id, kind=Kind.MERGE, state=State.UNDER_WAY)
            .first()
        )
        if change is None or change.touched_at > now:
            return None
        change.touched_at = now
        change.save(update_fields=["touched_at"])
    return change


def _move_some(line: Line, change: BoardChange) -> bool:
    """Move Pins until the turn is over; say whether none was left."""
    began = connections.clock()
    pins = line.boards.some_pins(**line.asking, board_id=change.board_remote_id)
    for pin in pins:
        line.boards.move_pin(**line.asking, pin_id=pin.remote_id, board_id=change.target_remote_id)
        with organization_open(change.organization_id):
            change.moved_count += 1
            change.touched_at = connections.clock()
            change.save(update_fields=["moved_count", "touched_at"])
        if connections.clock() - began > TURN:
            return False
    return not pins


def _end(line: Line, change: BoardChange) -> None:
    """Delete the source, if the network too counts nothing on it; and write down the end."""
    remotes = {one.remote_id: one for one in line.boards.boards(**line.asking)}
    source = remotes.get(change.board_remote_id)
    if source is not None and source.pin_count:
        detail = mark(
            "The network still counts %(count)s Pins on it but lists none, so it was not deleted.",
            count=source.pin_count,
        )
        with organization_open(change.organization_id):
            settle(change, is_done=False, detail=kept(detail), now=connections.clock())
        return
    line.boards.delete_board(**line.asking, board_id=change.board_remote_id)
    now = connections.clock()
    with organization_open(change.organization_id):
        profile: SocialProfile = change.profile
        Board.objects.filter(profile=profile, remote_id=change.board_remote_id).delete()
        target = remotes.get(change.target_remote_id)
        if target is not None and target.pin_count is not None:
            Board.objects.filter(profile=profile, remote_id=target.remote_id).update(
                pin_count=target.pin_count
            )
        note_change_of_our_own(profile, now)
        settle(change, is_done=True, now=now)


def _wait(change: BoardChange, error: NetworkError, *, until: datetime) -> None:
    """Leave the rest to a later turn."""
    with organization_open(change.organization_id):
        change.touched_at, change.detail = until, kept(error)
        change.save(update_fields=["touched_at", "detail"])
