"""The rules of resolution, R1 to R12, as one small machine over a snapshot.

``Access`` answers for one person in one organization at one moment. Everything asks it: views, services, list pages,
templates, ``user.has_perm``. It reads nothing but the snapshot, so what it says and what a list shows cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, TypeVar

from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from permissions import catalogue
from permissions.cache import reading_about, snapshot_of
from permissions.catalogue import Action, Scope
from permissions.errors import NotAllowed
from permissions.explanation import Decision, Miss, Source, explain
from permissions.people import people_with_right
from permissions.reach import NOWHERE, Reach, reach_by_grants
from permissions.reading import Names
from permissions.roles import RoleFacts
from permissions.scopes import Affiliation, SupportVisit, scope_of, tables_of
from permissions.snapshot import GrantFacts, Snapshot, load_snapshots

Objects = TypeVar("Objects", bound=Model)
MANAGES_ACCESS = "organization.edit_member_permissions"
# Screens that show an object to somebody without a role on it, through the organization's actions (H11).
SHOWN_BY = {
    Scope.TEAM: ("team.view_team", "team.view_team_permissions"),
    Scope.PROFILE: ("profile.view_profile", "profile.view_profile_access"),
}


@dataclass(frozen=True)
class KeyLimits:
    """R11: what an API key was issued for. Whatever its issuer may do now, the key may do these of it at most.

    ``profile_ids`` None: on every profile. The limit is of profiles alone: a team or the organization is none.
    """

    actions: frozenset[str]
    profile_ids: frozenset[int] | None
    label: str

    @classmethod
    def of(cls, key: Any) -> Self:
        """Return the limits of an ``accounts.ApiKey``."""
        profile_ids = None if key.profile_ids is None else frozenset(key.profile_ids)
        return cls(frozenset(key.actions), profile_ids, str(key))

    def covers(self, obj: Model) -> bool:
        return self.profile_ids is None or scope_of(obj) is not Scope.PROFILE or obj.pk in self.profile_ids

    def narrow(self, source: Source) -> Source:
        role = replace(source.role, actions=source.role.actions & self.actions)
        return replace(source, role=role)

    def narrow_reach(self, reach: Reach) -> Reach:
        if self.profile_ids is None:
            return reach
        if not reach.is_everywhere:
            return replace(
                reach,
                ids=reach.ids & self.profile_ids,
                ids_with_approval=reach.ids_with_approval & self.profile_ids,
            )
        if reach.needs_approval_everywhere:
            return Reach(False, frozenset(), self.profile_ids)
        return Reach(False, self.profile_ids, frozenset())


class Access:
    """What one person may do in one organization, now.

    ``has_second_factor`` is the session's; None where there is no session (a worker, a question about somebody). With
    ``key`` it is what the key may do for its issuer, and its second factor is whether the issuer has set one up.
    """

    def __init__(
        self,
        *,
        user: User,
        organization_id: int,
        snapshot: Snapshot,
        at: datetime,
        has_second_factor: bool | None = None,
        key: KeyLimits | None = None,
    ) -> None:
        self.user = user
        self.organization_id = organization_id
        self.snapshot = snapshot
        self.at = at
        self.has_second_factor = has_second_factor
        self.key = key
        self.names: Names | None = None  # for explanations, where they were read along
        self._profile_class = tables_of(Scope.PROFILE).model
        self._asked: set[str] = set()
        self._reaches: dict[str, Reach] = {}
        self._allowed_ids: dict[str, frozenset[int]] = {}

    def at_moment(self, moment: datetime) -> Access:
        """Return what is written now, asked of another moment and without a session."""
        return Access(
            user=self.user,
            organization_id=self.organization_id,
            snapshot=self.snapshot,
            at=moment,
            key=self.key,
        )

    def without_key(self) -> Access:
        """Return what the issuer of the key may do himself."""
        return Access(
            user=self.user,
            organization_id=self.organization_id,
            snapshot=self.snapshot,
            at=self.at,
            has_second_factor=self.has_second_factor,
        )

    # -- the questions ----------------------------------------------------------------------------------------

    def can(self, action: str, obj: Model) -> bool:
        ids = self._allowed_ids.get(action)
        if ids is not None and obj.__class__ is self._profile_class:
            return obj.id in ids  # type: ignore[attr-defined]
        return self._can(action, obj)

    def _can(self, action: str, obj: Model) -> bool:
        """Find the first answer about an action by the rules, and all further ones, on profiles, from where it reaches.

        Where nothing but the profile's id decides, ``can`` looks it up by itself from then on.
        """
        if obj.__class__ is not self._profile_class or action not in self._asked:
            self._asked.add(action)
            return next(self._granting(action, obj), None) is not None
        reach = self._reaches.get(action)
        if reach is None:
            reach = self._reaches[action] = self.reach(action)
            if not (reach.is_everywhere or reach.ids_with_approval) and self.workspace_ids is None:
                self._allowed_ids[action] = reach.ids
        profile: Any = obj
        if profile.organization_id != self.organization_id or not self._in_workspace(obj):
            return False
        if reach.is_everywhere:
            return not reach.needs_approval_everywhere or profile.has_approval
        return profile.pk in reach.ids or (profile.pk in reach.ids_with_approval and profile.has_approval)

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
            raise NotAllowed(self.decide(action, obj), obj)

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

    def within_reach(self, profiles: QuerySet[Objects]) -> QuerySet[Objects]:
        """Return those of the profiles that lie where the person, or his key, may do anything at all (R7, R11)."""
        if (workspaces := self.workspace_ids) is not None:
            profiles = profiles.filter(workspace__in=workspaces)
        if self.key is not None and self.key.profile_ids is not None:
            profiles = profiles.filter(pk__in=self.key.profile_ids)
        return profiles

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
        what = catalogue.get(action)
        if self.miss_before_scope() is not None:
            return NOWHERE
        if self.key is None:
            return self._reach(what)
        if action not in self.key.actions:
            return NOWHERE
        reach = self._reach(what)
        return self.key.narrow_reach(reach) if what.scope is Scope.PROFILE else reach

    def _reach(self, what: Action) -> Reach:
        action = what.name
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
                return NOWHERE
            return Reach(
                True, frozenset(), frozenset(), needs_approval_everywhere=implied.is_bound_to_approval
            )
        if self.snapshot.through_partners:
            return self._reach_through_partners(action)
        return reach_by_grants(self.snapshot, action, self.at, role)

    def _reach_through_partners(self, action: str) -> Reach:
        free: set[int] = set()
        bound: set[int] = set()
        for profile_id in self.snapshot.through_partners:
            for source in self._partner_sources(profile_id):
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
    def is_member(self) -> bool:
        """Say whether he belongs to the organization itself: a partner's people and staff stand here, and do not."""
        return self.snapshot.standing is not None and self.snapshot.standing.is_member

    @property
    def means(self) -> str:
        """Return what he acts through, as the audit log names it beside him: a key or a support ticket; "" for none."""
        if self.key is not None:
            return self.key.label
        return _("support, ticket %(ticket)s") % {"ticket": self.visit.ticket} if self.visit else ""

    @property
    def visit(self) -> SupportVisit | None:
        """R10: the support session that is open now; while it lasts it decides for whom is no member."""
        visit = self.snapshot.standing.visit if self.snapshot.standing else None
        return visit if visit is not None and visit.is_live(self.at) else None

    @property
    def is_partner(self) -> bool:
        """Say whether he stands here as one of a partner's people (R8)."""
        standing = self.snapshot.standing
        return standing is not None and bool(standing.affiliations) and self.visit is None

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
        miss = self._miss_of_standing()
        return Miss.NO_SECOND_FACTOR if miss is None and self.must_set_up_second_factor else miss

    def _miss_of_standing(self) -> Miss | None:
        standing = self.snapshot.standing
        if standing is None:
            return Miss.NOT_A_MEMBER
        if not standing.is_member:
            if self.visit is not None or self.affiliations():
                return None
            return Miss.NO_SUPPORT_SESSION if standing.visit else Miss.NOT_ACTIVE_IN_PARTNER
        if not standing.is_active:
            return Miss.SUSPENDED
        if standing.starts_at is not None and self.at < standing.starts_at:
            return Miss.NOT_YET_A_MEMBER
        if standing.expires_at is not None and standing.expires_at <= self.at:
            return Miss.NO_LONGER_A_MEMBER
        return None

    def team_sources(self, team_id: int) -> Iterator[Source]:
        """R4: the team role implied by the organization role, together with the own one there."""
        organization = self.organization_grant
        if organization is not None and (implied := organization.role.implies.get(Scope.TEAM)):
            yield self._narrowed(Source(role=implied, grant=organization))
        for grant in self.snapshot.team_grants.get(team_id, ()):
            if grant.is_live(self.at):
                yield self._narrowed(Source(role=grant.role, grant=grant))

    def profile_sources(self, profile: Model) -> list[Source]:
        """R5 to R8 and R11: the roles that count on one profile, each with where it comes from.

        R6 is asked of the roles, and of the intersections: what a key leaves of them is none of the two.
        """
        if not self._in_workspace(profile):
            return []
        if self.key is not None and not self.key.covers(profile):
            return []
        has_approval = bool(getattr(profile, "has_approval", True))
        return [
            self._narrowed(source)
            for source in self._implied_or_own(profile.pk)
            if has_approval or not source.role.is_bound_to_approval
        ]

    def _implied_or_own(self, profile_id: int) -> list[Source]:
        organization = self.organization_grant
        if organization is not None and (implied := organization.role.implies.get(Scope.PROFILE)):
            return [Source(role=implied, grant=organization)]
        return self._own_profile_sources(profile_id)

    def _narrowed(self, source: Source) -> Source:
        return source if self.key is None else self.key.narrow(source)

    def affiliations(self) -> Mapping[int, Affiliation]:
        """R8: his memberships in partners that hold now, by partnership."""
        standing = self.snapshot.standing
        places = standing.affiliations if standing else ()
        return {place.partnership_id: place for place in places if place.is_live(self.at)}

    def _partner_sources(self, profile_id: int) -> list[Source]:
        """R8: the union of what his partners were granted and assigned to him, each as far as both go."""
        places = self.affiliations()
        return [
            Source(
                role=pair.role,
                grant=pair.granted,
                assignment=pair.assigned,
                partner=places[pair.partnership_id].partner,
            )
            for pair in self.snapshot.through_partners.get(profile_id, ())
            if pair.partnership_id in places and pair.is_live(self.at)
        ]

    def _own_profile_sources(self, profile_id: int) -> list[Source]:
        if self.snapshot.through_partners:
            return self._partner_sources(profile_id)
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
        if self.key is not None and action not in self.key.actions:
            return False
        return self.miss_before_scope() is None and role is not None and action in role.actions

    def _is_within_reach(self, obj: Model) -> bool:
        if getattr(obj, "organization_id", None) != self.organization_id:
            return False
        if scope_of(obj) is not Scope.PROFILE:
            return True
        return self._in_workspace(obj) and (self.key is None or self.key.covers(obj))

    def sources(self, obj: Model) -> list[Source]:
        """Return every role that counts on the object, before asking for one action."""
        scope = scope_of(obj)
        if scope is Scope.ORGANIZATION:
            grant = self.organization_grant if obj.pk == self.organization_id else None
            return [self._narrowed(Source(role=grant.role, grant=grant))] if grant else []
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
    *,
    user: User,
    organization_id: int,
    at: datetime,
    has_second_factor: bool | None = None,
    key: KeyLimits | None = None,
) -> Access:
    """Read what bears on the person's rights and return his access. The organization must be open.

    ``key``: he asks through an API key; then ``has_second_factor`` says whether he has one set up.
    """
    return Access(
        user=user,
        organization_id=organization_id,
        snapshot=snapshot_of(organization_id, user.pk),
        at=at,
        has_second_factor=has_second_factor,
        key=key,
    )


def may(*, user: User, organization_id: int, action: str, obj: Model, at: datetime) -> bool:
    """Answer one question in one query that reads no more than it needs. The organization must be open."""
    return _access_about(user, organization_id, obj, at).can(action, obj)


def decide_once(*, user: User, organization_id: int, action: str, obj: Model, at: datetime) -> Decision:
    """Answer one question with its derivation, in one query where it is about a member."""
    return _access_about(user, organization_id, obj, at, with_names=True).decide(action, obj)


def _access_about(
    user: User, organization_id: int, obj: Model, at: datetime, *, with_names: bool = False
) -> Access:
    """Return an access that may be asked about this object only: what else the person has may not have been read."""
    if scope_of(obj) is not Scope.PROFILE:
        return load_access(user=user, organization_id=organization_id, at=at)
    reading = reading_about(organization_id, user.pk, obj.pk, with_names=with_names)
    assert reading.snapshot is not None
    access = Access(user=user, organization_id=organization_id, snapshot=reading.snapshot, at=at)
    access.names = reading.names
    return access


def load_accesses(*, users: Collection[User], organization_id: int, at: datetime) -> Mapping[int, Access]:
    """Return the access of many people at once, by user id, in two queries."""
    snapshots = load_snapshots(organization_id, [user.pk for user in users])
    return {
        user.pk: Access(user=user, organization_id=organization_id, snapshot=snapshots[user.pk], at=at)
        for user in users
    }


def ids_of_people_who_may(action: str, obj: Model, *, organization_id: int, at: datetime) -> set[int]:
    """Return who may do the action on the object, of everybody: members, partners' people and staff.

    One query where nobody from outside has anything to do with it. The organization must be open.
    """
    able, visitors = people_with_right(action, obj, organization_id=organization_id, at=at)
    if visitors:
        users = User.objects.filter(pk__in=visitors)
        accesses = load_accesses(users=users, organization_id=organization_id, at=at)
        able |= {pk for pk, access in accesses.items() if access.can(action, obj)}
    return able


def people_who_may(
    action: str, obj: Model, *, among: Collection[User], organization_id: int, at: datetime
) -> list[User]:
    """Return those of the people who may do the action on the object, in their order."""
    able = ids_of_people_who_may(action, obj, organization_id=organization_id, at=at)
    return [user for user in among if user.pk in able]


def _prefixed(condition: Q | None, prefix: str) -> Q:
    if condition is None or not prefix:
        return condition or Q()
    children = [
        _prefixed(child, prefix) if isinstance(child, Q) else (f"{prefix}{child[0]}", child[1])  # type: ignore[index]
        for child in condition.children
    ]
    return Q(*children, _connector=condition.connector, _negated=condition.negated)
