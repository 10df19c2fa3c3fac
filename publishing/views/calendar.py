"""The month on one page."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import State
from publishing.selectors import Wanted, month_of, profiles_with_visible_posts
from publishing.views.common import pause_context, wanted_by, zone_of
from ui.bounds import YEARS


class CalendarPage(GuardedView):
    """Every publication of a month on profiles whose posts the person may view, in his own time zone."""

    listing = "profile.view_posts"

    def get(
        self, request: OrganizationRequest, year: int | None = None, month: int | None = None, **kwargs: Any
    ) -> HttpResponse:
        today = timezone.now().astimezone(zone_of(request)).date()
        try:
            first = today.replace(day=1) if year is None or month is None else date(year, month, 1)
        except (ValueError, OverflowError) as problem:
            raise Http404 from problem
        if first.year not in YEARS:
            raise Http404
        return render(request, "publishing/calendar.html", month_context(request, first, wanted_by(request)))


def month_context(request: OrganizationRequest, first: date, wanted: Wanted) -> dict[str, Any]:
    """Return what the calendar page, and its grid after a move, shows of the month that begins on ``first``."""
    zone = zone_of(request)
    days = month_of(
        request.access,
        first=first,
        wanted=wanted,
        zone=zone,
        today=timezone.now().astimezone(zone).date(),
    )
    return {
        "days": days,
        "week_days": [day.date for day in days[:7]],
        "first": first,
        "previous": first - timedelta(days=1),
        "following": first + timedelta(days=31),
        "wanted": wanted,
        "states": [choice for choice in State.choices if choice[0] != State.CANCELED],
        "profiles": list(profiles_with_visible_posts(request.access)),
        "is_empty": not any(day.cards for day in days),
        **pause_context(request),
    }
