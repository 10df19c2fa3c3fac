"""What this app's endpoints take and answer."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import validate_time_zone
from api.fields import (
    LARGEST_ID,
    IdField,
    MomentField,
    ObjectField,
    ObjectRefSerializer,
    PersonSerializer,
    RoleField,
    RoleRefSerializer,
    WindowSerializer,
)
from api.schema import DecisionSerializer
from orgs.api.fields import MembersField
from orgs.models import Workspace
from permissions.catalogue import Scope
from social_accounts.models import SocialProfile

MOST_AT_ONCE = 200
MOST_QUESTIONS = 1000


@extend_schema_field({"type": "integer", "minimum": 1, "maximum": LARGEST_ID})
class WorkspaceField(serializers.Field[Any, Any, Any, Any]):
    """A workspace of this organization by its id."""

    def to_internal_value(self, data: Any) -> Workspace:
        is_id = isinstance(data, int) and not isinstance(data, bool) and 0 < data <= LARGEST_ID
        found: Workspace | None = Workspace.objects.filter(pk=data).first() if is_id else None
        if found is None:
            raise serializers.ValidationError(_("There is no such workspace here."))
        return found


class ProfileSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    slug = serializers.CharField()
    network = serializers.CharField()
    handle = serializers.CharField(allow_blank=True)
    name = serializers.CharField()
    url = serializers.CharField(allow_blank=True)
    workspace = ObjectRefSerializer()
    status = serializers.ChoiceField(choices=SocialProfile.Status.choices)
    time_zone = serializers.CharField()
    has_approval = serializers.BooleanField(help_text="Whether the network knows approval at all (R6).")


class ProfileQuery(serializers.Serializer[Any]):
    q = serializers.CharField(required=False, default="", allow_blank=True, max_length=200)
    network = serializers.CharField(required=False, default="", allow_blank=True, max_length=20)
    status = serializers.ChoiceField(required=False, default="", choices=SocialProfile.Status.choices)
    workspace = IdField(required=False, default=None)


class ProfileEditSerializer(serializers.Serializer[Any]):
    name = serializers.CharField(required=False, max_length=120)
    time_zone = serializers.CharField(required=False, max_length=64, validators=[validate_time_zone])
    workspace = WorkspaceField(required=False)


class RoleLineSerializer(serializers.Serializer[Any]):
    """One role a person holds on a profile, and where it comes from."""

    role = RoleRefSerializer()
    through = serializers.ChoiceField(choices=["direct", "organization", "team", "partner"])
    origin = serializers.CharField(allow_blank=True)
    grant_id = serializers.IntegerField(source="grant.pk", default=None, allow_null=True)
    starts_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    is_live = serializers.BooleanField()


class PersonOnProfileSerializer(serializers.Serializer[Any]):
    person = PersonSerializer()
    roles = RoleLineSerializer(many=True)
    is_closed = serializers.BooleanField(help_text="True: nothing of it counts.")


class TeamOnProfileSerializer(serializers.Serializer[Any]):
    team = ObjectRefSerializer()
    role = RoleRefSerializer()
    starts_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class GrantSerializer(serializers.Serializer[Any]):
    """A role given to a person on a profile."""

    id = serializers.IntegerField(source="grant.pk")
    person = PersonSerializer(source="grant.user")
    profile = ObjectRefSerializer(source="grant.content_object")
    role = RoleRefSerializer()
    starts_at = serializers.DateTimeField(source="grant.starts_at", allow_null=True)
    expires_at = serializers.DateTimeField(source="grant.expires_at", allow_null=True)
    reason = serializers.CharField(source="grant.reason", allow_blank=True)
    granted_at = serializers.DateTimeField(source="grant.granted_at")
    granted_by = PersonSerializer(source="grant.granted_by", allow_null=True)


class GrantQuery(serializers.Serializer[Any]):
    person = IdField(required=False, default=None, help_text="The id of a person, not of his membership.")
    profile = IdField(required=False, default=None)


class NewGrantsSerializer(WindowSerializer):
    """One role for several people on several profiles: all of it is given, or nothing."""

    members = MembersField(min_length=1, max_length=MOST_AT_ONCE)
    profiles = serializers.ListField(child=ObjectField(Scope.PROFILE), min_length=1, max_length=MOST_AT_ONCE)
    role = RoleField(Scope.PROFILE)


# -- questions about access ---------------------------------------------------------------------------------------


class QuestionSerializer(serializers.Serializer[Any]):
    person = serializers.EmailField(required=False, help_text="Left out: who asks.")
    action = serializers.CharField(max_length=100)
    object = serializers.CharField(
        max_length=200, help_text="`organization:acme`, `team:acme/brand` or `profile:acme/acme-x`."
    )
    at = MomentField(required=False, allow_null=True, default=None, help_text="Left out: now.")


class QuestionsSerializer(serializers.Serializer[Any]):
    questions = serializers.ListField(child=QuestionSerializer(), min_length=1, max_length=MOST_QUESTIONS)
    explain = serializers.BooleanField(required=False, default=True, help_text="False: no `why`, and faster.")


class AnswerSerializer(serializers.Serializer[Any]):
    """The question with its answer, or with what is wrong with the question."""

    person = serializers.CharField()
    action = serializers.CharField()
    object = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    allowed = serializers.BooleanField(required=False)
    why = serializers.CharField(required=False)
    error = serializers.CharField(required=False)


class ObjectsQuery(serializers.Serializer[Any]):
    person = serializers.EmailField(required=False, default="", help_text="Left out: who asks.")
    action = serializers.CharField(max_length=100)
    at = MomentField(required=False, default=None)


class PeopleQuery(serializers.Serializer[Any]):
    action = serializers.CharField(max_length=100)
    object = serializers.CharField(max_length=200)
    at = MomentField(required=False, default=None)


class ExplainQuery(PeopleQuery):
    person = serializers.EmailField(required=False, default="", help_text="Left out: who asks.")


class LoadQuery(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Say what would change.")


class LoadedSerializer(serializers.Serializer[Any]):
    """What loading a file changed, or would change."""

    dry_run = serializers.BooleanField()
    changes = serializers.ListField(child=serializers.CharField(), help_text="`+`, `-` or `~`, one a line.")
    invited = serializers.ListField(child=serializers.CharField())
    waiting = serializers.ListField(
        child=serializers.CharField(), help_text="Invited before, and not accepted yet."
    )
    gained_count = serializers.IntegerField(
        required=False, help_text="Of a dry run: (person, action, object) gained, now or later."
    )
    lost_count = serializers.IntegerField(required=False)


class NamesSerializer(serializers.Serializer[Any]):
    items = serializers.ListField(child=serializers.CharField(), help_text="Sorted, and complete.")


class ExplanationSerializer(DecisionSerializer):
    text = serializers.CharField(help_text="The whole derivation, a line a step.")
