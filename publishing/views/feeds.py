"""The calendar for a person's own calendar program: a private address, and one file at once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from accounts.models import User
from orgs.models import Organization
from orgs.views.base import OrganizationView
from permissions.checker import Access, load_access
from permissions.guard import GuardedView, OrganizationRequest
from publishing.calendar_file import CONTENT_TYPE, calendar_file
from publishing.models import CalendarFeed, Publication
from publishing.selectors import Wanted, visible_publications
from publishing.selectors.calendar import on_calendar
from publishing.services.feeds import feed_of, make_feed, revoke_feed
from publishing.views.common import wanted_by
from publishing.views.outsiders import OutsiderView

# What a program that is to show "the calendar" gets; the file of the moment has the same reach.
BACK: Final = timedelta(days=90)
AHEAD: Final = timedelta(days=400)
CREATED: Final = 201


class CalendarSubscription(OrganizationView):
    """The person's own address: whether there is one, a new one (its token is in that answer only), its end."""

    members_only = True
    is_personal = True
    template_name = "publishing/calendar_subscription.html"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.page(feed=feed_of(self.access), address="")

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        now = timezone.now()
        if request.POST.get("act") == "revoke":
            if revoke_feed(actor=self.access, organization=self.organization, now=now):
                messages.success(request, _("The address no longer works."))
            return self.go("calendar_subscription")
        feed, token = make_feed(actor=self.access, organization=self.organization, now=now)
        address = request.build_absolute_uri(reverse("calendar_feed", args=[token]))
        return self.page(status=CREATED, feed=feed, address=address)


class CalendarFile(GuardedView):
    """The calendar as one file, narrowed as the page it was asked for on."""

    listing = "profile.view_posts"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        body = _file_of(request, request.organization, request.access, wanted_by(request))
        response = HttpResponse(body, content_type=CONTENT_TYPE)
        name = f"{request.organization.slug}-calendar.ics"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
        response.headers["Cache-Control"] = "private, no-store"
        return response


class CalendarFeedFile(OutsiderView):
    """What a calendar program fetches: as much as the person whose address it is may see at this moment."""

    link_model = CalendarFeed

    def get(self, request: HttpRequest, token: str) -> HttpResponse:
        person: User | None = self.link.created_by
        organization: Organization = self.link.organization
        now = timezone.now()
        access = load_access(user=person, organization_id=organization.pk, at=now) if person else None
        if person is None or access is None or not person.is_active or access.miss_before_scope() is not None:
            reason = _("The person whose calendar this was is no longer in this organization.")
            return render(request, "publishing/outsider_gone.html", {"reason": reason}, status=410)
        with override(person.language or None):
            body = _file_of(request, organization, access, Wanted())
        return HttpResponse(body, content_type=CONTENT_TYPE)


def _file_of(request: HttpRequest, organization: Organization, access: Access, wanted: Wanted) -> bytes:
    now: datetime = timezone.now()
    found = on_calendar(wanted.of(visible_publications(access)), begin=now - BACK, end=now + AHEAD)

    def address_of(publication: Publication) -> str:
        return request.build_absolute_uri(
            reverse("publication_detail", args=[organization.slug, publication.pk])
        )

    return calendar_file(
        found,
        name=_("%(organization)s: posts") % {"organization": organization.name},
        organization=organization,
        address_of=address_of,
    )
