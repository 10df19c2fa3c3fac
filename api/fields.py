"""Fields that several apps' serializers share: roles by their key, objects by their id, moments within the calendar."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from django.db.models import Model
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_role, roles_offered
from permissions.scopes import tables_of
from ui.bounds import MOMENTS

LARGEST_ID = 2**63 - 1


class MomentField(serializers.DateTimeField):
    """A moment, ISO 8601 with its zone."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"validators": list(MOMENTS), **kwargs})


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class IdField(serializers.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"min_value": 1, "max_value": LARGEST_ID, **kwargs})


@extend_schema_field({"type": "string", "maxLength": 100, "example": "standard:editor"})
class RoleField(serializers.Field[Any, Any, Any, Any]):
    """A role this organization hands out at one scope: ``pack:role``, or the slug of an own one."""

    default_error_messages = {
        "unknown": _("There is no role “{role}” here."),
        "not_text": _("A role is named by a text."),
    }

    def __init__(self, scope: Scope, **kwargs: Any) -> None:
        self.scope = scope
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> RoleFacts:
        if not isinstance(data, str):
            self.fail("not_text")
        organization = self.context["view"].organization
        offered = roles_offered(packs=organization.packs, organization_id=organization.pk, scope=self.scope)
        for role in offered:
            if role.key == data:
                return role
        pack = data.partition(":")[0]
        if (
            pack in organization.packs
        ):  # held here and not handed out, such as the owner's: the service says so
            with suppress(LookupError):
                return builtin_role(data, self.scope)
        self.fail("unknown", role=data[:100])

    def to_representation(self, value: RoleFacts) -> str:
        return value.key


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class ObjectField(serializers.Field[Any, Any, Any, Any]):
    """A team or profile by its id, among those the one who asks can see."""

    default_error_messages = {"unknown": _("There is no such thing, or you cannot see it.")}

    def __init__(self, scope: Scope, **kwargs: Any) -> None:
        self.scope = scope
        super().__init__(**kwargs)

    def to_internal_value(self, data: Any) -> Model:
        if isinstance(data, bool) or not isinstance(data, int) or not 0 < data <= LARGEST_ID:
            self.fail("unknown")
        obj = tables_of(self.scope).model._default_manager.filter(pk=data).first()
        if obj is None or not self.context["view"].access.sees(obj):
            self.fail("unknown")
        assert obj is not None
        return obj

    def to_representation(self, value: Model) -> int:
        return int(value.pk)


class RoleRefSerializer(serializers.Serializer[Any]):
    """A role as other things name it."""

    key = serializers.CharField(help_text="`pack:role`, or the slug of one of the organization's own.")
    label = serializers.CharField()  # type: ignore[assignment]


class PersonSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    email = serializers.EmailField()


class ObjectRefSerializer(serializers.Serializer[Any]):
    """A team, profile or workspace as other things name it."""

    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    label = serializers.CharField(source="__str__")  # type: ignore[assignment]


class ReasonSerializer(serializers.Serializer[Any]):
    """Why; kept in the audit log."""

    reason = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class WindowSerializer(ReasonSerializer):
    """When a role begins and ends, and why it is given. Left out: from now on, for ever."""

    starts_at = MomentField(required=False, default=None, allow_null=True)
    expires_at = MomentField(required=False, default=None, allow_null=True)
