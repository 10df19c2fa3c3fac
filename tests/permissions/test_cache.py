"""What is remembered, what is read in one statement and what is read at length say the same, whatever happened."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from accounts.models import User
from permissions import cache, reading
from permissions.cache import PEOPLE_MAX, forget_snapshots, reading_about, snapshot_of
from permissions.checker import decide_once, load_access, may
from permissions.people import people_with_right
from permissions.reading import read_person
from permissions.snapshot import Snapshot, load_snapshots
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, access_of, give, put_in_team
from tests.permissions.stage import Stage
from tests.permissions.test_properties import CHANGES
from tests.permissions.worlds import PEOPLE, PROPERTY, WORLDS, Drawn, worlds

pytestmark = pytest.mark.long

PUBLISH = "profile.publish_posts"
NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _as_a_process_that_has_just_begun() -> Iterator[None]:
    forget_snapshots()
    yield
    forget_snapshots()


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def told(snapshot: Snapshot) -> dict[str, Any]:
    """Return a snapshot's contents, in an order that does not depend on PostgreSQL's."""

    def in_order(grants: Any) -> list[Any]:
        return sorted(grants, key=lambda grant: getattr(grant, "row", 0))

    return {
        "person": snapshot.user_id,
        "standing": snapshot.standing,
        "organization": in_order(snapshot.organization_grants),
        **{
            name: {obj: in_order(found) for obj, found in getattr(snapshot, name).items()}
            for name in ("team_grants", "direct", "through_teams", "through_partners")
        },
    }


@settings(PROPERTY, max_examples=WORLDS // 2)
@given(
    world=worlds(),
    changes=st.lists(st.tuples(st.integers(0, len(CHANGES) - 1), st.integers(0, 599)), max_size=3),
    undone=st.integers(0, 3),
)
def test_remembered_and_read_anew_agree_after_every_change(
    stage: Stage, world: Drawn, changes: list[tuple[int, int]], undone: int
) -> None:
    """One of the changes is rolled back: what was remembered meanwhile must not count afterwards."""
    with stage.playing(world):
        everybody_agrees(stage, world)
        for number, (kind, what) in enumerate(changes):
            if number == undone:
                with transaction.atomic():
                    with unscoped():  # whichever organization's row it is
                        ProfileUserGrant.objects.all().delete()
                    everybody_agrees(stage, world)
                    transaction.set_rollback(True)
                everybody_agrees(stage, world)
            with unscoped():  # see above
                CHANGES[kind](stage, world, what)
            everybody_agrees(stage, world)


def everybody_agrees(stage: Stage, world: Drawn) -> None:
    turn = len(world.grants)  # three people at a time, for time's sake
    for number in world.two_factor:
        g = stage.organizations[number].pk
        with organization_open(g):
            for person in ((turn + step) % len(PEOPLE) for step in range(3)):
                pk = stage.people[person].pk
                remembered = told(snapshot_of(g, pk))
                assert remembered == told(load_snapshots(g, [pk])[pk])
                anew = read_person(g, pk).snapshot
                assert anew is not None and told(anew) == remembered
            one_question_agrees(stage, world, g, stage.people[turn % len(PEOPLE)])


def one_question_agrees(stage: Stage, world: Drawn, g: int, person: User) -> None:
    """Ask about each profile of somebody of whom nothing is remembered."""
    access = load_access(user=person, organization_id=g, at=NOW)
    for profile in stage.profiles.values():
        for action in (PUBLISH, "profile.send_for_approval", "profile.view_profile"):
            forget_snapshots()
            asked = may(user=person, organization_id=g, action=action, obj=profile, at=NOW)
            assert asked == access.can(action, profile), (person, profile, action)


def test_second_question_is_answered_from_memory_and_one_query_that_confirms_it(
    acme: Acme, django_assert_num_queries: Any
) -> None:
    g = acme.organization.pk
    with organization_open(g):
        first = snapshot_of(g, acme.paul.pk)
        with django_assert_num_queries(1):
            assert snapshot_of(g, acme.paul.pk) is first
        give(acme.quiet, acme.emil, "standard:guest")  # somebody else's, but of the same organization
        with django_assert_num_queries(1):
            again = snapshot_of(g, acme.paul.pk)
        assert again is not first
        assert told(again) == told(first)


def test_question_about_one_profile_reads_what_decides_there_and_nothing_else(
    acme: Acme, django_assert_num_queries: Any
) -> None:
    g = acme.organization.pk
    with organization_open(g):
        with django_assert_num_queries(1):
            snapshot = reading_about(g, acme.paul.pk, acme.sky.pk).snapshot
        assert snapshot is not None
        assert snapshot.direct == {}
        assert list(snapshot.through_teams) == [acme.sky.pk]
        whole = reading_about(
            g, acme.paul.pk, acme.sky.pk
        ).snapshot  # asked again: now he is worth remembering
        assert whole is not None
        assert set(whole.direct) == {acme.news.pk}


@pytest.mark.parametrize("person", ["olga", "marc", "ana", "paul", "mina", "gus", "emil", "sven", "mallory"])
def test_one_question_at_a_time_gives_the_answer_and_the_derivation_of_all_of_them(
    acme: Acme, person: str
) -> None:
    user = acme.everybody[person]
    for profile in (acme.news, acme.sky, acme.quiet):
        access = access_of(user, acme.organization, NOW)
        forget_snapshots()
        with organization_open(acme.organization.pk):
            asked = {"user": user, "organization_id": acme.organization.pk, "action": PUBLISH, "at": NOW}
            assert may(obj=profile, **asked) == access.can(PUBLISH, profile)
            forget_snapshots()
            assert decide_once(obj=profile, **asked) == access.decide(PUBLISH, profile)


def test_member_gets_an_explanation_in_one_query(acme: Acme, django_assert_num_queries: Any) -> None:
    put_in_team(acme.brand, acme.emil)
    with organization_open(acme.organization.pk):
        for user, profile in ((acme.paul, acme.news), (acme.emil, acme.sky), (acme.marc, acme.quiet)):
            asked = {"user": user, "organization_id": acme.organization.pk, "action": PUBLISH, "at": NOW}
            with django_assert_num_queries(1):
                assert decide_once(obj=profile, **asked).allowed


def test_statements_of_one_organization_find_nothing_while_another_is_open(acme: Acme) -> None:
    """The functions run as whoever calls them, behind the same wall."""
    g, paul = acme.organization.pk, acme.paul.pk
    with organization_open(g):
        assert read_person(g, paul).epoch is not None
        assert people_with_right(PUBLISH, acme.news, organization_id=g, at=NOW) != (set(), set())
    with organization_open(acme.elsewhere.pk):
        assert read_person(g, paul) == (None, Snapshot(paul, None), None)
        assert people_with_right(PUBLISH, acme.news, organization_id=g, at=NOW) == (set(), set())


def test_person_asked_about_the_longest_time_ago_is_forgotten_first(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache, "PEOPLE_MAX", 2)
    g = acme.organization.pk
    with organization_open(g):
        first = snapshot_of(g, acme.paul.pk)
        snapshot_of(g, acme.mina.pk)
        snapshot_of(g, acme.gus.pk)
        assert snapshot_of(g, acme.paul.pk) is not first
    assert PEOPLE_MAX >= 100


def elsewhere(act: Callable[[], object]) -> None:
    """Do something on a connection of its own, and return when it is committed."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    if errors:
        raise errors[0]


def revoke(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        ProfileUserGrant.objects.filter(user=acme.paul, content_object=acme.news).delete()


@pytest.mark.django_db(transaction=True)
def test_very_next_check_sees_a_revoke_that_another_connection_committed(acme: Acme) -> None:
    for _time in range(20):
        give(acme.news, acme.paul, "standard:editor") if _time else None
        with organization_open(acme.organization.pk):
            assert can(acme)
            elsewhere(lambda: revoke(acme))
            assert not can(acme), "in the same transaction, from what had been remembered a moment before"


@pytest.mark.django_db(transaction=True)
def test_right_that_is_being_revoked_counts_until_it_is_committed_and_not_an_instant_longer(
    acme: Acme,
) -> None:
    deleted, looked = threading.Event(), threading.Event()

    def slowly() -> None:
        with organization_open(acme.organization.pk):
            ProfileUserGrant.objects.filter(user=acme.paul, content_object=acme.news).delete()
            assert not can(acme), "who changed it sees it at once"
            deleted.set()
            assert looked.wait(20)

    thread = threading.Thread(target=elsewhere, args=[slowly])
    thread.start()
    assert deleted.wait(20)
    with organization_open(acme.organization.pk):
        assert can(acme), "not committed, so not so"
    looked.set()
    thread.join()
    with organization_open(acme.organization.pk):
        assert not can(acme)


@pytest.mark.django_db(transaction=True)
def test_change_between_the_epoch_and_the_rows_is_found_by_the_next_question(
    acme: Acme, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is no member is read in several statements: here somebody is made one between them."""
    read = reading.load_snapshots

    def late(organization_id: int, user_ids: Any) -> Any:
        snapshots = read(organization_id, user_ids)
        monkeypatch.setattr(reading, "load_snapshots", read)
        elsewhere(lambda: revoke(acme))
        return snapshots

    monkeypatch.setattr(reading, "load_snapshots", late)
    g = acme.organization.pk
    with organization_open(g):
        assert snapshot_of(g, acme.mallory.pk).standing is None
        remembered = cache._remembered[cache._key(g, acme.mallory.pk)]
        assert remembered.epoch != read_person(g, acme.mallory.pk).epoch
        assert snapshot_of(g, acme.mallory.pk) is not remembered.snapshot


def can(acme: Acme) -> bool:
    access = load_access(user=acme.paul, organization_id=acme.organization.pk, at=datetime.now(UTC))
    return access.can(PUBLISH, acme.news)
