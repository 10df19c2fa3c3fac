"""Changes: what they write, what they would do, and how soon they take effect."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from django.db import connection, transaction
from django.utils import timezone

from accounts.models import User
from bench import plan
from bench.measuring import Claim, Number, Timing, duration
from bench.stage import Stage
from orgs.models import Membership
from permissions.catalogue import Scope
from permissions.checker import load_access
from permissions.models import Role
from permissions.roles import builtin_role
from permissions.services import begin_act, end_grant, grant_role, link_group
from permissions.what_if import preview
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant
from tenancy.context import organization_open

TRIES: Final = 120
ACTORS: Final = 2
RACE_SECONDS: Final = 5.0
ACT_SECONDS: Final = 0.002  # between the check and the effect: what the lock has to cover


@contextmanager
def _undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def _rows_written(change: Callable[[], object]) -> int:
    """Return how many rows a change inserts, updates and deletes, whoever writes them: services, triggers, the log."""
    counted = "select sum(n_tup_ins + n_tup_upd + n_tup_del)::int from pg_stat_xact_user_tables"
    with _undone(), connection.cursor() as cursor:
        cursor.execute(counted)
        before = cursor.fetchone()[0]
        change()
        cursor.execute(counted)
        return int(cursor.fetchone()[0] - before)


def rows_written(stage: Stage) -> Number:
    """Count the rows that each kind of change writes, and ask right after it whether it is seen."""
    number = Number("Rows written by a change", "grant, revoke, membership, team link, role edit")
    now = timezone.now()
    owner = load_access(user=stage.owner, organization_id=stage.organization.pk, at=now)
    profile, person = stage.allowed, stage.person
    grant = ProfileUserGrant.objects.filter(user=person, content_object=profile)[0]
    linked = ProfileGroupGrant.objects.filter(content_object=profile).values("group")
    team = stage.team.__class__.objects.exclude(members_group__in=linked)[0]

    def can() -> bool:
        access = load_access(user=person, organization_id=stage.organization.pk, at=now)
        return access.can(plan.MEASURED_ACTION, profile)

    def seen(change: Callable[[], object]) -> Callable[[], object]:
        def act() -> None:
            had = can()
            change()
            unseen.extend([change] if can() == had else [])

        return act

    def grant_to(receiver: User) -> None:
        grant_role(actor=owner, receiver=receiver, role=editor, obj=profile, now=now)

    unseen: list[object] = []
    editor = builtin_role(plan.PUBLISHING_ROLE, Scope.PROFILE)
    other, third = [user for user in stage.everybody if user not in (stage.owner, person)][-3:-1]
    changes: dict[str, Callable[[], object]] = {
        "grant": lambda: grant_to(other),
        "revoke": seen(lambda: end_grant(actor=owner, grant=grant, now=now)),
        "suspend a member": seen(
            lambda: Membership.objects.filter(user=person).update(status=Membership.Status.SUSPENDED)
        ),
        "put a profile in a team": lambda: link_group(
            actor=owner,
            group=team.members_group,
            group_label=str(team),
            role=editor,
            profile=profile,
            now=now,
        ),
        "edit a role half of all grants give": seen(lambda: _without_publishing(stage)),
    }
    with _undone():
        grant_to(third)  # an organization's first event writes the head of its log as well
        written = {name: _rows_written(change) for name, change in changes.items()}
    number.claims = [
        Claim("at most 4 rows, whatever the fan-out", str(max(written.values())), max(written.values()) <= 4),
        Claim("seen by the next request", "yes" if not unseen else "no", not unseen),
    ]
    number.notes.append("Rows: " + ", ".join(f"{name} {rows}" for name, rows in written.items()) + ".")
    return number


def _without_publishing(stage: Stage) -> None:
    actions = [action for action in stage.own_role.actions if action != plan.MEASURED_ACTION]
    Role.objects.filter(pk=stage.own_role.pk).update(actions=actions)


def what_if(stage: Stage) -> Number:
    """Time the preview of taking one action from the role that half of all grants give, with every triple it costs."""
    number = Number("What-if", "one action less in the role that half of all grants give")
    losses, times = 0, []
    for _round in range(3):
        begin = time.perf_counter()
        found = preview(
            organization_id=stage.organization.pk, change=lambda: _without_publishing(stage), at=stage.at
        )
        losses = sum(1 for _triple in found.lost())
        times.append(time.perf_counter() - begin)
    times.sort()
    number.timings = {"ours": Timing(times[0], times[1], times[0], times[2], len(times))}
    pairs = _pairs_with_own_role(stage)
    number.agrees = found.gained_count == 0 and 0 < losses <= pairs
    number.claims = [
        Claim("at most 2 s", duration(times[1]), times[1] <= 2),
        Claim.told("triples lost", f"{losses:,} of {pairs:,} (person, profile) pairs with that role"),
    ]
    return number


def _pairs_with_own_role(stage: Stage) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select count(*) from (
                select user_id, content_object_id from social_accounts_profileusergrant where permission_id = %s
                union
                select places.user_id, links.content_object_id from social_accounts_profilegroupgrant links
                join accounts_user_groups places using (group_id) where links.permission_id = %s
            ) pairs
            """,
            [stage.own_role.permission_id] * 2,
        )
        return int(cursor.fetchone()[0])


def revoke_to_effect(stage: Stage) -> Number:
    """Revoke while others act, again and again: count the acts that took effect after the revoke had returned."""
    number = Number("Revoke to effect", f"{TRIES} revokes, {ACTORS} actors publishing without pause")
    late = acted = 0
    for _try in range(TRIES):
        race = _Race(stage)
        race.run()
        late += sum(1 for effect in race.effects if effect > race.returned)
        acted += len(race.effects)
    number.claims = [Claim.exactly(late, 0, f"effects after the revoke returned, of {TRIES} tries")]
    number.notes.append(f"{acted:,} acts took effect before their revoke.")
    number.agrees = acted > 0
    return number


class _Race:
    """One revoke against actors, each with a connection of its own, committing for real.

    The person has no rights on the measured profile before and after.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.person = stage.person_number(stage.size.people - 2)
        self.profile = stage.measured
        self.effects: list[float] = []
        self.returned = float("inf")
        self.is_over = threading.Event()

    def run(self) -> None:
        actors = [threading.Thread(target=self._on_own_connection, args=[self._act]) for _ in range(ACTORS)]
        revoker = threading.Thread(target=self._on_own_connection, args=[self._grant_and_revoke])
        for thread in (revoker, *actors):
            thread.start()
        revoker.join()
        for thread in actors:
            thread.join()

    def _on_own_connection(self, work: Callable[[], None]) -> None:
        try:
            work()
        finally:
            self.is_over.set()
            connection.close()

    def _grant_and_revoke(self) -> None:
        g = self.stage.organization.pk
        now = timezone.now()
        with organization_open(g):
            owner = load_access(user=self.stage.owner, organization_id=g, at=now)
            role = builtin_role(plan.PUBLISHING_ROLE, Scope.PROFILE)
            grant = grant_role(actor=owner, receiver=self.person, role=role, obj=self.profile, now=now)
        deadline = time.perf_counter() + RACE_SECONDS
        while not self.effects and time.perf_counter() < deadline:
            time.sleep(ACT_SECONDS)
        with organization_open(g):
            end_grant(actor=owner, grant=grant, now=timezone.now())
        self.returned = time.perf_counter()
        time.sleep(4 * ACT_SECONDS)  # let who acts without having waited for the lock show itself

    def _act(self) -> None:
        g = self.stage.organization.pk
        while not self.is_over.is_set():
            now = timezone.now()
            with organization_open(g):
                access = begin_act(load_access(user=self.person, organization_id=g, at=now), now)
                if access.can(plan.MEASURED_ACTION, self.profile):
                    time.sleep(ACT_SECONDS)
                    self.effects.append(time.perf_counter())
