"""From the text of a file to the state it asks for. A file with anything wrong gives no state at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from orgs.models import RESERVED_SLUGS, Membership, Organization
from permissions import catalogue
from permissions.catalogue import Scope, UnknownAction
from permissions.packs import PACKS
from social_accounts.access_file.checking import check_organization, check_partners
from social_accounts.access_file.fields import HELD_KEYS, Entries, Fields
from social_accounts.access_file.locating import Located, located
from social_accounts.access_file.state import (
    VERSION,
    FileRefused,
    GrantState,
    Held,
    OrganizationState,
    PartnerState,
    PersonState,
    ProfileState,
    RoleState,
    TeamState,
    WorkspaceState,
    a,
)

Key = TypeVar("Key")
Thing = TypeVar("Thing")

ORGANIZATION_KEYS = (
    "slug",
    "name",
    "packs",
    "two_factor",
    "workspaces",
    "people",
    "roles",
    "profiles",
    "teams",
    "grants",
    "partners",
)
PERSON_KEYS = ("email", "name", "role", "status", "starts", "expires", "workspaces", "default_workspace")
PARTNER_KEYS = ("organization", "status", "grants", "assignments")
PARTNER_STATUSES = ("active", "invited", "ended")
DEFAULT_WORKSPACE = "main"


def read(text: str) -> list[OrganizationState]:
    """Return what the file asks for, organization by organization. Raises FileRefused with every problem."""
    reader = _Reader()
    found = reader.document(located(text))
    if reader.fields.problems:
        raise FileRefused(*reader.fields.problems)
    return found


class _Reader:
    def __init__(self) -> None:
        self.fields = Fields()

    def document(self, found: Located) -> list[OrganizationState]:
        entries = self.fields.mapping(found, "the file", ("version", "organizations"))
        version = self.fields.required(entries, "version", "the file", 10, found.line)
        if version and version != str(VERSION):
            at = entries["version"].line
            self.fields.refuse(
                at, f"this is version “{version}” of the format; version {VERSION} is read here."
            )
        listed = entries.get("organizations")
        states = [self.organization(item) for item in self.fields.items(listed, "organizations")]
        if not states:
            at = listed.line if listed else found.line
            self.fields.refuse(at, "the file names no organization.")
        by_slug = self.unique(((state.slug, state) for state in states), "organization")
        check_partners(by_slug, self.fields)
        return list(by_slug.values())

    def unique(self, pairs: Iterable[tuple[Key, Thing]], what: str) -> dict[Key, Thing]:
        """Return the pairs as a mapping; refuse a key that comes twice, and leave out one that is empty."""
        kept: dict[Key, Thing] = {}
        for key, thing in pairs:
            if key in kept:
                name = ", ".join(str(part) for part in key) if isinstance(key, tuple) else key
                line = thing.held.line if isinstance(thing, GrantState) else getattr(thing, "line", 1)
                self.fields.refuse(line, f"the {what} “{name}” stands here twice.")
            elif key:
                kept[key] = thing
        return kept

    def organization(self, found: Located) -> OrganizationState:
        entries = self.fields.mapping(found, "an organization", ORGANIZATION_KEYS)
        slug = self.fields.slug(entries, "slug", "an organization", 40, found.line)
        if slug in RESERVED_SLUGS:
            self.fields.refuse(entries["slug"].line, f"“{slug}” is reserved.")

        def each(key: str, read_one: Callable[[Located], Thing]) -> list[Thing]:
            return [read_one(item) for item in self.fields.items(entries.get(key), key)]

        workspaces = self.workspaces(entries)
        only = next(iter(workspaces)) if len(workspaces) == 1 else ""
        people = each("people", self.person)
        roles = each("roles", self.role)
        profiles = each("profiles", lambda item: self.profile(item, only))
        teams = each("teams", self.team)
        grants = each("grants", self.grant)
        partners = each("partners", self.partner)
        self.unique(((role.slug, role) for role in roles), "role")
        state = OrganizationState(
            slug=slug,
            name=self.fields.text(entries.get("name"), "the name of an organization", 80, slug),
            packs=self.packs(entries),
            two_factor=self.fields.choice(
                entries.get("two_factor"),
                "two_factor",
                Organization.TwoFactor.values,
                Organization.TwoFactor.NONE.value,
            ),
            workspaces=workspaces,
            people=self.unique(((person.email, person) for person in people), "person"),
            roles={(role.scope, role.slug): role for role in roles},
            profiles=self.unique(((profile.slug, profile) for profile in profiles), "profile"),
            teams=self.unique(((team.slug, team) for team in teams), "team"),
            grants=self.unique(
                (((grant.person, grant.profile, grant.held.role), grant) for grant in grants), "grant"
            ),
            partners=self.unique(
                ((partner.organization, partner) for partner in partners if partner is not None), "partner"
            ),
            line=entries["slug"].line if "slug" in entries else found.line,
        )
        check_organization(state, self.fields)
        return state

    def packs(self, entries: Entries) -> tuple[str, ...]:
        if entries.get("packs") is None or entries["packs"].value is None:
            return ("standard",)
        packs: list[str] = []
        for item in self.fields.items(entries["packs"], "packs"):
            pack = self.fields.text(item, "a pack", 20)
            if pack not in PACKS:
                self.fields.refuse(item.line, f"there is no pack “{pack}”; there are {', '.join(PACKS)}.")
            elif pack in packs:
                self.fields.refuse(item.line, f"the pack “{pack}” stands here twice.")
            else:
                packs.append(pack)
        if not packs:
            self.fields.refuse(entries["packs"].line, "an organization uses at least one pack.")
        return tuple(packs)

    def workspaces(self, entries: Entries) -> dict[str, WorkspaceState]:
        listed = entries.get("workspaces")
        if listed is None or listed.value is None:
            return {DEFAULT_WORKSPACE: WorkspaceState(slug=DEFAULT_WORKSPACE, name="Main")}
        found = [self.workspace(item) for item in self.fields.items(listed, "workspaces")]
        if not found:
            self.fields.refuse(listed.line, "an organization has at least one workspace.")
        return self.unique(((workspace.slug, workspace) for workspace in found), "workspace")

    def workspace(self, found: Located) -> WorkspaceState:
        entries = self.fields.mapping(found, "a workspace", ("slug", "name"))
        slug = self.fields.slug(entries, "slug", "a workspace", 40, found.line)
        name = self.fields.text(entries.get("name"), "the name of a workspace", 80, slug)
        return WorkspaceState(slug=slug, name=name, line=found.line)

    def person(self, found: Located) -> PersonState:
        entries = self.fields.mapping(found, "a person", PERSON_KEYS)
        email = self.fields.required(entries, "email", "a person", 254, found.line)
        if email:
            email = self.fields.email(email, entries["email"].line)
        held: Held | None = None
        if entries.get("role") is None or entries["role"].value is None:
            self.fields.refuse(
                found.line, f"{email or 'a person'} needs exactly one role in the organization."
            )
        else:
            held = self.fields.held(entries["role"], f"the role of {email}")
        starts, expires = self.fields.window(entries, f"the membership of {email}")
        statuses = Membership.Status.values
        status = self.fields.choice(entries.get("status"), "status", statuses, statuses[0])
        listed = entries.get("workspaces")
        workspaces = None
        if listed is not None and listed.value is not None:
            reached = (
                self.fields.text(item, "a workspace", 40) for item in self.fields.items(listed, "workspaces")
            )
            workspaces = tuple(sorted(set(reached)))
        return PersonState(
            email=email,
            held=held,
            name=self.fields.text(entries.get("name"), "the name of a person", 120),
            is_suspended=status == Membership.Status.SUSPENDED,
            starts=starts,
            expires=expires,
            workspaces=workspaces,
            default_workspace=self.fields.text(entries.get("default_workspace"), "default_workspace", 40)
            or None,
            line=found.line,
        )

    def role(self, found: Located) -> RoleState:
        entries = self.fields.mapping(found, "a role", ("slug", "scope", "name", "actions"))
        slug = self.fields.slug(entries, "slug", "a role", 60, found.line)
        named = self.fields.required(entries, "scope", f"the role {slug}", 20, found.line)
        scopes = [scope.value for scope in Scope]
        named = self.fields.choice(entries.get("scope"), "scope", scopes, scopes[-1]) if named else scopes[-1]
        scope = Scope(named)
        actions = {
            action
            for item in self.fields.items(entries.get("actions"), "actions")
            if (action := self.action(item, scope))
        }
        name = self.fields.text(entries.get("name"), "the name of a role", 80, slug)
        return RoleState(slug=slug, scope=scope, name=name, actions=frozenset(actions), line=found.line)

    def action(self, found: Located, scope: Scope) -> str | None:
        """Return the full name of an action, which the file may write with or without its scope."""
        text = self.fields.text(found, "an action", 100)
        name = text if "." in text else f"{scope}.{text}"
        try:
            action = catalogue.get(name)
        except UnknownAction as error:
            self.fields.refuse(found.line, str(error))
            return None
        if action.scope is not scope:
            self.fields.refuse(
                found.line, f"{name} is an action of {a(action.scope)}; this role is one of {a(scope)}."
            )
        return action.name

    def profile(self, found: Located, only_workspace: str) -> ProfileState:
        entries = self.fields.mapping(found, "a profile", ("slug", "network", "name", "workspace"))
        slug = self.fields.slug(entries, "slug", "a profile", 80, found.line)
        workspace = self.fields.text(
            entries.get("workspace"), "the workspace of a profile", 40, only_workspace
        )
        if not workspace:
            self.fields.refuse(found.line, f"the profile {slug} needs its workspace: there are several.")
        return ProfileState(
            slug=slug,
            network=self.fields.slug(entries, "network", f"the profile {slug}", 20, found.line),
            name=self.fields.text(entries.get("name"), "the name of a profile", 120, slug),
            workspace=workspace,
            line=found.line,
        )

    def team(self, found: Located) -> TeamState:
        entries = self.fields.mapping(found, "a team", ("slug", "name", "members", "profiles"))
        slug = self.fields.slug(entries, "slug", "a team", 60, found.line)
        members: dict[str, Held] = {}
        for text, role in self.roles_by_name(entries, "members", slug):
            email = self.fields.email(text, role.line)
            if email in members:
                self.fields.refuse(role.line, f"“{email}” stands here twice.")
            members[email] = self.fields.held(role, f"the role of {email} in the team {slug}")
        profiles = {
            profile: self.fields.held(role, f"the role of the team {slug} on {profile}")
            for profile, role in self.roles_by_name(entries, "profiles", slug)
        }
        name = self.fields.text(entries.get("name"), "the name of a team", 80, slug)
        return TeamState(slug=slug, name=name, members=members, profiles=profiles, line=found.line)

    def roles_by_name(self, entries: Entries, key: str, team: str) -> list[tuple[str, Located]]:
        found = entries.get(key)
        return list(self.fields.mapping(found, f"{key} of the team {team}").items()) if found else []

    def grant(self, found: Located) -> GrantState:
        entries = self.fields.mapping(found, "a grant", ("person", "profile", *HELD_KEYS))
        person = self.fields.required(entries, "person", "a grant", 254, found.line)
        profile = self.fields.required(entries, "profile", "a grant", 80, found.line)
        held = self.fields.held_in(entries, "a grant", found.line)
        return GrantState(person=person.lower(), profile=profile, held=held)

    def partner(self, found: Located) -> PartnerState | None:
        """Return one partner; nothing for one that has ended, which is as one that is left out."""
        entries = self.fields.mapping(found, "a partner", PARTNER_KEYS)
        slug = self.fields.slug(entries, "organization", "a partner", 40, found.line)
        status = self.fields.choice(
            entries.get("status"), "the status of a partner", PARTNER_STATUSES, "active"
        )
        grants = [self.share(item) for item in self.fields.items(entries.get("grants"), "grants")]
        listed = self.fields.items(entries.get("assignments"), "assignments")
        assignments = [self.grant(item) for item in listed]
        if status == "ended":
            return None
        return PartnerState(
            organization=slug,
            is_active=status == "active",
            grants=self.unique(grants, "grant"),
            assignments=self.unique(
                (((one.person, one.profile), one.held) for one in assignments), "assignment"
            ),
            line=entries["organization"].line if "organization" in entries else found.line,
        )

    def share(self, found: Located) -> tuple[str, Held]:
        entries = self.fields.mapping(found, "a grant", ("profile", *HELD_KEYS))
        profile = self.fields.required(entries, "profile", "a grant", 80, found.line)
        return profile, self.fields.held_in(entries, "a grant", found.line)
