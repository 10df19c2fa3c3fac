"""Posts (content), publications (one post on one profile), the attempts to bring them out, and approvals."""

from __future__ import annotations

from publishing.models.approvals import Approval
from publishing.models.posts import Post, PostMedia, media_path
from publishing.models.publications import (
    TRANSITIONS,
    HoldReason,
    Publication,
    PublishAttempt,
    State,
)
from publishing.models.waiting import ApplicationRateLimit, ProfileRateLimit, PublishingPause

__all__ = [
    "TRANSITIONS",
    "ApplicationRateLimit",
    "Approval",
    "HoldReason",
    "Post",
    "PostMedia",
    "ProfileRateLimit",
    "Publication",
    "PublishAttempt",
    "PublishingPause",
    "State",
    "media_path",
]
