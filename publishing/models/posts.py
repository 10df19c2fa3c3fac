"""What is to be said: posts and their files."""

from __future__ import annotations

import hashlib
import json
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from orgs.models import Workspace
from publishing.network_options import tracked_options
from publishing.tracking import tracked_card, tracked_text, tracking_of
from tenancy.models import TenantModel


class Post(TenantModel):
    """What is to be said: one text, other texts per network, pictures. Where and when is in its publications."""

    workspace = models.ForeignKey(Workspace, on_delete=models.PROTECT, related_name="posts")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="posts"
    )
    text = models.TextField(_("text"), blank=True)
    network_texts = models.JSONField(default=dict, blank=True)  # {"bluesky": "a shorter text"}
    network_options = models.JSONField(default=dict, blank=True)  # {"mastodon": {"visibility": "unlisted"}}
    link_card = models.JSONField(null=True, blank=True)  # {"url", "title", "description"}
    # {"source", "medium", "campaign", "content"}, added to links as they go out; empty: links stay as typed; None:
    # the campaign decides (see publishing/tracking.py)
    tracking = models.JSONField(null=True, blank=True)
    language = models.CharField(max_length=12, blank=True)
    internal_note = models.CharField(_("internal note"), max_length=500, blank=True)
    labels = models.ManyToManyField("publishing.Label", through="publishing.PostLabel", related_name="posts")
    campaign = models.ForeignKey(
        "publishing.Campaign", null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    # What the campaign said of tracking when it changed while this was scheduled or waited: what was approved goes out.
    # None: the campaign's values of today.
    campaign_tracking = models.JSONField(null=True, blank=True)
    draft_category = models.ForeignKey(
        "publishing.DraftCategory", null=True, blank=True, on_delete=models.SET_NULL, related_name="posts"
    )
    draft_status = models.CharField(max_length=10, blank=True, default="", db_default="")  # see DraftStatus
    version = models.PositiveIntegerField(default=1)
    # The SHA-256 of the form it came from: a form that is sent twice makes one post.
    submission = models.CharField(max_length=64, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    updated_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    deleted_at = models.DateTimeField(null=True, blank=True)

    _files: list[PostMedia] | None = None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "author", "submission"],
                condition=~Q(submission=""),
                name="publishing_post_once_per_form",
            )
        ]
        indexes = [models.Index(fields=["organization", "-updated_at"])]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """Return the first line, cut for a list."""
        first = self.text.strip().splitlines()[0] if self.text.strip() else ""
        return first if len(first) <= 80 else first[:79].rstrip() + "…"

    def text_for(self, network: str) -> str:
        return str(self.network_texts.get(network) or self.text)

    @property
    def files(self) -> list[PostMedia]:
        """Return its pictures and videos in order: read anew each time, unless this object was told to keep them."""
        return list(self.media.order_by("position")) if self._files is None else self._files

    def keep_files(self) -> None:
        """Read the files once, for whoever asks more than once and knows that nobody changes them meanwhile."""
        self._files = list(self.media.order_by("position"))

    def content_digest(self, network: str) -> str:
        """Return the SHA-256 of what goes out on this network: what an approval is sealed to."""
        tracking = tracking_of(self, network)
        content = {
            "text": tracked_text(self.text_for(network), tracking),
            "options": tracked_options(self.network_options.get(network, {}), tracking),
            "link_card": tracked_card(self.link_card, tracking),
            "language": self.language,
            "media": [[media.digest, media.alt_text] for media in self.files],
        }
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def media_path(media: PostMedia, filename: str) -> str:
    suffix = media.content_type.rpartition("/")[2]  # what it is, whatever its name says
    return f"posts/{media.organization_id}/{uuid.uuid4().hex}.{suffix}"


class PostMedia(TenantModel):
    """One picture or video of a post, checked and measured when it came in."""

    # A picture is uploaded before its post is saved, so that nothing typed is lost: then it has no post yet.
    post = models.ForeignKey(Post, null=True, blank=True, on_delete=models.CASCADE, related_name="media")
    # Taken out of a post's text, but kept for the versions of it that show it.
    kept_for = models.ForeignKey(
        Post, null=True, blank=True, on_delete=models.CASCADE, related_name="kept_media"
    )
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    file = models.FileField(upload_to=media_path)
    filename = models.CharField(max_length=200)
    content_type = models.CharField(max_length=60)
    size_bytes = models.PositiveIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    seconds = models.FloatField(null=True, blank=True)
    frames_per_second = models.FloatField(null=True, blank=True)
    codecs = models.CharField(max_length=60, blank=True, default="", db_default="")  # "h264 aac"
    # A cropped picture is a file of its own; the original stays, so that the crop can be undone.
    original = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="crops"
    )
    crop = models.JSONField(null=True, blank=True)  # [left, top, right, bottom] in pixels of the original
    digest = models.CharField(max_length=64)
    alt_text = models.CharField(_("alternative text"), max_length=1500, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.filename

    @property
    def is_video(self) -> bool:
        return self.content_type.startswith("video/")

    @property
    def shown_length(self) -> str:
        """Return how long a video is as a clock says it: "1:05"; empty for a picture."""
        if self.seconds is None:
            return ""
        minutes, seconds = divmod(round(self.seconds), 60)
        return f"{minutes}:{seconds:02}"
