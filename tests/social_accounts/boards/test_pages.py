"""Boards as people see and change them, each by his rights."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit.models import AuditEvent
from permissions.catalogue import ACTIONS, Scope
from permissions.packs import PACKS
from social_accounts.boards.choosing import keep_boards_known, seen_choices, told_choice
from social_accounts.boards.models import BoardChange, BoardReading
from social_accounts.connections import clock
from social_accounts.models import SocialProfile
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme
from tests.social_accounts.networks.contract import no_answer, refused_connection, status
from tests.social_accounts.networks.fake_pinterest import BOARD, FakePinterest, refused

from .conftest import SignIn, board_of, give_actions, last_change, names_of, url


def audited(acme: Acme) -> list[dict[str, Any]]:
    with organization_open(acme.organization.pk):
        events = AuditEvent.objects.filter(action__startswith="board.").order_by("sequence")
        return [{"action": event.action, "by": event.actor_id, **event.after} for event in events]


# --- seeing ----------------------------------------------------------------------------------------------------------


def test_the_page_lists_public_and_secret_boards_with_their_numbers(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.add_board("102", "City rides", pin_count=12, description="By day and night")
    page = signed_in(acme.paul).get(url(pins))
    html = page.content.decode()
    assert page.status_code == 200
    assert [board.name for board in page.context["boards"]] == ["Bicycles", "City rides", "Next spring"]
    assert "By day and night" in html and "Secret" in html and ">12<" in html


def test_sections_are_counted_as_soon_as_a_worker_has_read_them(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.sections[BOARD] = {"7": "Tires", "8": "Spokes"}
    paul = signed_in(acme.paul)
    assert paul.get(url(pins)).context["boards"][0].section_count == 0
    assert paul.get(url(pins)).context["boards"][0].section_count == 2
    asked = len(pinterest.calls)
    paul.get(url(pins))
    assert len(pinterest.calls) == asked


def test_without_the_right_secret_boards_do_not_exist(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    page = signed_in(acme.emil).get(url(pins))
    assert "Bicycles" in page.content.decode()
    assert "Next spring" not in page.content.decode()
    secret = board_of(pins, "Next spring")
    for path in (f"{secret.pk}/", f"{secret.pk}/change/", f"{secret.pk}/sections/"):
        client = signed_in(acme.emil)
        assert (client.get if path.count("/") == 1 else client.post)(url(pins, path)).status_code == 404


def test_with_the_right_to_secret_boards_alone_public_ones_are_not_listed(
    acme: Acme, pins: SocialProfile, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil, "manage_secret_boards")
    page = signed_in(acme.emil).get(url(pins))
    assert [board.name for board in page.context["boards"]] == ["Next spring"]


def test_boards_of_others_are_seen_and_divided_by_whoever_may_work_together(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.add_board("103", "Of a friend", owner={"username": "beto"})
    give_actions(pins, acme.emil, "collaborate_on_boards")
    emil = signed_in(acme.emil)
    page = emil.get(url(pins))
    assert [board.name for board in page.context["boards"]] == ["Of a friend"]
    theirs = board_of(pins, "Of a friend")
    assert emil.post(url(pins, f"{theirs.pk}/sections/"), {"name": "Ours"}).status_code == 303
    assert list(pinterest.sections["103"].values()) == ["Ours"]
    paul = signed_in(acme.paul)
    assert paul.post(url(pins, f"{theirs.pk}/change/"), {"name": "Mine"}).status_code == 422
    assert pinterest.boards["103"]["name"] == "Of a friend"


def test_who_holds_no_action_on_boards_is_refused_and_others_find_nothing(
    acme: Acme, pins: SocialProfile, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil)
    assert signed_in(acme.emil).get(url(pins)).status_code == 403
    assert "boards/" not in signed_in(acme.emil).get(f"/o/acme/profiles/{pins.pk}/").content.decode()
    assert signed_in(acme.mina).get(url(pins)).status_code == 404
    assert signed_in(acme.paul).get(url(acme.news)).status_code == 404  # Mastodon has no boards


def test_boards_are_shown_as_known_when_pinterest_does_not_answer(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.faults["choices"] = refused_connection
    assert "no boards are known yet" in signed_in(acme.paul).get(url(pins)).content.decode()
    pinterest.faults.clear()
    forget_the_asking(pins)
    signed_in(acme.paul).get(url(pins))
    pinterest.faults["choices"] = refused_connection
    forget_the_asking(pins)
    html = signed_in(acme.paul).get(url(pins)).content.decode()
    assert "You see the boards as of" in html and "Bicycles" in html


def test_a_connection_that_ended_is_said_on_the_profile(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.faults["choices"] = pinterest.expired()
    signed_in(acme.paul).get(url(pins))
    with organization_open(pins.organization_id):
        pins.refresh_from_db()
    assert pins.status == SocialProfile.Status.NEEDS_RECONNECT


def test_looking_again_asks_pinterest_once_a_minute_and_forgets_what_is_gone(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    for _time in range(3):
        paul.get(url(pins))
    assert pinterest.calls.count(("GET", "/v5/boards")) == 1
    del pinterest.boards[BOARD]
    forget_the_asking(pins)
    paul.get(url(pins))
    assert names_of(pins) == ["Next spring"]


def test_the_list_takes_the_same_queries_for_many_boards(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    counts = []
    for added in (range(200, 200), range(200, 215)):
        for number in added:
            pinterest.add_board(str(number), f"Board {number}")
        forget_the_asking(pins)
        paul.get(url(pins))  # reads them, and their sections
        with CaptureQueriesContext(connection) as asked:
            assert len(paul.get(url(pins)).context["boards"]) == 2 + len(added)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 36


# --- changing --------------------------------------------------------------------------------------------------------


def test_a_board_is_made_changed_and_deleted_with_one_event_each(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    assert paul.post(url(pins, "new/"), {"name": "Helmets", "description": "For heads"}).status_code == 303
    board = board_of(pins, "Helmets")
    assert pinterest.boards[board.remote_id]["privacy"] == "PUBLIC"
    typed = {"name": "Hats", "description": "", "is_secret": "on"}
    assert paul.post(url(pins, f"{board.pk}/change/"), typed).status_code == 303
    assert (board_of(pins, "Hats").is_secret, pinterest.boards[board.remote_id]["privacy"]) == (
        True,
        "SECRET",
    )
    assert paul.post(url(pins, f"{board.pk}/delete/")).status_code == 303
    assert board.remote_id not in pinterest.boards
    assert "Hats" not in names_of(pins)
    by = acme.paul.pk
    assert audited(acme) == [
        {"action": "board.create", "by": by, "is_secret": False, "board": "Helmets"},
        {"action": "board.update", "by": by, "is_secret": True},
        {"action": "board.delete", "by": by, "is_secret": True},
    ]


def test_sections_are_made_renamed_and_deleted(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    paul.get(url(pins))
    board = board_of(pins, "Bicycles")
    assert paul.post(url(pins, f"{board.pk}/sections/"), {"name": "Tires"}).status_code == 303
    again = paul.post(url(pins, f"{board.pk}/sections/"), {"name": "tires"})
    assert (again.status_code, "already" in again.content.decode()) == (422, True)
    with organization_open(pins.organization_id):
        section = board.sections.get()
    path = f"{board.pk}/sections/{section.pk}"
    assert paul.post(url(pins, f"{path}/name/"), {"name": ""}).status_code == 422
    assert paul.post(url(pins, f"{path}/name/"), {"name": "Wheels"}).status_code == 303
    assert pinterest.sections[BOARD] == {section.remote_id: "Wheels"}
    assert "Wheels" in paul.get(url(pins, f"{board.pk}/")).content.decode()
    assert paul.post(url(pins, f"{path}/delete/")).status_code == 303
    assert pinterest.sections[BOARD] == {}
    assert [event["action"] for event in audited(acme)] == [
        "board.create_section",
        "board.rename_section",
        "board.delete_section",
    ]


def test_a_secret_board_is_made_only_with_the_right_to_secret_ones(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    give_actions(pins, acme.mina, "manage_secret_boards")
    signed_in(acme.emil).post(url(pins, "new/"), {"name": "Emil's", "is_secret": "on"})
    signed_in(acme.mina).post(url(pins, "new/"), {"name": "Mina's"})
    assert not board_of(pins, "Emil's").is_secret
    assert board_of(pins, "Mina's").is_secret


@pytest.mark.parametrize(
    ("action", "path"), [("delete_boards", "delete/"), ("archive_and_merge_boards", "merge/")]
)
def test_deleting_and_merging_take_a_right_of_their_own(
    acme: Acme,
    pins: SocialProfile,
    pinterest: FakePinterest,
    signed_in: SignIn,
    sent: list[int],
    action: str,
    path: str,
) -> None:
    pinterest.add_board("102", "City rides")
    give_actions(pins, acme.emil, "manage_public_boards")
    give_actions(pins, acme.mina, "manage_public_boards", action)
    signed_in(acme.emil).get(url(pins))
    board, into = board_of(pins, "Bicycles"), board_of(pins, "City rides")
    page = signed_in(acme.emil).get(url(pins, f"{board.pk}/")).content.decode()
    assert path not in page
    typed = {"target": into.pk}
    assert signed_in(acme.emil).post(url(pins, f"{board.pk}/{path}"), typed).status_code == 403
    assert path in signed_in(acme.mina).get(url(pins, f"{board.pk}/")).content.decode()
    assert signed_in(acme.mina).post(url(pins, f"{board.pk}/{path}"), typed).status_code == 303


def test_a_name_that_is_taken_is_said_before_and_what_pinterest_says_after(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    emil = signed_in(acme.emil)
    emil.get(url(pins))
    before = emil.post(url(pins, "new/"), {"name": "bicycles", "description": "Typed"})
    assert (before.status_code, "Typed" in before.content.decode()) == (422, True)
    assert ("POST", "/v5/boards") not in pinterest.calls
    # a board he does not see has that name: only Pinterest may say so
    after = emil.post(url(pins, "new/"), {"name": "Next spring"})
    assert (after.status_code, "You already have a board" in after.content.decode()) == (422, True)
    assert last_change(pins).state == BoardChange.State.REFUSED
    assert audited(acme) == []


def test_the_token_of_the_profile_is_in_no_sentence(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    pinterest.faults[""] = refused(403, "Application consumer is not authorized.", 7)
    page = signed_in(acme.paul).post(url(pins, "new/"), {"name": "Helmets"})
    assert (page.status_code, "lacks a permission" in page.content.decode()) == (422, True)


# --- answers that were lost ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("taken", [True, False])
@pytest.mark.parametrize("fault", [no_answer, status(503)])
def test_a_lost_answer_is_settled_by_looking_and_never_repeated(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn, fault: Any, taken: bool
) -> None:
    pinterest.faults[""], pinterest.taken = fault, taken
    page = signed_in(acme.paul).post(url(pins, "new/"), {"name": "Helmets"})
    assert pinterest.calls.count(("POST", "/v5/boards")) == 1
    assert last_change(pins).state == (BoardChange.State.DONE if taken else BoardChange.State.REFUSED)
    assert page.status_code == (303 if taken else 422)
    assert len(audited(acme)) == taken


def test_what_cannot_be_looked_up_stays_open_until_the_page_is_opened_again(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    paul = signed_in(acme.paul)
    paul.get(url(pins))
    board = board_of(pins, "Bicycles")
    pinterest.faults |= {"": no_answer, "read": refused_connection, "choices": refused_connection}
    pinterest.taken = True
    answer = paul.post(url(pins, f"{board.pk}/delete/"), follow=True)
    assert "may or may not be done" in answer.content.decode()
    assert last_change(pins).state == BoardChange.State.UNCLEAR
    pinterest.faults.clear()
    forget_the_asking(pins)
    html = paul.get(url(pins)).content.decode()
    assert "gave no clear answer" not in html
    assert last_change(pins).state == BoardChange.State.DONE
    assert [event["action"] for event in audited(acme)] == ["board.delete"]


def test_a_change_whose_worker_died_is_settled_by_the_next_look(
    acme: Acme,
    pins: SocialProfile,
    pinterest: FakePinterest,
    signed_in: SignIn,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    def die(request: httpx.Request) -> httpx.Response:
        raise Killed

    pinterest.faults[""], pinterest.taken = die, True
    with pytest.raises(Killed):
        signed_in(acme.paul).post(url(pins, "new/"), {"name": "Helmets"})
    assert last_change(pins).state == BoardChange.State.UNDER_WAY
    pinterest.faults.clear()
    signed_in(acme.paul).get(url(pins))
    assert last_change(pins).state == BoardChange.State.UNDER_WAY  # somebody may still be at it
    with organization_open(pins.organization_id):
        long_ago = last_change(pins).asked_at.replace(year=2025)
        BoardChange.objects.update(asked_at=long_ago, touched_at=long_ago)
    forget_the_asking(pins)
    signed_in(acme.paul).get(url(pins))
    assert last_change(pins).state == BoardChange.State.DONE
    assert [event["by"] for event in audited(acme)] == [acme.paul.pk]


# --- choices for the composer, and the fixed role ---------------------------------------------------------------------


def test_choices_for_a_pin_hold_no_board_the_person_does_not_see(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    told = [("100", "Bicycles"), ("100/7", "Bicycles › Tires"), ("101", "Next spring"), ("999", "Brand new")]
    keep_boards_known(profile=pins, now=clock())
    with organization_open(pins.organization_id):
        emil, paul = acme.access(acme.emil), acme.access(acme.paul)
        assert seen_choices(emil, pins, "board", told) == told[:2]
        assert seen_choices(paul, pins, "board", told) == told[:3]
        assert seen_choices(emil, pins, "title", told) == told
        assert seen_choices(emil, acme.news, "board", told) == told


def test_the_composer_is_told_only_of_boards_the_author_sees(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest, signed_in: SignIn
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards", "manage_drafts", "send_for_approval")
    address = reverse("profile_choices", args=["acme", pins.pk]) + "?option=board"
    for_editor = signed_in(acme.paul).get(address).json()["choices"]
    assert for_editor == [["100", "Bicycles"], ["101", "Next spring"]]
    assert signed_in(acme.emil).get(address).json()["choices"] == [["100", "Bicycles"]]


def test_a_board_that_was_chosen_is_named_only_to_those_who_see_it(
    acme: Acme, pins: SocialProfile, pinterest: FakePinterest
) -> None:
    give_actions(pins, acme.emil, "manage_public_boards")
    keep_boards_known(profile=pins, now=clock())
    with organization_open(pins.organization_id):
        told = [
            told_choice(reader, pins, "board", "101/7", "Next spring › Tires")
            for reader in (acme.access(acme.paul), acme.access(acme.emil), None)
        ]
        assert told == ["Next spring › Tires", "A board you do not see", "A board you do not see"]
        assert told_choice(None, pins, "board", "100", "Bicycles") == "Bicycles"


def test_pinterests_editor_is_fixed_and_needs_no_approval() -> None:
    """P12, and rows PE01 to PE11 of Pinterest's own list."""
    editor = PACKS["pinterest"].role(Scope.PROFILE, "editor")
    assert {
        "profile.manage_public_boards",
        "profile.manage_secret_boards",
        "profile.delete_boards",
        "profile.archive_and_merge_boards",
        "profile.collaborate_on_boards",
        "profile.publish_posts",
    } <= set(editor.actions)
    assert "profile.send_for_approval" not in editor.actions
    built = {name for name in editor.actions if "board" in name and ACTIONS[name].is_available}
    assert len(built) == 5


def forget_the_asking(profile: SocialProfile) -> None:
    """Let a minute pass since Pinterest was asked."""
    with organization_open(profile.organization_id):
        BoardReading.objects.filter(profile=profile).update(asked_at=LONG_AGO)
