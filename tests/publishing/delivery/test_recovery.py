"""What a crash leaves behind, and who goes on: one test for each line of the table in ``publishing.delivery``."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.core import mail

from publishing.delivery import asking, claiming, outcomes, sending, timings
from publishing.delivery.requests import Call
from publishing.models import Publication, PublishAttempt, State
from publishing.states import move
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    Processing,
    Published,
    RateLimited,
    Rejected,
    RejectionReason,
)
from tests.mails import mail_due
from tests.publishing.delivery.conftest import Desk

FOUND = Published(remote_id="77", permalink="https://sandbox.test/@acme-news/77")


def fresh(publication: Publication) -> Publication:
    return Publication.objects.get(pk=publication.pk)


def begun(desk: Desk, publication: Publication) -> Call:
    """Bring it as far as transaction A, as a worker that then dies."""
    claiming.claim_due(now=desk.clock.now)
    call = sending.begin(
        organization_id=publication.organization_id, publication_id=publication.pk, now=desk.clock.now
    )
    assert call is not None
    return call


def unconfirmed(desk: Desk, **fields: object) -> Publication:
    publication = desk.write(**fields)  # type: ignore[arg-type]
    desk.network.will("publish", OutcomeUnknown("no proper answer"))
    desk.look()
    assert fresh(publication).state == State.UNCONFIRMED
    return publication


# --- lost messages and dead workers --------------------------------------------------------------------------------


def test_a_claim_without_an_attempt_goes_back_to_the_queue(desk: Desk) -> None:
    publication = desk.write()
    claiming.claim_due(now=desk.clock.now)

    desk.clock.pass_time(seconds=timings.CLAIM_AGE_SECONDS - 1)
    assert claiming.put_back(now=desk.clock.now) == 0
    desk.clock.pass_time(seconds=2)
    assert claiming.put_back(now=desk.clock.now) == 1

    assert fresh(publication).state == State.SCHEDULED
    desk.look()
    assert fresh(publication).state == State.PUBLISHED


def test_a_claim_with_an_attempt_never_goes_back(desk: Desk) -> None:
    publication = desk.write()
    begun(desk, publication)

    desk.clock.pass_time(days=1)

    assert claiming.put_back(now=desk.clock.now) == 0
    assert fresh(publication).state == State.PUBLISHING


def test_the_reaper_makes_a_lost_attempt_unconfirmed(desk: Desk) -> None:
    publication = desk.write()
    begun(desk, publication)

    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS - 1)
    assert asking.reap(now=desk.clock.now) == 0
    desk.clock.pass_time(seconds=2)
    assert asking.reap(now=desk.clock.now) == 1

    assert fresh(publication).state == State.UNCONFIRMED
    assert desk.attempts(publication) == [("publish", "unknown")]
    assert asking.reap(now=desk.clock.now) == 0


def test_the_reaper_ends_a_lost_poll(desk: Desk) -> None:
    publication = desk.write()
    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now))
    desk.look()
    asking._begin_poll(
        organization_id=publication.organization_id, publication_id=publication.pk, now=desk.clock.now
    )

    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    desk.ask()
    assert desk.network.asked("poll") == []  # the first poll may have created the post
    asking.reap(now=desk.clock.now)

    assert fresh(publication).state == State.UNCONFIRMED


def test_a_dead_attempt_is_found_at_the_network(desk: Desk) -> None:
    publication = desk.write()
    begun(desk, publication)
    began_at = desk.clock.now
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    asking.reap(now=desk.clock.now)
    desk.network.will("read_back", FOUND)

    desk.clock.pass_time(minutes=1)
    desk.ask()

    publication = fresh(publication)
    assert publication.state == State.PUBLISHED
    assert publication.permalink == FOUND.permalink
    assert publication.published_at == began_at
    assert desk.network.asked("read_back")[0].sent_at == began_at


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        (FOUND, State.PUBLISHED),
        (NotSent("cannot be reached"), State.UNCONFIRMED),
        (Rejected(RejectionReason.POLICY, "no"), State.UNCONFIRMED),
    ],
)
def test_a_worker_given_up_for_lost_is_believed_when_it_says_published(
    desk: Desk, answer: Published, state: State
) -> None:
    publication = desk.write()
    call = begun(desk, publication)
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    asking.reap(now=desk.clock.now)

    outcomes.settle(call, answer)

    assert fresh(publication).state == state


def test_a_late_published_calls_off_what_a_person_sent_again(desk: Desk) -> None:
    publication = desk.write()
    call = begun(desk, publication)
    desk.clock.pass_time(seconds=timings.ATTEMPT_AGE_SECONDS + 1)
    asking.reap(now=desk.clock.now)
    move(fresh(publication), State.SCHEDULED, certainly_not_sent=True, not_before=None)

    outcomes.settle(call, FOUND)

    assert fresh(publication).state == State.PUBLISHED
    assert desk.look() == []


def test_an_outcome_is_written_once(desk: Desk) -> None:
    publication = desk.write()
    call = begun(desk, publication)

    outcomes.settle(call, FOUND)
    outcomes.settle(call, OutcomeUnknown("a second answer"))

    assert fresh(publication).state == State.PUBLISHED
    assert desk.attempts(publication) == [("publish", "published")]


def test_an_outcome_of_a_deleted_publication_is_dropped(desk: Desk) -> None:
    publication = desk.write()
    call = begun(desk, publication)
    publication.delete()

    outcomes.settle(call, FOUND)

    assert PublishAttempt.objects.count() == 0


# --- reading back --------------------------------------------------------------------------------------------------


def test_three_looks_in_vain_ask_a_person_once(
    desk: Desk, django_capture_on_commit_callbacks: object
) -> None:
    publication = unconfirmed(desk)
    desk.network.will("read_back", None)
    begin: datetime = desk.clock.now

    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        for _look in range(60):
            desk.clock.pass_time(seconds=30)
            desk.ask()

    publication = fresh(publication)
    assert publication.state == State.UNCONFIRMED
    assert publication.needs_answer
    assert len(desk.network.asked("read_back")) == 3
    last = PublishAttempt.objects.filter(publication=publication).latest("number")
    assert timedelta(minutes=14) < last.started_at - begin < timedelta(minutes=17)
    assert len(desk.network.asked("publish")) == 1
    mail_due()
    assert len(mail.outbox) == 1


def test_a_row_is_not_handed_out_twice_within_its_lease(desk: Desk) -> None:
    unconfirmed(desk)
    desk.clock.pass_time(minutes=1)

    assert len(asking.lease_to_read_back(now=desk.clock.now)) == 1
    assert asking.lease_to_read_back(now=desk.clock.now) == []
    desk.clock.pass_time(seconds=timings.ASK_LEASE_SECONDS + 1)
    assert len(asking.lease_to_read_back(now=desk.clock.now)) == 1


@pytest.mark.parametrize(
    "error",
    [NotSent("away"), OutcomeUnknown("too much was posted since"), CredentialsExpired("gone")],
)
def test_a_look_that_fails_is_repeated_and_ends_with_a_person(desk: Desk, error: Exception) -> None:
    publication = unconfirmed(desk)
    desk.network.will("read_back", error)

    desk.clock.pass_time(minutes=1)
    desk.ask()
    assert not fresh(publication).needs_answer
    assert fresh(publication).read_back_count == 0
    desk.clock.pass_time(seconds=timings.READ_BACK_GIVE_UP_SECONDS)
    desk.ask()

    assert fresh(publication).needs_answer


def test_a_look_with_a_dead_connection_marks_the_profile(desk: Desk) -> None:
    unconfirmed(desk)
    desk.network.will("read_back", CredentialsExpired("gone"))

    desk.clock.pass_time(minutes=1)
    desk.ask()

    desk.acme.news.refresh_from_db()
    assert desk.acme.news.status == SocialProfile.Status.NEEDS_RECONNECT


def test_a_look_waits_as_long_as_a_rate_limit_says(desk: Desk) -> None:
    publication = unconfirmed(desk)
    until = desk.clock.now + timedelta(minutes=30)
    desk.network.will("read_back", RateLimited(until, LimitLevel.PROFILE))

    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert fresh(publication).not_before == until


def test_looking_knows_the_posts_of_others_and_waits_for_a_twin_at_work(desk: Desk) -> None:
    first = unconfirmed(desk)
    other = desk.write(text="Something else.")
    desk.network.will("publish", FOUND)
    desk.look()
    assert fresh(other).state == State.PUBLISHED
    twin = desk.write()
    begun(desk, twin)
    desk.network.will("read_back", None)

    desk.clock.pass_time(minutes=1)
    desk.ask()
    assert desk.network.asked("read_back") == []
    Publication.objects.filter(pk=twin.pk).update(state=State.CANCELED)
    desk.clock.pass_time(minutes=5)
    desk.ask()

    assert desk.network.asked("read_back")[0].known_remote_ids == {"77"}
    assert fresh(first).read_back_count == 1


def test_a_post_found_twice_is_adopted_once(desk: Desk) -> None:
    first, second = unconfirmed(desk), unconfirmed(desk)
    desk.network.will("read_back", FOUND)

    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert sorted([fresh(first).state, fresh(second).state]) == [State.PUBLISHED, State.UNCONFIRMED]


def test_a_row_settled_while_the_network_was_asked_stays_settled(desk: Desk) -> None:
    publication = unconfirmed(desk)
    desk.network.will("read_back", None)

    def settle_meanwhile(_request: object) -> None:
        Publication.objects.filter(pk=publication.pk).update(
            state=State.PUBLISHED, published_at=connections.clock()
        )

    desk.network.during = settle_meanwhile
    desk.clock.pass_time(minutes=1)
    desk.ask()

    assert fresh(publication).state == State.PUBLISHED
    assert desk.attempts(publication) == [("publish", "unknown")]


def test_the_tasks_of_beat_find_what_is_to_be_asked_and_recovered(
    desk: Desk, started: list[tuple[str, object]]
) -> None:
    from publishing import tasks

    waiting = unconfirmed(desk)
    processing = desk.write(state=State.PROCESSING, not_before=desk.clock.now, due_at=None)
    claimed = desk.write(state=State.PUBLISHING, claimed_at=desk.clock.now - timedelta(hours=1))
    desk.clock.pass_time(minutes=1)

    tasks.ask_networks_again()
    tasks.recover_interrupted_publications()

    ids = [(name, ids["publication_id"]) for name, ids in started]  # type: ignore[index]
    assert ids == [("poll_publication", processing.pk), ("read_back_publication", waiting.pk)]
    assert fresh(claimed).state == State.SCHEDULED


def test_the_doors_of_workers_call_their_service(desk: Desk) -> None:
    from publishing import tasks

    desk.network.will("publish", Processing(poll_token="[7]", check_at=desk.clock.now))
    desk.network.will("poll", OutcomeUnknown("lost"))
    desk.network.will("read_back", FOUND)
    publication = desk.write()
    claiming.claim_due(now=desk.clock.now)
    ids = {"organization_id": publication.organization_id, "publication_id": publication.pk}

    tasks.deliver_publication(**ids, something_new="of a later version")
    tasks.poll_publication(**ids)
    tasks.read_back_publication(**ids)

    assert fresh(publication).state == State.PUBLISHED
