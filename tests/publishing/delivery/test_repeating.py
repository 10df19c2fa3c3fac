"""A post that was looked for in vain is sent again only where the network makes one post of both requests."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core import mail

from permissions.checker import load_access
from publishing.delivery import asking, outcomes, repeating, timings
from publishing.delivery.requests import REPEAT
from publishing.models import DeliverySettings, Publication, PublishAttempt, State
from publishing.services.delivery import Finding, pause_publishing, resolve_unconfirmed
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Published,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from tests.mails import mail_due
from tests.publishing.delivery.conftest import Clock, Desk, FakeNetwork
from tests.publishing.delivery.test_recovery import FOUND, fresh, unconfirmed

IN_VAIN = ("read_back", "not_found")


class KeyedNetwork(FakeNetwork):
    """Makes one post of all requests with one key, as long as ``forgives``."""

    forgives = True

    def is_harmless_to_repeat(self, *, request: PublishRequest, **_more: Any) -> bool:
        self.requests.setdefault("harmless", []).append(request)
        return self.forgives


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> KeyedNetwork:
    network = KeyedNetwork()
    network.will("read_back", None)
    monkeypatch.setattr(connections, "adapter", lambda _name: network)
    return network


def lost(desk: Desk, *answers_to_the_repeat: Any, **fields: object) -> Publication:
    """Return a post whose answer was lost, and that was looked for once."""
    publication = unconfirmed(desk, **fields)
    desk.network.will("publish", *answers_to_the_repeat)
    desk.clock.pass_time(seconds=timings.READ_BACK_WAITS_SECONDS[0])
    desk.ask()
    return publication


def die(_call: Any) -> None:
    raise KeyboardInterrupt


def look_again(desk: Desk, number: int = 1) -> None:
    desk.clock.pass_time(seconds=timings.READ_BACK_WAITS_SECONDS[number])
    desk.ask()


def test_the_second_look_in_vain_is_followed_by_the_same_request(desk: Desk, network: KeyedNetwork) -> None:
    publication = lost(desk, FOUND)
    assert desk.attempts(publication) == [("publish", "unknown"), IN_VAIN]

    look_again(desk)

    after = fresh(publication)
    assert (after.state, after.remote_id, after.published_at) == (State.PUBLISHED, "77", desk.clock.now)
    assert desk.attempts(publication)[1:] == [IN_VAIN, IN_VAIN, ("repeat", "published")]
    first, second = network.asked("publish")
    assert (first.key, first.created_at, first.content) == (second.key, second.created_at, second.content)


def test_a_network_that_might_make_two_of_it_is_only_looked_at(desk: Desk, network: KeyedNetwork) -> None:
    network.forgives = False
    publication = lost(desk, FOUND)

    look_again(desk, 1)
    look_again(desk, 2)

    assert fresh(publication).needs_answer
    assert len(network.asked("publish")) == 1


def test_what_was_found_is_not_sent_again(desk: Desk, network: KeyedNetwork) -> None:
    publication = lost(desk, OutcomeUnknown("never asked"))
    network.will("read_back", FOUND)

    look_again(desk)

    assert fresh(publication).state == State.PUBLISHED
    assert len(network.asked("publish")) == 1


def revoke(desk: Desk, publication: Publication) -> None:
    publication.vouched_by.is_active = False  # type: ignore[union-attr]
    publication.vouched_by.save()  # type: ignore[union-attr]


def change(desk: Desk, publication: Publication) -> None:
    publication.post.text = "Other words"
    publication.post.save()


def pause(desk: Desk, publication: Publication) -> None:
    organization = desk.acme.organization
    access = load_access(user=desk.acme.olga, organization_id=organization.pk, at=desk.clock.now)
    pause_publishing(actor=access, organization=organization, now=desk.clock.now)


def be_late(desk: Desk, publication: Publication) -> None:
    DeliverySettings.objects.create(hold_after_minutes=30)
    Publication.objects.filter(pk=publication.pk).update(due_at=desk.clock.now - timedelta(hours=1))


@pytest.mark.parametrize("forbid", [revoke, change, pause, be_late])
def test_who_may_not_send_it_any_more_does_not_repeat_it(
    desk: Desk, network: KeyedNetwork, forbid: Any
) -> None:
    publication = lost(desk, FOUND)
    forbid(desk, publication)

    look_again(desk)

    assert fresh(publication).state == State.UNCONFIRMED
    assert len(network.asked("publish")) == 1
    look_again(desk, 2)
    assert fresh(publication).needs_answer


@pytest.mark.parametrize("answer", [OutcomeUnknown("no answer again"), NotSent("could not be reached")])
def test_a_repeat_without_an_answer_is_looked_for_and_repeated_until_the_time_is_over(
    desk: Desk, network: KeyedNetwork, answer: Exception
) -> None:
    DeliverySettings.objects.create(hold_after_minutes=None)  # nothing is ever too late
    publication = lost(desk, answer)

    look_again(desk)
    assert fresh(publication).state == State.UNCONFIRMED
    look_again(desk)

    assert len(network.asked("publish")) == 3
    assert fresh(publication).not_before is not None
    for _look in range(200):
        desk.clock.pass_time(minutes=1)
        desk.ask()
    assert fresh(publication).needs_answer
    assert PublishAttempt.objects.filter(kind=REPEAT).latest("number").started_at <= (
        fresh(publication).first_sent_at + timings.seconds(timings.READ_BACK_GIVE_UP_SECONDS)  # type: ignore[operator]
    )


def test_a_repeat_that_is_refused_ends_with_a_person(
    desk: Desk,
    network: KeyedNetwork,
    django_capture_on_commit_callbacks: Any,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        publication = lost(desk, Rejected(RejectionReason.POLICY, "not today"))
        look_again(desk, 1)
        assert fresh(publication).state == State.UNCONFIRMED and not fresh(publication).needs_answer
        look_again(desk, 2)

    assert fresh(publication).needs_answer
    assert desk.attempts(publication)[-2:] == [IN_VAIN, ("repeat", "rejected")]
    mail_due()
    assert len(mail.outbox) == 1


def test_a_limit_stops_the_profile_and_the_repeat_comes_after_it(desk: Desk, network: KeyedNetwork) -> None:
    until = desk.clock.now + timedelta(minutes=30)
    publication = lost(desk, RateLimited(until, LimitLevel.PROFILE), FOUND)
    look_again(desk)
    other = desk.write(text="Another")

    assert desk.look() == []
    assert fresh(publication).not_before == until

    desk.clock.now = until + timedelta(seconds=1)
    desk.ask()
    assert fresh(publication).state == State.PUBLISHED
    assert fresh(other).state == State.SCHEDULED


def test_credentials_that_fail_are_said_so_and_the_post_stays_unconfirmed(
    desk: Desk, network: KeyedNetwork
) -> None:
    publication = lost(desk, CredentialsExpired("signed out"))

    look_again(desk)

    assert SocialProfile.objects.get(pk=publication.profile_id).status == SocialProfile.Status.NEEDS_RECONNECT
    assert fresh(publication).state == State.UNCONFIRMED


def test_a_worker_that_dies_while_it_repeats_leaves_a_post_that_is_looked_for(
    desk: Desk, network: KeyedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = lost(desk, FOUND)
    with monkeypatch.context() as patch:
        patch.setattr(repeating, "send", die)
        with pytest.raises(KeyboardInterrupt):
            look_again(desk)
    assert desk.attempts(publication)[-1] == ("repeat", "sending")

    desk.clock.pass_time(seconds=timings.ASK_LEASE_SECONDS + 1)
    desk.ask()
    assert len(network.asked("read_back")) == 2  # whoever is at work is waited for
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS)
    asking.reap(now=desk.clock.now)
    assert desk.attempts(publication)[-1] == ("repeat", "unknown")
    desk.ask()

    assert fresh(publication).state == State.PUBLISHED
    assert [request.key for request in network.asked("publish")] == [publication.key.hex] * 2


def test_a_look_that_ends_while_another_worker_repeats_says_nothing(
    desk: Desk, network: KeyedNetwork, monkeypatch: pytest.MonkeyPatch
) -> None:
    publication = lost(desk, FOUND)

    def repeat_meanwhile(_request: PublishRequest) -> None:
        network.during = None
        with monkeypatch.context() as patch:
            patch.setattr(repeating, "send", die)
            with pytest.raises(KeyboardInterrupt):
                asking.read_back(organization_id=publication.organization_id, publication_id=publication.pk)

    network.during = repeat_meanwhile
    look_again(desk)

    assert desk.attempts(publication)[-2:] == [IN_VAIN, ("repeat", "sending")]
    assert fresh(publication).read_back_count == 1


def test_a_person_who_found_it_meanwhile_is_right(desk: Desk, network: KeyedNetwork) -> None:
    publication = lost(desk, FOUND)

    def find_it(request: PublishRequest) -> None:
        if len(network.asked("publish")) < 2:
            return  # it is the look
        network.during = None
        here = desk.acme.organization.pk
        resolve_unconfirmed(
            actor=load_access(user=desk.acme.olga, organization_id=here, at=desk.clock.now),
            publication=publication,
            finding=Finding.THERE,
            permalink="https://sandbox.test/mine",
            now=desk.clock.now,
        )

    network.during = find_it
    look_again(desk)

    after = fresh(publication)
    assert (after.state, after.permalink) == (State.PUBLISHED, "https://sandbox.test/mine")
    assert not PublishAttempt.objects.filter(outcome=PublishAttempt.Outcome.SENDING).exists()


def test_an_answer_that_names_the_post_of_another_is_not_adopted(desk: Desk, network: KeyedNetwork) -> None:
    publication = lost(desk, Published(remote_id="77", permalink=""))
    desk.write(text="Another", state=State.PUBLISHED, remote_id="77", published_at=desk.clock.now)

    look_again(desk)

    assert fresh(publication).state == State.UNCONFIRMED
    assert desk.attempts(publication)[-1] == ("repeat", "unknown")


def test_an_answer_that_is_written_down_twice_stays_what_it_was(desk: Desk, network: KeyedNetwork) -> None:
    publication = lost(desk, FOUND)
    call = repeating._begin(_call_about(desk, publication), looked_at=desk.clock.now, now=desk.clock.now)
    assert call is not None

    outcomes.settle(call, FOUND)
    outcomes.settle(call, FOUND)

    assert fresh(publication).state == State.PUBLISHED
    assert desk.attempts(publication)[-1] == ("repeat", "published")


def test_the_answer_of_a_worker_given_up_for_lost_counts_if_it_says_published(
    desk: Desk, network: KeyedNetwork, clock: Clock
) -> None:
    publication = lost(desk, FOUND)
    clock.pass_time(seconds=timings.READ_BACK_WAITS_SECONDS[1])
    call = repeating._begin(_call_about(desk, publication), looked_at=clock.now, now=clock.now)
    assert call is not None
    clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    asking.reap(now=clock.now)

    outcomes.settle(call, FOUND)

    assert fresh(publication).state == State.PUBLISHED


def _call_about(desk: Desk, publication: Publication) -> Any:
    return repeating.call_about(fresh(publication), now=desk.clock.now)
