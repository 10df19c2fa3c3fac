"""What must hold across the lines of one organization before anything of it is loaded."""

from __future__ import annotations

from collections.abc import Mapping

from permissions import packs
from permissions.catalogue import Scope
from permissions.packs import PACKS, BuiltinRole, UnknownRole
from social_accounts.access_file.fields import Fields
from social_accounts.access_file.state import Held, OrganizationState, a


def check_organization(state: OrganizationState, fields: Fields) -> None:
    """Add a problem for every reference that leads nowhere, every role out of place, and not exactly one owner."""
    check = _Check(state, fields)
    check.people()
    check.owner()
    check.profiles()
    check.teams()
    check.grants()
    check.partners()


def check_partners(states: Mapping[str, OrganizationState], fields: Fields) -> None:
    """Add a problem for each assignment to somebody who, by this file, is not one of the partner's people."""
    for state in states.values():
        for partner in state.partners.values():
            theirs = states.get(partner.organization)
            for (email, _profile), held in partner.assignments.items() if theirs else ():
                if theirs is not None and email not in theirs.people:
                    fields.refuse(held.line, f"“{email}” is not among the people of {partner.organization}.")


class _Check:
    def __init__(self, state: OrganizationState, fields: Fields) -> None:
        self.state = state
        self.fields = fields
        # Actito's organizations are owned by Chorus's own owner: a pack's owner comes with the pack.
        self.owner_roles = {PACKS[pack].owner_role for pack in state.packs}

    def people(self) -> None:
        for person in self.state.people.values():
            if person.held is not None:
                self.role(person.held, Scope.ORGANIZATION)
            named = [*(person.workspaces or ()), *filter(None, [person.default_workspace])]
            for workspace in sorted(set(named)):
                if workspace not in self.state.workspaces:
                    self.fields.refuse(
                        person.line, f"there is no workspace “{workspace}” in this organization."
                    )

    def owner(self) -> None:
        """R9: exactly one owner at every moment, so nothing about him may begin or end."""
        owners = [person for person in self.state.people.values() if person.held and _is_owner(person.held)]
        if not owners:
            self.fields.refuse(self.state.line, f"the organization “{self.state.slug}” has no owner.")
        for person in owners[1:]:
            self.fields.refuse(
                person.line, f"an organization has exactly one owner, and {owners[0].email} is it already."
            )
        for person in owners[:1]:
            assert person.held is not None, "only people with a role were chosen"
            limits = (person.starts, person.expires, person.held.starts, person.held.expires)
            if person.is_suspended or any(limits):
                self.fields.refuse(
                    person.line,
                    f"{person.email} is the owner: he cannot be suspended, and nothing of his can begin or end.",
                )

    def profiles(self) -> None:
        for profile in self.state.profiles.values():
            if profile.workspace and profile.workspace not in self.state.workspaces:
                self.fields.refuse(
                    profile.line, f"there is no workspace “{profile.workspace}” in this organization."
                )

    def teams(self) -> None:
        for team in self.state.teams.values():
            for email, held in team.members.items():
                self.person_is_there(email, held.line)
                self.role(held, Scope.TEAM)
            for slug, held in team.profiles.items():
                self.profile_is_there(slug, held.line)
                self.role(held, Scope.PROFILE)

    def grants(self) -> None:
        for grant in self.state.grants.values():
            self.person_is_there(grant.person, grant.held.line)
            self.profile_is_there(grant.profile, grant.held.line)
            self.role(grant.held, Scope.PROFILE)

    def partners(self) -> None:
        for partner in self.state.partners.values():
            if partner.organization == self.state.slug:
                self.fields.refuse(partner.line, "an organization is not its own partner.")
            for slug, held in partner.grants.items():
                self.profile_is_there(slug, held.line)
                self.role(held, Scope.PROFILE)
                self.gives_something(held)
                if held.reason and not partner.is_active:
                    self.fields.refuse(held.line, "an invitation to a partner keeps no reasons.")
            for (_email, slug), held in partner.assignments.items():
                if not partner.is_active:
                    self.fields.refuse(held.line, "nothing can be assigned before the partner has accepted.")
                elif slug not in partner.grants:
                    self.fields.refuse(held.line, f"“{slug}” is not granted to {partner.organization}.")
                self.handed_on(held)

    def gives_something(self, held: Held) -> None:
        builtin = _builtin(held.role, Scope.PROFILE)
        if builtin is not None and builtin.is_none:
            self.fields.refuse(held.line, "a partner is granted a role that gives something, not None.")

    def handed_on(self, held: Held) -> None:
        """What is assigned may come from any pack, for the partner has its own; of own roles only from ours."""
        builtin = _builtin(held.role, Scope.PROFILE)
        if builtin is None or builtin.is_staff:
            self.role(held, Scope.PROFILE)
        self.gives_something(held)

    def person_is_there(self, email: str, line: int) -> None:
        if email and email not in self.state.people:
            self.fields.refuse(line, f"“{email}” is not among the people of this organization.")

    def profile_is_there(self, slug: str, line: int) -> None:
        if slug and slug not in self.state.profiles:
            self.fields.refuse(line, f"“{slug}” is not among the profiles of this organization.")

    def role(self, held: Held, scope: Scope) -> None:
        if held.role and (reason := self.why_not(held.role, scope)):
            self.fields.refuse(held.line, reason)

    def why_not(self, key: str, scope: Scope) -> str:
        """Return why a role cannot be held at this scope, or nothing."""
        if ":" not in key:
            if (scope, key) in self.state.roles:
                return ""
            other = next((there for there, slug in self.state.roles if slug == key), None)
            if other is not None:
                return f"“{key}” is a role of {a(other)}, not of {a(scope)}."
            return f"there is no role “{key}” among the roles of this organization."
        builtin = _builtin(key, scope)
        if builtin is None:
            other = next((there for there in Scope if _builtin(key, there)), None)
            return (
                f"“{key}” is a role of {a(other)}, not of {a(scope)}."
                if other
                else f"there is no role “{key}”."
            )
        if builtin.is_staff:
            return f"“{key}” is for vendor staff, who act only inside a support session."
        if builtin.pack not in self.state.packs and not builtin.is_none and key not in self.owner_roles:
            return f"“{key}” belongs to a pack that this organization does not use: add it to its packs."
        return ""


def _builtin(key: str, scope: Scope) -> BuiltinRole | None:
    try:
        return packs.role(key, scope)
    except UnknownRole:
        return None


def _is_owner(held: Held) -> bool:
    builtin = _builtin(held.role, Scope.ORGANIZATION)
    return builtin is not None and builtin.is_owner
