"""The versions of a post, written by whatever saves it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from accounts.models import User
from publishing.models import Post, PostVersion

# What a version holds as it stands in the post; the pictures, the labels and the fields come beside it.
PLAIN: Final = (
    "text",
    "network_texts",
    "network_options",
    "link_card",
    "tracking",
    "language",
    "internal_note",
)
OF_PICTURES: Final = ("pk", "digest", "alt_text", "filename", "content_type")


def content_of(post: Post) -> dict[str, Any]:
    """Return what a version keeps of the post as it is stored now."""
    pictures = post.media.order_by("position", "pk")
    labels = post.labels.order_by("name")
    values = post.custom_values.select_related("field").order_by("field__name")
    return {
        **{name: getattr(post, name) for name in PLAIN},
        "media": [{name: getattr(one, name) for name in OF_PICTURES} for one in pictures],
        "labels": [{"pk": label.pk, "name": label.name} for label in labels],
        "campaign": {"pk": post.campaign.pk, "name": post.campaign.name} if post.campaign else None,
        "fields": [
            {"pk": one.field_id, "name": one.field.name, "kind": one.field.kind, "value": one.value}
            for one in values
        ],
    }


def record_version(*, post: Post, saved_by: User | None, at: datetime) -> None:
    """Keep the post as it is now under its number, in the transaction that saved it.

    Nothing is written when nothing but the number changed: a version is what can be told from the one before.
    """
    content = content_of(post)
    latest = post.versions.order_by("-number").first()
    if latest is None or latest.content != content:
        PostVersion.objects.create(
            post=post, number=post.version, saved_by=saved_by, saved_at=at, content=content
        )


def record_missing_version(post: Post) -> None:
    """Keep a post that was saved before versions were, ahead of its first change since."""
    if not post.versions.exists():
        record_version(post=post, saved_by=post.author, at=post.updated_at)
