"""One team: its people, its profiles, and what a place in it comes to."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Model, Q, QuerySet

from orgs.models import Membership, OrganizationUserGrant, Team, TeamUserGrant
from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area, Scope
from permissions.models import GroupGrant
from permissions.roles import RoleFacts, roles_by_permission
from permissions.scopes import tables_of
from permissions.snapshot import runs_every_team


def people_reached_by(team: Team) -> set[int]:
    """Return the ids of all whose rights the team's profiles can touch: who is in it, and who runs every team (H5)."""
    everywhere = OrganizationUserGrant.objects.all()
    given = roles_by_permission(set(everywhere.values_list("permission", flat=True).distinct()))
    running = [pk for pk, role in given.items() if runs_every_team(role)]
    people = set(team.members_group.user_set.values_list("pk", flat=True))
    people |= set(TeamUserGrant.objects.filter(content_object=team).values_list("user", flat=True))
    return people | set(everywhere.filter(permission__in=running).values_list("user", flat=True))


@dataclass(frozen=True)
class TeamRow:
    """One line of the list of teams."""

    team: Team
    people_count: int
    profile_count: int


def team_rows(teams: Iterable[Team]) -> list[TeamRow]:
    """Return the lines of one page, counted in two queries: joined, people would multiply profiles."""
    page = list(teams)
    links = tables_of(Scope.PROFILE).group_grants
    assert links is not None
    people = TeamUserGrant.objects.filter(content_object__in=page).values_list("content_object")
    profiles = links.objects.filter(group__in=[team.members_group_id for team in page]).values_list("group")
    people_of = dict(people.annotate(count=Count("pk")))
    profiles_of = dict(profiles.annotate(count=Count("pk")))
    return [
        TeamRow(team, people_of.get(team.pk, 0), profiles_of.get(team.members_group_id, 0)) for team in page
    ]


@dataclass(frozen=True)
class PlaceRow:
    """One person in a team. ``brings``: the profile role his team role brings on every profile of the team (H6)."""

    grant: TeamUserGrant
    user: Any
    membership: Membership | None
    role: RoleFacts

    @property
    def brings(self) -> RoleFacts | None:
        return self.role.implies.get(Scope.PROFILE)

    @property
    def is_default(self) -> bool:
        return self.role.builtin is not None and self.role.builtin.is_default


def places_found(team: Team, text: str = "") -> QuerySet[TeamUserGrant]:
    """Return the places of a team by name, or those of the people who match."""
    found: QuerySet[TeamUserGrant] = TeamUserGrant.objects.filter(content_object=team)
    if text:
        found = found.filter(Q(user__name__icontains=text) | Q(user__email__icontains=text))
    return found.select_related("user", "granted_by").order_by("user__name", "user")


def place_rows(places: Iterable[TeamUserGrant]) -> list[PlaceRow]:
    """Return the lines of one page of people, in two queries whatever its length."""
    page = list(places)
    roles = roles_by_permission({place.permission_id for place in page})
    members = Membership.objects.filter(user__in=[place.user_id for place in page])
    by_user = {member.user_id: member for member in members}
    return [
        PlaceRow(place, place.user, by_user.get(place.user_id), roles[place.permission_id]) for place in page
    ]


@dataclass(frozen=True)
class LinkRow:
    """One profile of a team, and the role its people have there."""

    link: GroupGrant
    profile: Model
    role: RoleFacts


def team_links(team: Team, text: str = "") -> QuerySet[Any]:
    """Return the rows that put profiles in this team, or those of the profiles that match."""
    table = tables_of(Scope.PROFILE).group_grants
    assert table is not None
    found: QuerySet[Any] = table.objects.filter(group=team.members_group_id)
    if text:
        found = found.filter(
            Q(content_object__handle__icontains=text) | Q(content_object__name__icontains=text)
        )
    return found.select_related("content_object", "granted_by").order_by("content_object__handle", "pk")


def link_rows(links: Iterable[Any]) -> list[LinkRow]:
    page = list(links)
    roles = roles_by_permission({link.permission_id for link in page})
    return [LinkRow(link, link.content_object, roles[link.permission_id]) for link in page]


@dataclass(frozen=True)
class Gives:
    """What a place in the team gives: one profile role, on how many of its profiles, and every action in it."""

    role: RoleFacts
    profiles: int
    areas: Sequence[tuple[Area, Sequence[Action]]]
    is_for_admins: bool = False


def what_membership_gives(team: Team, admin_roles: Iterable[RoleFacts] = ()) -> list[Gives]:
    """Return each role the team has on profiles, the most common first; then what its admins have besides (H6)."""
    table = tables_of(Scope.PROFILE).group_grants
    assert table is not None
    counts = Counter(
        table.objects.filter(group=team.members_group_id).values_list("permission_id", flat=True)
    )
    roles = roles_by_permission(counts)
    given = [Gives(roles[pk], count, _areas(roles[pk])) for pk, count in counts.most_common()]
    brought = {
        role.permission_id: role
        for admin in admin_roles
        if (role := admin.implies.get(Scope.PROFILE)) is not None
    }
    total = sum(counts.values())
    given += [Gives(role, total, _areas(role), is_for_admins=True) for role in brought.values() if total]
    return given


def _areas(role: RoleFacts) -> list[tuple[Area, Sequence[Action]]]:
    held = [action for action in catalogue.of_scope(Scope.PROFILE) if action.name in role.actions]
    by_area = [(area, [action for action in held if action.area is area]) for area in AREAS]
    return [(area, actions) for area, actions in by_area if actions]
