"""The rules of resolution, R1 to R12, as one small machine over a snapshot.

``Access`` answers for one person in one organization at one moment. Everything asks it: views, services, list pages,
templates, ``user.has_perm``. It reads nothing but the snapshot, so what it says and what a list shows cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from django.db.models import Model, Q, QuerySet

from accounts.models import User
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.errors import NotAllowed
from permissions.explanation import Decision, Miss, Source, explain
from permissions.roles import RoleFacts
from permissions.scopes import scope_of, tables_of
from permissions.snapshot import GrantFacts, Snapshot, load_snapshots

Objects = TypeVar("Objects", bound=Model)
MANAGES_ACCESS = "organization.edit_member_permissions"
# Screens that show an object to somebody without a role on it, through the organization's actions (H11).
SHOWN_BY = {
    Scope.TEAM: ("team.view_team", "team.view_team_permissions"),
    Scope.PROFILE: ("profile.view_profile", "profile.view_profile_access"),
}


@dataclass(frozen=True)
class Reach:
    """Where one action is allowed: everywhere but ..., or exactly these, some only where a network knows approval."""

    is_everywhere: bool
    ids: frozenset[int]
    ids_with_approval: frozenset[int]
    needs_approval_everywhere: bool = False


class Access:
    """What one person may do in one organization, now.

    ``has_second_factor`` is the session's; None where there is no session (a worker, a question about somebody).
    """

    def __init__(
        self,
        *,
        user: User,
        organization_id: int,
        snapshot: Snapshot,
        at: datetime,
        has_second_factor: bool | None = None,
    ) -> None:
        self.user = user
        self.organization_id = organization_id
        self.snapshot = snapshot
        self.at = at
        self.has_second_factor = has_second_factor

    # -- the questions ----------------------------------------------------------------------------------------

    def can(self, action: str, obj: Model) -> bool:
        return next(self._granting(action, obj), None) is not None

    def serves(self, action: str, obj: Model) -> bool:
        """Say whether a screen for this action opens: by it, or by the organization's that also serves (H11)."""
        if self.can(action, obj):
            return True
        wider = catalogue.ALSO_SERVED_BY.get(action)
        return wider is not None and self._holds_in_organization(wider) and self._is_within_reach(obj)

    def decide(self, action: str, obj: Model) -> Decision:
        """Answer with the derivation."""
        return explain(self, catalogue.get(action), obj, tuple(self._granting(action, obj)))

    def require(self, action: str, obj: Model) -> None:
        """Raise NotAllowed, with its derivation, unless the person may."""
        if not self.can(action, obj):
            raise NotAllowed(self.decide(action, obj))

    def filter(self, objects: QuerySet[Objects], action: str, path: str = "") -> QuerySet[Objects]:
        """Return those rows whose profile (or team) allows the action; ``path`` leads from the row to it."""
        scope = catalogue.get(action).scope
        reach = self.reach(action)
        prefix = f"{path}__" if path else ""
        key = f"{prefix}pk__in" if not path else f"{path}__in"
        approval = _prefixed(tables_of(scope).with_approval, prefix)
        if reach.is_everywhere:
            allowed = Q() if not reach.needs_approval_everywhere else approval
        else:
            allowed = Q(**{key: reach.ids})
            if reach.ids_with_approval:
                allowed |= Q(**{key: reach.ids_with_approval}) & approval
        if scope is Scope.PROFILE and (workspaces := self.workspace_ids) is not None:
            allowed &= Q(**{f"{prefix}workspace__in": workspaces})
        return objects.filter(allowed) if allowed else objects.all()

    def sees(self, obj: Model) -> bool:
        """Say whether the object exists for this person at all (else 404, not 403)."""
        if self.miss_before_scope() is not None:
            return self.snapshot.standing is not None and scope_of(obj) is Scope.ORGANIZATION
        scope = scope_of(obj)
        if scope is Scope.ORGANIZATION:
            return True
        if any(source.role.actions for source in self.sources(obj)):
            return True
        return any(self.serves(action, obj) for action in SHOWN_BY[scope])

    def reach(self, action: str) -> Reach:
        """Return where the action is allowed, without looking at single objects."""
        nowhere = Reach(False, frozenset(), frozenset())
        what = catalogue.get(action)
        if self.miss_before_scope() is not None:
            return nowhere
        if what.scope is Scope.TEAM:
            role = self.organization_role
            implied = role.implies.get(Scope.TEAM) if role else None
            if implied and action in implied.actions:
                return Reach(True, frozenset(), frozenset())
            ids = frozenset(
                team
                for team in self.snapshot.team_grants
                if any(action in source.role.actions for source in self.team_sources(team))
            )
            return Reach(False, ids, frozenset())
        if what.scope is Scope.ORGANIZATION:
            raise ValueError(f"{action} is asked of the organization, not of a list.")
        role = self.organization_role
        implied = role.implies.get(Scope.PROFILE) if role else None
        if implied is not None:
            if action not in implied.actions:
                return nowhere
            return Reach(
                True, frozenset(), frozenset(), needs_approval_everywhere=implied.is_bound_to_approval
            )
        free: set[int] = set()
        bound: set[int] = set()
        for profile_id in self.snapshot.direct.keys() | self.snapshot.through_teams.keys():
            for source in self._own_profile_sources(profile_id):
                if action in source.role.actions:
                    (bound if source.role.is_bound_to_approval else free).add(profile_id)
        return Reach(False, frozenset(free), frozenset(bound - free))

    # -- what the rules need ----------------------------------------------------------------------------------

    @property
    def organization_grant(self) -> GrantFacts | None:
        """R3: the one organization role, while its window is open."""
        return next((g for g in self.snapshot.organization_grants if g.is_live(self.at)), None)

    @property
    def organization_role(self) -> RoleFacts | None:
        grant = self.organization_grant
        return grant.role if grant else None

    @property
    def workspace_ids(self) -> frozenset[int] | None:
        """R7: the workspaces in reach; None means every one."""
        role = self.organization_role
        if role is not None and role.reaches_all_workspaces:
            return None
        return self.snapshot.standing.workspace_ids if self.snapshot.standing else frozenset()

    @property
    def must_set_up_second_factor(self) -> bool:
        """R2: the policy covers him and this session has no second factor."""
        standing = self.snapshot.standing
        if standing is None or self.has_second_factor is not False or standing.two_factor == "none":
            return False
        role = self.organization_role
        return standing.two_factor == "everyone" or (role is not None and MANAGES_ACCESS in role.actions)

    def miss_before_scope(self) -> Miss | None:
        """R1 and R2: what stops this person before any role is looked at."""
        standing = self.snapshot.standing
        if standing is None:
            return Miss.NOT_A_MEMBER
        if not standing.is_active:
            return Miss.SUSPENDED
        if standing.starts_at is not None and self.at < standing.starts_at:
            return Miss.NOT_YET_A_MEMBER
        if standing.expires_at is not None and standing.expires_at <= self.at:
            return Miss.NO_LONGER_A_MEMBER
        if self.must_set_up_second_factor:
            return Miss.NO_SECOND_FACTOR
        return None

    def team_sources(self, team_id: int) -> Iterator[Source]:
        """R4: the team role implied by the organization role, together with the own one there."""
        organization = self.organization_grant
        if organization is not None and (implied := organization.role.implies.get(Scope.TEAM)):
            yield Source(role=implied, grant=organization)
        for grant in self.snapshot.team_grants.get(team_id, ()):
            if grant.is_live(self.at):
                yield Source(role=grant.role, grant=grant)

    def profile_sources(self, profile: Model) -> list[Source]:
        """R5 with R6 and R7: the roles that count on one profile, each with where it comes from."""
        if not self._in_workspace(profile):
            return []
        has_approval = bool(getattr(profile, "has_approval", True))
        return [
            source
            for source in self._implied_or_own(profile.pk)
            if has_approval or not source.role.is_bound_to_approval
        ]

    def _implied_or_own(self, profile_id: int) -> list[Source]:
        organization = self.organization_grant
        if organization is not None and (implied := organization.role.implies.get(Scope.PROFILE)):
            return [Source(role=implied, grant=organization)]
        return self._own_profile_sources(profile_id)

    def _own_profile_sources(self, profile_id: int) -> list[Source]:
        direct = [g for g in self.snapshot.direct.get(profile_id, ()) if g.is_live(self.at)]
        if direct:
            if any(grant.role.is_none for grant in direct):
                return []
            return [Source(role=grant.role, grant=grant) for grant in direct]
        sources = []
        for link in self.snapshot.through_teams.get(profile_id, ()):
            if not link.is_live(self.at):
                continue
            sources.append(Source(role=link.role, grant=link))
            sources.extend(
                Source(role=implied, grant=grant, link=link)
                for grant in self._team_roles_of(link.group_id)
                if (implied := grant.role.implies.get(Scope.PROFILE))
            )
            organization = self.organization_grant
            team_role = organization.role.implies.get(Scope.TEAM) if organization else None
            if organization and team_role and (implied := team_role.implies.get(Scope.PROFILE)):
                sources.append(Source(role=implied, grant=organization, link=link))
        return sources

    def _team_roles_of(self, group_id: int | None) -> Iterator[GrantFacts]:
        for grants in self.snapshot.team_grants.values():
            yield from (g for g in grants if g.group_id == group_id and g.is_live(self.at))

    def _in_workspace(self, profile: Model) -> bool:
        workspaces = self.workspace_ids
        return workspaces is None or getattr(profile, "workspace_id", None) in workspaces

    def _holds_in_organization(self, action: str) -> bool:
        role = self.organization_role
        return self.miss_before_scope() is None and role is not None and action in role.actions

    def _is_within_reach(self, obj: Model) -> bool:
        if getattr(obj, "organization_id", None) != self.organization_id:
            return False
        return scope_of(obj) is not Scope.PROFILE or self._in_workspace(obj)

    def sources(self, obj: Model) -> list[Source]:
        """Return every role that counts on the object, before asking for one action."""
        scope = scope_of(obj)
        if scope is Scope.ORGANIZATION:
            grant = self.organization_grant if obj.pk == self.organization_id else None
            return [Source(role=grant.role, grant=grant)] if grant else []
        if getattr(obj, "organization_id", None) != self.organization_id:
            return []
        return list(self.team_sources(obj.pk)) if scope is Scope.TEAM else self.profile_sources(obj)

    def _granting(self, action: str, obj: Model) -> Iterator[Source]:
        what = catalogue.get(action)
        if what.scope is not scope_of(obj):
            raise TypeError(f"{action} is asked of a {what.scope}, not of a {scope_of(obj)}.")
        if self.miss_before_scope() is None:
            yield from (source for source in self.sources(obj) if action in source.role.actions)


def load_access(
    *, user: User, organization_id: int, at: datetime, has_second_factor: bool | None = None
) -> Access:
    """Read what bears on the person's rights and return his access. The organization must be open."""
    snapshots = load_snapshots(organization_id, [user.pk])
    return Access(
        user=user,
        organization_id=organization_id,
        snapshot=snapshots[user.pk],
        at=at,
        has_second_factor=has_second_factor,
    )


def load_accesses(*, users: Collection[User], organization_id: int, at: datetime) -> Mapping[int, Access]:
    """Return the access of many people at once, by user id, in two queries."""
    snapshots = load_snapshots(organization_id, [user.pk for user in users])
    return {
        user.pk: Access(user=user, organization_id=organization_id, snapshot=snapshots[user.pk], at=at)
        for user in users
    }


def people_who_may(
    action: str, obj: Model, *, among: Collection[User], organization_id: int, at: datetime
) -> list[User]:
    """Return those of the people who may do the action on the object."""
    accesses = load_accesses(users=among, organization_id=organization_id, at=at)
    return [user for user in among if accesses[user.pk].can(action, obj)]


def _prefixed(condition: Q | None, prefix: str) -> Q:
    if condition is None or not prefix:
        return condition or Q()
    children = [
        _prefixed(child, prefix) if isinstance(child, Q) else (f"{prefix}{child[0]}", child[1])  # type: ignore[index]
        for child in condition.children
    ]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)
