"""What a person is told, across his organizations: ``/notifications/``."""

from __future__ import annotations

from django.urls import path

from orgs.views import notifications

urlpatterns = [
    path("", notifications.NotificationList.as_view(), name="notification_list"),
    path("bell/", notifications.Bell.as_view(), name="notification_bell"),
    path("read/", notifications.MarkRead.as_view(), name="notifications_read"),
    path("choices/", notifications.Choices.as_view(), name="notification_choices"),
    path("stop/<str:token>/", notifications.StopMails.as_view(), name="notification_stop"),
    path("<int:pk>/", notifications.Opening.as_view(), name="notification_open"),
]
