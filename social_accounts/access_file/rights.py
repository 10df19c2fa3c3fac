"""Which right each kind of change in a file needs: the one its page asks for."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from orgs.models import Organization
from permissions.checker import Access
from social_accounts.access_file.state import FileRefused, OrganizationState, PersonState, Problem


def require_rights(
    actor: Access,
    organization: Organization,
    before: OrganizationState,
    wanted: OrganizationState,
    *,
    are_new: bool,
) -> None:
    """Raise NotAllowed for the first right that is missing, and FileRefused for what only a partner decides."""
    needed = set(_needed(before, wanted)) | ({"invite_members"} if are_new else set())
    for right in sorted(needed):
        actor.require(f"organization.{right}", organization)
    if "set_up_two_factor" in needed and wanted.two_factor != "none" and actor.has_second_factor is False:
        reason = _("Use a second factor yourself before you ask others for one.")
        raise FileRefused(Problem(wanted.line, reason))
    if problems := list(_of_partners(before, wanted)):
        raise FileRefused(*problems)


def _needed(before: OrganizationState, wanted: OrganizationState) -> Iterator[str]:
    """Yield the organization's actions that these differences need."""
    yield from _of_organization(before, wanted)
    for email in before.people.keys() | wanted.people.keys():
        was, shall = before.people.get(email), wanted.people.get(email)
        yield from _of_person(was, shall)
    if before.grants != wanted.grants:
        yield "edit_member_permissions"
    for slug in before.teams.keys() | wanted.teams.keys():
        team, other = before.teams.get(slug), wanted.teams.get(slug)
        if team is None or other is None or (team.name, team.members) != (other.name, other.members):
            yield "manage_teams"
        if (dict(team.profiles) if team else {}) != (dict(other.profiles) if other else {}):
            yield "edit_member_permissions"
    if before.partners != wanted.partners:
        yield "manage_partners"


def _of_organization(before: OrganizationState, wanted: OrganizationState) -> Iterator[str]:
    if before.name != wanted.name:
        yield "update_name_and_image"
    if before.packs != wanted.packs:
        yield "manage_packs"
    if before.two_factor != wanted.two_factor:
        yield "set_up_two_factor"
    if before.roles != wanted.roles:
        yield "manage_roles"
    if wanted.workspaces.keys() - before.workspaces.keys():
        yield "create_workspace"
    if before.workspaces.keys() - wanted.workspaces.keys():
        yield "delete_workspace"
    kept = before.workspaces.keys() & wanted.workspaces.keys()
    if any(before.workspaces[slug] != wanted.workspaces[slug] for slug in kept):
        yield "edit_workspaces"
    if wanted.profiles.keys() - before.profiles.keys():
        yield "add_social_profile"
    if before.profiles.keys() - wanted.profiles.keys():
        yield "remove_social_profile"
    for slug in before.profiles.keys() & wanted.profiles.keys():
        was, shall = before.profiles[slug], wanted.profiles[slug]
        if was.workspace != shall.workspace:
            yield "move_social_profile"
        if (was.name, was.network) != (shall.name, shall.network):
            yield "manage_social_profiles"


def _of_person(was: PersonState | None, shall: PersonState | None) -> Iterator[str]:
    if shall is None:
        yield "remove_member"
        return
    if was is None or was == shall:
        return
    if was.is_suspended != shall.is_suspended:
        yield "suspend_member"
    if (was.workspaces, was.default_workspace) != (shall.workspaces, shall.default_workspace):
        yield "edit_workspaces"
    if (was.held, was.starts, was.expires) != (shall.held, shall.starts, shall.expires):
        yield "edit_member_permissions"


def _of_partners(before: OrganizationState, wanted: OrganizationState) -> Iterator[Problem]:
    """P4, P7: a company becomes a partner by its own yes, and hands on to its own people itself."""
    for slug, partner in wanted.partners.items():
        was = before.partners.get(slug)
        if was is None or was.is_active != partner.is_active:
            yield Problem(
                partner.line,
                _("%(company)s becomes a partner under Partners: it has to agree.") % {"company": slug},
            )
            continue
        if not partner.is_active and was != partner:
            yield Problem(partner.line, _("%(company)s has not answered yet.") % {"company": slug})
        for key, held in partner.assignments.items():
            if was.assignments.get(key) != held:
                yield Problem(
                    held.line, _("Who works on it there is decided by %(company)s.") % {"company": slug}
                )
