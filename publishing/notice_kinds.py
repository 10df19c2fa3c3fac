"""What people are told about posts, approvals and imports, and who may still see what it is about."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from notifications.kinds import Group, NotificationKind, register_kinds, register_sight
from notifications.models import ByMail
from permissions.checker import Access
from publishing.models import Approval, Comment, Post, Publication
from publishing.rights import REVIEW, VIEW

GATHERED: Final = timedelta(minutes=1)  # what is sent for approval or fails together is told in one mail
GATHERED_LONGER: Final = timedelta(minutes=10)


def _asked_together(count: int, topic: str) -> str:
    return ngettext(
        "%(count)d post for %(topic)s waits for your answer",
        "%(count)d posts for %(topic)s wait for your answer",
        count,
    ) % {"count": count, "topic": topic}


def _rejected_together(count: int, topic: str) -> str:
    return ngettext(
        "%(count)d post was refused on %(topic)s", "%(count)d posts were refused on %(topic)s", count
    ) % {"count": count, "topic": topic}


def _held_together(count: int, topic: str) -> str:
    return ngettext(
        "%(count)d post for %(topic)s is held", "%(count)d posts for %(topic)s are held", count
    ) % {"count": count, "topic": topic}


def _unconfirmed_together(count: int, topic: str) -> str:
    return ngettext(
        "%(count)d post may be out on %(topic)s: please look",
        "%(count)d posts may be out on %(topic)s: please look",
        count,
    ) % {"count": count, "topic": topic}


def _late_together(count: int, topic: str) -> str:
    return ngettext(
        "%(count)d post went out late on %(topic)s", "%(count)d posts went out late on %(topic)s", count
    ) % {"count": count, "topic": topic}


def _published_together(count: int, topic: str) -> str:
    return ngettext("%(count)d post is out on %(topic)s", "%(count)d posts are out on %(topic)s", count) % {
        "count": count,
        "topic": topic,
    }


APPROVAL_ASKED = NotificationKind(
    "approval_asked",
    Group.APPROVALS,
    _("A workflow asks you for an answer"),
    "checkbox",
    waits=GATHERED,
    together=_asked_together,
)
APPROVAL_OPEN = NotificationKind(
    "approval_open",
    Group.APPROVALS,
    _("A post waits on a profile where you may approve"),
    "checkbox",
    waits=GATHERED_LONGER,
    together=_asked_together,
)
APPROVAL_REMINDED = NotificationKind(
    "approval_reminded", Group.APPROVALS, _("Reminders, and requests nobody has answered"), "clock"
)
APPROVAL_ANSWERED = NotificationKind(
    "approval_answered",
    Group.ANSWERS,
    _("Your post is approved, or not"),
    "clipboard-check",
    waits=GATHERED,
)
COMMENT_MENTION = NotificationKind("comment_mention", Group.COMMENTS, _("A colleague mentions you"), "at")
COMMENT_OUTSIDE = NotificationKind(
    "comment_outside", Group.COMMENTS, _("Somebody outside comments on your post"), "message-circle"
)
COMMENT_COLLEAGUE = NotificationKind(
    "comment_colleague",
    Group.COMMENTS,
    _("A colleague comments on your post"),
    "message",
    waits=GATHERED_LONGER,
)
POST_HELD = NotificationKind(
    "post_held",
    Group.POSTS,
    _("Your post is held"),
    "hand-stop",
    tone="warn",
    waits=GATHERED,
    together=_held_together,
)
POST_TO_TAKE_OVER = NotificationKind(
    "post_to_take_over",
    Group.POSTS,
    _("A post you may take over is too late and held"),
    "user-check",
    waits=GATHERED,
    together=_held_together,
)
SERVER_DOWN = NotificationKind(
    "server_down",
    Group.CONNECTIONS,
    _("A network does not answer, and posts wait for it"),
    "alert-triangle",
    tone="warn",
)
POST_REJECTED = NotificationKind(
    "post_rejected",
    Group.POSTS,
    _("A network refuses your post"),
    "alert-circle",
    tone="bad",
    waits=GATHERED,
    together=_rejected_together,
)
POST_UNCONFIRMED = NotificationKind(
    "post_unconfirmed",
    Group.POSTS,
    _("Nobody knows whether your post is out"),
    "help-circle",
    tone="warn",
    waits=GATHERED,
    together=_unconfirmed_together,
)
POST_FOLLOW_UP = NotificationKind(
    "post_follow_up",
    Group.POSTS,
    _("A first comment, a change or a deletion did not work"),
    "alert-triangle",
    tone="warn",
)
POST_LATE = NotificationKind(
    "post_late",
    Group.POSTS,
    _("Your post went out late"),
    "hourglass",
    tone="warn",
    waits=GATHERED_LONGER,
    together=_late_together,
)
POST_PUBLISHED = NotificationKind(
    "post_published",
    Group.POSTS,
    _("Your post is out"),
    "send",
    is_listed=False,
    mail=ByMail.NEVER,
    waits=GATHERED_LONGER,
    together=_published_together,
)
REPETITION_ENDED = NotificationKind(
    "repetition_ended", Group.POSTS, _("A post that was to come again cannot"), "repeat"
)
IMPORT_FINISHED = NotificationKind(
    "import_finished", Group.IMPORTS, _("Posts from a file are imported"), "upload", mail=ByMail.NEVER
)


def register() -> None:
    register_kinds(
        APPROVAL_ASKED,
        APPROVAL_OPEN,
        APPROVAL_REMINDED,
        APPROVAL_ANSWERED,
        COMMENT_MENTION,
        COMMENT_OUTSIDE,
        COMMENT_COLLEAGUE,
        POST_HELD,
        POST_TO_TAKE_OVER,
        POST_REJECTED,
        POST_UNCONFIRMED,
        POST_FOLLOW_UP,
        POST_LATE,
        POST_PUBLISHED,
        REPETITION_ENDED,
        SERVER_DOWN,
        IMPORT_FINISHED,
    )
    register_sight(Publication, seen_publications)
    register_sight(Post, seen_posts)
    register_sight(Approval, seen_approvals)
    register_sight(Comment, seen_comments)


def seen_publications(access: Access, ids: Collection[int]) -> set[int]:
    """Return those of one's own posts, and on profiles whose posts one may read."""
    rows = Publication.objects.filter(pk__in=ids).select_related("profile", "post")
    return {row.pk for row in rows if row.post.author_id == access.user.pk or access.can(VIEW, row.profile)}


def seen_approvals(access: Access, ids: Collection[int]) -> set[int]:
    """Return the requests that one reviews."""
    rows = Approval.objects.filter(pk__in=ids).select_related("publication__profile")
    return {row.pk for row in rows if access.can(REVIEW, row.publication.profile)}


def seen_posts(access: Access, ids: Collection[int]) -> set[int]:
    posts = Post.objects.filter(pk__in=ids).prefetch_related("publications__profile")
    return {post.pk for post in posts if _sees(access, post)}


def seen_comments(access: Access, ids: Collection[int]) -> set[int]:
    """Return those that were not taken back, on posts one may read."""
    rows = Comment.objects.standing().filter(pk__in=ids).select_related("post")
    rows = rows.prefetch_related("post__publications__profile")
    return {row.pk for row in rows if _sees(access, row.post)}


def _sees(access: Access, post: Post) -> bool:
    """As ``rights.sees_post``, of rows that were read with their profiles."""
    return post.author_id == access.user.pk or any(
        access.can(VIEW, one.profile) for one in post.publications.all()
    )
