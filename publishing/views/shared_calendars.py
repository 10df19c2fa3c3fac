"""Calendars shared with people outside, as the team manages them (AO13-AO15)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.views.base import ActView, FormView, OrganizationView
from permissions.guard import OrganizationRequest
from publishing.models import CalendarLink, SharedCalendar, State
from publishing.selectors.sharing import links_of, shared_calendars
from publishing.services.sharing import (
    CREATE_SHARED,
    EDIT_SHARED,
    VIEW_SHARED,
    CannotShare,
    create_shared_calendar,
    end_shared_calendar,
    hidden_profiles,
    make_calendar_link,
    revoke_calendar_link,
    update_shared_calendar,
)
from publishing.sharing_forms import CalendarLinkForm, SharedCalendarForm

CALENDARS_PER_PAGE = 50
CREATED = 201


class SharedList(OrganizationView):
    action = VIEW_SHARED
    template_name = "publishing/sharing/list.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        found = shared_calendars(timezone.now())
        page = Paginator(found, CALENDARS_PER_PAGE).get_page(request.GET.get("page"))
        return self.page(
            page=page, calendars=list(page.object_list), may_create=self.may("create_shared_calendars")
        )


class _OneCalendar:
    """What every page of one shared calendar reads. One that ended is no more."""

    kwargs: dict[str, Any]

    @property
    def calendar(self) -> SharedCalendar:
        rows = SharedCalendar.objects.standing().select_related("organization", "created_by")
        calendar: SharedCalendar = get_object_or_404(rows, pk=self.kwargs["pk"])
        return calendar


class SharedDetail(_OneCalendar, OrganizationView):
    """What it shows, and its links."""

    action = VIEW_SHARED
    template_name = "publishing/sharing/detail.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        calendar, now = self.calendar, timezone.now()
        profiles = calendar.profile_links.select_related("profile").order_by("profile__name")
        hidden = {profile.pk for profile in hidden_profiles(self.access, calendar)}
        may_share = self.may("create_shared_calendars")
        may_edit = self.may("edit_or_delete_shared_calendars")
        return self.page(
            calendar=calendar,
            profiles=[link.profile for link in profiles if link.profile_id not in hidden],
            hidden_count=len(hidden),
            labels=[
                link.label for link in calendar.label_links.select_related("label").order_by("label__name")
            ],
            states=[State(state).label for state in calendar.states],
            links=links_of(calendar, now),
            may_edit=may_edit,
            may_share=may_share,
            revocable=_revocable(request, may_share=may_share, may_edit=may_edit, calendar=calendar),
        )


def _revocable(
    request: OrganizationRequest, *, may_share: bool, may_edit: bool, calendar: SharedCalendar
) -> set[int]:
    """Return the links this person may shut."""
    links = calendar.links.live(timezone.now())
    if not may_edit:
        links = links.filter(created_by=request.user) if may_share else links.none()
    return set(links.values_list("pk", flat=True))


class SharedNew(FormView):
    action = CREATE_SHARED
    template_name = "publishing/sharing/form.html"
    mendable = (CannotShare,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return SharedCalendarForm(data, access=self.access)

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, SharedCalendarForm)
        calendar = create_shared_calendar(
            actor=self.access,
            organization=self.organization,
            selection=form.selection(),
            now=timezone.now(),
        )
        self.say(_("The calendar is ready. Make a link for whoever is to see it."))
        return self.go("shared_calendar", calendar.pk)

    def context(self) -> dict[str, Any]:
        return {"calendar": None, "hidden_count": 0}


class SharedEdit(_OneCalendar, FormView):
    action = EDIT_SHARED
    template_name = "publishing/sharing/form.html"
    mendable = (CannotShare,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        initial = SharedCalendarForm.initial_of(self.calendar)
        return SharedCalendarForm(data, access=self.access, initial=initial)

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, SharedCalendarForm)
        calendar = update_shared_calendar(
            actor=self.access, calendar=self.calendar, selection=form.selection(), now=timezone.now()
        )
        self.say(_("Saved. Every link shows it like this now."))
        return self.go("shared_calendar", calendar.pk)

    def context(self) -> dict[str, Any]:
        calendar = self.calendar
        return {"calendar": calendar, "hidden_count": len(hidden_profiles(self.access, calendar))}


class SharedEnd(_OneCalendar, ActView):
    action = EDIT_SHARED
    mendable = (CannotShare,)

    def act(self) -> HttpResponse:
        calendar = self.calendar
        end_shared_calendar(actor=self.access, calendar=calendar, now=timezone.now())
        self.say(_("“%(name)s” is no longer shared. Its links are shut.") % {"name": calendar.name})
        return self.go("shared_calendar_list")

    def back(self) -> HttpResponse:
        return self.go("shared_calendar_list")


class LinkNew(_OneCalendar, FormView):
    """Make a link. Its address is in this one answer and nowhere else."""

    action = CREATE_SHARED
    template_name = "publishing/sharing/link_form.html"
    mendable = (CannotShare,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return CalendarLinkForm(data)

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, CalendarLinkForm)
        now = timezone.now()
        link, token = make_calendar_link(
            actor=self.access,
            calendar=self.calendar,
            wish=form.wish(now, self.request.user.language),
            now=now,
        )
        context = {
            "organization": self.organization,
            "calendar": link.calendar,
            "link": link,
            "address": self.request.build_absolute_uri(reverse("outside_calendar", args=[token])),
        }
        return render(self.request, "publishing/sharing/link_made.html", context, status=CREATED)

    def context(self) -> dict[str, Any]:
        return {"calendar": self.calendar}


class LinkRevocation(_OneCalendar, ActView):
    any_action = (CREATE_SHARED, EDIT_SHARED)

    def act(self) -> HttpResponse:
        rows: Any = CalendarLink.objects.select_related("calendar", "organization", "outsider")
        link: CalendarLink = get_object_or_404(rows, pk=self.kwargs["calendar_link"], calendar=self.calendar)
        if revoke_calendar_link(actor=self.access, link=link, now=timezone.now()):
            self.say(_("The link of %(name)s opens nothing any more.") % {"name": link.holder_name})
        else:
            messages.info(self.request, _("That link was shut already."))
        return self.go("shared_calendar", link.calendar_id)
