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
    path("posts/<int:pk>/", views.ComposerEdit.as_view(), name="post_edit"),
    path("posts/<int:pk>/deletion/", views.PostDeletion.as_view(), name="post_deletion"),
    path("publications/<int:pk>/", views.PublicationDetail.as_view(), name="publication_detail"),
    path("publications/<int:pk>/move/", views.PublicationMove.as_view(), name="publication_move"),
    path("publications/<int:pk>/cancellation/", views.Cancellation.as_view(), name="cancellation"),
    path("publications/<int:pk>/takeover/", views.Takeover.as_view(), name="takeover"),
    path("publications/<int:pk>/resolution/", views.Resolution.as_view(), name="resolution"),
    path("approvals/", views.ApprovalList.as_view(), name="approval_list"),
    path("approvals/<int:pk>/", views.ApprovalDetail.as_view(), name="approval_detail"),
    path("pictures/", views.MediaUpload.as_view(), name="media_upload"),
    path("pictures/<int:pk>/", views.MediaFile.as_view(), name="media_file"),
    path("pause/", views.Pause.as_view(), name="pause"),
]
