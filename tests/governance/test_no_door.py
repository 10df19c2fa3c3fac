"""No door lets a change through that breaks a guardrail: whatever is tried, the rules hold afterwards as before."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from accounts.models import User
from governance.models import Assertion
from governance.services.assertions import state_assertion
from orgs.models import Membership, Team, TeamUserGrant, Workspace
from orgs.services import members, partner_people, partnerships, teams, workspaces
from orgs.services.partnerships import Share
from permissions.catalogue import Scope
from permissions.checker import load_access, load_accesses
from permissions.errors import BreaksAssertion, NotAllowed, Refused, WouldEscalate
from permissions.roles import builtin_role
from permissions.services import InvalidWindow, NotAMember, end_grant, grant_role
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant, SocialProfile
from social_accounts.services.profiles import move_profile
from tenancy.context import organization_open
from tests.cast import Acme, Agency, make_partnership, role

NOW = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
PUBLISH, REVIEW, MANAGE = "profile.publish_posts", "profile.review_posts", "profile.manage_profile_access"
PROFILE_ROLES = (
    "standard:administrator",
    "standard:editor",
    "standard:moderator",
    "standard:guest",
    "standard:none",
)
ORGANIZATION_ROLES = ("standard:co_owner", "standard:manager", "standard:advanced_member", "standard:member")
WINDOWS = ((None, None), (None, 5), (3, None), (3, 40))
EXPECTED = (
    BreaksAssertion,
    NotAllowed,
    WouldEscalate,
    Refused,
    NotAMember,
    InvalidWindow,
    ValueError,
    ObjectDoesNotExist,
)


class Doors:
    """Every service that changes access, as somebody would call it; numbers choose whom and what."""

    def __init__(self, acme: Acme, agency: Agency) -> None:
        self.acme, self.agency = acme, agency
        self.partnership = make_partnership(
            acme.organization, agency.organization, {acme.sky: "standard:editor"}
        )
        self.people = [acme.marc, acme.ana, acme.paul, acme.mina, acme.gus, acme.emil, acme.sven]
        self.profiles = [acme.news, acme.sky, acme.quiet]
        with organization_open(acme.organization.pk):
            self.other = Workspace.objects.create(slug="other", name="Other")
        self.all: list[Callable[[int, int, int], None]] = [
            self.grant,
            self.end,
            self.organization_role,
            self.suspend,
            self.remove,
            self.into_team,
            self.out_of_team,
            self.team_role,
            self.link,
            self.unlink,
            self.reach,
            self.move,
            self.share,
            self.hand_on,
            self.delete_team,
        ]

    def actor(self) -> Any:
        return load_access(user=self.acme.olga, organization_id=self.acme.organization.pk, at=NOW)

    def member(self, who: int) -> Membership:
        found = list(Membership.objects.exclude(user=self.acme.olga).order_by("pk"))
        return found[who % len(found)]

    def profile(self, what: int) -> SocialProfile:
        found: SocialProfile = SocialProfile.objects.get(pk=self.profiles[what % 3].pk)
        return found

    def window(self, how: int) -> dict[str, datetime | None]:
        starts, ends = WINDOWS[how % len(WINDOWS)]
        days: Callable[[int | None], datetime | None] = lambda n: NOW + timedelta(days=n) if n else None  # noqa: E731
        return {"starts_at": days(starts), "expires_at": days(ends)}

    def grant(self, who: int, what: int, how: int) -> None:
        grant_role(
            actor=self.actor(),
            receiver=self.member(who).user,
            role=role(PROFILE_ROLES[how % 5]),
            obj=self.profile(what),
            now=NOW,
            **self.window(how // 5),
        )

    def end(self, who: int, what: int, how: int) -> None:
        grants = list(ProfileUserGrant.objects.order_by("pk"))
        if grants:
            end_grant(actor=self.actor(), grant=grants[who % len(grants)], now=NOW)

    def organization_role(self, who: int, what: int, how: int) -> None:
        members.set_organization_role(
            actor=self.actor(),
            organization=self.acme.organization,
            membership=self.member(who),
            role=builtin_role(ORGANIZATION_ROLES[how % 4], Scope.ORGANIZATION),
            now=NOW,
        )

    def suspend(self, who: int, what: int, how: int) -> None:
        act = members.suspend_member if how % 2 else members.reactivate_member
        act(actor=self.actor(), organization=self.acme.organization, membership=self.member(who), now=NOW)

    def remove(self, who: int, what: int, how: int) -> None:
        members.remove_member(
            actor=self.actor(), organization=self.acme.organization, membership=self.member(who), now=NOW
        )

    def team(self) -> Team:
        return Team.objects.get(pk=self.acme.brand.pk)

    def into_team(self, who: int, what: int, how: int) -> None:
        key = "standard:team_admin" if how % 2 else "standard:team_member"
        teams.add_to_team(
            actor=self.actor(),
            team=self.team(),
            membership=self.member(who),
            role=builtin_role(key, Scope.TEAM),
            now=NOW,
        )

    def place(self, who: int) -> Membership | None:
        places = list(TeamUserGrant.objects.filter(content_object=self.acme.brand).order_by("pk"))
        return Membership.objects.get(user=places[who % len(places)].user_id) if places else None

    def out_of_team(self, who: int, what: int, how: int) -> None:
        if (membership := self.place(who)) is not None:
            teams.remove_from_team(actor=self.actor(), team=self.team(), membership=membership, now=NOW)

    def team_role(self, who: int, what: int, how: int) -> None:
        key = "standard:team_admin" if how % 2 else "standard:team_member"
        if (membership := self.place(who)) is not None:
            teams.set_team_role(
                actor=self.actor(),
                team=self.team(),
                membership=membership,
                role=builtin_role(key, Scope.TEAM),
                now=NOW,
            )

    def link(self, who: int, what: int, how: int) -> None:
        teams.put_profile_in_team(
            actor=self.actor(),
            team=self.team(),
            profile=self.profile(what),
            role=role(PROFILE_ROLES[how % 5]),
            now=NOW,
        )

    def unlink(self, who: int, what: int, how: int) -> None:
        links = list(ProfileGroupGrant.objects.filter(partnership=None).order_by("pk"))
        if links:
            link = links[what % len(links)]
            teams.take_profile_out_of_team(actor=self.actor(), team=self.team(), link=link, now=NOW)

    def reach(self, who: int, what: int, how: int) -> None:
        workspaces.set_workspaces(
            actor=self.actor(),
            organization=self.acme.organization,
            membership=self.member(who),
            reaches_all=how % 3 == 0,
            workspaces=[self.other if how % 3 == 1 else self.acme.main],
            now=NOW,
        )

    def move(self, who: int, what: int, how: int) -> None:
        move_profile(
            actor=self.actor(),
            profile=self.profile(what),
            workspace=self.other if how % 2 else self.acme.main,
            now=NOW,
        )

    def share(self, who: int, what: int, how: int) -> None:
        given = Share(role=role(PROFILE_ROLES[how % 4]), profile=self.profile(what), **self.window(how // 4))
        partnerships.share_profiles(actor=self.actor(), partnership=self.partnership, shares=[given], now=NOW)

    def hand_on(self, who: int, what: int, how: int) -> None:
        shared = list(ProfileGroupGrant.objects.filter(partnership=self.partnership).order_by("pk"))
        with organization_open(self.agency.organization.pk):
            ada = load_access(user=self.agency.ada, organization_id=self.agency.organization.pk, at=NOW)
            partner_people.assign_profiles(
                actor=ada,
                partnership=self.partnership,
                people=[self.agency.ada],
                grants=[shared[what % len(shared)]],
                role=role(PROFILE_ROLES[how % 4]),
                now=NOW,
            )

    def delete_team(self, who: int, what: int, how: int) -> None:
        teams.delete_team(actor=self.actor(), organization=self.acme.organization, team=self.team(), now=NOW)


RULES: list[dict[str, Any]] = [
    {"name": "Agencies", "kind": "no_partner_may", "action": PUBLISH},
    {"name": "Two", "kind": "at_least", "action": MANAGE, "number": 2},
    {"name": "Eyes", "kind": "not_both", "action": PUBLISH, "other_action": REVIEW},
    {
        "name": "Few",
        "kind": "only",
        "action": REVIEW,
        "people": ["ana", "mina"],
        "roles": ["owner", "manager"],
    },
    {"name": "Short", "kind": "grants_at_most", "number": 30},
]


def state(acme: Acme, **rule: Any) -> Assertion:
    people = [getattr(acme, name).pk for name in rule.pop("people", [])]
    roles = [
        builtin_role(f"standard:{slug}", Scope.ORGANIZATION).permission_id for slug in rule.pop("roles", [])
    ]
    return state_assertion(
        actor=load_access(user=acme.olga, organization_id=acme.organization.pk, at=NOW),
        organization=acme.organization,
        rule=Assertion(people_ids=people, role_ids=roles, **rule),
        now=NOW,
        knows_breaks=True,
    )


def naive_breaks(acme: Acme, agency: Agency, at: datetime) -> dict[str, set[Any]]:
    """Return what breaks each rule, asked person by person and profile by profile of the checker alone."""
    people: list[User] = list(User.objects.all())
    accesses = load_accesses(users=people, organization_id=acme.organization.pk, at=at)
    found: dict[str, set[Any]] = {rule["name"]: set() for rule in RULES}
    for profile in SocialProfile.objects.all():
        may = {
            action: {pk for pk, access in accesses.items() if access.can(action, profile)}
            for action in (PUBLISH, REVIEW, MANAGE)
        }
        found["Agencies"] |= {(agency.ada.pk, profile.pk)} if agency.ada.pk in may[PUBLISH] else set()
        members_only = {pk for pk in may[MANAGE] if accesses[pk].is_member}
        found["Two"] |= {(profile.pk, n) for n in range(len(members_only) + 1, 3)}
        found["Eyes"] |= {(pk, profile.pk) for pk in may[PUBLISH] & may[REVIEW]}
        few = {acme.ana.pk, acme.mina.pk}
        for pk in may[REVIEW] - few:
            held = accesses[pk].organization_role
            if held is None or held.slug not in ("owner", "manager"):
                found["Few"].add((pk, profile.pk))
    for grant in ProfileUserGrant.objects.all():
        begins = max(grant.starts_at or grant.granted_at, grant.granted_at)
        if grant.expires_at is None or grant.expires_at - begins > timedelta(days=30):
            found["Short"].add((grant.user_id, grant.content_object_id))
    for grant in ProfileGroupGrant.objects.exclude(partnership=None):
        begins = max(grant.starts_at or grant.granted_at, grant.granted_at)
        if grant.expires_at is None or grant.expires_at - begins > timedelta(days=30):
            found["Short"].add(("partner", grant.content_object_id))
    return found


LOOKED_AT = [
    NOW,
    NOW + timedelta(days=4),
]  # every window has opened by then, and none but the shortest has closed

steps = st.lists(
    st.tuples(st.integers(0, 14), st.integers(0, 6), st.integers(0, 2), st.integers(0, 19)),
    min_size=1,
    max_size=6,
)


@settings(
    max_examples=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(chosen=st.sets(st.integers(0, len(RULES) - 1), min_size=1), steps=steps)
def test_no_service_gets_a_change_through_that_breaks_a_guardrail(
    acme: Acme, agency: Agency, chosen: set[int], steps: list[tuple[int, int, int, int]]
) -> None:
    with transaction.atomic():
        doors = Doors(acme, agency)
        with organization_open(acme.organization.pk):
            for number in sorted(chosen):
                state(acme, **RULES[number])
            names = {RULES[number]["name"] for number in chosen}
            before = [naive_breaks(acme, agency, at) for at in LOOKED_AT]
            for door, who, what, how in steps:
                try:
                    with transaction.atomic():
                        doors.all[door](who, what, how)
                except EXPECTED:
                    continue
                after = [naive_breaks(acme, agency, at) for at in LOOKED_AT]
                for name in names:
                    ever_before = before[0][name] | before[1][name]
                    looked = after[:1] if name == "Two" else after  # what time alone breaks is not refused
                    new = set().union(*(found[name] for found in looked)) - ever_before
                    assert not new, (name, doors.all[door].__name__, new)
                before = after
        transaction.set_rollback(True)


def test_property_test_would_notice_a_door_that_asks_nobody(
    acme: Acme, agency: Agency, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The test above is only worth something if a change that breaks a rule shows in what it looks at."""
    monkeypatch.setattr("permissions.changes._checks", [])
    doors = Doors(acme, agency)
    with organization_open(acme.organization.pk):
        for rule in RULES:
            state(acme, **dict(rule))
        before = naive_breaks(acme, agency, NOW)
        doors.hand_on(0, 0, 1)
        doors.grant(5, 2, 0)
        doors.remove(0, 0, 0)
        after = naive_breaks(acme, agency, NOW)
    assert {name for name in after if after[name] - before[name]} >= {
        "Agencies",
        "Two",
        "Eyes",
        "Few",
        "Short",
    }
