"""The Pins of a board, and saving one to another board."""

from __future__ import annotations

from typing import Any

import pytest

from audit.models import AuditEvent
from social_accounts.boards.models import BoardChange
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme
from tests.social_accounts.networks.contract import no_answer, refused_connection
from tests.social_accounts.networks.fake_pinterest import FakePinterest

from .conftest import SignIn, board_of, give_actions, last_change, url

OTHER = "102"


@pytest.fixture
def pin(acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn) -> dict[str, Any]:
    """A Pin on Bicycles, its board, and City rides, where it is not yet."""
    pinterest.add_board(OTHER, "City rides")
    pin_id = pinterest.add_pin(title="Wheels", description="Round ones")
    signed_in(acme.paul).get(url(pins))
    board, target = board_of(pins, "Bicycles"), board_of(pins, "City rides")
    return {
        "list": url(pins, f"{board.pk}/pins/"),
        "save": url(pins, f"{board.pk}/pins/{pin_id}/save/"),
        "typed": {"target": target.pk},
    }


def boards_with_pins(pinterest: FakePinterest) -> list[str]:
    return sorted(pin["board_id"] for pin in pinterest.pins.values())


def test_a_pin_is_saved_to_another_board_by_whoever_may_act_on_pins(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn, pin: dict[str, Any]
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    page = signed_in(acme.emil).get(pin["list"]).content.decode()
    assert "Wheels" in page and pin["save"] not in page
    assert signed_in(acme.emil).post(pin["save"], pin["typed"]).status_code == 403
    assert pin["save"] in signed_in(acme.paul).get(pin["list"]).content.decode()
    assert signed_in(acme.paul).post(pin["save"], pin["typed"]).status_code == 303
    assert boards_with_pins(pinterest) == ["100", OTHER]
    with organization_open(pins.organization_id):
        event = AuditEvent.objects.get(action="board.save_pin")
    assert event.after == {"is_secret": False, "pin": pin["save"].split("/")[-3]}


def test_a_secret_board_is_no_target_for_who_does_not_see_it(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn, pin: dict[str, Any]
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards", "act_on_pin_details")
    emil = signed_in(acme.emil)
    secret = board_of(pins, "Next spring")
    assert "Next spring" not in emil.get(pin["list"]).content.decode()
    answer = emil.post(pin["save"], {"target": secret.pk}, follow=True)
    assert "Choose another board" in answer.content.decode()
    assert boards_with_pins(pinterest) == ["100"]


@pytest.mark.parametrize("taken", [True, False])
def test_a_lost_answer_is_looked_for_on_the_other_board_and_never_repeated(
    acme: Acme,
    pins: SocialProfile,
    pinterest: FakePinterest,
    signed_in: SignIn,
    pin: dict[str, Any],
    taken: bool,
) -> None:
    paul = signed_in(acme.paul)
    pinterest.faults |= {"": no_answer, "read": refused_connection}
    pinterest.taken = taken
    assert "may or may not be done" in paul.post(pin["save"], pin["typed"], follow=True).content.decode()
    assert last_change(pins).state == BoardChange.State.UNCLEAR
    pinterest.faults.clear()
    paul.get(pin["list"])
    assert last_change(pins).state == (BoardChange.State.DONE if taken else BoardChange.State.REFUSED)
    assert len(boards_with_pins(pinterest)) == 1 + taken


def test_the_list_says_when_pinterest_does_not_answer(
    acme: Acme, pinterest: FakePinterest, signed_in: SignIn, pin: dict[str, Any]
) -> None:
    pinterest.faults["read"] = refused_connection
    assert "could not be asked" in signed_in(acme.paul).get(pin["list"]).content.decode()
