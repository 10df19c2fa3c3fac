from publishing.views.approvals import ApprovalDetail, ApprovalLinks, ApprovalList, ForcedAnswer
from publishing.views.around import TimesAround
from publishing.views.calendar import CalendarPage, CalendarWeek
from publishing.views.comments import CommentDeletion, PeopleToMention, PublicationComments
from publishing.views.composer import ComposerEdit, ComposerNew, PostDeletion
from publishing.views.composing import (
    LinkPreviewOf,
    MentionSuggestions,
    PostTyped,
    ProfileChoices,
    UnsavedDeletion,
)
from publishing.views.followups import CommentAgain, PublishedDeletion, PublishedEdit
from publishing.views.handover import Handover
from publishing.views.home import Home
from publishing.views.lists import PostList
from publishing.views.media import IncomingFileNew, IncomingFilePart, MediaCrop, MediaFile, MediaUpload
from publishing.views.moving import PublicationMove
from publishing.views.outside_approvals import (
    OutsideApproval,
    OutsideApprovalComments,
    OutsideApprovalPicture,
)
from publishing.views.pause import Pause
from publishing.views.publication import (
    Cancellation,
    PublicationDetail,
    Resolution,
    Takeover,
)
from publishing.views.queues import QueueDetail, QueueList, QueueOrder, QueueStop, QueueTimes
from publishing.views.repeating import PostCopies, PostRepetition
from publishing.views.workflows import (
    WorkflowDeletion,
    WorkflowDetail,
    WorkflowEdit,
    WorkflowList,
    WorkflowNew,
)

__all__ = [
    "ApprovalDetail",
    "ApprovalLinks",
    "ApprovalList",
    "CalendarPage",
    "CalendarWeek",
    "Cancellation",
    "CommentAgain",
    "CommentDeletion",
    "ComposerEdit",
    "ComposerNew",
    "ForcedAnswer",
    "Handover",
    "Home",
    "IncomingFileNew",
    "IncomingFilePart",
    "LinkPreviewOf",
    "MediaCrop",
    "MediaFile",
    "MediaUpload",
    "MentionSuggestions",
    "OutsideApproval",
    "OutsideApprovalComments",
    "OutsideApprovalPicture",
    "Pause",
    "PeopleToMention",
    "PostCopies",
    "PostDeletion",
    "PostList",
    "PostRepetition",
    "PostTyped",
    "ProfileChoices",
    "PublicationComments",
    "PublicationDetail",
    "PublicationMove",
    "PublishedDeletion",
    "PublishedEdit",
    "QueueDetail",
    "QueueList",
    "QueueOrder",
    "QueueStop",
    "QueueTimes",
    "Resolution",
    "Takeover",
    "TimesAround",
    "UnsavedDeletion",
    "WorkflowDeletion",
    "WorkflowDetail",
    "WorkflowEdit",
    "WorkflowList",
    "WorkflowNew",
]
