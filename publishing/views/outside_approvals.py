"""Approving without an account: the page behind a mailed link. One click in the mail, one on the page."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone

from publishing.approval_forms import APPROVE, CommentForm, OutsideAnswerForm
from publishing.models import Approval, ApprovalAnswer, ApprovalLink, PostMedia, Publication, State
from publishing.reviewers import answered_before, open_step_of
from publishing.selectors.differences import difference
from publishing.services.approvals import CannotAnswer, approve_from_outside, decline_from_outside
from publishing.services.comments import CannotComment, comments_for_outside, write_comment_from_outside
from publishing.states import StateError
from publishing.views.outsiders import OutsiderPicture, OutsiderView
from publishing.views.publication import preview_context


class _Behind(OutsiderView):
    """What every page behind a link to an approval reads."""

    link_model = ApprovalLink

    @property
    def approval(self) -> Approval:
        approval: Approval = self.link.step.approval
        return approval

    def publication(self) -> Publication:
        found: Publication = Publication.objects.select_related("post", "profile").get(
            pk=self.approval.publication_id
        )
        return found

    def is_shown(self, publication: Publication) -> bool:
        """Say whether the post is as this link was sent for: a later draft is not for people outside."""
        if self.approval.answer in (Approval.Answer.VOID, Approval.Answer.MISSED):
            return False
        content = publication.post.content_digest(publication.profile.network)
        return bool(content == self.approval.content_digest)


class OutsideApproval(_Behind):
    """The post as it would go out, and the answer to it."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return self.show(OutsideAnswerForm())

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form = OutsideAnswerForm(request.POST)
        if not form.is_valid():
            return self.show(form, status=422)
        values, now = form.cleaned_data, timezone.now()
        try:
            if values["answer"] == APPROVE:
                approve_from_outside(link=self.link, digest=values["digest"], now=now, note=values["note"])
            else:
                decline_from_outside(link=self.link, now=now, note=values["note"])
        except (CannotAnswer, StateError) as problem:
            form.add_error(None if values["answer"] == APPROVE else "note", str(problem))
            return self.show(form, status=422)
        return redirect("outside_approval", token)

    def show(
        self,
        form: OutsideAnswerForm,
        comment_form: CommentForm | None = None,
        status: int = 200,
    ) -> HttpResponse:
        publication = self.publication()
        approval = self.approval
        approval.publication = publication
        step = open_step_of(approval)
        own = ApprovalAnswer.objects.filter(step=self.link.step_id, outsider=self.link.outsider).first()
        is_shown = self.is_shown(publication)
        is_open = not approval.answer and publication.state == State.WAITING
        context: dict[str, Any] = {
            "link": self.link,
            "token": self.kwargs["token"],
            "approval": approval,
            "publication": publication,
            "form": form,
            "comment_form": comment_form or CommentForm(),
            "is_shown": is_shown,
            "own_answer": own,
            "may_answer": is_open and own is None and step is not None and step.pk == self.link.step_id,
        }
        if is_shown:
            shown = preview_context(publication)
            context |= shown
            context |= {
                "outside_pictures": [
                    (one, reverse("outside_approval_picture", args=[self.kwargs["token"], one.pk]))
                    for one in shown["pictures"]
                ],
                "comments": comments_for_outside(publication.post),
                **self.changes(approval),
            }
        return render(self.request, "publishing/outsider_approval.html", context, status=status)

    def changes(self, approval: Approval) -> dict[str, Any]:
        """Return what changed since this person last answered about the publication."""
        before = answered_before(approval, outsider=self.link.outsider) if self.link.outsider else None
        if before is None:
            return {"answered_before": None, "changes": []}
        return {
            "answered_before": before,
            "changes": difference(before.approval.sealed, approval.sealed),
        }


class OutsideApprovalComments(OutsideApproval):
    """A comment from outside, in the thread people outside can read."""

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        return redirect("outside_approval", token)

    def post(self, request: HttpRequest, token: str) -> HttpResponse:
        form, publication = CommentForm(request.POST), self.publication()
        if not self.is_shown(publication):
            return redirect("outside_approval", token)
        if form.is_valid():
            try:
                write_comment_from_outside(
                    link=self.link,
                    post=publication.post,
                    text=form.cleaned_data["text"],
                    now=timezone.now(),
                )
            except CannotComment as problem:
                form.add_error("text", str(problem))
            else:
                return redirect("outside_approval", token)
        return self.show(OutsideAnswerForm(), form, status=422)


class OutsideApprovalPicture(OutsiderPicture, _Behind):
    """A picture of the post the link is for."""

    def may_show(self, media: PostMedia) -> bool:
        publication = self.publication()
        return media.post_id == publication.post_id and self.is_shown(publication)
