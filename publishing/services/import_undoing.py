"""Undoing an import: which of its posts nobody has touched since, and what keeps the others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.models import (
    ApprovalAnswer,
    Comment,
    ImportMode,
    ImportRow,
    Post,
    PostImport,
    Repetition,
    State,
)
from publishing.rights import may_change
from publishing.services.posts import EDITABLE, delete_post

ROWS_AT_ONCE: Final = 500


@dataclass(frozen=True)
class Fate:
    """What undoing would do with one row's post: delete it, or leave it for this reason."""

    row: ImportRow
    post: Post
    reason: str = ""


def standing_of(post: Post) -> dict[str, Any]:
    """Return how a post stands, to tell later whether somebody took it further."""
    rows = post.publications.order_by("profile").values_list("profile", "state", "due_at")
    return {
        "version": post.version,
        "publications": [
            [profile, state, due_at.isoformat() if due_at else ""] for profile, state, due_at in rows
        ],
    }


def fates(actor: Access, post_import: PostImport) -> Iterator[Fate]:
    """Yield what would become of each post of the import; posts deleted since are not among them."""
    rows = post_import.rows.filter(state=ImportRow.State.MADE, post__isnull=False).in_order()
    posts = rows.values("post")
    touched = _taken_further(posts)
    read = rows.select_related("post", "post__updated_by").prefetch_related("post__publications__profile")
    for row in read.iterator(chunk_size=ROWS_AT_ONCE):
        assert row.post is not None
        yield Fate(row, row.post, why_kept(actor, row, row.post) or touched.get(row.post.pk, ""))


def undo_row(*, actor: Access, row: ImportRow, now: datetime) -> str:
    """Delete the row's post, in the transaction of the caller; return why it stays, empty when it is gone."""
    if row.post_id is None:
        return ""
    post = Post.objects.select_for_update().filter(pk=row.post_id).first()
    if post is None:
        return ""
    # Nothing of it may begin to go out between the look and the deletion.
    list(post.publications.select_for_update(of=("self",)).order_by("pk"))
    if reason := why_kept(actor, row, post) or _taken_further([post.pk]).get(post.pk, ""):
        return reason
    delete_post(actor=actor, post=post, now=now)
    return ""


def why_kept(actor: Access, row: ImportRow, post: Post) -> str:
    """Return why undoing leaves this post alone, by what the post itself says; empty when it does not."""
    publications = list(post.publications.all())
    for publication in publications:
        publication.post = post
    if any(publication.state not in EDITABLE for publication in publications):
        return _("It is out, or on its way.")
    if not all(may_change(actor, publication) for publication in publications):
        return _("You may not change it.")
    made = row.made_as
    if post.version != made["version"]:
        by = post.updated_by
        return _("%(person)s changed it since.") % {"person": by} if by else _("It was changed since.")
    then = {profile: (state, due_at) for profile, state, due_at in made["publications"]}
    if set(then) != {publication.profile_id for publication in publications}:
        return _("It was changed since.")
    for publication in publications:
        state, due_at = then[publication.profile_id]
        if publication.state != state:
            return _("It was “%(before)s” and is “%(now)s” now.") % {
                "before": State(state).label,
                "now": State(publication.state).label,
            }
        is_moved = (publication.due_at.isoformat() if publication.due_at else "") != due_at
        if is_moved and row.mode != ImportMode.QUEUE:  # a queue deals times anew by itself
            return _("It was moved to another time since.")
    return ""


def _taken_further(posts: Any) -> dict[int, str]:
    """Return of some posts those that others took further without changing them, and how."""
    answered = ApprovalAnswer.objects.filter(approval__publication__post__in=posts)
    commented = Comment.objects.standing().filter(post__in=posts)
    repeated = Repetition.objects.filter(post__in=posts, ended_at=None)
    return {
        **dict.fromkeys(repeated.values_list("post", flat=True), _("It was set to come again.")),
        **dict.fromkeys(commented.values_list("post", flat=True), _("Somebody commented on it.")),
        **dict.fromkeys(
            answered.values_list("approval__publication__post", flat=True),
            _("Somebody answered its request for approval."),
        ),
    }
