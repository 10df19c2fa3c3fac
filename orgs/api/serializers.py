"""What this app's endpoints take and answer."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from api.fields import (
    IdField,
    MomentField,
    ObjectField,
    ObjectRefSerializer,
    PersonSerializer,
    ReasonSerializer,
    RoleField,
    RoleRefSerializer,
)
from audit.models import AuditEvent
from orgs.forms import MAX_ADDRESSES
from orgs.models import Membership, Organization, Workspace
from orgs.selectors.audit_log import action_label
from permissions.catalogue import Scope

# -- organizations ------------------------------------------------------------------------------------------------


class OrganizationSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()
    public_id = serializers.CharField(help_text="What another company writes to ask for a partnership.")
    packs = serializers.ListField(child=serializers.CharField())
    two_factor = serializers.ChoiceField(choices=Organization.TwoFactor.choices)
    time_zone = serializers.CharField()
    created_at = serializers.DateTimeField()


class OrganizationRefSerializer(serializers.Serializer[Any]):
    slug = serializers.CharField()
    name = serializers.CharField()


# -- workspaces ---------------------------------------------------------------------------------------------------


class WorkspaceSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    name = serializers.CharField()


class NewWorkspaceSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)


class WorkspacesField(serializers.ListField):
    """Workspaces of this organization by their ids."""

    child = IdField()

    def to_internal_value(self, data: Any) -> list[Workspace]:
        ids = super().to_internal_value(data)
        found = {row.pk: row for row in Workspace.objects.filter(pk__in=ids)}
        if missing := [pk for pk in ids if pk not in found]:
            raise serializers.ValidationError(_("There is no workspace %(id)s here.") % {"id": missing[0]})
        return list(found.values())


class ReachSerializer(serializers.Serializer[Any]):
    """Which workspaces a member reaches: all of them, or those listed."""

    reaches_all = serializers.BooleanField()
    workspaces = WorkspacesField(required=False, default=list, help_text="Ids; ignored when all are reached.")


# -- members ------------------------------------------------------------------------------------------------------


class MemberSerializer(serializers.Serializer[Any]):
    """A line of the member list."""

    id = serializers.IntegerField(source="membership.pk")
    person = PersonSerializer(source="membership.user")
    status = serializers.ChoiceField(source="membership.status", choices=Membership.Status.choices)
    title = serializers.CharField(source="membership.title", allow_blank=True)
    role = RoleRefSerializer(allow_null=True)
    teams = serializers.ListField(child=serializers.CharField())
    joined_at = serializers.DateTimeField(source="membership.joined_at")
    starts_at = serializers.DateTimeField(source="membership.starts_at", allow_null=True)
    expires_at = serializers.DateTimeField(source="membership.expires_at", allow_null=True)


class MemberQuery(serializers.Serializer[Any]):
    q = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=200,
        help_text="Words of names and addresses.",
    )
    role = RoleField(Scope.ORGANIZATION, required=False, default=None)
    status = serializers.ChoiceField(required=False, default="", choices=Membership.Status.choices)
    team = IdField(required=False, default=None)


class HeldRoleSerializer(serializers.Serializer[Any]):
    """A role somebody has in a team or on a profile. ``grant_id`` is null where a team gives it."""

    object = ObjectRefSerializer(source="obj")
    role = RoleRefSerializer()
    is_live = serializers.BooleanField()
    via = serializers.CharField(allow_blank=True, help_text="The team that gives it; empty: given directly.")
    grant_id = serializers.IntegerField(source="grant.pk", default=None, allow_null=True)
    starts_at = serializers.DateTimeField(source="grant.starts_at", default=None, allow_null=True)
    expires_at = serializers.DateTimeField(source="grant.expires_at", default=None, allow_null=True)
    reason = serializers.CharField(source="grant.reason", default="", allow_blank=True)


class MemberDetailSerializer(MemberSerializer):
    """One member with his roles at the three levels (H1)."""

    reaches_all_workspaces = serializers.BooleanField(source="membership.reaches_all_workspaces")
    workspaces = WorkspaceSerializer(many=True, help_text="Looked at where not all are reached.")
    everywhere = RoleRefSerializer(
        allow_null=True, help_text="The profile role that the organization role brings on every profile (A2)."
    )
    team_roles = HeldRoleSerializer(many=True)
    profile_roles = HeldRoleSerializer(many=True)


class NewRoleSerializer(ReasonSerializer):
    """Another organization role for a member."""

    role = RoleField(Scope.ORGANIZATION)


# -- invitations --------------------------------------------------------------------------------------------------


class InvitationSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="invitation.pk")
    email = serializers.EmailField(source="invitation.email")
    role = RoleRefSerializer()
    invited_by = PersonSerializer(source="invitation.invited_by")
    invited_at = serializers.DateTimeField(source="invitation.invited_at")
    expires_at = serializers.DateTimeField(source="invitation.expires_at")
    has_run_out = serializers.BooleanField()


class NewInvitationsSerializer(serializers.Serializer[Any]):
    """One offer to several people: all of them are invited, or none."""

    emails = serializers.ListField(
        child=serializers.EmailField(validators=[MaxLengthValidator(254)]),
        min_length=1,
        max_length=MAX_ADDRESSES,
    )
    role = RoleField(Scope.ORGANIZATION)
    reaches_all_workspaces = serializers.BooleanField(required=False, default=True)
    workspaces = WorkspacesField(required=False, default=list)
    profile_role = RoleField(Scope.PROFILE, required=False, default=None, allow_null=True)
    profiles = serializers.ListField(child=ObjectField(Scope.PROFILE), required=False, default=list)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, required=False, default="en")
    message = serializers.CharField(required=False, default="", allow_blank=True, max_length=500)


# -- teams --------------------------------------------------------------------------------------------------------


class TeamSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    created_at = serializers.DateTimeField()


class TeamEditSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    description = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)


class TeamPersonSerializer(serializers.Serializer[Any]):
    """Somebody in a team."""

    member_id = serializers.IntegerField(allow_null=True)
    person = PersonSerializer()
    role = RoleRefSerializer()
    brings = RoleRefSerializer(allow_null=True, help_text="The role this brings on the team's profiles (H6).")


class TeamRoleSerializer(serializers.Serializer[Any]):
    role = RoleField(Scope.TEAM)


class TeamProfileSerializer(serializers.Serializer[Any]):
    """A profile in a team, and the role the team's people have on it."""

    profile = ObjectRefSerializer()
    role = RoleRefSerializer()


class ProfileRoleSerializer(serializers.Serializer[Any]):
    role = RoleField(Scope.PROFILE)


# -- the audit log ------------------------------------------------------------------------------------------------


class AuditEventSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    at = serializers.DateTimeField()
    actor_id = serializers.IntegerField(allow_null=True)
    actor = serializers.CharField(source="actor_label", help_text="With the API key, if it was through one.")
    action = serializers.CharField()
    action_label = serializers.SerializerMethodField()
    outcome = serializers.ChoiceField(choices=AuditEvent.Outcome.choices)
    object_type = serializers.CharField(allow_blank=True)
    object_id = serializers.CharField(allow_blank=True)
    object = serializers.CharField(source="object_label", allow_blank=True)
    before = serializers.DictField(allow_null=True)
    after = serializers.DictField(allow_null=True)
    reason = serializers.CharField(allow_blank=True)
    digest = serializers.CharField()

    def get_action_label(self, event: AuditEvent) -> str:
        return action_label(event.action)


class AuditQuery(serializers.Serializer[Any]):
    """The filters of the screen."""

    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    person = IdField(required=False, default=None)
    action = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    outcome = serializers.ChoiceField(required=False, default="", choices=AuditEvent.Outcome.choices)
    begin = serializers.DateField(required=False, default=None)
    end = serializers.DateField(required=False, default=None, help_text="The last day counted.")


class AuditBreakSerializer(serializers.Serializer[Any]):
    sequence = serializers.IntegerField()
    what = serializers.CharField()


class AuditVerificationSerializer(serializers.Serializer[Any]):
    holds = serializers.BooleanField()
    event_count = serializers.IntegerField()
    breaks = AuditBreakSerializer(many=True)


# -- API keys -----------------------------------------------------------------------------------------------------


class ApiKeySerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    prefix = serializers.CharField(help_text="How its secret begins.")
    issued_by = PersonSerializer(source="user")
    actions = serializers.ListField(child=serializers.CharField())
    profile_ids = serializers.ListField(
        child=serializers.IntegerField(), allow_null=True, help_text="Null: every profile."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)


class NewApiKeySerializer(serializers.Serializer[Any]):
    name = serializers.CharField(max_length=80)
    actions = serializers.ListField(child=serializers.CharField(max_length=100), min_length=1)
    profiles = serializers.ListField(
        child=ObjectField(Scope.PROFILE), required=False, default=None, allow_null=True
    )
    expires_at = MomentField(required=False, default=None, allow_null=True)


class IssuedApiKeySerializer(ApiKeySerializer):
    secret = serializers.CharField(
        allow_null=True, help_text="Shown this once; null when the answer is given again."
    )
