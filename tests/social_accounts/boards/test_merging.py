"""Two boards become one: Pin by Pin, in turns, and nothing is deleted that still holds a Pin."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from social_accounts import connections, tasks
from social_accounts.boards import merging
from social_accounts.boards.models import BoardChange
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.social_accounts.networks.contract import refused_connection
from tests.social_accounts.networks.fake_pinterest import BOARD, FakePinterest, refused

from .conftest import SignIn, board_of, last_change, names_of, url

OTHER = "102"
State = BoardChange.State


@pytest.fixture
def change(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn, sent: list[int]
) -> BoardChange:
    """Paul has asked for Bicycles, with three Pins, to go into City rides."""
    pinterest.add_board(OTHER, "City rides")
    for number in range(3):
        pinterest.add_pin(description=f"Pin {number}")
    paul = signed_in(acme.paul)
    paul.get(url(pins))
    source, target = board_of(pins, "Bicycles"), board_of(pins, "City rides")
    assert paul.post(url(pins, f"{source.pk}/merge/"), {"target": target.pk}).status_code == 303
    found = last_change(pins)
    assert sent == [found.pk]
    return found


def turn(change: BoardChange, *, at: datetime | None = None) -> bool:
    now = at or connections.clock()
    return merging.go_on(organization_id=change.organization_id, change_id=change.pk, now=now)


def places(pinterest: FakePinterest) -> set[str]:
    return {pin["board_id"] for pin in pinterest.pins.values()}


def test_every_pin_moves_and_then_the_empty_board_goes(
    pins: SocialProfile, pinterest: FakePinterest, change: BoardChange
) -> None:
    assert turn(change)
    assert BOARD in pinterest.boards
    assert not turn(change)
    assert places(pinterest) == {OTHER}
    assert BOARD not in pinterest.boards
    ended = last_change(pins)
    assert (ended.state, ended.moved_count) == (State.DONE, 3)
    assert "Bicycles" not in names_of(pins)
    assert not turn(change)  # a message that comes twice finds nothing to do


def test_a_turn_that_crashed_is_taken_up_where_it_stood(
    pins: SocialProfile, pinterest: FakePinterest, change: BoardChange, sent: list[int]
) -> None:
    class Killed(BaseException):
        pass

    moved = []

    def third_kills(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH" and len(moved) == 2:
            raise Killed
        moved.append(request)
        return pinterest.answer(request)

    pinterest.faults["edit"] = third_kills
    with pytest.raises(Killed):
        turn(change)
    pinterest.faults.clear()
    assert last_change(pins).moved_count == 2
    tasks.take_up_merges()
    assert len(sent) == 1  # somebody may still be at it
    later = connections.clock() + timedelta(minutes=2)
    assert [change.pk] == [pk for _organization, pk in merging.waiting_merges(later)]
    while turn(change, at=later):
        pass
    assert places(pinterest) == {OTHER}
    assert (last_change(pins).state, last_change(pins).moved_count) == (State.DONE, 3)


def test_pins_in_sections_are_moved_too_even_if_the_board_lists_them_not(
    pins: SocialProfile, pinterest: FakePinterest, change: BoardChange
) -> None:
    pinterest.sections[BOARD] = {"7": "Tires"}
    hidden = pinterest.add_pin(description="In a section", board_section_id="7")
    pinterest.lists_sections_apart = True
    while turn(change):
        pass
    assert pinterest.pins[hidden]["board_id"] == OTHER
    assert last_change(pins).state == State.DONE


def test_a_board_on_which_pinterest_still_counts_pins_is_not_deleted(
    pins: SocialProfile, pinterest: FakePinterest, change: BoardChange
) -> None:
    pinterest.boards[BOARD]["pin_count"] = 2
    while turn(change):
        pass
    ended = last_change(pins)
    assert (ended.state, "2 Pins" in str(ended.detail) or "count" in ended.detail) == (State.REFUSED, True)
    assert BOARD in pinterest.boards


@pytest.mark.parametrize(
    ("is_limited", "state"), [(True, State.UNDER_WAY), (False, State.REFUSED)], ids=["limited", "refused"]
)
def test_a_limit_is_waited_for_and_a_refusal_ends_it_with_its_words(
    acme: Acme,
    pins: SocialProfile,
    pinterest: FakePinterest,
    change: BoardChange,
    signed_in: SignIn,
    is_limited: bool,
    state: str,
) -> None:
    refusal = refused(403, "This endpoint is in beta and not open to your app.", 7)
    limited = refused(429, "You have exceeded your rate limit.", 8)
    pinterest.faults["edit"] = limited if is_limited else refusal
    assert not turn(change)
    pinterest.faults.clear()
    ended = last_change(pins)
    assert ended.state == state
    assert (ended.touched_at > connections.clock()) is is_limited
    html = signed_in(acme.paul).get(url(pins)).content.decode()
    assert ("is being merged" if is_limited else "in beta") in html
    assert BOARD in pinterest.boards
    if is_limited:
        assert not turn(change)  # before its time nobody tries again
        assert len(pinterest.pins) == 3


def test_a_connection_that_is_down_leaves_the_rest_to_a_later_turn(
    pins: SocialProfile, pinterest: FakePinterest, change: BoardChange
) -> None:
    pinterest.faults["read"] = refused_connection
    assert not turn(change)
    assert last_change(pins).state == State.UNDER_WAY
    pinterest.faults.clear()
    while turn(change, at=connections.clock() + timedelta(minutes=2)):
        pass
    assert last_change(pins).state == State.DONE


def test_a_board_at_work_is_not_merged_again_and_none_into_itself(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, change: BoardChange, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    source, target = board_of(pins, "Bicycles"), board_of(pins, "City rides")
    again = paul.post(url(pins, f"{source.pk}/merge/"), {"target": target.pk})
    assert (again.status_code, "already" in again.content.decode()) == (422, True)
    assert paul.post(url(pins, f"{source.pk}/merge/"), {"target": source.pk}).status_code == 422
    assert paul.post(url(pins, f"{target.pk}/merge/"), {"target": source.pk}).status_code == 422
    with organization_open(pins.organization_id):
        assert BoardChange.objects.filter(profile=pins).count() == 1
