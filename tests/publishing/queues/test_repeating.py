from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from permissions.errors import NotAllowed
from publishing.models import Occurrence, Post, PostMedia, Publication, Repetition, State
from publishing.rhythms import day_of
from publishing.services.duplicating import duplicate_post
from publishing.services.media import forget
from publishing.services.posts import delete_post
from publishing.services.queues import set_slots
from publishing.services.repeating import CannotRepeat, Plan, end_repetition, plan_ahead, repeat_post
from publishing.services.scheduling import schedule_post
from publishing.slots import WeeklyTime
from publishing.tasks import plan_repetition
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme
from tests.mails import mail_due
from tests.publishing.pages import picture
from tests.publishing.test_services import write

Rhythm = Repetition.Rhythm
DAILY = Plan(rhythm=Rhythm.DAILY, every=3, times_max=3)


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme


def scheduled(acme: Acme, text: str = "Every Friday") -> Post:
    post = write(acme, acme.paul, acme.news, text=text)
    now = timezone.now()
    due = {publication.pk: now + timedelta(hours=1) for publication in post.publications.all()}
    schedule_post(actor=acme.access(acme.paul), post=post, due=due, now=now)
    return post


def repeat(acme: Acme, post: Post, plan: Plan = DAILY) -> Repetition:
    return repeat_post(actor=acme.access(acme.paul), post=post, plan=plan, now=timezone.now())


def plan(acme: Acme, repetition: Repetition, later: timedelta = timedelta()) -> int:
    now = timezone.now() + later
    return plan_ahead(organization_id=acme.organization.pk, repetition_id=repetition.pk, now=now)


def times_of(repetition: Repetition) -> list[datetime]:
    return [one.due_at for one in repetition.occurrences.order_by("number")]


def test_copies_stand_in_the_calendar_two_weeks_ahead_and_no_more(inside: Acme) -> None:
    post = scheduled(inside)
    repetition = repeat(inside, post, Plan(rhythm=Rhythm.DAILY, every=3, times_max=50))
    assert plan(inside, repetition) == 4
    assert plan(inside, repetition) == 0
    first = post.publications.get().due_at.replace(second=0, microsecond=0)
    assert times_of(repetition) == [first + timedelta(days=3 * n) for n in (1, 2, 3, 4)]
    copies = Publication.objects.filter(post__occurrence__repetition=repetition)
    assert {(copy.state, copy.vouched_by, copy.post.text) for copy in copies} == {
        (State.SCHEDULED, inside.paul, "Every Friday")
    }


def test_it_ends_after_so_many_times_and_after_its_last_day(inside: Acme) -> None:
    repetition = repeat(inside, scheduled(inside), Plan(rhythm=Rhythm.DAILY, every=1, times_max=2))
    assert plan(inside, repetition) == 2
    repetition.refresh_from_db()
    assert repetition.ended_at is not None and repetition.ended_because == ""
    last = timezone.now().date() + timedelta(days=3)
    other = repeat(inside, scheduled(inside), Plan(rhythm=Rhythm.DAILY, every=2, times_max=9, ends_on=last))
    plan(inside, other)
    other.refresh_from_db()
    zone = ZoneInfo(other.time_zone)
    assert other.ended_at is not None
    assert times_of(other) and max(times_of(other)).astimezone(zone).date() <= last


def test_what_was_missed_is_not_made_up_for(inside: Acme) -> None:
    repetition = repeat(inside, scheduled(inside), Plan(rhythm=Rhythm.DAILY, every=1, times_max=60))
    plan(inside, repetition)
    now = timezone.now() + timedelta(days=40)
    plan_ahead(organization_id=inside.organization.pk, repetition_id=repetition.pk, now=now)
    made = times_of(repetition)
    assert not [due_at for due_at in made if timezone.now() + timedelta(days=15) < due_at < now]
    assert [due_at for due_at in made if due_at > now]


def test_it_ends_and_says_why_when_who_set_it_up_may_no_longer_write(inside: Acme) -> None:
    repetition = repeat(inside, scheduled(inside))
    ProfileUserGrant.objects.filter(user=inside.paul).delete()
    assert plan(inside, repetition) == 0
    repetition.refresh_from_db()
    assert repetition.ended_at is not None and repetition.ended_because
    assert not Occurrence.objects.exists() and Post.objects.count() == 1


def test_who_set_it_up_is_told_that_it_cannot_go_on(
    acme: Acme, django_capture_on_commit_callbacks: object
) -> None:
    with organization_open(acme.organization.pk):
        repetition = repeat(acme, scheduled(acme))
        acme.paul.is_active = True
        ProfileUserGrant.objects.filter(user=acme.paul).delete()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        plan_repetition(organization_id=acme.organization.pk, repetition_id=repetition.pk)
    mail_due()
    [told] = [one for one in mail.outbox if "Comes no more" in one.subject]
    assert told.to == ["paul@acme.test"]


def test_moderators_post_asks_for_approval_each_time(inside: Acme) -> None:
    post = write(inside, inside.mina, inside.news)
    now = timezone.now()
    due = {one.pk: now + timedelta(hours=1) for one in post.publications.all()}
    schedule_post(actor=inside.access(inside.mina), post=post, due=due, now=now)
    repetition = repeat_post(actor=inside.access(inside.mina), post=post, plan=DAILY, now=now)
    plan(inside, repetition)
    copies = Publication.objects.filter(post__occurrence__repetition=repetition)
    assert {copy.state for copy in copies} == {State.WAITING}


def test_evergreen_comes_through_the_queue_with_days_between(inside: Acme) -> None:
    every_hour = {WeeklyTime(day, hour * 60) for day in range(7) for hour in range(24)}
    set_slots(actor=inside.access(inside.paul), profile=inside.news, times=every_hour, now=timezone.now())
    post = scheduled(inside)
    repetition = repeat(inside, post, Plan(rhythm=Rhythm.QUEUE, every=7, times_max=5))
    assert plan(inside, repetition) == 1
    assert plan(inside, repetition, later=timedelta(days=8)) == 2
    times = [post.publications.get().due_at, *times_of(repetition)]
    assert all(later - earlier >= timedelta(days=7) for earlier, later in pairwise(times))
    assert all(due_at.minute == 0 for due_at in times[1:])


@pytest.mark.parametrize(
    ("rhythm", "every", "first", "days"),
    [
        (Rhythm.DAILY, 2, date(2026, 12, 30), [date(2027, 1, 1), date(2027, 1, 3)]),
        (Rhythm.WEEKLY, 1, date(2026, 12, 30), [date(2027, 1, 6), date(2027, 1, 13)]),
        (Rhythm.MONTHLY, 1, date(2027, 1, 31), [date(2027, 2, 28), date(2027, 3, 31), date(2027, 4, 30)]),
        (Rhythm.MONTHLY, 12, date(2028, 2, 29), [date(2029, 2, 28), date(2030, 2, 28)]),
    ],
)
def test_days_of_a_rhythm(rhythm: Rhythm, every: int, first: date, days: list[date]) -> None:
    repetition = Repetition(rhythm=rhythm, every=every, first_on=first)
    assert [day_of(repetition, number) for number in range(1, len(days) + 1)] == days


def test_post_without_a_time_gives_nothing_to_follow(inside: Acme) -> None:
    with pytest.raises(CannotRepeat, match="Schedule the post first"):
        repeat(inside, write(inside, inside.paul, inside.news))


def test_post_comes_again_in_one_way_at_a_time(inside: Acme) -> None:
    post = scheduled(inside)
    first = repeat(inside, post)
    with pytest.raises(CannotRepeat, match="already"):
        repeat(inside, post)
    end_repetition(actor=inside.access(inside.paul), repetition=first, now=timezone.now())
    assert plan(inside, first) == 0
    assert repeat(inside, post).pk != first.pk


def test_who_may_not_change_the_post_neither_repeats_it_nor_ends_that(inside: Acme) -> None:
    post = scheduled(inside)
    repetition = repeat(inside, post)
    for person in (inside.mina, inside.gus, inside.emil):
        with pytest.raises(NotAllowed):
            end_repetition(actor=inside.access(person), repetition=repetition, now=timezone.now())
        with pytest.raises(NotAllowed):
            repeat_post(actor=inside.access(person), post=post, plan=DAILY, now=timezone.now())


# --- copies -------------------------------------------------------------------------------------------------------


def test_copy_is_a_draft_of_ones_own_with_the_same_pictures(acme: Acme, client: Client) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    with organization_open(acme.organization.pk):
        post = scheduled(acme, "Say it twice")
        PostMedia.objects.create(
            post=post,
            uploaded_by=acme.paul,
            file=picture(),
            filename="a.png",
            content_type="image/png",
            size_bytes=1,
            width=1,
            height=1,
            digest="d",
            alt_text="A dot",
        )
    client.force_login(acme.marc, backend="accounts.backends.SignInBackend")
    answer = client.post(f"/o/acme/posts/{post.pk}/copies/")
    assert answer.status_code == 303
    with organization_open(acme.organization.pk):
        copy = Post.objects.exclude(pk=post.pk).get()
        assert (copy.author, copy.text) == (acme.marc, "Say it twice")
        assert [(one.state, one.due_at) for one in copy.publications.all()] == [(State.DRAFT, None)]
        theirs, ours = post.media.get(), copy.media.get()
        assert (theirs.pk != ours.pk, ours.alt_text, ours.file.name) == (True, "A dot", theirs.file.name)


def test_file_goes_with_the_last_post_that_shows_it(
    inside: Acme, django_capture_on_commit_callbacks: object
) -> None:
    post = write(inside, inside.paul, inside.news)
    media = PostMedia.objects.create(
        post=post,
        uploaded_by=inside.paul,
        file=picture(),
        filename="a.png",
        content_type="image/png",
        size_bytes=1,
        width=1,
        height=1,
        digest="d",
    )
    storage, name = media.file.storage, media.file.name
    copy = duplicate_post(actor=inside.access(inside.paul), post=post, now=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        delete_post(actor=inside.access(inside.paul), post=post, now=timezone.now())
    assert storage.exists(name)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        forget(copy.media.all())
    assert not storage.exists(name)


def test_stranger_copies_nothing(acme: Acme, client: Client) -> None:
    with organization_open(acme.organization.pk):
        post = scheduled(acme)
    client.force_login(acme.emil, backend="accounts.backends.SignInBackend")
    assert client.post(f"/o/acme/posts/{post.pk}/copies/").status_code == 404
    with organization_open(acme.organization.pk):
        assert Post.objects.count() == 1


# --- through the door ---------------------------------------------------------------------------------------------


def test_repetition_is_set_up_shown_and_ended_by_hand(acme: Acme, client: Client) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    with organization_open(acme.organization.pk):
        post = scheduled(acme)
    address = f"/o/acme/posts/{post.pk}/repetition/"
    typed = {"rhythm": "weekly", "every": "1", "times_max": "8"}
    answer = client.post(address, typed, follow=True)
    words = answer.content.decode()
    assert "Each time is a post of its own" in words and "Every week." in words
    with organization_open(acme.organization.pk):
        assert Occurrence.objects.count() in (1, 2)  # as many as fall in two weeks
    words = client.post(address, {"act": "end"}, follow=True).content.decode()
    assert "It comes no more." in words and "Ended" in words


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"rhythm": "yearly", "every": "1", "times_max": "1"},
        {"rhythm": "daily", "every": "0", "times_max": "999"},
    ],
)
def test_odd_rhythms_are_told_and_kept(acme: Acme, client: Client, typed: dict[str, str]) -> None:
    client.force_login(acme.paul, backend="accounts.backends.SignInBackend")
    with organization_open(acme.organization.pk):
        post = scheduled(acme)
    answer = client.post(f"/o/acme/posts/{post.pk}/repetition/", typed)
    assert answer.status_code == 422
    with organization_open(acme.organization.pk):
        assert not Repetition.objects.exists()
