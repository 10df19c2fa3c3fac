"""Posts (content), publications (one post on one profile), the attempts to bring them out, and approvals."""

from __future__ import annotations

from publishing.models.approvals import (
    Approval,
    ApprovalAnswer,
    ApprovalLink,
    ApprovalReviewer,
    ApprovalStep,
)
from publishing.models.comments import Comment, Mention
from publishing.models.followups import (
    FOLLOW_UP_TRANSITIONS,
    FollowUp,
    FollowUpAttempt,
    FollowUpState,
)
from publishing.models.imports import ImportAddress, ImportMode, ImportProfile, ImportRow, PostImport
from publishing.models.organizing import (
    Campaign,
    Color,
    CustomField,
    CustomValue,
    DraftCategory,
    DraftStatus,
    HashtagList,
    Label,
    PostLabel,
)
from publishing.models.outsiders import Outsider, OutsiderLink, digest_of_token
from publishing.models.posts import Post, PostMedia, media_path
from publishing.models.publications import (
    TRANSITIONS,
    HoldReason,
    Publication,
    PublishAttempt,
    State,
)
from publishing.models.queues import Occurrence, QueueEntry, QueuePause, QueueSlot, Repetition
from publishing.models.sharing import (
    SHARED_STATES,
    CalendarFeed,
    CalendarLink,
    SharedCalendar,
    SharedLabel,
    SharedProfile,
)
from publishing.models.versions import PostVersion
from publishing.models.waiting import (
    ApplicationRateLimit,
    DeliverySettings,
    ProfileRateLimit,
    PublishingPause,
)
from publishing.models.workflows import StepReviewer, StepRule, Workflow, WorkflowProfile, WorkflowStep
from publishing.models.writing import IncomingFile, OpenComposer

__all__ = [
    "FOLLOW_UP_TRANSITIONS",
    "SHARED_STATES",
    "TRANSITIONS",
    "ApplicationRateLimit",
    "Approval",
    "ApprovalAnswer",
    "ApprovalLink",
    "ApprovalReviewer",
    "ApprovalStep",
    "CalendarFeed",
    "CalendarLink",
    "Campaign",
    "Color",
    "Comment",
    "CustomField",
    "CustomValue",
    "DeliverySettings",
    "DraftCategory",
    "DraftStatus",
    "FollowUp",
    "FollowUpAttempt",
    "FollowUpState",
    "HashtagList",
    "HoldReason",
    "ImportAddress",
    "ImportMode",
    "ImportProfile",
    "ImportRow",
    "IncomingFile",
    "Label",
    "Mention",
    "Occurrence",
    "OpenComposer",
    "Outsider",
    "OutsiderLink",
    "Post",
    "PostImport",
    "PostLabel",
    "PostMedia",
    "PostVersion",
    "ProfileRateLimit",
    "Publication",
    "PublishAttempt",
    "PublishingPause",
    "QueueEntry",
    "QueuePause",
    "QueueSlot",
    "Repetition",
    "SharedCalendar",
    "SharedLabel",
    "SharedProfile",
    "State",
    "StepReviewer",
    "StepRule",
    "Workflow",
    "WorkflowProfile",
    "WorkflowStep",
    "digest_of_token",
    "media_path",
]
