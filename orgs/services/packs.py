"""Which packs of built-in roles an organization uses. Neither adding nor removing one changes anybody's rights."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orgs.models import Organization
from permissions.catalogue import Scope
from permissions.changes import end_change, touched
from permissions.checker import Access
from permissions.errors import Refused
from permissions.packs import PACKS
from permissions.role_uses import Used, uses_of
from permissions.roles import builtin_roles
from permissions.services import begin_change

MANAGING = "organization.manage_packs"


class PackRefused(Refused):
    """There is no such pack, it is there already, or it must stay. The message is for the person."""


@transaction.atomic
def add_pack(
    *, actor: Access, organization: Organization, pack: str, now: datetime, reason: str = ""
) -> None:
    """Let the organization hand out a pack's roles too. Raises NotAllowed and PackRefused."""
    actor = begin_change(actor, now)
    actor.require(MANAGING, organization)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if pack not in PACKS:
        raise PackRefused(_("There is no pack of this name."))
    if pack in organization.packs:
        raise PackRefused(
            _("Your organization uses the pack %(pack)s already.") % {"pack": PACKS[pack].label}
        )
    _save(actor, organization, [*organization.packs, pack], "pack.add", now, reason)


@transaction.atomic
def remove_pack(
    *, actor: Access, organization: Organization, pack: str, now: datetime, reason: str = ""
) -> None:
    """No longer offer a pack's roles. Raises NotAllowed, and PackRefused while anybody has one of them."""
    actor = begin_change(actor, now)
    actor.require(MANAGING, organization)
    organization = Organization.objects.select_for_update().get(pk=organization.pk)
    if pack not in organization.packs:
        raise PackRefused(_("Your organization does not use this pack."))
    if len(organization.packs) == 1:
        raise PackRefused(_("An organization uses at least one pack. Add another one first."))
    if uses := uses_of_pack(pack, now):
        raise PackRefused(
            _("The pack %(pack)s is in use (%(uses)s). Give those other roles first.")
            % {
                "pack": PACKS[pack].label if pack in PACKS else pack,
                "uses": ", ".join(f"{used.label}: {used.count}" for used in uses),
            }
        )
    _save(
        actor, organization, [slug for slug in organization.packs if slug != pack], "pack.remove", now, reason
    )


def uses_of_pack(pack: str, now: datetime) -> list[Used]:
    """Return where the open organization uses a pack's roles now or will; an empty list: nowhere."""
    found: dict[str, int] = {}
    for scope in Scope:
        roles = [pk for pk, role in builtin_roles().items() if role.pack == pack and role.scope is scope]
        for used in uses_of(scope, roles, now):
            found[used.label] = found.get(used.label, 0) + used.count
    return [Used(label, count) for label, count in found.items()]


def _save(
    actor: Access, organization: Organization, packs: list[str], action: str, now: datetime, reason: str
) -> None:
    before = {"packs": list(organization.packs)}
    organization.packs = packs
    organization.save(update_fields=["packs"])
    end_change(
        actor=actor.user,
        action=action,
        obj=organization,
        at=now,
        what=touched(people=(), profiles=()),
        before=before,
        after={"packs": packs},
        reason=reason,
    )
