"""The catalogue: every action that a role can hold, with its words for people.

An action's full name is `scope.codename`. Where it comes from is told by the rows of the matrices and of
Chorus's own tables in `permissions/data`; which role holds it, by `permissions.packs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import MappingProxyType

from django.utils.translation import gettext as _

from permissions.catalogue import organization_content, organization_settings, profile, team
from permissions.catalogue.action import AREAS, Action, Area, Scope

__all__ = [
    "ACTIONS",
    "ALSO_SERVED_BY",
    "AREAS",
    "Action",
    "Area",
    "Scope",
    "UnknownAction",
    "get",
    "of_scope",
]


class UnknownAction(LookupError):
    """Raised for a name that no action has: an error, never a no (R12)."""

    def __init__(self, name: str) -> None:
        """Keep the name and the nearest spelling, if there is one."""
        super().__init__(name)
        self.name = name
        near = get_close_matches(name, ACTIONS, n=1, cutoff=0.6)
        self.nearest: str | None = near[0] if near else None

    def __str__(self) -> str:
        """Return a sentence for a person, in his language."""
        if self.nearest is None:
            return _("There is no action “%(name)s”.") % {"name": self.name}
        return _("There is no action “%(name)s”. Did you mean “%(nearest)s”?") % {
            "name": self.name,
            "nearest": self.nearest,
        }


def _in_display_order() -> dict[str, Action]:
    """Return all actions by name: scope by scope, then area by area as AREAS has them."""
    declared = (
        *organization_content.ACTIONS,
        *organization_settings.ACTIONS,
        *team.ACTIONS,
        *profile.ACTIONS,
    )
    scopes = list(Scope)
    ordered = sorted(declared, key=lambda action: (scopes.index(action.scope), AREAS.index(action.area)))
    actions = {action.name: action for action in ordered}
    if len(actions) != len(declared):
        raise ValueError("An action is declared twice in the catalogue.")
    return actions


ACTIONS: Mapping[str, Action] = MappingProxyType(_in_display_order())

_OF_SCOPE: dict[Scope, tuple[Action, ...]] = {
    scope: tuple(action for action in ACTIONS.values() if action.scope is scope) for scope in Scope
}

ALSO_SERVED_BY: Mapping[str, str] = MappingProxyType(
    {
        "profile.view_profile": "organization.manage_social_profiles",
        "profile.manage_profile": "organization.manage_social_profiles",
        "profile.reconnect_profile": "organization.manage_social_profiles",
        "profile.pause_profile": "organization.manage_social_profiles",
        "profile.edit_publishing_time_zone": "organization.manage_social_profiles",
        "profile.disconnect_profile": "organization.remove_social_profile",
        "profile.view_profile_access": "organization.view_member_permissions",
        "profile.manage_profile_access": "organization.edit_member_permissions",
        "team.view_team": "organization.manage_teams",
        "team.edit_team": "organization.manage_teams",
        "team.manage_team_members": "organization.manage_teams",
        "team.manage_team_permissions": "organization.edit_member_permissions",
        "team.view_team_permissions": "organization.view_member_permissions",
        "team.manage_team_profiles": "organization.edit_member_permissions",
    }
)
"""The organization's action that opens the same screen as a narrower one (H11).

A matter of the screens: a view that manages access accepts either. The checker asks exactly the action it
is asked, and knows nothing of this table.
"""


def get(name: str) -> Action:
    """Return the action of this full name; raises UnknownAction."""
    try:
        return ACTIONS[name]
    except KeyError:
        raise UnknownAction(name) from None


def of_scope(scope: Scope | str) -> tuple[Action, ...]:
    """Return the actions of one scope in display order."""
    return _OF_SCOPE[Scope(scope)]
