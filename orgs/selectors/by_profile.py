"""The same access told the other way round: profile by profile, which roles count there and where they come from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from orgs.models import Team
from permissions.checker import Access
from permissions.explanation import Source


@dataclass(frozen=True)
class CountedRole:
    """One role that counts on a profile. ``ends_at``: when this part of it is over, as far as it is known."""

    label: str
    origin: str
    ends_at: datetime | None


@dataclass(frozen=True)
class ProfileRow:
    profile: Any
    roles: Sequence[CountedRole]
    action_count: int


def reached_profiles(access: Access, profiles: Iterable[Any]) -> list[Any]:
    """Return those of the profiles on which the person may do anything at all."""
    if access.miss_before_scope() is not None:
        return []
    return [one for one in profiles if any(source.role.actions for source in access.sources(one))]


def profile_rows(access: Access, profiles: Sequence[Any]) -> list[ProfileRow]:
    """Return the lines of one page, with one query for the names of teams."""
    found = [(profile, access.sources(profile)) for profile in profiles]
    groups = {source.group_id for _profile, sources in found for source in sources if source.group_id}
    teams = dict(Team.objects.filter(members_group__in=groups).values_list("members_group", "name"))
    rows = []
    for profile, sources in found:
        counted = [source for source in sources if source.role.actions]
        roles = [CountedRole(one.role.label, _origin(one, teams), _ends_at(one)) for one in counted]
        actions = frozenset().union(*(one.role.actions for one in counted))
        rows.append(ProfileRow(profile, list(dict.fromkeys(roles)), len(actions)))
    return rows


def _origin(source: Source, teams: dict[int, str]) -> str:
    if source.partner:
        return _("Through the partner %(partner)s") % {"partner": source.partner}
    if source.group_id in teams:
        return _("Through the team %(team)s") % {"team": teams[source.group_id]}
    if source.is_implied:
        return _("Through the role %(role)s in the organization") % {"role": source.grant.role.label}
    return _("Given directly")


def _ends_at(source: Source) -> datetime | None:
    parts = (source.grant, source.link, source.assignment)
    return min((part.expires_at for part in parts if part and part.expires_at), default=None)
