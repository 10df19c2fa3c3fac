"""Where this app names roles for later: open invitations, the offer of ownership, what is offered to a partner."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from orgs.models import Invitation, OwnershipTransfer, Partnership
from permissions.catalogue import Scope
from permissions.packs import PACKS
from permissions.role_uses import register_role_use
from permissions.roles import builtin_role

DEFAULT_PACK = "standard"


def register_role_uses() -> None:
    register_role_use("invitations", _Invitations())
    register_role_use("offered profiles", _OfferedProfiles())
    register_role_use("ownership", _OwnershipOffers())
    register_role_use("partners", _PartnerOffers())


class _Invitations:
    """What an invited person becomes. One that is over names the default role once its own is gone."""

    label = _("Open invitations")

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        return int(Invitation.objects.open(now).filter(permission__in=permission_ids).count())

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        new = other_id or _default_role()
        Invitation.objects.filter(permission=permission_id).update(permission=new)


class _OfferedProfiles:
    """The roles on profiles that an invitation offers beside."""

    label = _("Profiles in open invitations")

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        return int(self._naming(permission_ids).filter(pk__in=Invitation.objects.open(now)).count())

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        for invitation in self._naming([permission_id]):
            invitation.profile_roles = _renamed(invitation.profile_roles, permission_id, other_id)
            invitation.save(update_fields=["profile_roles"])

    def _naming(self, permission_ids: Collection[int]) -> QuerySet[Invitation]:
        return Invitation.objects.filter(_names("profile_roles", permission_ids))


class _OwnershipOffers:
    """What the owner becomes once somebody takes over (A7)."""

    label = _("Open offers of ownership")

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        still = OwnershipTransfer.objects.filter(decided_at=None, expires_at__gt=now)
        return still.filter(former_owner_permission__in=permission_ids).count()

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        new = other_id or _default_role()
        OwnershipTransfer.objects.filter(former_owner_permission=permission_id).update(
            former_owner_permission=new
        )


class _PartnerOffers:
    """The roles on profiles that wait for a partner's yes. What it was granted is a grant."""

    label = _("Open offers to partners")

    def count(self, permission_ids: Collection[int], now: datetime) -> int:
        return int(self._naming(permission_ids).filter(pk__in=Partnership.objects.waiting(now)).count())

    def replace(self, permission_id: int, other_id: int | None, now: datetime) -> None:
        for partnership in self._naming([permission_id]):
            partnership.offer = _renamed(partnership.offer, permission_id, other_id)
            partnership.save(update_fields=["offer"])

    def _naming(self, permission_ids: Collection[int]) -> QuerySet[Partnership]:
        found: QuerySet[Partnership] = Partnership.objects.filter(_names("offer", permission_ids))
        return found


def _names(field: str, permission_ids: Collection[int]) -> Q:
    """Return what selects the rows whose list of entries names one of the roles."""
    named = (Q(**{f"{field}__contains": [{"permission": pk}]}) for pk in permission_ids)
    return reduce(or_, named, Q(pk__in=()))


def _renamed(entries: list[dict[str, Any]], permission_id: int, other_id: int | None) -> list[dict[str, Any]]:
    """Return the entries with the other role; without one, those that named the old role are left out."""
    if other_id is None:
        return [entry for entry in entries if entry["permission"] != permission_id]
    return [
        {**entry, "permission": other_id if entry["permission"] == permission_id else entry["permission"]}
        for entry in entries
    ]


def _default_role() -> int:
    default = PACKS[DEFAULT_PACK].default_role(Scope.ORGANIZATION)
    assert default is not None, "the standard pack has a role for new members"
    return builtin_role(default.key, Scope.ORGANIZATION).permission_id
