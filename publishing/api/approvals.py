"""Approvals over the API: what waits, the answer to it, and what is said about the post."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db.models import Model
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from api.operations import operation
from api.pagination import Page
from api.problems import Problem
from api.views import GuardedAPIView
from publishing.api.serializers import (
    AnswerSerializer,
    ApprovalSerializer,
    CommentSerializer,
    WhichApprovalsSerializer,
    WriteCommentSerializer,
)
from publishing.models import Approval, Comment
from publishing.rights import COMMENT, REVIEW
from publishing.selectors.approvals import (
    VIEW_APPROVALS,
    approvals_asked_by,
    approvals_waiting_for,
    open_approvals,
)
from publishing.services.approvals import CannotAnswer, approve, decline
from publishing.services.comments import CannotComment, comments_of, write_comment
from publishing.states import StateError

LISTS = {"waiting": approvals_waiting_for, "asked": approvals_asked_by, "open": open_approvals}


class ApprovalView(GuardedAPIView):
    """One request, asked of its profile."""

    tag = "Approvals"
    action = VIEW_APPROVALS
    mendable: ClassVar[tuple[type[Exception], ...]] = (CannotAnswer, CannotComment, StateError)

    def get_object(self) -> Any:
        self.approval = self.read(self.kwargs["pk"])
        return self.approval.publication.profile

    def get_scope_object(self) -> Model | None:
        profile: Model = self.get_object()
        return profile

    def read(self, pk: int) -> Approval:
        rows = Approval.objects.select_related(
            "publication__profile", "publication__post", "requested_by", "answered_by"
        )
        found = rows.filter(pk=pk).first()
        if found is None:
            raise Http404
        return found


class ApprovalList(GuardedAPIView):
    tag = "Approvals"
    listing = VIEW_APPROVALS

    @operation("List requests for approval", query=WhichApprovalsSerializer, pages=ApprovalSerializer)
    def get(self) -> Page:
        found = LISTS.get(self.query["show"])
        if found is None:
            raise Problem(400, _("Requests are shown that are waiting, asked or open."))
        return self.page(found(self.access))


class ApprovalDetail(ApprovalView):
    @operation("Read a request for approval", answers=ApprovalSerializer)
    def get(self, pk: int) -> Approval:
        return self.approval


class ApprovalAnswer(ApprovalView):
    @operation(
        "Approve a post, or not",
        takes=AnswerSerializer,
        answers=ApprovalSerializer,
        action=REVIEW,
    )
    def put(self, pk: int) -> Approval:
        given, now = self.given, timezone.now()
        if given["is_approved"]:
            approve(
                actor=self.access,
                approval=self.approval,
                digest=given["digest"],
                now=now,
                note=given["note"],
            )
        else:
            decline(actor=self.access, approval=self.approval, now=now, note=given["note"])
        return self.read(pk)


class ApprovalComments(ApprovalView):
    @operation("List what was said about the post", lists=CommentSerializer)
    def get(self, pk: int) -> list[Comment]:
        return comments_of(self.access, self.approval.publication.post)

    @operation(
        "Comment on the post",
        takes=WriteCommentSerializer,
        answers=CommentSerializer,
        status=201,
        action=COMMENT,
    )
    def post(self, pk: int) -> Comment:
        thread = Comment.Thread.EXTERNAL if self.given["is_external"] else Comment.Thread.INTERNAL
        return write_comment(
            actor=self.access,
            post=self.approval.publication.post,
            text=self.given["text"],
            thread=thread,
            now=timezone.now(),
        )
