"""The database side of the drawn worlds, written in a few inserts.

People, organizations, workspaces, usersets and the permissions of own roles are made once and used by every world.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model

from accounts.models import User
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Partnership,
    SupportSession,
    Team,
    TeamUserGrant,
    Workspace,
    WorkspaceAccess,
)
from permissions.catalogue import Scope
from permissions.checker import KeyLimits
from permissions.models import Role as RoleRow
from permissions.roles import RoleFacts, builtin_role, roles_by_permission
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant, SocialProfile
from tenancy.context import unscoped
from tests.permissions import reference as ref
from tests.permissions.worlds import ORGANIZATIONS, PARTNERS, PEOPLE, ROLES, TEAMS, WORKSPACES, Drawn

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
MODELS = {ref.ORGANIZATION: Organization, ref.TEAM: Team, ref.PROFILE: SocialProfile}


def moment(hours: float) -> datetime | None:
    return None if hours in (ref.ALWAYS, ref.NEVER) else NOW + timedelta(hours=hours)


class Stage:
    """The database side: what is made once, and the rows of the world that is on it now."""

    def __init__(self) -> None:
        with unscoped():  # worlds of several organizations, written at once
            self.people = User.objects.bulk_create(
                User(email=f"person{n}@worlds.test", name=f"Person {n}", password="!") for n in PEOPLE
            )
            self.organizations = Organization.objects.bulk_create(
                Organization(slug=f"world-{n}", name=f"World {n}") for n in ORGANIZATIONS
            )
            self.workspaces = {
                (n, w): Workspace.objects.create(
                    organization=self.organizations[n], slug=f"w{w}", name=f"W{w}"
                )
                for n in ORGANIZATIONS
                for w in WORKSPACES
            }
            self.groups = Group.objects.bulk_create(Group(name=f"world-team-{n}#members") for n in TEAMS)
            self.partner_groups = Group.objects.bulk_create(
                Group(name=f"world-partner-{n}#people") for n in range(len(PARTNERS))
            )
            self.permissions = {
                (scope, n): Permission.objects.create(
                    content_type=ContentType.objects.get_for_model(model),
                    codename=f"world-role-{n}",
                    name="own",
                )
                for scope, model in MODELS.items()
                for n in range(6)
            }
        self.builtin = {
            id(role): builtin_role(key, Scope(scope)).permission_id for (scope, key), role in ROLES.items()
        }

    @contextmanager
    def playing(self, world: Drawn) -> Iterator[None]:
        """Write the world, and take it away at the end."""
        with transaction.atomic():
            with unscoped():  # see above
                self._write(world)
            yield
            transaction.set_rollback(True)

    def _write(self, world: Drawn) -> None:
        self.rows: dict[int, Any] = {}
        self.own = {id(role): self.permissions[role.scope, n].pk for n, role in enumerate(world.own_roles)}
        for n, policy in world.two_factor.items():
            Organization.objects.filter(pk=self.organizations[n].pk).update(
                two_factor=policy, packs=world.packs[n], allows_support=n not in world.closed_to_staff
            )
        for person, role in world.staff.items():
            User.objects.filter(pk=self.people[person].pk).update(support_role=slug_of(role))
        self.sessions = {key: self.session(*key, one) for key, one in world.sessions.items()}
        SupportSession.objects.bulk_create(self.sessions.values())
        self.partnerships = {
            n: Partnership(
                organization=self.organizations[partnership.organization],
                partner=self.organizations[partnership.partner],
                status=status_of(n, partnership),
                people_group=self.partner_groups[n],
                proposed_at=NOW,
                answer_by=NOW,
            )
            for n, partnership in world.partnerships.items()
        }
        Partnership.objects.bulk_create(self.partnerships.values())
        RoleRow.objects.bulk_create(
            RoleRow(
                organization=self.organizations[role.own_of],
                permission=self.permissions[role.scope, n],
                scope=role.scope,
                slug=role.key,
                name=role.key,
                actions=sorted(role.actions),
            )
            for n, role in enumerate(world.own_roles)
        )
        members = {key: self.membership(*key, member) for key, member in world.members.items()}
        Membership.objects.bulk_create(members.values())
        self.members = members
        WorkspaceAccess.objects.bulk_create(
            WorkspaceAccess(
                organization_id=members[key].organization_id,
                membership=members[key],
                workspace=self.workspaces[key[0], w],
            )
            for key, member in world.members.items()
            for w in member.workspaces or ()
        )
        self.teams = {
            n: Team(
                organization=self.organizations[team.organization],
                slug=f"t{n}",
                name=f"T{n}",
                members_group=self.groups[n],
            )
            for n, team in world.teams.items()
        }
        Team.objects.bulk_create(self.teams.values())
        User.groups.through.objects.bulk_create(
            User.groups.through(user=self.people[p], group=self.groups[n])
            for n, team in world.teams.items()
            for p in team.people
        )
        self.profiles = {
            n: SocialProfile(
                organization=self.organizations[profile.organization],
                workspace=self.workspaces[profile.organization, profile.workspace],
                slug=f"p{n}",
                handle=f"@p{n}",
                network=("mastodon" if n % 2 else "bluesky") if profile.has_approval else "youtube",
            )
            for n, profile in world.profiles.items()
        }
        SocialProfile.objects.bulk_create(self.profiles.values())
        rows: dict[type[Model], list[Any]] = {}
        for grant in world.grants:
            row = self.rows[id(grant)] = self.row_of(world, grant)
            rows.setdefault(type(row), []).append(row)
        for table, new in rows.items():
            table._default_manager.bulk_create(new)
        self.assigned = {id(one): self.assignment(one) for one in world.assignments}
        ProfileAssignment.objects.bulk_create(self.assigned.values())

    def assignment(self, one: ref.Assignment) -> ProfileAssignment:
        grant = self.rows[id(one.grant)]
        return ProfileAssignment(
            organization_id=grant.organization_id,
            grant=grant,
            user=self.people[one.person],
            permission_id=self.permission_of(one.role),
            starts_at=moment(one.starts),
            expires_at=moment(one.ends),
            granted_at=NOW,
            granted_by=self.people[0],
        )

    def session(self, organization: int, person: int, one: ref.Session) -> SupportSession:
        return SupportSession(
            organization=self.organizations[organization],
            user=self.people[person],
            kind=slug_of(one.role),
            ticket=f"T-{organization}{person}",
            reason="looks into it",
            starts_at=moment(one.starts),
            expires_at=moment(one.ends),
            ended_at=NOW if one.is_ended else None,
        )

    def key_of(self, key: ref.Key) -> KeyLimits:
        profiles = (
            None if key[1] is None else frozenset(self.profiles[n].pk for n in key[1] if n in self.profiles)
        )
        return KeyLimits(key[0], profiles, "Robot")

    def membership(self, organization: int, person: int, member: ref.Member) -> Membership:
        return Membership(
            organization=self.organizations[organization],
            user=self.people[person],
            status="suspended" if member.is_suspended else "active",
            starts_at=moment(member.starts),
            expires_at=moment(member.ends),
            reaches_all_workspaces=member.workspaces is None,
        )

    def row_of(self, world: Drawn, grant: ref.Grant) -> Any:
        scope = grant.on[0]
        fields: dict[str, Any] = {
            "organization": self.organizations[world.organization_of(grant.on)],
            "content_object": self.object(grant.on),
            "permission_id": self.permission_of(grant.role),
            "starts_at": moment(grant.starts),
            "expires_at": moment(grant.ends),
            "granted_at": NOW,
        }
        kind, who = grant.subject
        if kind == ref.TEAM:
            return ProfileGroupGrant(group=self.groups[who], **fields)
        if kind == ref.PARTNERSHIP:
            shared = {"group": self.partner_groups[who], "partnership": self.partnerships[who]}
            return ProfileGroupGrant(**shared, **fields)
        if scope == ref.ORGANIZATION:
            return OrganizationUserGrant(user=self.people[who], is_owner=grant.role.is_owner, **fields)
        return (TeamUserGrant if scope == ref.TEAM else ProfileUserGrant)(user=self.people[who], **fields)

    def permission_of(self, role: ref.Role) -> int:
        return self.own[id(role)] if role.own_of is not None else self.builtin[id(role)]

    def facts_of(self, role: ref.Role) -> RoleFacts:
        pk = self.permission_of(role)
        return roles_by_permission([pk])[pk]

    def object(self, thing: ref.Thing) -> Any:
        scope, number = thing
        if scope == ref.ORGANIZATION:
            return self.organizations[number]
        return (self.teams if scope == ref.TEAM else self.profiles)[number]


def slug_of(role: ref.Role) -> str:
    return role.key.partition(":")[2]


def status_of(number: int, partnership: ref.Partnership) -> str:
    others = ["ended", "invited", "requested", "declined", "withdrawn"]
    return "active" if partnership.is_active else others[number % len(others)]
