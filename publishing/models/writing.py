"""What is being written and not yet saved: forms that are open, files that are still coming in."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models

from publishing.models.posts import Post
from tenancy.models import TenantModel

BEGINNING = 70  # characters


class OpenComposer(TenantModel):
    """One form of the composer that a person has open: what he typed, and that he is still there.

    It is not a draft of the post: nobody else sees it, and nothing goes out of it. It ends when the form is saved.
    """

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=32)  # of the form, made with it
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE, related_name="open_in")
    version = models.PositiveIntegerField(default=0)  # of the post, when the form was opened
    fields = models.JSONField(default=dict, blank=True)  # as the browser sends them: {"text": ["Hello"]}
    typed_at = models.DateTimeField(null=True, blank=True)  # None: only looked at so far
    seen_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "person", "key"], name="publishing_open_composer_once"
            )
        ]
        indexes = [models.Index(fields=["post", "seen_at"], name="publishing_open_composer_seen")]

    def __str__(self) -> str:
        return f"open since {self.seen_at:%Y-%m-%d %H:%M}"

    @property
    def beginning(self) -> str:
        """Return how the text begins that was typed, to tell one from another."""
        text = " ".join("".join(self.fields.get("text", [])).split())
        return text if len(text) <= BEGINNING else text[: BEGINNING - 1].rstrip() + "…"


class IncomingFile(TenantModel):
    """A large file on its way in, part by part. It becomes a PostMedia with its last part, or is forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    filename = models.CharField(max_length=200)
    size_bytes = models.PositiveIntegerField()
    received_bytes = models.PositiveIntegerField(default=0)
    parts = models.JSONField(default=list, blank=True)  # the names of the parts in the storage, in order
    begun_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["person", "begun_at"], name="publishing_incoming_begun")]

    def __str__(self) -> str:
        return self.filename
