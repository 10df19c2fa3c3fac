"""What the preview of a change takes and answers."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from api.fields import IdField, PersonSerializer, RoleField
from permissions.catalogue import Scope
from social_accounts.api.serializers import NewGrantsSerializer


class OtherRoleSerializer(serializers.Serializer[Any]):
    member = IdField()
    role = RoleField(Scope.ORGANIZATION)


class RoleActionsSerializer(serializers.Serializer[Any]):
    scope = serializers.ChoiceField(choices=[(scope.value, scope.value) for scope in Scope])
    slug = serializers.CharField(max_length=60)
    actions = serializers.ListField(child=serializers.CharField(max_length=100), max_length=500)


class WhatIfSerializer(serializers.Serializer[Any]):
    """Exactly one of these changes."""

    grant = NewGrantsSerializer(required=False)
    end_grant = IdField(required=False)
    role_actions = RoleActionsSerializer(required=False)
    member_role = OtherRoleSerializer(required=False)
    suspend_member = IdField(required=False)
    remove_member = IdField(required=False)

    def validate(self, attrs: Any) -> Any:
        if len(attrs) != 1:
            raise serializers.ValidationError(_("Name exactly one change."))
        return attrs


class DeltaSerializer(serializers.Serializer[Any]):
    """What one person gains and loses on some objects of a scope, and in which window."""

    person = PersonSerializer()
    scope = serializers.CharField()
    gained = serializers.ListField(child=serializers.CharField())
    lost = serializers.ListField(child=serializers.CharField())
    objects = serializers.ListField(child=serializers.IntegerField(), help_text="Those that you see.")
    starts_at = serializers.DateTimeField(allow_null=True, help_text="Null: at once.")
    ends_at = serializers.DateTimeField(allow_null=True, help_text="Null: for good.")


class StrandedSerializer(serializers.Serializer[Any]):
    """A post or an approval that would be left behind."""

    kind = serializers.CharField()
    id = serializers.IntegerField()
    title = serializers.CharField()
    why = serializers.CharField()


class WhatIfAnswerSerializer(serializers.Serializer[Any]):
    refusal = serializers.CharField(allow_blank=True, help_text="Why it would be refused; else empty.")
    gained_count = serializers.IntegerField()
    lost_count = serializers.IntegerField()
    changes = DeltaSerializer(many=True)
    stranded = StrandedSerializer(many=True)
