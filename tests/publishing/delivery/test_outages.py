"""A server that does not answer is left alone, and exactly one call finds out when it answers again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from notifications.models import Notification
from notifications.words import shown
from publishing.delivery import asking, claiming, outages, sending, timings
from publishing.models import FollowUp, Publication, State
from reporting.models import Pull
from social_accounts import connections
from social_accounts.models import ServerOutage, SocialProfile
from social_accounts.networks.base import (
    NotSent,
    OutcomeUnknown,
    Published,
    Rejected,
    RejectionReason,
    Trouble,
)
from social_accounts.networks.mastodon.features import FEATURES
from tests.cast import make_profile
from tests.publishing.delivery.conftest import Desk

REFUSED = NotSent("sandbox.test cannot be reached.", trouble=Trouble.UNREACHABLE)
FAULT = NotSent("sandbox.test has a fault (503).", trouble=Trouble.FAULT)
OUT = [Published(remote_id=str(number), permalink="") for number in range(50, 70)]


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def outage() -> ServerOutage:
    found: ServerOutage = ServerOutage.objects.get()
    return found


def bring_down(desk: Desk, error: Exception = REFUSED) -> list[Publication]:
    """Return three posts of two profiles that found out, in a row, that their server is away."""
    found = [
        desk.write(desk.acme.news),
        desk.write(desk.acme.quiet),
        desk.write(desk.acme.news, text="More."),
    ]
    desk.network.will("publish", error)
    desk.look()
    assert outage().is_open
    return found


def when_tried(desk: Desk) -> None:
    try_at = outage().try_at
    assert try_at is not None
    desk.clock.now = try_at


def test_three_failures_in_a_row_of_two_profiles_leave_the_server_alone(desk: Desk) -> None:
    found = bring_down(desk, FAULT)
    later = desk.write(desk.acme.quiet, text="Later.")

    desk.clock.pass_time(seconds=30)

    assert desk.look() == []
    assert len(desk.network.asked("publish")) == 3
    assert [fresh(one).state for one in [*found, later]] == [State.SCHEDULED] * 4
    assert desk.attempts(found[2]) == [("publish", "unreachable")]


def test_a_fault_about_posts_of_one_profile_leaves_others_their_turn(desk: Desk) -> None:
    for text in ("One.", "Two.", "Three.", "Four."):
        desk.write(desk.acme.news, text=text)
    desk.network.will("publish", FAULT)

    desk.look()

    assert not outage().is_open
    desk.network.will("publish", OUT[0])
    other = desk.write(desk.acme.quiet)
    desk.look()
    assert fresh(other).state == State.PUBLISHED
    assert outage().failures == 0


def test_no_connection_at_all_is_the_servers_doing_whoever_asks(desk: Desk) -> None:
    for text in ("One.", "Two.", "Three."):
        desk.write(desk.acme.news, text=text)
    desk.network.will("publish", REFUSED)

    desk.look()

    assert outage().is_open


def test_failures_that_answers_come_between_are_not_in_a_row(desk: Desk) -> None:
    answers: list[Any] = [REFUSED, REFUSED, Rejected(RejectionReason.POLICY, "No."), REFUSED, REFUSED]
    for number in range(5):
        desk.write(desk.acme.news if number % 2 else desk.acme.quiet, text=f"Number {number}.")
    desk.network.will("publish", *answers)

    desk.look()

    assert (outage().is_open, outage().failures) == (False, 2)


def test_other_networks_and_other_servers_go_on(desk: Desk) -> None:
    bring_down(desk)
    elsewhere = make_profile(desk.acme.organization, "elsewhere", server="https://other.test", remote_id="9")
    desk.connect(elsewhere)
    on_other_network, on_other_server = (
        desk.write(desk.acme.sky),
        desk.write(elsewhere, vouched_by=desk.acme.marc),
    )
    desk.network.will("publish", OUT[0], OUT[1])

    desk.look()

    assert fresh(on_other_network).state == fresh(on_other_server).state == State.PUBLISHED


def test_a_network_that_is_down_for_three_hours_rejects_nobodys_post(desk: Desk) -> None:
    from publishing.models import DeliverySettings

    DeliverySettings.objects.create(organization=desk.acme.organization, hold_after_minutes=None)
    found = bring_down(desk)
    begun = desk.clock.now

    while desk.clock.now - begun < timedelta(hours=3):
        desk.look()
        desk.clock.pass_time(seconds=60)

    tries = len(desk.network.asked("publish"))
    assert 12 < tries < 24  # one at a time, further and further apart
    assert {fresh(one).state for one in found} == {State.SCHEDULED}
    desk.network.will("publish", *OUT)
    when_tried(desk)
    desk.look()
    assert len(desk.network.asked("publish")) == tries + 1
    desk.look()
    assert {fresh(one).state for one in found} == {State.PUBLISHED}


def test_exactly_one_goes_through_and_its_answer_lets_all_others_follow(desk: Desk) -> None:
    bring_down(desk)
    when_tried(desk)

    outages.let_one_through(now=desk.clock.now)
    outages.let_one_through(now=desk.clock.now)  # another beat
    first = claiming.claim_due(now=desk.clock.now)
    second = claiming.claim_due(now=desk.clock.now)

    assert (len(first), second) == (1, [])
    desk.network.will("publish", *OUT)
    sending.deliver(organization_id=first[0].organization_id, publication_id=first[0].publication_id)
    assert not outage().is_open
    assert len(desk.look()) == 2


def test_what_was_claimed_before_it_opened_does_not_go_out_after(desk: Desk) -> None:
    late = desk.write(desk.acme.quiet, text="Claimed in time.", due_in_minutes=-1)
    claimed = claiming.claim_due(now=desk.clock.now)
    found = bring_down(desk)

    sending.deliver(organization_id=claimed[0].organization_id, publication_id=late.pk)

    assert len(desk.network.asked("publish")) == len(found)
    assert fresh(late).state == State.SCHEDULED


def test_each_failure_leaves_it_alone_for_longer_up_to_a_quarter_of_an_hour(desk: Desk) -> None:
    bring_down(desk)
    waits = []

    for _time in range(6):
        when_tried(desk)
        desk.look()
        try_at = outage().try_at
        assert try_at is not None
        waits.append((try_at - desk.clock.now).total_seconds())

    assert waits == sorted(waits[:4]) + waits[4:]
    assert waits[0] >= 120 and 900 <= waits[-1] <= 990


def test_the_probe_goes_by_turns_so_that_no_post_keeps_a_server_shut(desk: Desk) -> None:
    found = bring_down(desk)

    for _time in range(3):
        when_tried(desk)
        desk.look()

    assert [len(desk.attempts(one)) for one in found] == [2, 2, 2]


def test_a_worker_that_dies_with_the_probe_costs_a_wait_and_not_the_server(desk: Desk) -> None:
    bring_down(desk)
    when_tried(desk)
    outages.let_one_through(now=desk.clock.now)
    [claimed] = claiming.claim_due(now=desk.clock.now)
    assert sending.begin(
        organization_id=claimed.organization_id, publication_id=claimed.publication_id, now=desk.clock.now
    )

    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS - 1)
    assert desk.look() == []
    desk.clock.pass_time(seconds=2)
    asking.reap(now=desk.clock.now)

    desk.network.will("publish", *OUT)
    assert len(desk.look()) == 1
    assert not outage().is_open


def test_a_probe_that_is_held_at_the_last_look_gives_its_place_to_another(desk: Desk) -> None:
    found = bring_down(desk)
    Publication.objects.filter(pk=found[0].pk).update(sealed_digest="of something else")
    when_tried(desk)
    desk.network.will("publish", *OUT)

    desk.look()
    assert fresh(found[0]).state == State.HELD
    desk.look()

    assert not outage().is_open


def test_posts_of_which_nobody_knows_are_looked_for_once_the_server_answers(desk: Desk) -> None:
    lost = desk.write(desk.acme.quiet, text="Lost.")
    desk.network.will("publish", OutcomeUnknown("No answer.", trouble=Trouble.FAULT))
    desk.look()
    found = bring_down(desk)
    desk.network.will("read_back", OUT[-1])

    desk.clock.pass_time(seconds=20)
    desk.ask()
    assert desk.network.asked("read_back") == []

    when_tried(desk)
    desk.network.will("publish", *OUT)
    desk.look()
    desk.clock.pass_time(seconds=1)
    desk.ask()
    assert fresh(lost).state == State.PUBLISHED
    assert not fresh(found[0]).needs_answer


def test_a_look_that_finds_the_server_away_asks_no_person(desk: Desk) -> None:
    lost = desk.write(desk.acme.quiet, text="Lost.")
    desk.network.will("publish", OutcomeUnknown("No answer.", trouble=Trouble.FAULT))
    desk.look()
    desk.network.will("read_back", REFUSED)

    for _hour in range(5 * 60):
        desk.clock.pass_time(minutes=1)
        outages.let_one_through(now=desk.clock.now)
        desk.ask()

    assert outage().is_open
    assert not fresh(lost).needs_answer
    desk.network.will("read_back", OUT[0])
    when_tried(desk)
    outages.let_one_through(now=desk.clock.now)
    desk.ask()
    assert fresh(lost).state == State.PUBLISHED
    assert not outage().is_open


def test_comments_and_numbers_wait_as_well(desk: Desk) -> None:
    out = desk.write(desk.acme.quiet, text="Out.")
    desk.network.will("publish", OUT[0])
    desk.look()
    FollowUp.objects.create(
        publication=out, kind=FollowUp.Kind.DELETION, asked_by=desk.acme.marc, created_at=desk.clock.now
    )
    Pull.objects.create(publication=out, next_at=desk.clock.now)
    assert FollowUp.objects.may_go(desk.clock.now).exists() and Pull.objects.may_go(desk.clock.now).exists()

    bring_down(desk)

    assert not FollowUp.objects.may_go(desk.clock.now).exists()
    assert not Pull.objects.may_go(desk.clock.now).exists()


def test_a_server_nothing_waits_for_is_left_alone_no_longer(desk: Desk) -> None:
    found = bring_down(desk)
    Publication.objects.filter(pk__in=[one.pk for one in found]).update(state=State.CANCELED)

    when_tried(desk)
    outages.let_one_through(now=desk.clock.now)

    assert not outage().is_open


def test_who_looks_after_profiles_is_told_once_of_an_outage_that_lasts(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "features", lambda _network: FEATURES)
    bring_down(desk)

    outages.tell_of_outages(now=desk.clock.now)
    assert not Notification.objects.filter(kind="server_down").exists()
    desk.clock.pass_time(minutes=6)
    outages.tell_of_outages(now=desk.clock.now)
    outages.tell_of_outages(now=desk.clock.now)

    told = Notification.objects.filter(kind="server_down").values_list("person__name", flat=True)
    assert sorted(told) == ["Marc Manager", "Olga Owner"]
    subjects = {shown(row.words["subject"]) for row in Notification.objects.filter(kind="server_down")}
    assert subjects == {"Mastodon (sandbox.test) does not answer"}


@pytest.mark.parametrize("is_at_that_server", [True, False])
def test_what_waits_for_a_server_does_not_count_against_it(desk: Desk, is_at_that_server: bool) -> None:
    """A reconnected profile, a canceled post: the row alone says nothing. Only calls do."""
    profile = desk.acme.news if is_at_that_server else desk.acme.sky
    SocialProfile.objects.filter(pk=profile.pk).update(status=SocialProfile.Status.NEEDS_RECONNECT)
    desk.write(profile, vouched_by=desk.acme.marc)

    desk.look()

    assert not ServerOutage.objects.exists()
