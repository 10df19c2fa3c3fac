"""Several roles changed on one screen, saved together or not at all."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orgs.models import Organization
from orgs.selectors.roles.in_use import version_of
from permissions.checker import Access
from permissions.custom_roles import edit_role
from permissions.errors import Refused
from permissions.locks import change_access
from permissions.models import Role


class RolesChangedMeanwhile(Refused):
    """Somebody saved one of the roles after it was put on this person's screen. Nothing was changed."""

    def __init__(self, roles: Sequence[Role]) -> None:
        self.roles = roles
        names = ", ".join(role.name for role in roles)
        super().__init__(_("Somebody saved %(roles)s while you were editing.") % {"roles": f"“{names}”"})


@dataclass(frozen=True)
class WantedActions:
    """The actions one role shall have. ``seen``: its ``edited_at`` in ISO form when it was put on the screen."""

    role: Role
    actions: Collection[str]
    seen: str


@transaction.atomic
def edit_actions(
    *,
    actor: Access,
    organization: Organization,
    wanted: Sequence[WantedActions],
    now: datetime,
    reason: str = "",
) -> None:
    """Give each role its actions. Raises RolesChangedMeanwhile, and what ``edit_role`` raises."""
    change_access(organization.pk)  # from here on nobody else saves a role
    rows = Role.objects.filter(organization=organization).in_bulk([each.role.pk for each in wanted])
    stale = [each.role for each in wanted if version_of(rows.get(each.role.pk)) != each.seen]
    if stale:
        raise RolesChangedMeanwhile(stale)
    for each in wanted:
        edit_role(
            actor=actor,
            organization=organization,
            role=each.role,
            actions=each.actions,
            now=now,
            reason=reason,
        )
