"""What this app's endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import IdField, PersonSerializer, RoleField
from governance.forms import DAYS_MAX
from governance.kinds import rule_sentence
from governance.models import Assertion, Decision, Review, ReviewLine
from permissions.catalogue import Scope


class AssertionSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=Assertion.Kind.choices)
    sentence = serializers.SerializerMethodField(help_text="The rule in words.")
    action = serializers.CharField(allow_blank=True)
    other_action = serializers.CharField(allow_blank=True)
    number = serializers.IntegerField(allow_null=True)
    where = serializers.ChoiceField(choices=Assertion.Where.choices)
    workspace_ids = serializers.ListField(child=serializers.IntegerField())
    profile_ids = serializers.ListField(child=serializers.IntegerField())
    people_ids = serializers.ListField(child=serializers.IntegerField())
    broken_in = serializers.IntegerField(
        source="break_count", help_text="Places known where it does not hold."
    )
    checked_at = serializers.DateTimeField()

    def get_sentence(self, rule: Assertion) -> str:
        return rule_sentence(rule)


class WriteAssertionSerializer(serializers.Serializer[Any]):
    """A rule; which blanks a kind has is told by the form of the page."""

    kind = serializers.ChoiceField(choices=Assertion.Kind.choices)
    name = serializers.CharField(max_length=80)
    action = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    other_action = serializers.CharField(required=False, default="", allow_blank=True, max_length=100)
    number = serializers.IntegerField(
        required=False, default=None, allow_null=True, min_value=1, max_value=DAYS_MAX
    )
    where = serializers.ChoiceField(choices=Assertion.Where.choices, required=False, default="anywhere")
    workspaces = serializers.ListField(child=IdField(), required=False, default=list, max_length=500)
    profiles = serializers.ListField(child=IdField(), required=False, default=list, max_length=5000)
    roles = serializers.ListField(
        child=RoleField(Scope.ORGANIZATION), required=False, default=list, max_length=100
    )
    people = serializers.ListField(
        child=serializers.EmailField(max_length=254), required=False, default=list, max_length=500
    )
    knows_breaks = serializers.BooleanField(
        required=False, default=False, help_text="True: keep the rule although it does not hold today."
    )


class ReviewSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    kind = serializers.ChoiceField(choices=Review.Kind.choices)
    subject = serializers.CharField()
    opened_by = PersonSerializer(allow_null=True)
    opened_at = serializers.DateTimeField()
    due_on = serializers.DateField()
    line_count = serializers.IntegerField()
    settled_count = serializers.IntegerField()
    signed_by = PersonSerializer(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    fingerprint = serializers.CharField(source="report_digest", allow_blank=True)


class NewReviewSerializer(serializers.Serializer[Any]):
    kind = serializers.ChoiceField(choices=Review.Kind.choices)
    profile = IdField(required=False, default=None, allow_null=True)
    team = IdField(required=False, default=None, allow_null=True)
    partner = IdField(required=False, default=None, allow_null=True, help_text="The id of the partnership.")
    reviewers = serializers.ListField(
        child=IdField(), min_length=1, max_length=50, help_text="Ids of people who may run reviews."
    )
    due_on = serializers.DateField()


class LineSerializer(serializers.Serializer[Any]):
    """One grant under review, and what was decided about it."""

    id = serializers.IntegerField(source="pk")
    position = serializers.IntegerField()
    source = serializers.ChoiceField(choices=ReviewLine.Source.choices)  # type: ignore[assignment]
    who = serializers.CharField()
    what = serializers.CharField()
    through = serializers.CharField(allow_blank=True)
    role = serializers.CharField()
    starts_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True)
    is_unused = serializers.BooleanField()
    is_gone = serializers.BooleanField()
    decision = serializers.CharField(allow_blank=True)
    new_role = serializers.CharField(allow_blank=True)
    note = serializers.CharField(allow_blank=True)
    version = serializers.IntegerField(help_text="Sent back with a decision: it is about what was seen.")


class DecideSerializer(serializers.Serializer[Any]):
    decision = serializers.ChoiceField(choices=Decision.choices)
    role = serializers.CharField(
        required=False,
        default="",
        allow_blank=True,
        max_length=100,
        help_text="Of a reduction: the lesser role.",
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=300)
    version = serializers.IntegerField(min_value=1, max_value=2_000_000_000)
