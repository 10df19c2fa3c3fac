"""What calendar programs and people without an account open: below ``/outside/``, each with a token."""

from __future__ import annotations

from django.urls import path

from publishing.views import feeds, outside_calendar

urlpatterns = [
    path("feeds/<str:token>.ics", feeds.CalendarFeedFile.as_view(), name="calendar_feed"),
    path("calendars/<str:token>/", outside_calendar.OutsideCalendar.as_view(), name="outside_calendar"),
    path(
        "calendars/<str:token>/<int:year>/<int:month>/",
        outside_calendar.OutsideCalendar.as_view(),
        name="outside_calendar_month",
    ),
    path(
        "calendars/<str:token>/posts/<int:pk>/",
        outside_calendar.OutsidePost.as_view(),
        name="outside_calendar_post",
    ),
    path(
        "calendars/<str:token>/pictures/<int:pk>/",
        outside_calendar.OutsideCalendarPicture.as_view(),
        name="outside_calendar_picture",
    ),
]
