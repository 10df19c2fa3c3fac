"""Making, changing and deleting boards and sections at the network.

Every change goes the same way: in one transaction the right is asked for and the wish is written down; outside of any
transaction the network is told; in a second one the outcome is written down, remembered and told in the audit log.
What a crash or a lost answer leaves between is found out by ``settling``. Nothing is repeated by itself.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Final

from django.utils.translation import gettext as _

from permissions.checker import Access
from permissions.errors import Refused
from permissions.services import begin_act
from social_accounts.boards import rights
from social_accounts.boards.asking import Line, line_to, note_dead_connection
from social_accounts.boards.models import Board, BoardChange, BoardSection
from social_accounts.boards.reading import read_boards, read_sections
from social_accounts.boards.remembering import note_change_of_our_own, remember_board
from social_accounts.boards.settling import OF_SECTIONS, settle, settle_by_saved_pins
from social_accounts.models import SocialProfile
from social_accounts.networks.base import NetworkError, NotSent, OutcomeUnknown
from social_accounts.networks.boards import BoardDraft, PinOnBoard, RemoteBoard, RemoteSection
from social_accounts.sentences import kept
from tenancy.context import organization_open

Kind, State = BoardChange.Kind, BoardChange.State
Told = RemoteBoard | RemoteSection | PinOnBoard | None
NAME_MAX: Final = 50
DESCRIPTION_MAX: Final = 500
SECTION_NAME_MAX: Final = 50


class NameTaken(Refused):
    """The profile has a board, or the board a section, of that name. The message is for the person."""


class NotChangeable(Refused):
    """The board is somebody else's or of advertisements. The message is for the person."""


def create_board(*, actor: Access, profile: SocialProfile, draft: BoardDraft, now: datetime) -> BoardChange:
    """Make a board. Returns what came of it. Outside a transaction. Raises NotAllowed and NameTaken."""
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        rights.require_all(actor, [_action_for(draft)], profile)
        _refuse_taken_name(actor, profile, draft.name)
        change = _written_down(actor, profile, Kind.CREATE, draft=draft, now=now)
    return _carried_out(change, now, lambda line: line.boards.create_board(**line.asking, draft=draft))


def update_board(*, actor: Access, board: Board, draft: BoardDraft, now: datetime) -> BoardChange:
    """Rename, describe, hide or show a board: who changes who sees it holds both rights. Otherwise as above."""
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        rights.require_all(actor, {rights.viewing_action(board), _action_for(draft)}, board.profile)
        _refuse_unchangeable(rights.may_change(actor, board))
        if draft.name.casefold() != board.name.casefold():
            _refuse_taken_name(actor, board.profile, draft.name)
        change = _written_down(actor, board.profile, Kind.UPDATE, board=board, draft=draft, now=now)
    return _carried_out(
        change,
        now,
        lambda line: line.boards.update_board(**line.asking, board_id=board.remote_id, draft=draft),
    )


def delete_board(*, actor: Access, board: Board, now: datetime) -> BoardChange:
    """Delete a board with every Pin on it. Otherwise as above."""
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        rights.require_all(actor, [rights.viewing_action(board), rights.DELETE], board.profile)
        _refuse_unchangeable(rights.may_delete(actor, board))
        change = _written_down(
            actor, board.profile, Kind.DELETE, board=board, draft=_draft_of(board), now=now
        )
    return _carried_out(
        change, now, lambda line: line.boards.delete_board(**line.asking, board_id=board.remote_id)
    )


def create_section(*, actor: Access, board: Board, name: str, now: datetime) -> BoardChange:
    """Divide a board; on boards of others, by the right to work on them together. Otherwise as above."""
    change = _section_change(actor, board, Kind.CREATE_SECTION, name=name, now=now)
    return _carried_out(
        change,
        now,
        lambda line: line.boards.create_section(**line.asking, board_id=board.remote_id, name=name),
    )


def rename_section(*, actor: Access, section: BoardSection, name: str, now: datetime) -> BoardChange:
    change = _section_change(actor, section.board, Kind.RENAME_SECTION, name=name, section=section, now=now)
    return _carried_out(
        change,
        now,
        lambda line: line.boards.rename_section(
            **line.asking, board_id=section.board.remote_id, section_id=section.remote_id, name=name
        ),
    )


def delete_section(*, actor: Access, section: BoardSection, now: datetime) -> BoardChange:
    """Delete a section; the network keeps its Pins on the board."""
    change = _section_change(
        actor, section.board, Kind.DELETE_SECTION, name=section.name, section=section, now=now
    )
    return _carried_out(
        change,
        now,
        lambda line: line.boards.delete_section(
            **line.asking, board_id=section.board.remote_id, section_id=section.remote_id
        ),
    )


def save_pin(*, actor: Access, board: Board, pin_id: str, target: Board, now: datetime) -> BoardChange:
    """Save a Pin of ``board`` to ``target`` as well. Otherwise as above."""
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        wanted = {rights.viewing_action(board), rights.viewing_action(target), rights.ON_PINS}
        rights.require_all(actor, wanted, board.profile)
        _refuse_unchangeable(
            target.profile_id == board.profile_id and rights.may_change_sections(actor, target)
        )
        draft = BoardDraft(name=pin_id, is_secret=board.is_secret or target.is_secret)
        change = _written_down(
            actor,
            board.profile,
            Kind.SAVE_PIN,
            board=board,
            target=target,
            pin_id=pin_id,
            draft=draft,
            now=now,
        )
    return _carried_out(
        change,
        now,
        lambda line: line.boards.save_pin(**line.asking, pin_id=pin_id, board_id=target.remote_id),
    )


# --- first transaction: the right, and the wish ----------------------------------------------------------------------


def _section_change(
    actor: Access,
    board: Board,
    kind: BoardChange.Kind,
    *,
    name: str,
    now: datetime,
    section: BoardSection | None = None,
) -> BoardChange:
    with organization_open(actor.organization_id):
        actor = begin_act(actor, now)
        wanted = {rights.viewing_action(board)} | (set() if board.is_own else {rights.TOGETHER})
        rights.require_all(actor, wanted, board.profile)
        _refuse_unchangeable(rights.may_change_sections(actor, board))
        others = board.sections.exclude(pk=section.pk) if section else board.sections.all()
        if kind != Kind.DELETE_SECTION and others.filter(name__iexact=name).exists():
            raise NameTaken(_("This board has a section of that name already."))
        draft = BoardDraft(name=name, is_secret=board.is_secret)
        return _written_down(actor, board.profile, kind, board=board, section=section, draft=draft, now=now)


def _action_for(draft: BoardDraft) -> str:
    return rights.SECRET if draft.is_secret else rights.PUBLIC


def _draft_of(board: Board) -> BoardDraft:
    return BoardDraft(name=board.name, description=board.description, is_secret=board.is_secret)


def _refuse_unchangeable(may: bool) -> None:
    if not may:
        raise NotChangeable(_("This board is not the profile's own to change."))


def _refuse_taken_name(actor: Access, profile: SocialProfile, name: str) -> None:
    """A name taken by a board the person does not see is left for the network to refuse: it exists for nobody else."""
    if rights.visible_boards(actor, profile).filter(is_own=True, name__iexact=name).exists():
        raise NameTaken(_("This profile has a board of that name already."))


def _written_down(
    actor: Access,
    profile: SocialProfile,
    kind: BoardChange.Kind,
    *,
    draft: BoardDraft,
    now: datetime,
    board: Board | None = None,
    section: BoardSection | None = None,
    target: Board | None = None,
    pin_id: str = "",
) -> BoardChange:
    return BoardChange.objects.create(
        profile=profile,
        kind=kind,
        board_remote_id=board.remote_id if board else "",
        section_remote_id=section.remote_id if section else "",
        target_remote_id=target.remote_id if target else "",
        pin_remote_id=pin_id,
        name=draft.name,
        description=draft.description,
        is_secret=draft.is_secret,
        asked_by=actor.user,
        asked_at=now,
        touched_at=now,
    )


def write_down_merge(*, actor: Access, source: Board, target: Board, now: datetime) -> BoardChange:
    """Write down that one board is to go into another. The caller has asked for the rights in this transaction."""
    return _written_down(
        actor, source.profile, Kind.MERGE, board=source, target=target, draft=_draft_of(source), now=now
    )


# --- the network, and the second transaction -------------------------------------------------------------------------


def _carried_out(change: BoardChange, now: datetime, tell: Callable[[Line], Told]) -> BoardChange:
    profile = change.profile
    line: Line | None = None
    try:
        line = line_to(profile, now)
        told = tell(line)
    except (NotSent, OutcomeUnknown) as error:
        return _left_unclear(change, error, now)
    except NetworkError as error:
        note_dead_connection(profile, error, line, now)
        with organization_open(profile.organization_id):
            settle(change, is_done=False, detail=kept(error), now=now)
        return change
    with organization_open(profile.organization_id):
        board = _remembered(change, told)
        note_change_of_our_own(profile, now)
        settle(change, is_done=True, board=board, now=now)
    return change


def _left_unclear(change: BoardChange, error: NetworkError, now: datetime) -> BoardChange:
    """No clear answer came: look at once what the network has, and later again if it does not answer either."""
    profile = change.profile
    with organization_open(profile.organization_id):
        change.state, change.detail, change.touched_at = State.UNCLEAR, kept(error), now
        change.save(update_fields=["state", "detail", "touched_at"])
    if change.kind == Kind.SAVE_PIN:
        look_for_saved_pin(change, now)
    elif change.kind in OF_SECTIONS:
        _look_at_sections(change, now)
    else:
        read_boards(profile=profile, now=now)
    with organization_open(profile.organization_id):
        change.refresh_from_db()
    return change


def look_for_saved_pin(change: BoardChange, now: datetime) -> None:
    """Look on the board a Pin was to be saved to; what cannot be looked at stays open."""
    with suppress(NetworkError):
        line = line_to(change.profile, now)
        pins = line.boards.newest_pins(**line.asking, board_id=change.target_remote_id)
        with organization_open(change.organization_id):
            settle_by_saved_pins(change, pins, now)


def _look_at_sections(change: BoardChange, now: datetime) -> None:
    with organization_open(change.organization_id):
        board = Board.objects.filter(profile=change.profile, remote_id=change.board_remote_id).first()
    if board is not None:
        with suppress(NetworkError):  # the page of the board looks again
            read_sections(board=board, now=now)


def _remembered(change: BoardChange, told: Told) -> Board | None:
    """Bring what we know in step with what was done; return the board it was done to, where there is one."""
    if isinstance(told, RemoteBoard):
        return remember_board(change.profile, told)
    board = Board.objects.filter(profile=change.profile, remote_id=change.board_remote_id).first()
    if change.kind == Kind.DELETE and board is not None:
        board.delete()
        return None
    if board is not None and isinstance(told, RemoteSection):
        BoardSection.objects.update_or_create(
            board=board, remote_id=told.remote_id, defaults={"name": told.name}
        )
    if board is not None and change.kind == Kind.DELETE_SECTION:
        BoardSection.objects.filter(board=board, remote_id=change.section_remote_id).delete()
    return board
