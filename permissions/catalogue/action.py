"""What an action is, and the groups in which actions are shown."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from permissions.catalogue.flags import AVAILABLE, SENSITIVE

if TYPE_CHECKING:
    from django_stubs_ext import StrPromise


class Scope(StrEnum):
    """The three kinds of object a permission is asked of, widest first."""

    ORGANIZATION = "organization"
    TEAM = "team"
    PROFILE = "profile"


@dataclass(frozen=True)
class Area:
    """A group of actions as people see it: one heading of the role matrix."""

    slug: str
    label: StrPromise

    def __str__(self) -> str:
        """Return the heading in the reader's language."""
        return str(self.label)


@dataclass(frozen=True)
class Action:
    """One thing a person may do, at one scope.

    `is_sensitive`: it can lock people out, spend money, publish at once, take data out or widen access.
    `is_available`: the feature is built; the others are shown as not yet available.
    """

    name: str
    scope: Scope
    codename: str
    area: Area
    label: StrPromise
    explanation: StrPromise
    is_sensitive: bool
    is_available: bool

    def __str__(self) -> str:
        """Return the full name, which is what logs and files write."""
        return self.name


POSTS = Area("posts", _("Posts and drafts"))
APPROVALS = Area("approvals", _("Approvals"))
PLANNING = Area("planning", _("Planning tools"))
PINS = Area("pins", _("Boards and Pins"))
INBOX = Area("inbox", _("Inbox"))
LISTENING = Area("listening", _("Listening"))
ADVOCACY = Area("advocacy", _("Employee advocacy"))
LIBRARY = Area("library", _("Library and links"))
REPORTS = Area("reports", _("Reports"))
PROFILES = Area("profiles", _("Social profiles"))
TEAMS = Area("teams", _("Teams"))
MEMBERS = Area("members", _("Members and roles"))
PARTNERS = Area("partners", _("Partners"))
WORKSPACES = Area("workspaces", _("Workspaces"))
SECURITY = Area("security", _("Security and audit"))
SETTINGS = Area("settings", _("Organization settings"))
PERSONAL = Area("personal", _("Personal settings"))
BILLING = Area("billing", _("Billing"))

AREAS: tuple[Area, ...] = (
    POSTS,
    APPROVALS,
    PLANNING,
    PINS,
    INBOX,
    LISTENING,
    ADVOCACY,
    LIBRARY,
    REPORTS,
    PROFILES,
    TEAMS,
    MEMBERS,
    PARTNERS,
    WORKSPACES,
    SECURITY,
    SETTINGS,
    PERSONAL,
    BILLING,
)


def declare(scope: Scope, area: Area, *entries: tuple[str, StrPromise, StrPromise]) -> tuple[Action, ...]:
    """Return the actions of one area at one scope, from (codename, label, explanation)."""
    return tuple(
        Action(
            name=f"{scope}.{codename}",
            scope=scope,
            codename=codename,
            area=area,
            label=label,
            explanation=explanation,
            is_sensitive=f"{scope}.{codename}" in SENSITIVE,
            is_available=f"{scope}.{codename}" in AVAILABLE,
        )
        for codename, label, explanation in entries
    )
