"""What is said about a post, on the pages of its publications and approvals."""

from __future__ import annotations

from typing import Any, Final

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import OrganizationRequest
from publishing.approval_forms import CommentForm
from publishing.models import Comment
from publishing.rights import COMMENT
from publishing.services.comments import (
    CannotComment,
    people_to_mention,
    take_back_comment,
    write_comment,
)
from publishing.views.common import PublicationView, next_or
from publishing.views.publication import show
from publishing.views.threads import comments_context

PEOPLE_OFFERED: Final = 8
NAME_MAX: Final = 150


class PublicationComments(PublicationView):
    """A new comment; who is named in it is told."""

    action = COMMENT

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form, publication = CommentForm(request.POST), self.publication
        if form.is_valid():
            try:
                comment = write_comment(
                    actor=request.access,
                    post=publication.post,
                    text=form.cleaned_data["text"],
                    thread=form.cleaned_data["thread"],
                    now=timezone.now(),
                )
            except CannotComment as problem:
                form.add_error("text", str(problem))
            else:
                messages.success(request, _said(comment))
                return redirect(next_or(request, "publication_detail", publication.pk) + "#comments")
        return show(request, publication, status=422, **comments_context(request, publication, form))


class PeopleToMention(PublicationView):
    """Those whom a comment can call on, while somebody types a name (``?q=``)."""

    action = COMMENT

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        people = people_to_mention(
            request.access, self.publication.post, timezone.now(), request.GET.get("q", "").strip()[:NAME_MAX]
        )
        return JsonResponse({"people": [{"name": one.name} for one in people[:PEOPLE_OFFERED]]})


class CommentDeletion(PublicationView):
    """Taking back what one wrote oneself."""

    action = COMMENT

    def get_scope_object(self) -> Model | None:
        profile = super().get_scope_object()
        own = Comment.objects.standing().filter(author=self.request.user, post=self.publication.post_id)
        self.comment = get_object_or_404(own.select_related("post"), pk=self.kwargs["comment"])
        return profile

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        take_back_comment(actor=request.access, comment=self.comment, now=timezone.now())
        messages.success(request, _("Your comment is taken back."))
        return redirect(next_or(request, "publication_detail", self.publication.pk) + "#comments")


def _said(comment: Comment) -> str:
    called = [str(mention.person) for mention in comment.mentions.select_related("person")]
    if called:
        return _("Your comment is there. Told: %(people)s.") % {"people": ", ".join(called)}
    return _("Your comment is there.")
