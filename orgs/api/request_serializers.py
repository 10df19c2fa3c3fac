"""What the endpoints of access requests take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import MomentField, ObjectField, PersonSerializer, RoleRefSerializer
from orgs.models import AccessRequest
from permissions.catalogue import Scope


class RequestSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="request.pk")
    person = PersonSerializer(source="request.membership.user")
    scope = serializers.CharField(source="request.scope")
    on = serializers.CharField(source="request.object_name", allow_blank=True)
    role = RoleRefSerializer(allow_null=True)
    action = serializers.CharField(source="request.action", allow_blank=True)
    reason = serializers.CharField(source="request.reason")
    status = serializers.ChoiceField(source="request.status", choices=AccessRequest.Status.choices)
    asked_at = serializers.DateTimeField(source="request.asked_at")
    expires_at = serializers.DateTimeField(source="request.expires_at", allow_null=True)
    decided_at = serializers.DateTimeField(source="request.decided_at", allow_null=True)


class AskSerializer(serializers.Serializer[Any]):
    on = serializers.CharField(
        max_length=40,
        help_text="`organization`, `team:<id>`, `profile:<id>`, or `profile:other` with a description.",
    )
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=120)
    role = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    action = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    reason = serializers.CharField(max_length=300)
    expires_at = MomentField(required=False, default=None, allow_null=True)


class GiveSerializer(serializers.Serializer[Any]):
    role = serializers.CharField(max_length=100)
    profile = ObjectField(
        Scope.PROFILE, required=False, default=None, allow_null=True, help_text="Where it was only described."
    )
    expires_at = MomentField(required=False, default=None, allow_null=True)
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)


class NoteQuery(serializers.Serializer[Any]):
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
