"""What forms offer to choose from, in organizations too large to list everything: found by name, and bounded."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Final

from django.db.models import Model, Q, QuerySet

from orgs.models import Membership
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.scopes import tables_of
from ui.addresses import id_in

PROFILES_SHOWN: Final = 100
PEOPLE_SHOWN: Final = 100
LOOKED_AT_MAX: Final = 5_000  # profiles asked one by one whether they may be chosen


def profiles_to_choose(
    access: Access,
    may: Callable[[Access, Model], bool],
    *,
    matching: str = "",
    chosen: Collection[str] = (),
) -> Sequence[Model]:
    """Return the profiles chosen already and the first others that match, of those that may be chosen."""
    every: QuerySet[Any] = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
    ids = [pk for value in chosen if (pk := id_in(value)) is not None]
    found: dict[int, Model] = (
        {one.pk: one for one in every.filter(pk__in=ids) if may(access, one)} if ids else {}
    )
    if matching:
        every = every.filter(Q(handle__icontains=matching) | Q(name__icontains=matching))
    for one in every[:LOOKED_AT_MAX].iterator():
        if len(found) >= PROFILES_SHOWN + len(ids):
            break
        if one.pk not in found and may(access, one):
            found[one.pk] = one
    return list(found.values())


def members_to_choose(
    rows: QuerySet[Membership], *, matching: str = "", chosen: Collection[str] = ()
) -> list[Membership]:
    """Return the members chosen already and the first others that match, by name."""
    ids = [pk for value in chosen if (pk := id_in(value)) is not None]
    rows = rows.select_related("user").order_by("user__name", "pk")
    found = {one.pk: one for one in rows.filter(pk__in=ids)} if ids else {}
    if matching:
        rows = rows.filter(Q(user__name__icontains=matching) | Q(user__email__icontains=matching))
    for one in rows.exclude(pk__in=found)[:PEOPLE_SHOWN]:
        found[one.pk] = one
    return list(found.values())
