"""What people say to each other about a post: among themselves, and with people outside."""

from __future__ import annotations

from typing import ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from publishing.models.outsiders import Outsider
from publishing.models.posts import Post
from tenancy.models import TenantManager, TenantModel, TenantQuerySet


class CommentQuerySet(TenantQuerySet["Comment"]):
    def standing(self) -> Self:
        """Return the comments nobody took back."""
        return self.filter(deleted_at=None)

    def external(self) -> Self:
        """Return what people outside may read. Whatever is shown to them comes through here."""
        return self.filter(thread=Comment.Thread.EXTERNAL)


CommentManager = TenantManager.from_queryset(CommentQuerySet)


class Comment(TenantModel):
    """One remark on a post, in one of its two threads."""

    class Thread(models.TextChoices):
        INTERNAL = "internal", _("Team")
        EXTERNAL = "external", _("With people outside")

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    thread = models.CharField(max_length=8, choices=Thread, default=Thread.INTERNAL)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    outsider = models.ForeignKey(Outsider, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    author_name = models.CharField(max_length=150)  # stays when the account or the link is gone
    is_from_outside = models.BooleanField(default=False)
    text = models.TextField(_("comment"), max_length=2000)
    created_at = models.DateTimeField(default=timezone.now)
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = CommentManager()

    class Meta:
        constraints = [
            # Whoever comes from outside speaks in the thread he can read, and nowhere else.
            models.CheckConstraint(
                condition=Q(is_from_outside=False, outsider=None)
                | Q(is_from_outside=True, author=None, thread="external"),
                name="publishing_comment_from_outside",
            )
        ]
        indexes = [models.Index(fields=["post", "thread", "created_at"])]

    def __str__(self) -> str:
        return f"comment of {self.author_name}"


class MentionQuerySet(TenantQuerySet["Mention"]):
    def unseen_by(self, person: User) -> Self:
        return self.filter(person=person, seen_at=None, comment__deleted_at=None)


MentionManager = TenantManager.from_queryset(MentionQuerySet)


class Mention(TenantModel):
    """A comment calls on a member of the team; it waits for him until he has opened the page."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar = MentionManager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["comment", "person"], name="publishing_mention_once")]
        indexes = [
            models.Index(fields=["person"], condition=Q(seen_at=None), name="publishing_mentions_unseen")
        ]

    def __str__(self) -> str:
        return f"{self.person} in {self.comment}"
