"""What has become of a line since somebody last looked at it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from governance.models import ReviewLine
from orgs.models import OrganizationUserGrant, TeamUserGrant
from permissions.catalogue import Scope
from permissions.models import Grant
from permissions.roles import RoleFacts, roles_by_permission, roles_offered
from social_accounts.models import ProfileGroupGrant, ProfileUserGrant

Source = ReviewLine.Source
TABLES: Mapping[str, Any] = {
    Source.DIRECT: ProfileUserGrant,
    Source.TEAM: TeamUserGrant,
    Source.ORGANIZATION: OrganizationUserGrant,
    Source.PARTNER: ProfileGroupGrant,
    Source.PLACE: TeamUserGrant,
    Source.LINK: ProfileGroupGrant,
}
# Of what scope the roles are to which a line can be reduced.
SCOPES: Mapping[str, Scope] = {
    Source.DIRECT: Scope.PROFILE,
    Source.ORGANIZATION: Scope.ORGANIZATION,
    Source.PARTNER: Scope.PROFILE,
    Source.PLACE: Scope.TEAM,
    Source.LINK: Scope.PROFILE,
}


@dataclass(frozen=True)
class Now:
    """The grant behind a line as it is. ``permission_id`` is that of the role the line tells of."""

    grant: Any
    permission_id: int
    starts_at: datetime | None
    expires_at: datetime | None

    def is_as(self, line: ReviewLine) -> bool:
        return (self.permission_id, self.starts_at, self.expires_at) == (
            line.permission_id_of_grant,
            line.starts_at,
            line.expires_at,
        )


def as_they_are(lines: Iterable[ReviewLine], now: datetime) -> dict[int, Now | None]:
    """Return the grants behind some lines, by the line's id; None for what has ended."""
    found = list(lines)
    ids: defaultdict[str, set[int]] = defaultdict(set)
    for line in found:
        ids[line.source].add(line.grant_id)
    grants: dict[str, dict[int, Grant]] = {
        source: TABLES[source].objects.select_related("content_object").in_bulk(wanted)
        for source, wanted in ids.items()
    }
    links = _links_of(found)
    return {line.pk: _now(line, grants[line.source].get(line.grant_id), links, now) for line in found}


def _now(line: ReviewLine, grant: Any, links: Mapping[tuple[int, int], int], now: datetime) -> Now | None:
    if grant is None or (grant.expires_at is not None and grant.expires_at <= now):
        return None
    if line.source != Source.TEAM:
        return Now(grant, grant.permission_id, grant.starts_at, grant.expires_at)
    linked = links.get((grant.content_object.members_group_id, line.profile_id_of_grant or 0))
    if linked is None:  # the profile left the team
        return None
    return Now(grant, linked, grant.starts_at, grant.expires_at)


def _links_of(lines: list[ReviewLine]) -> dict[tuple[int, int], int]:
    profiles = {line.profile_id_of_grant for line in lines if line.source == Source.TEAM}
    if not profiles:
        return {}
    rows = ProfileGroupGrant.objects.filter(content_object__in=profiles, partnership=None)
    return {
        (group, profile): permission
        for group, profile, permission in rows.values_list("group_id", "content_object_id", "permission_id")
    }


def lesser_roles(line: ReviewLine, packs: Iterable[str], organization_id: int) -> list[RoleFacts]:
    """Return the roles to which the line can be reduced: with less in them, and nothing else."""
    if not line.may_reduce or line.source not in SCOPES:
        return []
    held = roles_by_permission([line.permission_id_of_grant])[line.permission_id_of_grant]
    offered = roles_offered(packs=packs, organization_id=organization_id, scope=SCOPES[line.source])
    return [role for role in offered if role.actions < held.actions and not role.is_none]
