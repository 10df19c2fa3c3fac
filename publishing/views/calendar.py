"""The month and the week on one page each."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import Publication
from publishing.selectors import Wanted, hours_of_week, month_of, week_of
from publishing.selectors.waiting import obstacles_for
from publishing.services.sharing import VIEW_SHARED
from publishing.views.common import pause_context, wanted_by, zone_of
from publishing.views.filters import filter_context
from ui.bounds import YEARS

WEEK = timedelta(days=7)


class CalendarPage(GuardedView):
    """Every publication of a month on profiles whose posts the person may view, in his own time zone."""

    listing = "profile.view_posts"

    def get(
        self, request: OrganizationRequest, year: int | None = None, month: int | None = None, **kwargs: Any
    ) -> HttpResponse:
        first = day_named(request, year, month, None if year is None else 1).replace(day=1)
        wanted = wanted_by(request)
        previous, following = first - timedelta(days=1), first + timedelta(days=31)
        context = {
            **month_context(request, first, wanted),
            **_around(request, wanted),
            "is_month": True,
            "previous_url": _address(request, "calendar_month", wanted, previous.year, previous.month),
            "following_url": _address(request, "calendar_month", wanted, following.year, following.month),
            "today_url": _address(request, "calendar", wanted),
            "month_url": _address(request, "calendar_month", wanted, first.year, first.month),
            "week_url": _week_beside(request, wanted, first),
        }
        return render(request, "publishing/calendar.html", context)


class CalendarWeek(GuardedView):
    """Seven days in hours, each day with as many as it has on the person's clock."""

    listing = "profile.view_posts"

    def get(
        self,
        request: OrganizationRequest,
        year: int | None = None,
        month: int | None = None,
        day: int | None = None,
        **kwargs: Any,
    ) -> HttpResponse:
        around = day_named(request, year, month, day)
        wanted = wanted_by(request)
        shown = week_context(request, around, wanted)
        monday: date = shown["days"][0].date
        previous, following = monday - WEEK, monday + WEEK
        middle = monday + timedelta(days=3)  # most of its days lie in this one's month
        context = {
            **shown,
            **_around(request, wanted),
            "is_month": False,
            "previous_url": _week_address(request, wanted, previous),
            "following_url": _week_address(request, wanted, following),
            "today_url": _address(request, "calendar_week", wanted),
            "month_url": _address(request, "calendar_month", wanted, middle.year, middle.month),
            "week_url": _week_address(request, wanted, around),
        }
        return render(request, "publishing/calendar.html", context)


def day_named(request: OrganizationRequest, year: int | None, month: int | None, day: int | None) -> date:
    """Return the day an address names, today on the person's clock when it names none. Raises Http404."""
    if year is None or month is None or day is None:
        return timezone.now().astimezone(zone_of(request)).date()
    try:
        found = date(year, month, day)
    except (ValueError, OverflowError) as problem:
        raise Http404 from problem
    if found.year not in YEARS:
        raise Http404
    return found


def month_context(request: OrganizationRequest, first: date, wanted: Wanted) -> dict[str, Any]:
    """Return what the page, and its grid after a move, shows of the month that begins on ``first``."""
    zone = zone_of(request)
    today = timezone.now().astimezone(zone).date()
    days = month_of(request.access, first=first, wanted=wanted, zone=zone, today=today)
    return {
        "days": days,
        "week_days": [day.date for day in days[:7]],
        "first": first,
        "wanted": wanted,
        "is_empty": not any(day.cards for day in days),
    }


def week_context(request: OrganizationRequest, around: date, wanted: Wanted) -> dict[str, Any]:
    """Return what the page, and its grid after a move, shows of the week the day lies in."""
    zone, now = zone_of(request), timezone.now()
    days = week_of(request.access, around=around, wanted=wanted, zone=zone, today=now.astimezone(zone).date())
    return {
        "days": days,
        "week": hours_of_week(days, zone, now),
        "first": days[0].date,
        "last": days[-1].date,
        "wanted": wanted,
        "is_empty": not any(day.cards for day in days),
    }


def grid_shown(request: OrganizationRequest, moved: Publication) -> HttpResponse:
    """Return the grid a card was moved on: the month (``month``) or week (``week``) named as YYYY-MM-DD."""
    for name, context, template in (
        ("week", week_context, "publishing/_calendar_week.html"),
        ("month", month_context, "publishing/_calendar_grid.html"),
    ):
        day = _day_in(request.POST.get(name, ""))
        if day is not None:
            first = day if name == "week" else day.replace(day=1)
            return render(request, template, context(request, first, wanted_by(request)))
    first = (moved.due_at or timezone.now()).astimezone(zone_of(request)).date().replace(day=1)
    shown = month_context(request, first, wanted_by(request))
    return render(request, "publishing/_calendar_grid.html", shown)


def _day_in(text: str) -> date | None:
    try:
        day = datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _around(request: OrganizationRequest, wanted: Wanted) -> dict[str, Any]:
    return {
        "list_url": _address(request, "post_list", wanted),
        "may_see_shared": request.access.can(VIEW_SHARED, request.organization),
        "obstacles": obstacles_for(request.access),
        **filter_context(request, wanted),
        **pause_context(request),
    }


def _week_beside(request: OrganizationRequest, wanted: Wanted, first: date) -> str:
    """Return the week to change to from a month: today's when it lies in it, else its first."""
    today = timezone.now().astimezone(zone_of(request)).date()
    return _week_address(request, wanted, today if today.replace(day=1) == first else first)


def _week_address(request: OrganizationRequest, wanted: Wanted, day: date) -> str:
    return _address(request, "calendar_week_of", wanted, day.year, day.month, day.day)


def _address(request: OrganizationRequest, route: str, wanted: Wanted, *args: int) -> str:
    return reverse(route, args=[request.organization.slug, *args]) + wanted.query
