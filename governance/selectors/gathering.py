"""The lines of a review: every grant that bears on what is reviewed, as it is now."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.db.models import Q

from governance.models import Review, ReviewLine
from governance.usage import is_unused, last_acts, last_acts_on_profiles
from orgs.models import Membership, OrganizationUserGrant, Partnership, Team, TeamUserGrant
from permissions.catalogue import Scope
from permissions.roles import RoleFacts, roles_by_permission
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant

Source = ReviewLine.Source
PEOPLE_NAMED = 10


def gather(review: Review, now: datetime) -> list[ReviewLine]:
    """Return the unsaved lines of a review, in the order in which they are walked through."""
    ways: dict[str, Callable[[Review, Q], Iterator[ReviewLine]]] = {
        Review.Kind.PROFILE: _of_profile,
        Review.Kind.TEAM: _of_team,
        Review.Kind.PARTNER: _of_partner,
        Review.Kind.ORGANIZATION: _of_organization,
    }
    not_over = Q(expires_at=None) | Q(expires_at__gt=now)
    lines = list(ways[review.kind](review, not_over))
    _add_use(lines, now)
    for position, line in enumerate(lines, start=1):
        line.position = position
    return lines


def _of_profile(review: Review, not_over: Q) -> Iterator[ReviewLine]:
    assert review.profile is not None
    profile = review.profile
    direct = ProfileUserGrant.objects.filter(not_over, content_object=profile)
    direct = direct.select_related("user", "granted_by").order_by("user__name", "pk")
    links = list(
        ProfileGroupGrant.objects.filter(not_over, content_object=profile, partnership=None)
        .select_related("group__team", "granted_by")
        .order_by("pk")
    )
    team_of = {link.group.team.pk: link for link in links if hasattr(link.group, "team")}
    places = (
        TeamUserGrant.objects.filter(not_over, content_object__in=team_of)
        .select_related("user", "content_object", "granted_by")
        .order_by("content_object__name", "user__name", "pk")
    )
    implied = list(_implying_profiles(not_over))
    shared = _shared(not_over & Q(content_object=profile))
    roles = roles_by_permission({row.permission_id for row in (*direct, *links, *implied, *shared)})
    for grant in direct:
        yield _line(grant, Source.DIRECT, roles, who=grant.user, what=profile, profile_id=profile.pk)
    for place in places:
        link = team_of[place.content_object_id]
        yield _line(
            place,
            Source.TEAM,
            roles,
            who=place.user,
            what=profile,
            profile_id=profile.pk,
            permission_id=link.permission_id,
            through=str(place.content_object),
            may_reduce=False,
        )
    for grant in implied:
        role = roles[grant.permission_id].implies[Scope.PROFILE]
        yield _line(
            grant,
            Source.ORGANIZATION,
            roles,
            who=grant.user,
            what=profile,
            profile_id=profile.pk,
            through=roles[grant.permission_id].label,
            role=role.label,
            may_reduce=False,
            may_remove=False,
        )
    yield from _partner_lines(shared, roles)


def _implying_profiles(not_over: Q) -> Iterator[OrganizationUserGrant]:
    grants = OrganizationUserGrant.objects.filter(not_over).select_related("user", "granted_by")
    found = list(grants.order_by("user__name", "pk"))
    roles = roles_by_permission({grant.permission_id for grant in found})
    yield from (grant for grant in found if Scope.PROFILE in roles[grant.permission_id].implies)


def _of_team(review: Review, not_over: Q) -> Iterator[ReviewLine]:
    assert review.team is not None
    team: Team = review.team
    places = TeamUserGrant.objects.filter(not_over, content_object=team)
    places = places.select_related("user", "granted_by").order_by("user__name", "pk")
    links = ProfileGroupGrant.objects.filter(not_over, group=team.members_group_id)
    links = links.select_related("content_object", "granted_by").order_by("content_object__name", "pk")
    roles = roles_by_permission({row.permission_id for row in (*places, *links)})
    for place in places:
        yield _line(place, Source.PLACE, roles, who=place.user, what=team)
    for link in links:
        yield _line(
            link,
            Source.LINK,
            roles,
            who=team,
            what=link.content_object,
            profile_id=link.content_object_id,
        )


def _of_partner(review: Review, not_over: Q) -> Iterator[ReviewLine]:
    shared = _shared(not_over & Q(partnership=review.partnership))
    yield from _partner_lines(shared, roles_by_permission({grant.permission_id for grant in shared}))


def _shared(which: Q) -> list[ProfileGroupGrant]:
    grants = ProfileGroupGrant.objects.filter(
        which, partnership__isnull=False, partnership__status=Partnership.Status.ACTIVE
    )
    related = grants.select_related("partnership__partner", "content_object", "granted_by")
    return list(related.order_by("partnership__partner__name", "content_object__name", "pk"))


def _partner_lines(shared: list[ProfileGroupGrant], roles: Mapping[int, RoleFacts]) -> Iterator[ReviewLine]:
    handed: dict[int, list[Any]] = {}
    for row in (
        ProfileAssignment.objects.filter(grant__in=shared).select_related("user").order_by("user__name")
    ):
        handed.setdefault(row.grant_id, []).append(row.user)
    for grant in shared:
        people = handed.get(grant.pk, [])
        line = _line(
            grant,
            Source.PARTNER,
            roles,
            who=grant.partnership.partner,  # type: ignore[union-attr]
            what=grant.content_object,
            profile_id=grant.content_object_id,
        )
        line.people = ", ".join(str(user) for user in people[:PEOPLE_NAMED])[:500]
        line.partners_people = {user.pk for user in people}  # type: ignore[attr-defined]
        yield line


def _of_organization(review: Review, not_over: Q) -> Iterator[ReviewLine]:
    grants = OrganizationUserGrant.objects.filter(not_over, user__in=Membership.objects.values("user"))
    found = list(grants.select_related("user", "granted_by").order_by("user__name", "pk"))
    roles = roles_by_permission({grant.permission_id for grant in found})
    for grant in found:
        yield _line(
            grant,
            Source.ORGANIZATION,
            roles,
            who=grant.user,
            what=review.organization,
            may_reduce=not grant.is_owner,
            may_remove=not grant.is_owner,
        )


def _line(
    grant: Any,
    source: str,
    roles: Mapping[int, RoleFacts],
    *,
    who: Any,
    what: Any,
    profile_id: int | None = None,
    permission_id: int | None = None,
    through: str = "",
    role: str = "",
    may_reduce: bool = True,
    may_remove: bool = True,
) -> ReviewLine:
    permission = permission_id or grant.permission_id
    return ReviewLine(
        source=source,
        user=getattr(grant, "user", None),
        who=str(who)[:160],
        what=str(what)[:160],
        through=through[:160],
        grant_id=grant.pk,
        profile_id_of_grant=profile_id,
        permission_id_of_grant=permission,
        role=(role or roles[permission].label)[:120],
        starts_at=grant.starts_at,
        expires_at=grant.expires_at,
        granted_by=str(grant.granted_by or "")[:160],
        granted_at=grant.granted_at,
        may_reduce=may_reduce,
        may_remove=may_remove,
    )


def _add_use(lines: list[ReviewLine], now: datetime) -> None:
    """Say of each line when it was last used, and whether it lies unused (governance/usage.py)."""
    people = {line.user_id for line in lines if line.user_id}
    for line in lines:
        people |= set(getattr(line, "partners_people", ()))
    anywhere = last_acts(people, now)
    on_profiles = last_acts_on_profiles(people, now)
    for line in lines:
        line.last_used_at = _last_use(line, people, anywhere, on_profiles)
        line.is_unused = is_unused(last_used_at=line.last_used_at, granted_at=line.granted_at, now=now)


def _last_use(
    line: ReviewLine,
    people: set[int],
    anywhere: Mapping[int, datetime],
    on_profiles: Mapping[tuple[int, int], datetime],
) -> datetime | None:
    profile_id = line.profile_id_of_grant
    if profile_id is None:  # a place in the team, a role in the organization
        return anywhere.get(line.user_id or 0)
    # Shared with a partner: its people; a profile of the team: whoever is in it.
    users = {line.user_id} if line.user_id is not None else getattr(line, "partners_people", people)
    return max(
        (on_profiles[key] for user in users if (key := (user, profile_id)) in on_profiles), default=None
    )
