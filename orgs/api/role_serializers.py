"""What the endpoints of roles take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import ReasonSerializer, RoleRefSerializer
from permissions.catalogue import Scope

SCOPES = [(scope.value, scope.value) for scope in Scope]


class ActionSerializer(serializers.Serializer[Any]):
    """One thing a person may do, at one scope."""

    name = serializers.CharField()
    scope = serializers.CharField()
    area = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    explanation = serializers.CharField()
    is_available = serializers.BooleanField(help_text="False: its feature is not built yet.")
    is_sensitive = serializers.BooleanField()


class RoleSerializer(serializers.Serializer[Any]):
    key = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    scope = serializers.CharField()
    pack = serializers.CharField(allow_blank=True, help_text="Empty: the organization's own.")
    description = serializers.CharField(allow_blank=True)
    actions = serializers.ListField(child=serializers.CharField())
    new_actions = serializers.ListField(
        child=serializers.CharField(),
        help_text="New in the catalogue since an own role was last edited (T4).",
    )
    implies = serializers.DictField(
        child=serializers.CharField(), help_text="Narrower scope: the role that comes by itself."
    )


class RoleQuery(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(required=False, default=None, choices=SCOPES)


class _ActionsField(serializers.ListField):
    child = serializers.CharField(max_length=100)


class NewOwnRoleSerializer(ReasonSerializer):
    scope = serializers.ChoiceField(choices=SCOPES)
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    actions = _ActionsField(max_length=500)
    copied_from = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)


class EditRoleSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=80)
    description = serializers.CharField(required=False, allow_blank=True, max_length=200)
    actions = _ActionsField(required=False, max_length=500)
    reason = serializers.CharField(required=False, allow_blank=True, max_length=300)


class ReplacementQuery(ReasonSerializer):
    replacement = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)


class CompareQuery(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=SCOPES)
    one = serializers.CharField(max_length=100)
    other = serializers.CharField(max_length=100)


class ComparedSerializer(serializers.Serializer[Any]):
    one = RoleRefSerializer()
    other = RoleRefSerializer()
    only_one = serializers.ListField(child=serializers.CharField())
    only_other = serializers.ListField(child=serializers.CharField())
    both = serializers.ListField(child=serializers.CharField())


class PackSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    version = serializers.DateField()
    source = serializers.CharField()  # type: ignore[assignment]
    is_used = serializers.BooleanField()
    roles = serializers.ListField(child=serializers.CharField())
