"""What the endpoints of partners take and answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from api.fields import (
    IdField,
    MomentField,
    ObjectField,
    ObjectRefSerializer,
    PersonSerializer,
    RoleField,
    RoleRefSerializer,
    WindowSerializer,
)
from orgs.api.fields import MembersField
from orgs.api.serializers import OrganizationRefSerializer
from orgs.models import Partnership
from permissions.catalogue import Scope
from permissions.roles import RoleFacts, builtin_role

MOST_SHARES = 200


class PartnerSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="partnership.pk")
    company = OrganizationRefSerializer(source="other")
    is_ours = serializers.BooleanField(
        help_text="The profiles are ours, and the company's people work on them."
    )
    status = serializers.ChoiceField(source="partnership.status", choices=Partnership.Status.choices)
    message = serializers.CharField(source="partnership.message", allow_blank=True)
    profile_count = serializers.IntegerField()
    people_count = serializers.IntegerField()
    proposed_at = serializers.DateTimeField(source="partnership.proposed_at")
    answer_by = serializers.DateTimeField(source="partnership.answer_by")
    answered_at = serializers.DateTimeField(source="partnership.answered_at", allow_null=True)
    ended_at = serializers.DateTimeField(source="partnership.ended_at", allow_null=True)


class OfferedShareSerializer(serializers.Serializer[Any]):
    role = RoleField(Scope.PROFILE)
    profile = ObjectField(Scope.PROFILE, required=False, default=None, allow_null=True)
    starts_at = MomentField(required=False, default=None, allow_null=True)
    expires_at = MomentField(required=False, default=None, allow_null=True)


class NewPartnerSerializer(serializers.Serializer[Any]):
    public_id = serializers.CharField(max_length=40, help_text="The company's business id.")
    is_request = serializers.BooleanField(
        required=False, default=False, help_text="True: we ask for access to the company's profiles."
    )
    shares = serializers.ListField(child=OfferedShareSerializer(), min_length=1, max_length=MOST_SHARES)
    message = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)

    def validate(self, attrs: Any) -> Any:
        if not attrs["is_request"] and any(share["profile"] is None for share in attrs["shares"]):
            raise serializers.ValidationError({"shares": _("An offer names its profiles.")})
        return attrs


class AcceptSerializer(serializers.Serializer[Any]):
    shares = serializers.ListField(
        child=OfferedShareSerializer(), required=False, default=None, allow_null=True, max_length=MOST_SHARES
    )


class AssignedPersonSerializer(serializers.Serializer[Any]):
    assignment_id = serializers.IntegerField(source="assignment.pk")
    person = PersonSerializer()
    role = RoleRefSerializer()
    counts = serializers.BooleanField(help_text="Whether it gives him anything now (R8).")
    told = serializers.CharField()
    starts_at = serializers.DateTimeField(source="assignment.starts_at", allow_null=True)
    expires_at = serializers.DateTimeField(source="assignment.expires_at", allow_null=True)


class SharedProfileSerializer(serializers.Serializer[Any]):
    profile = ObjectRefSerializer()
    role = RoleRefSerializer()
    state = serializers.ChoiceField(choices=["live", "later", "over"])
    starts_at = serializers.DateTimeField(source="grant.starts_at", allow_null=True)
    expires_at = serializers.DateTimeField(source="grant.expires_at", allow_null=True)
    people = AssignedPersonSerializer(many=True)


class ShareSerializer(WindowSerializer):
    role = RoleField(Scope.PROFILE)


@extend_schema_field({"type": "string", "maxLength": 100, "example": "standard:editor"})
class AnyPacksRoleField(serializers.Field[Any, Any, Any, Any]):
    """A published profile role of any pack: the other company has its own."""

    def to_internal_value(self, data: Any) -> RoleFacts:
        try:
            return builtin_role(str(data), Scope.PROFILE)
        except LookupError:
            raise serializers.ValidationError(_("There is no such role here.")) from None


class AssignSerializer(WindowSerializer):
    members = MembersField(min_length=1, max_length=MOST_SHARES)
    profiles = serializers.ListField(child=IdField(), min_length=1, max_length=MOST_SHARES)
    role = AnyPacksRoleField()
