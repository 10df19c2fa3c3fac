"""The two threads of a post, for every page that shows them."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from permissions.errors import NotAllowed
from permissions.guard import OrganizationRequest
from publishing.approval_forms import CommentForm
from publishing.models import Comment, Publication
from publishing.services.comments import (
    CannotComment,
    comments_of,
    mark_mentions_seen,
    require_comment,
)


def comments_context(
    request: OrganizationRequest, publication: Publication, form: CommentForm | None = None
) -> dict[str, Any]:
    """Return what a page needs to show the threads of a post, and the form where the person may write."""
    post, access = publication.post, request.access
    said = comments_of(access, post)
    return {
        "comments": [one for one in said if one.thread == Comment.Thread.INTERNAL],
        "external_comments": [one for one in said if one.thread == Comment.Thread.EXTERNAL],
        "may_comment": _may_write(request, publication),
        "comment_form": form or CommentForm(),
    }


def note_mentions_seen(request: OrganizationRequest, publication: Publication) -> None:
    """Strike the post's mentions from the person's list: he is looking, and not somebody else as him."""
    if getattr(request, "view_as", None) is None:
        mark_mentions_seen(request.access, publication.post, timezone.now())


def _may_write(request: OrganizationRequest, publication: Publication) -> bool:
    try:
        require_comment(request.access, publication.post)
    except (NotAllowed, CannotComment):
        return False
    return True
