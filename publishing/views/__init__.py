from publishing.views.approvals import ApprovalDetail, ApprovalList
from publishing.views.calendar import CalendarPage, CalendarWeek
from publishing.views.composer import ComposerEdit, ComposerNew, PostDeletion
from publishing.views.home import Home
from publishing.views.lists import PostList
from publishing.views.media import MediaFile, MediaUpload
from publishing.views.moving import PublicationMove
from publishing.views.pause import Pause
from publishing.views.publication import (
    Cancellation,
    PublicationDetail,
    Resolution,
    Takeover,
)

__all__ = [
    "ApprovalDetail",
    "ApprovalList",
    "CalendarPage",
    "CalendarWeek",
    "Cancellation",
    "ComposerEdit",
    "ComposerNew",
    "Home",
    "MediaFile",
    "MediaUpload",
    "Pause",
    "PostDeletion",
    "PostList",
    "PublicationDetail",
    "PublicationMove",
    "Resolution",
    "Takeover",
]
