"""Publishing in one organization, below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from publishing import views

urlpatterns = [
    path("", views.Home.as_view(), name="organization_home"),  # the home of orgs, with what waits
    path("calendar/", views.CalendarPage.as_view(), name="calendar"),
    path("calendar/<int:year>/<int:month>/", views.CalendarPage.as_view(), name="calendar_month"),
    path("calendar/week/", views.CalendarWeek.as_view(), name="calendar_week"),
    path(
        "calendar/week/<int:year>/<int:month>/<int:day>/",
        views.CalendarWeek.as_view(),
        name="calendar_week_of",
    ),
    path("posts/", views.PostList.as_view(), name="post_list"),
    path("posts/new/", views.ComposerNew.as_view(), name="post_new"),
    path("posts/typed/", views.PostTyped.as_view(), name="post_typed"),
    path("posts/unsaved/deletion/", views.UnsavedDeletion.as_view(), name="unsaved_deletion"),
    path("posts/link-preview/", views.LinkPreviewOf.as_view(), name="link_preview"),
    path("posts/times/", views.TimesAround.as_view(), name="post_times"),
    path("profiles/<int:pk>/choices/", views.ProfileChoices.as_view(), name="profile_choices"),
    path("profiles/<int:pk>/mentions/", views.MentionSuggestions.as_view(), name="mention_suggestions"),
    path("posts/<int:pk>/", views.ComposerEdit.as_view(), name="post_edit"),
    path("posts/<int:pk>/deletion/", views.PostDeletion.as_view(), name="post_deletion"),
    path("publications/<int:pk>/", views.PublicationDetail.as_view(), name="publication_detail"),
    path("publications/<int:pk>/move/", views.PublicationMove.as_view(), name="publication_move"),
    path("publications/<int:pk>/cancellation/", views.Cancellation.as_view(), name="cancellation"),
    path("publications/<int:pk>/comments/", views.PublicationComments.as_view(), name="publication_comments"),
    path("publications/<int:pk>/comments/people/", views.PeopleToMention.as_view(), name="people_to_mention"),
    path(
        "publications/<int:pk>/comments/<int:comment>/deletion/",
        views.CommentDeletion.as_view(),
        name="comment_deletion",
    ),
    path("publications/<int:pk>/takeover/", views.Takeover.as_view(), name="takeover"),
    path("publications/<int:pk>/resolution/", views.Resolution.as_view(), name="resolution"),
    path("publications/<int:pk>/change/", views.PublishedEdit.as_view(), name="published_edit"),
    path("publications/<int:pk>/deletion/", views.PublishedDeletion.as_view(), name="published_deletion"),
    path("publications/<int:pk>/first-comment/", views.CommentAgain.as_view(), name="comment_again"),
    path("approvals/", views.ApprovalList.as_view(), name="approval_list"),
    path("approvals/<int:pk>/", views.ApprovalDetail.as_view(), name="approval_detail"),
    path("approvals/<int:pk>/links/", views.ApprovalLinks.as_view(), name="approval_links"),
    path("approvals/<int:pk>/forcing/", views.ForcedAnswer.as_view(), name="forced_answer"),
    path("workflows/", views.WorkflowList.as_view(), name="workflow_list"),
    path("workflows/new/", views.WorkflowNew.as_view(), name="workflow_new"),
    path("workflows/<int:pk>/", views.WorkflowDetail.as_view(), name="workflow_detail"),
    path("workflows/<int:pk>/edit/", views.WorkflowEdit.as_view(), name="workflow_edit"),
    path("workflows/<int:pk>/deletion/", views.WorkflowDeletion.as_view(), name="workflow_deletion"),
    path("held/", views.Handover.as_view(), name="handover"),
    path("pictures/", views.MediaUpload.as_view(), name="media_upload"),
    path("pictures/<int:pk>/", views.MediaFile.as_view(), name="media_file"),
    path("pictures/<int:pk>/crop/", views.MediaCrop.as_view(), name="media_crop"),
    path("pictures/incoming/", views.IncomingFileNew.as_view(), name="media_incoming"),
    path("pictures/incoming/<uuid:upload>/", views.IncomingFilePart.as_view(), name="media_part"),
    path("settings/delivery/", views.Pause.as_view(), name="pause"),
    path("queues/", views.QueueList.as_view(), name="queue_list"),
    path("queues/<int:pk>/", views.QueueDetail.as_view(), name="queue"),
    path("queues/<int:pk>/times/", views.QueueTimes.as_view(), name="queue_times"),
    path("queues/<int:pk>/stop/", views.QueueStop.as_view(), name="queue_stop"),
    path("queues/<int:pk>/order/", views.QueueOrder.as_view(), name="queue_order"),
    path("posts/<int:pk>/copies/", views.PostCopies.as_view(), name="post_copies"),
    path("posts/<int:pk>/repetition/", views.PostRepetition.as_view(), name="post_repetition"),
]
