"""Changing one organization until it is what the file says: only rows that differ are written."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Hashable, Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import ManyToOneRel, ProtectedError

from accounts.models import User
from api.keys import revoke_keys_of
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Team,
    TeamUserGrant,
    Workspace,
    WorkspaceAccess,
)
from permissions.catalogue import Scope
from permissions.custom_roles import known_actions, make_role
from permissions.models import Role
from permissions.roles import RoleFacts, builtin_role
from social_accounts.access_file.gathering import userset_rows
from social_accounts.access_file.rows import sync, update
from social_accounts.access_file.sharing import PartnersChange
from social_accounts.access_file.state import (
    FileRefused,
    Held,
    OrganizationState,
    PersonState,
    Problem,
    ProfileState,
)
from social_accounts.models import (
    ConnectionAttempt,
    Credential,
    ProfileGroupGrant,
    ProfileUserGrant,
    SocialProfile,
)

# What may go with a profile that a file leaves out; anything else on it is somebody's work.
GOES_WITH_PROFILE = (ProfileUserGrant, ProfileGroupGrant, Credential, ConnectionAttempt)


class OrganizationChange:
    """One change of the open, locked organization. Raises FileRefused for what a file must not do."""

    def __init__(
        self,
        organization: Organization,
        wanted: OrganizationState,
        users: Mapping[str, User],
        now: datetime,
        named: Collection[str] = (),
        giver: User | None = None,
    ) -> None:
        """``named``: the organizations of the same file. ``giver``: who acts; None is the operator."""
        self.named = named
        self.giver = giver
        self.organization = organization
        self.wanted = wanted
        self.users = users
        self.now = now
        self.workspaces: dict[str, Workspace] = {}
        self.profiles: dict[str, SocialProfile] = {}
        self.teams: dict[str, Team] = {}
        self.own_roles: dict[tuple[Scope, str], Role] = {}

    def make(self) -> None:
        """First what others need, then who has what, at last what nobody needs any more."""
        self.make_organization()
        self.make_workspaces()
        self.make_roles()
        self.make_profiles()
        self.make_teams()
        self.make_members()
        self.make_organization_grants()
        self.make_team_grants()
        self.make_profile_grants()
        PartnersChange(self).make()
        self.remove_what_is_left()

    # -- what there is ----------------------------------------------------------------------------------------

    def make_organization(self) -> None:
        wanted = self.wanted
        update(self.organization, name=wanted.name, packs=list(wanted.packs), two_factor=wanted.two_factor)

    def make_workspaces(self) -> None:
        self.workspaces = {row.slug: row for row in Workspace.objects.all()}
        for wanted in self.wanted.workspaces.values():
            if wanted.slug in self.workspaces:
                update(self.workspaces[wanted.slug], name=wanted.name)
            else:
                self.workspaces[wanted.slug] = Workspace.objects.create(slug=wanted.slug, name=wanted.name)

    def make_roles(self) -> None:
        rows = Role.objects.filter(organization=self.organization).select_related("permission")
        self.own_roles = {(Scope(row.scope), row.slug): row for row in rows}
        for key, wanted in self.wanted.roles.items():
            row = self.own_roles.get(key)
            if row is None:
                self.own_roles[key] = make_role(
                    organization=self.organization,
                    scope=wanted.scope,
                    slug=wanted.slug,
                    name=wanted.name,
                    actions=wanted.actions,
                    now=self.now,
                )
            elif (
                frozenset(row.actions) != wanted.actions
            ):  # whoever wrote the file chose from what there is (T4)
                known = known_actions(wanted.scope)
                actions = sorted(wanted.actions)
                update(row, name=wanted.name, actions=actions, known_actions=known, edited_at=self.now)
            else:
                update(row, name=wanted.name)

    def make_profiles(self) -> None:
        self.profiles = {row.slug: row for row in SocialProfile.objects.all()}
        for wanted in self.wanted.profiles.values():
            workspace = self.workspaces[wanted.workspace]
            row = self.profiles.get(wanted.slug)
            if row is None:
                self.profiles[wanted.slug] = SocialProfile.objects.create(
                    slug=wanted.slug,
                    network=wanted.network,
                    name=wanted.name,
                    workspace=workspace,
                    time_zone=self.organization.time_zone,
                )
                continue
            self.refuse_other_network(row, wanted)
            update(row, name=wanted.name, workspace_id=workspace.pk, network=wanted.network)

    def refuse_other_network(self, row: SocialProfile, wanted: ProfileState) -> None:
        if row.network != wanted.network and (row.remote_id or _has_work(row)):
            raise FileRefused(
                Problem(
                    wanted.line,
                    f"{row.slug} is a profile on {row.network}: another network is another profile.",
                )
            )

    def make_teams(self) -> None:
        self.teams = {row.slug: row for row in Team.objects.select_related("members_group")}
        for wanted in self.wanted.teams.values():
            if wanted.slug in self.teams:
                update(self.teams[wanted.slug], name=wanted.name)
            else:
                group = Group.objects.create(name=f"team:{self.organization.pk}/{uuid.uuid4()}#members")
                self.teams[wanted.slug] = Team.objects.create(
                    slug=wanted.slug, name=wanted.name, members_group=group, created_at=self.now
                )

    # -- who has what -----------------------------------------------------------------------------------------

    def make_members(self) -> None:
        rows = {row.user_id: row for row in Membership.objects.prefetch_related("workspace_accesses")}
        new, kept = [], []
        for person in self.wanted.people.values():
            row = rows.pop(self.users[person.email].pk, None)
            if row is None:
                row = Membership(user=self.users[person.email], joined_at=self.now, **self.columns_of(person))
                new.append((row, person))
            else:
                update(row, **self.columns_of(person))
                kept.append((row, person))
        Membership.objects.bulk_create([row for row, _person in new])
        self.make_reach(new, kept)
        for user_id in rows:
            revoke_keys_of(user_id=user_id, now=self.now)
        Membership.objects.filter(pk__in=[row.pk for row in rows.values()]).delete()

    def columns_of(self, person: PersonState) -> dict[str, Any]:
        first = self.workspaces[person.default_workspace].pk if person.default_workspace else None
        return {
            "status": Membership.Status.SUSPENDED if person.is_suspended else Membership.Status.ACTIVE,
            "starts_at": person.starts,
            "expires_at": person.expires,
            "reaches_all_workspaces": person.workspaces is None,
            "default_workspace_id": first,
        }

    def make_reach(
        self, new: list[tuple[Membership, PersonState]], kept: list[tuple[Membership, PersonState]]
    ) -> None:
        """Make the workspaces that members are listed for those of the file."""
        wanted = {
            (row.pk, self.workspaces[slug].pk)
            for row, person in (*new, *kept)
            for slug in person.workspaces or ()
        }
        listed = {
            (row.pk, access.workspace_id): access.pk
            for row, _person in kept
            for access in row.workspace_accesses.all()
        }
        if gone := [pk for pair, pk in listed.items() if pair not in wanted]:
            WorkspaceAccess.objects.filter(pk__in=gone).delete()
        WorkspaceAccess.objects.bulk_create(
            WorkspaceAccess(membership_id=membership, workspace_id=workspace)
            for membership, workspace in sorted(wanted - listed.keys())
        )

    def role(self, held: Held, scope: Scope) -> tuple[int, bool]:
        """Return the permission that stands for a role, and whether it is the owner's."""
        if ":" not in held.role:
            return self.own_roles[scope, held.role].permission_id, False
        facts: RoleFacts = builtin_role(held.role, scope)
        return facts.permission_id, facts.is_owner

    def make_organization_grants(self) -> None:
        """The owner at last: the index allows one at a time, and looks at once."""
        rows = list(OrganizationUserGrant.objects.filter(content_object=self.organization))
        existing = {(row.user_id,): row for row in rows}
        wanted: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        owners: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        for person in self.wanted.people.values():
            assert person.held is not None, "a person without a role is refused when the file is read"
            permission, is_owner = self.role(person.held, Scope.ORGANIZATION)
            user = self.users[person.email]
            columns = {"user_id": user.pk, "content_object_id": self.organization.pk}
            columns |= {"permission_id": permission, "is_owner": is_owner}
            (owners if is_owner else wanted)[(user.pk,)] = (person.held, columns)
        staying = {key: existing.pop(key) for key in owners if key in existing}
        sync(OrganizationUserGrant, existing, wanted, self.now, self.giver)
        sync(OrganizationUserGrant, staying, owners, self.now, self.giver)

    def make_team_grants(self) -> None:
        rows = {(row.content_object_id, row.user_id): row for row in TeamUserGrant.objects.all()}
        wanted: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        usersets: set[tuple[int, int]] = set()
        for team in self.wanted.teams.values():
            row = self.teams[team.slug]
            for email, held in team.members.items():
                user = self.users[email]
                columns = {"user_id": user.pk, "content_object_id": row.pk}
                columns["permission_id"] = self.role(held, Scope.TEAM)[0]
                wanted[row.pk, user.pk] = (held, columns)
                usersets.add((row.members_group_id, user.pk))
        sync(TeamUserGrant, rows, wanted, self.now, self.giver)
        self.make_usersets(usersets)

    def make_usersets(self, wanted: Collection[tuple[int, int]]) -> None:
        through = User.groups.through
        rows = userset_rows([team.members_group_id for team in self.teams.values()])
        present = {(row.group_id, row.user_id): row.pk for row in rows}
        gone = [pk for key, pk in present.items() if key not in wanted]
        if gone:
            rows.filter(pk__in=gone).delete()
        new = sorted(key for key in wanted if key not in present)
        through._default_manager.bulk_create(through(group_id=group, user_id=user) for group, user in new)

    def make_profile_grants(self) -> None:
        teams = ProfileGroupGrant.objects.filter(partnership=None)  # a partner's are no team's
        links = {(row.content_object_id, row.group_id): row for row in teams}
        linked: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        for team in self.wanted.teams.values():
            group = self.teams[team.slug].members_group_id
            for slug, held in team.profiles.items():
                profile = self.profiles[slug].pk
                columns = {"group_id": group, "content_object_id": profile}
                columns["permission_id"] = self.role(held, Scope.PROFILE)[0]
                linked[profile, group] = (held, columns)
        sync(ProfileGroupGrant, links, linked, self.now, self.giver)
        rows = {
            (row.content_object_id, row.user_id, row.permission_id): row
            for row in ProfileUserGrant.objects.all()
        }
        wanted: dict[Hashable, tuple[Held, dict[str, Any]]] = {}
        for grant in self.wanted.grants.values():
            user, profile = self.users[grant.person].pk, self.profiles[grant.profile].pk
            permission = self.role(grant.held, Scope.PROFILE)[0]
            columns = {"user_id": user, "content_object_id": profile, "permission_id": permission}
            wanted[profile, user, permission] = (grant.held, columns)
        sync(ProfileUserGrant, rows, wanted, self.now, self.giver)

    # -- what nobody needs any more ---------------------------------------------------------------------------

    def remove_what_is_left(self) -> None:
        for slug, profile in self.profiles.items():
            if slug not in self.wanted.profiles:
                self.remove_profile(profile)
        for slug, team in self.teams.items():
            if slug not in self.wanted.teams:
                group = team.members_group
                team.delete()
                group.delete()
        for key, role in self.own_roles.items():
            if key not in self.wanted.roles:
                self.remove(f"the role {role.slug}", partial(_delete_role, role))
        for slug, workspace in self.workspaces.items():
            if slug not in self.wanted.workspaces:
                self.remove(f"the workspace {slug}", workspace.delete)

    def remove_profile(self, profile: SocialProfile) -> None:
        """Only what was never used goes without a word: a file must not delete anybody's posts."""
        if profile.is_connected or profile.status == SocialProfile.Status.NEEDS_RECONNECT:
            reason = "it is connected: disconnect it first"
        elif _has_work(profile):
            reason = "posts or other work belong to it"
        else:
            profile.delete()
            return
        self.refuse_removal(f"the profile {profile.slug}", reason)

    def remove(self, what: str, delete: Callable[[], object]) -> None:
        try:
            with transaction.atomic():
                delete()
        except ProtectedError as error:
            kinds = {str(row._meta.verbose_name_plural) for row in error.protected_objects}
            self.refuse_removal(what, f"there are still {', '.join(sorted(kinds))} that need it")

    def refuse_removal(self, what: str, reason: str) -> None:
        raise FileRefused(
            Problem(self.wanted.line, f"the file leaves out {what} of {self.wanted.slug}, but {reason}.")
        )


def _delete_role(role: Role) -> None:
    permission = role.permission
    role.delete()
    permission.delete()


def _has_work(profile: SocialProfile) -> bool:
    """Say whether anything but rights and secrets hangs on the profile: posts, say, of a floor above."""
    for relation in SocialProfile._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.related_model in GOES_WITH_PROFILE:
            continue
        table: Any = relation.related_model
        if table._default_manager.filter(**{relation.field.name: profile}).exists():
            return True
    return False
