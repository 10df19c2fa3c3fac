"""The door for ``user.has_perm("social_accounts.publish_posts", profile)``, for Django, DRF and templates."""

from __future__ import annotations

from typing import Any

from django.db.models import Model
from django.utils import timezone
from guardian.backends import ObjectPermissionBackend

from permissions.checker import load_access
from permissions.scopes import scope_of
from tenancy.context import organization_open


class ExplainedObjectPermissionBackend(ObjectPermissionBackend):
    """Guardian's backend with our rules over guardian's rows. Without an object the answer is no (R12)."""

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        if obj is None or not user_obj.is_authenticated or not user_obj.is_active:
            return False
        scope = scope_of(obj)
        codename = perm.rpartition(".")[2]
        organization_id: int = obj.pk if scope == "organization" else obj.organization_id  # type: ignore[attr-defined]
        with organization_open(organization_id):
            access = load_access(user=user_obj, organization_id=organization_id, at=timezone.now())
            return access.can(f"{scope}.{codename}", obj)

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Return the actions a person has on an object, spelled for ``has_perm``."""
        if obj is None or not user_obj.is_authenticated:
            return set()
        scope = scope_of(obj)
        organization_id: int = obj.pk if scope == "organization" else obj.organization_id  # type: ignore[attr-defined]
        label = obj._meta.app_label
        with organization_open(organization_id):
            access = load_access(user=user_obj, organization_id=organization_id, at=timezone.now())
            if access.miss_before_scope() is not None:
                return set()
            actions = {action for source in access.sources(obj) for action in source.role.actions}
            return {f"{label}.{action.partition('.')[2]}" for action in actions}
