"""The built-in roles of each pack: their words for people, and what belongs to a role beside its actions.

Which actions a role holds is told by the tables alone. The order here is the order in which roles are shown.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.action import Scope

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


@dataclass(frozen=True)
class RoleDefinition:
    """A built-in role without its actions.

    `column`: the role's column in the matrices, where it is not its slug.
    """

    scope: Scope
    slug: str
    label: StrPromise
    explanation: StrPromise
    implies: Mapping[Scope, str] = field(default_factory=dict)
    column: str | None = None
    is_none: bool = False
    is_default: bool = False
    is_owner: bool = False
    is_staff: bool = False
    reaches_all_workspaces: bool = False


_ADMINISTRATOR_EVERYWHERE = {Scope.PROFILE: "administrator"}
_ADMINISTRATOR_AND_TEAM_ADMIN = {Scope.PROFILE: "administrator", Scope.TEAM: "team_admin"}
_TEAM_ADMIN = {Scope.TEAM: "team_admin"}


def _agorapulse_organization(implies: Mapping[Scope, str]) -> tuple[RoleDefinition, ...]:
    return (
        RoleDefinition(
            Scope.ORGANIZATION,
            "owner",
            _("Owner"),
            _("The one person to whom the organization belongs; may do everything in it."),
            implies=implies,
            is_owner=True,
            reaches_all_workspaces=True,
        ),
        RoleDefinition(
            Scope.ORGANIZATION,
            "co_owner",
            _("Co-owner"),
            _("May do everything the owner does, except hand over or delete the organization."),
            implies=implies,
            reaches_all_workspaces=True,
        ),
        RoleDefinition(
            Scope.ORGANIZATION,
            "manager",
            _("Manager"),
            _("Looks after members and profiles, and is administrator of every profile in reach."),
            implies=implies,
        ),
        RoleDefinition(
            Scope.ORGANIZATION,
            "advanced_member",
            _("Advanced member"),
            _("Works on the profiles given to them, and may connect new ones."),
        ),
        RoleDefinition(
            Scope.ORGANIZATION,
            "member",
            _("Member"),
            _("Works on the profiles given to them."),
            is_default=True,
        ),
    )


_AGORAPULSE_PROFILE = (
    RoleDefinition(
        Scope.PROFILE,
        "administrator",
        _("Administrator"),
        _("May do everything on the profile, its settings and access included."),
    ),
    RoleDefinition(
        Scope.PROFILE,
        "editor",
        _("Editor"),
        _("Writes, publishes and reviews posts, and answers messages."),
    ),
    RoleDefinition(
        Scope.PROFILE,
        "moderator",
        _("Moderator"),
        _("Answers messages, and writes posts that someone else must approve."),
    ),
    RoleDefinition(Scope.PROFILE, "guest", _("Guest"), _("Sees posts and changes nothing.")),
)

_NONE = RoleDefinition(
    Scope.PROFILE,
    "none",
    _("None"),
    _("No access to the profile, even where a team would give it."),
    is_none=True,
)


def _hootsuite_team(member_slug: str) -> tuple[RoleDefinition, ...]:
    return (
        RoleDefinition(
            Scope.TEAM,
            "team_admin",
            _("Team admin"),
            _("Looks after the team's people, and is editor on each of the team's profiles."),
            implies={Scope.PROFILE: "editor"},
        ),
        RoleDefinition(
            Scope.TEAM,
            member_slug,
            _("Team member"),
            _("Belongs to the team and has its roles on the team's profiles."),
            column="default",
            is_default=True,
        ),
    )


_HOOTSUITE = (
    RoleDefinition(
        Scope.ORGANIZATION,
        "paying_super_admin",
        _("Paying super admin"),
        _("The one person who created and pays for the organization; only they may delete it."),
        implies=_TEAM_ADMIN,
        is_owner=True,
        reaches_all_workspaces=True,
    ),
    RoleDefinition(
        Scope.ORGANIZATION,
        "super_admin",
        _("Super admin"),
        _("Manages the organization itself, its people, teams and profiles."),
        implies=_TEAM_ADMIN,
        reaches_all_workspaces=True,
    ),
    RoleDefinition(
        Scope.ORGANIZATION,
        "admin",
        _("Admin"),
        _("Manages people, teams and profiles, and is admin of every team."),
        implies=_TEAM_ADMIN,
    ),
    RoleDefinition(
        Scope.ORGANIZATION,
        "default",
        _("Default"),
        _("Works in the teams and on the profiles given to them."),
        is_default=True,
    ),
    *_hootsuite_team("default"),
    RoleDefinition(
        Scope.PROFILE,
        "advanced",
        _("Advanced"),
        _("May do everything on the profile, its connection and access included."),
    ),
    RoleDefinition(
        Scope.PROFILE,
        "editor",
        _("Editor"),
        _("Publishes posts and replies directly, and approves those of others."),
    ),
    RoleDefinition(
        Scope.PROFILE,
        "limited",
        _("Limited"),
        _("Sees the profile, and writes posts and replies that someone else must approve."),
    ),
    _NONE,
)

_PINTEREST = (
    RoleDefinition(
        Scope.ORGANIZATION,
        "owner",
        _("Owner"),
        _("The one person to whom the business belongs; adds people and partners and grants access."),
        is_owner=True,
        reaches_all_workspaces=True,
    ),
    RoleDefinition(
        Scope.ORGANIZATION,
        "manager",
        _("Manager"),
        _("Adds employees and partners and grants access, to themselves as well."),
    ),
    RoleDefinition(
        Scope.ORGANIZATION,
        "employee",
        _("Employee"),
        _("Sees only what was granted, and neither adds nor grants anything."),
        is_default=True,
    ),
    RoleDefinition(
        Scope.PROFILE,
        "editor",
        _("Editor"),
        _("Publishes without approval and works with boards, Pins and their numbers."),
    ),
)

_ACTITO_WORDS = (
    ("administrator", _("Administrator"), _("Works with every application and manages people.")),
    ("advanced_user", _("Advanced user"), _("Works with every application, but does not manage people.")),
    (
        "user",
        _("User"),
        _("Works with the everyday applications, without set-up, exports or bulk import."),
    ),
    (
        "restricted_user",
        _("Restricted user"),
        _("Prepares posts and campaigns that someone else must send out."),
    ),
    ("reviewer", _("Reviewer"), _("Sees reports and statistics, and nothing else.")),
    ("transfer_box", _("Transfer box"), _("Exchanges confidential files, and sees nothing else.")),
    ("support", _("Support staff"), _("Vendor staff who help, without exporting any data.")),
    ("team", _("Vendor team"), _("Vendor staff who help, without managing people.")),
)
_ACTITO_STAFF = frozenset({"support", "team"})
# Actito publishes no default. New members see numbers and change nothing until someone decides otherwise.
_ACTITO_DEFAULT = "reviewer"

_ACTITO = tuple(
    RoleDefinition(
        scope,
        slug,
        label,
        explanation,
        implies={Scope.PROFILE: slug} if scope is Scope.ORGANIZATION else {},
        is_default=scope is Scope.ORGANIZATION and slug == _ACTITO_DEFAULT,
        is_staff=slug in _ACTITO_STAFF,
    )
    for scope in (Scope.ORGANIZATION, Scope.PROFILE)
    for slug, label, explanation in _ACTITO_WORDS
)

DEFINITIONS: Mapping[str, tuple[RoleDefinition, ...]] = {
    "standard": (
        *_agorapulse_organization(_ADMINISTRATOR_AND_TEAM_ADMIN),
        *_hootsuite_team("team_member"),
        *_AGORAPULSE_PROFILE,
        _NONE,
    ),
    "agorapulse": (*_agorapulse_organization(_ADMINISTRATOR_EVERYWHERE), *_AGORAPULSE_PROFILE),
    "hootsuite": _HOOTSUITE,
    "pinterest": _PINTEREST,
    "actito": _ACTITO,
}
