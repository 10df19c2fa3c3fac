"""What a post said at each time it was saved."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from publishing.models.posts import Post
from tenancy.models import TenantModel


class PostVersion(TenantModel):
    """The post as it was saved once. Written by the services that save a post, never changed afterwards."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    saved_at = models.DateTimeField()
    content = models.JSONField()  # see publishing/services/versions.py
    restored_from = models.PositiveIntegerField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "number"], name="publishing_version_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.post} · {self.number}"
