"""Calendars that leave the product, managed below ``/o/<slug>/``."""

from __future__ import annotations

from django.urls import path

from publishing.views import feeds, shared_calendars

urlpatterns = [
    path("calendar/subscription/", feeds.CalendarSubscription.as_view(), name="calendar_subscription"),
    path("calendar/calendar.ics", feeds.CalendarFile.as_view(), name="calendar_file"),
    path("calendar/shared/", shared_calendars.SharedList.as_view(), name="shared_calendar_list"),
    path("calendar/shared/new/", shared_calendars.SharedNew.as_view(), name="shared_calendar_new"),
    path("calendar/shared/<int:pk>/", shared_calendars.SharedDetail.as_view(), name="shared_calendar"),
    path(
        "calendar/shared/<int:pk>/edit/", shared_calendars.SharedEdit.as_view(), name="shared_calendar_edit"
    ),
    path("calendar/shared/<int:pk>/end/", shared_calendars.SharedEnd.as_view(), name="shared_calendar_end"),
    path(
        "calendar/shared/<int:pk>/links/", shared_calendars.LinkNew.as_view(), name="shared_calendar_link_new"
    ),
    path(
        "calendar/shared/<int:pk>/links/<int:calendar_link>/revocation/",
        shared_calendars.LinkRevocation.as_view(),
        name="shared_calendar_link_revocation",
    ),
]
