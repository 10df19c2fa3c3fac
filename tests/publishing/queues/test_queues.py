from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from permissions.errors import NotAllowed
from publishing.delivery.checks import is_waiting
from publishing.delivery.claiming import claim_due
from publishing.models import HoldReason, Publication, QueueEntry, QueuePause, QueueSlot, State
from publishing.services.approvals import approve
from publishing.services.queues import (
    CannotQueue,
    add_to_queue,
    close_gaps,
    free_moments,
    pause_queue,
    queued,
    resume_queue,
    set_slots,
    shuffle_queue,
)
from publishing.services.scheduling import cancel, reschedule
from publishing.slots import WeeklyTime
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import Acme, make_own_role
from tests.publishing.pages import press
from tests.publishing.test_services import write

EVERY_HOUR = {WeeklyTime(day, hour * 60) for day in range(7) for hour in range(24)}


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        set_slots(actor=acme.access(acme.paul), profile=acme.news, times=EVERY_HOUR, now=timezone.now())
        yield acme


def queue(acme: Acme, person: User, text: str = "In turn", **more: bool) -> Publication:
    post = write(acme, person, acme.news, text=text)
    publications = list(post.publications.select_related("profile"))
    now = timezone.now()
    [publication] = add_to_queue(
        actor=acme.access(person), post=post, publications=publications, now=now, **more
    )
    return publication


def hours(*publications: Publication) -> list[datetime | None]:
    for publication in publications:
        publication.refresh_from_db()
    return [publication.due_at for publication in publications]


def make_due(*publications: Publication) -> None:
    """Let time pass: what was dated by the queue is due since an hour."""
    for ago, publication in enumerate(publications):
        past = timezone.now() - timedelta(hours=1) + timedelta(minutes=ago)
        Publication.objects.filter(pk=publication.pk).update(due_at=past)
        QueueEntry.objects.filter(publication=publication).update(slot_at=past)


def test_posts_take_the_next_free_times_in_turn(inside: Acme) -> None:
    first, second = queue(inside, inside.paul), queue(inside, inside.paul)
    assert (first.state, first.vouched_by) == (State.SCHEDULED, inside.paul)
    assert first.due_at.minute == second.due_at.minute == 0
    assert first.due_at > timezone.now()
    assert second.due_at - first.due_at == timedelta(hours=1)
    assert list(queued(inside.news)) == [first, second]


def test_time_somebody_chose_by_hand_is_left_to_that_post(inside: Acme) -> None:
    taken = next(free_moments(inside.news, timezone.now()))
    by_hand = queue(inside, inside.paul)
    later = by_hand.due_at + timedelta(minutes=7)
    reschedule(actor=inside.access(inside.paul), publication=by_hand, due_at=later, now=timezone.now())
    assert not queued(inside.news).exists()
    assert queue(inside, inside.paul).due_at == taken


def test_moderators_post_waits_for_approval_at_its_place(inside: Acme) -> None:
    publication = queue(inside, inside.mina)
    assert publication.state == State.WAITING
    assert queue(inside, inside.paul).due_at > publication.due_at
    approval = publication.approvals.get()
    approve(
        actor=inside.access(inside.marc),
        approval=approval,
        digest=approval.content_digest,
        now=timezone.now(),
    )
    publication.refresh_from_db()
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, inside.marc)


def test_canceled_post_gives_its_time_free(inside: Acme) -> None:
    first = queue(inside, inside.paul)
    cancel(actor=inside.access(inside.paul), publication=first, now=timezone.now())
    assert queue(inside, inside.paul).due_at == first.due_at


def test_queue_without_times_takes_nothing(inside: Acme) -> None:
    QueueSlot.objects.all().delete()
    with pytest.raises(CannotQueue, match="no times yet"):
        queue(inside, inside.paul)
    assert not QueueEntry.objects.exists()


def test_guest_takes_no_place(inside: Acme) -> None:
    post = write(inside, inside.paul, inside.news)
    publications = list(post.publications.select_related("profile"))
    with pytest.raises(NotAllowed):
        add_to_queue(
            actor=inside.access(inside.gus), post=post, publications=publications, now=timezone.now()
        )


def test_pause_stops_what_the_queue_dated_and_nothing_else(inside: Acme) -> None:
    dated, by_hand = queue(inside, inside.paul), queue(inside, inside.paul)
    make_due(dated)
    past = timezone.now() - timedelta(minutes=1)
    Publication.objects.filter(pk=by_hand.pk).update(due_at=past)
    pause_queue(actor=inside.access(inside.paul), profile=inside.news, now=timezone.now())
    for publication in (dated, by_hand):
        publication.refresh_from_db()
    assert is_waiting(dated, timezone.now()) and not is_waiting(by_hand, timezone.now())
    assert [due.publication_id for due in claim_due(now=timezone.now())] == [by_hand.pk]


def test_resumed_queue_deals_what_was_missed_in_order_and_in_no_heap(inside: Acme) -> None:
    first, second, third = (queue(inside, inside.paul, text) for text in ("one", "two", "three"))
    pause_queue(actor=inside.access(inside.paul), profile=inside.news, now=timezone.now())
    make_due(first, second)
    dealt = resume_queue(actor=inside.access(inside.paul), profile=inside.news, now=timezone.now())
    assert {one.pk for one in dealt} == {first.pk, second.pk}
    times = hours(first, second, third)
    assert times[0] < times[1] and len(set(times)) == 3 and min(times) > timezone.now()
    assert not QueuePause.objects.exists()
    assert [one.pk for one in claim_due(now=timezone.now())] == []


def test_what_was_missed_is_held_where_the_person_may_not_date_it(inside: Acme) -> None:
    publication = queue(inside, inside.paul)
    pause_queue(actor=inside.access(inside.paul), profile=inside.news, now=timezone.now())
    make_due(publication)
    keeper = make_own_role(inside.organization, "Keeper", ["profile.view_posts", "profile.queue_settings"])
    ProfileUserGrant.objects.filter(user=inside.gus, content_object=inside.news).update(
        permission=keeper.permission
    )
    assert resume_queue(actor=inside.access(inside.gus), profile=inside.news, now=timezone.now()) == []
    publication.refresh_from_db()
    assert (publication.state, publication.hold_reason) == (State.HELD, HoldReason.LATE)
    assert "while the queue was paused" in publication.detail


def test_shuffling_deals_the_same_times_and_the_person_vouches(inside: Acme) -> None:
    posts = [queue(inside, inside.paul, str(number)) for number in range(4)]
    before = hours(*posts)
    shuffle_queue(
        actor=inside.access(inside.marc), profile=inside.news, now=timezone.now(), chance=random.Random(3)
    )
    after = hours(*posts)
    assert sorted(before) == sorted(after) and before != after
    assert {entry.slot_at for entry in QueueEntry.objects.all()} == set(after)
    moved = [post for post, was, now in zip(posts, before, after, strict=True) if was != now]
    assert {post.vouched_by for post in moved} == {inside.marc}


def test_shuffling_leaves_what_waits_for_approval_alone(inside: Acme) -> None:
    waiting, *_others = [queue(inside, inside.mina), *(queue(inside, inside.paul) for _ in range(3))]
    [before] = hours(waiting)
    shuffle_queue(actor=inside.access(inside.marc), profile=inside.news, now=timezone.now())
    assert hours(waiting) == [before]
    assert waiting.state == State.WAITING and waiting.approvals.get().answer == ""


def test_gaps_are_closed_in_order(inside: Acme) -> None:
    first, second, third = (queue(inside, inside.paul) for _ in range(3))
    was = hours(first, second, third)
    cancel(actor=inside.access(inside.paul), publication=first, now=timezone.now())
    close_gaps(actor=inside.access(inside.paul), profile=inside.news, now=timezone.now())
    assert hours(second, third) == was[:2]


@pytest.mark.parametrize("person", ["mina", "gus", "emil"])
def test_only_who_may_set_queues_sets_times(inside: Acme, person: str) -> None:
    actor = inside.access(getattr(inside, person))
    for act in (
        lambda: set_slots(actor=actor, profile=inside.news, times=set(), now=timezone.now()),
        lambda: pause_queue(actor=actor, profile=inside.news, now=timezone.now()),
        lambda: resume_queue(actor=actor, profile=inside.news, now=timezone.now()),
        lambda: shuffle_queue(actor=actor, profile=inside.news, now=timezone.now()),
        lambda: close_gaps(actor=actor, profile=inside.news, now=timezone.now()),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert QueueSlot.objects.count() == len(EVERY_HOUR)


# --- through the door ---------------------------------------------------------------------------------------------


def page_of(profile: SocialProfile, rest: str = "") -> str:
    return f"/o/acme/queues/{profile.pk}/{rest}"


def test_times_are_added_and_taken_out_by_hand(acme: Acme, client: Client) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    answer = client.post(page_of(acme.news, "times/"), {"days": ["0", "2"], "at": "09:30"}, follow=True)
    assert "The queue has its times." in answer.content.decode()
    with organization_open(acme.organization.pk):
        assert {slot.as_time for slot in QueueSlot.objects.all()} == {WeeklyTime(0, 570), WeeklyTime(2, 570)}
        slot = QueueSlot.objects.get(weekday=2)
    client.post(page_of(acme.news, "times/"), {"remove": slot.pk})
    with organization_open(acme.organization.pk):
        assert [slot.weekday for slot in QueueSlot.objects.all()] == [0]


@pytest.mark.parametrize(
    "typed", [{"at": "09:30"}, {"days": ["9"], "at": "09:30"}, {"days": ["1"], "at": "late"}]
)
def test_times_that_are_none_are_told_and_kept(acme: Acme, client: Client, typed: dict[str, object]) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    answer = client.post(page_of(acme.news, "times/"), typed)
    assert answer.status_code == 422
    assert "errorlist" in answer.content.decode()
    with organization_open(acme.organization.pk):
        assert not QueueSlot.objects.exists()


def test_page_shows_what_comes_and_offers_only_what_one_may(acme: Acme, client: Client) -> None:
    with organization_open(acme.organization.pk):
        now = timezone.now()
        set_slots(actor=acme.access(acme.paul), profile=acme.news, times={WeeklyTime(1, 600)}, now=now)
        queue(acme, acme.paul, "Winter is coming")
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    words = client.get(page_of(acme.news)).content.decode()
    assert "Winter is coming" in words and "Shuffle" in words and "Pause queue" in words and "Free" in words
    client.force_login(acme.gus, backend="accounts.backends.SignInBackend")
    words = client.get(page_of(acme.news)).content.decode()
    assert "Winter is coming" in words and "Shuffle" not in words and "Pause queue" not in words
    assert client.post(page_of(acme.news, "stop/"), {"act": "pause"}).status_code == 403
    assert client.post(page_of(acme.news, "order/"), {"act": "shuffle"}).status_code == 403


def test_queue_is_paused_resumed_and_put_in_order_by_hand(acme: Acme, client: Client) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    for rest, act, told in (
        ("stop/", "pause", "The queue is paused."),
        ("stop/", "resume", "The queue goes on."),
        ("order/", "shuffle", "The queue is shuffled."),
        ("order/", "close", "The gaps are closed."),
    ):
        answer = client.post(page_of(acme.news, rest), {"act": act}, follow=True)
        assert told in answer.content.decode()


def test_composer_adds_to_the_queue_and_says_where_there_is_none(acme: Acme, client: Client) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    answer = press(client, "queue", acme.news, text="In its turn")
    assert answer.status_code == 422
    assert (
        "its queue has no times yet" in answer.content.decode() and "In its turn" in answer.content.decode()
    )
    with organization_open(acme.organization.pk):
        set_slots(actor=acme.access(acme.paul), profile=acme.news, times=EVERY_HOUR, now=timezone.now())
    assert press(client, "queue", acme.news, text="In its turn").status_code == 302
    with organization_open(acme.organization.pk):
        publication = queued(acme.news).get()
        assert (publication.post.text, publication.due_at.minute) == ("In its turn", 0)


def test_composer_asks_for_approval_at_the_queues_time(acme: Acme, client: Client) -> None:
    with organization_open(acme.organization.pk):
        set_slots(actor=acme.access(acme.paul), profile=acme.news, times=EVERY_HOUR, now=timezone.now())
    client.force_login(acme.mina, backend="accounts.backends.SignInBackend")
    assert press(client, "queue", acme.news).status_code == 302
    with organization_open(acme.organization.pk):
        assert queued(acme.news).get().state == State.WAITING
