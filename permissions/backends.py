"""The door for ``user.has_perm("social_accounts.publish_posts", profile)``, for Django, DRF and templates."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.db.models import Model
from django.utils import timezone
from guardian.backends import ObjectPermissionBackend

from permissions.checker import load_access, may
from permissions.scopes import scope_of
from tenancy.context import open_organization_id, organization_open


def _open(organization_id: int) -> AbstractContextManager[None]:
    """Open the organization, unless it is the one that is open."""
    if open_organization_id() == organization_id:
        return nullcontext()
    return organization_open(organization_id)


class ExplainedObjectPermissionBackend(ObjectPermissionBackend):
    """Guardian's backend with our rules over guardian's rows. Without an object the answer is no (R12)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        if obj is None or not user_obj.is_authenticated or not user_obj.is_active:
            return False
        scope = scope_of(obj)
        codename = perm.rpartition(".")[2]
        organization_id: int = obj.pk if scope == "organization" else obj.organization_id  # type: ignore[attr-defined]
        with _open(organization_id):
            return may(
                user=user_obj,
                organization_id=organization_id,
                action=f"{scope}.{codename}",
                obj=obj,
                at=timezone.now(),
            )

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Return the actions a person has on an object, spelled for ``has_perm``."""
        if obj is None or not user_obj.is_authenticated:
            return set()
        scope = scope_of(obj)
        organization_id: int = obj.pk if scope == "organization" else obj.organization_id  # type: ignore[attr-defined]
        label = obj._meta.app_label
        with _open(organization_id):
            access = load_access(user=user_obj, organization_id=organization_id, at=timezone.now())
            if access.miss_before_scope() is not None:
                return set()
            actions = {action for source in access.sources(obj) for action in source.role.actions}
            return {f"{label}.{action.partition('.')[2]}" for action in actions}
