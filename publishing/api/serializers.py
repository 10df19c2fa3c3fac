"""What this app's endpoints take and answer."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import PersonSerializer
from publishing.models import Approval
from publishing.reviewers import open_step_of
from publishing.services.comments import COMMENT_MAX

NOTE_MAX = 500


class ApprovalSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    publication_id = serializers.IntegerField()
    profile_id = serializers.IntegerField(source="publication.profile_id")
    text = serializers.SerializerMethodField(help_text="The text as it would go out.")
    due_at = serializers.DateTimeField(allow_null=True)
    digest = serializers.CharField(
        source="content_digest", help_text="Of the content that is asked for; an answer names it."
    )
    requested_by = PersonSerializer(allow_null=True)
    requested_at = serializers.DateTimeField()
    note = serializers.CharField(allow_blank=True)
    step = serializers.SerializerMethodField(help_text="The step that waits; empty where there are none.")
    answer = serializers.CharField(
        allow_blank=True, help_text="approved, declined, void or missed; empty while it waits."
    )
    is_forced = serializers.BooleanField()
    answer_note = serializers.CharField(allow_blank=True)

    def get_text(self, approval: Approval) -> str:
        return str(approval.publication.post.text_for(approval.publication.profile.network))

    def get_step(self, approval: Approval) -> str:
        step = open_step_of(approval) if not approval.answer else None
        return step.name if step else ""


class WhichApprovalsSerializer(serializers.Serializer[Any]):
    show = serializers.CharField(
        required=False,
        default="waiting",
        max_length=10,
        help_text="waiting: for your answer; asked: by you; open: every one that waits.",
    )


class AnswerSerializer(serializers.Serializer[Any]):
    is_approved = serializers.BooleanField(help_text="False: not approved; then the note says why.")
    digest = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=64, help_text="Needed to approve."
    )
    note = serializers.CharField(required=False, default="", allow_blank=True, max_length=NOTE_MAX)


class CommentSerializer(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="pk")
    author = serializers.CharField(source="author_name")
    is_from_outside = serializers.BooleanField()
    is_external = serializers.SerializerMethodField(help_text="Whether people outside can read it.")
    text = serializers.CharField()
    created_at = serializers.DateTimeField()

    def get_is_external(self, comment: Any) -> bool:
        return bool(comment.thread == "external")


class WriteCommentSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(max_length=COMMENT_MAX, help_text="@ and a name calls on somebody.")
    is_external = serializers.BooleanField(required=False, default=False)
