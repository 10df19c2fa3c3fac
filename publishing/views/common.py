"""What several of this app's views share."""

from __future__ import annotations

from typing import Any, ClassVar
from zoneinfo import ZoneInfo

from django.db.models import Model
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import Publication
from publishing.rights import DRAFT, MANAGE, PUBLISH, SEND
from publishing.selectors import Wanted, pause_of
from publishing.services.delivery import PAUSE
from social_accounts.connections import offered_networks

CHANGING = (MANAGE, "profile.manage_own_posts", DRAFT, SEND, PUBLISH)


class PublicationView(GuardedView):
    """A view of one publication: asked of its profile."""

    model: ClassVar[type[Model] | None] = Publication

    def get_object(self) -> Publication:
        rows = Publication.objects.select_related("profile", "post", "post__author", "vouched_by")
        self.publication: Publication = get_object_or_404(rows, pk=self.kwargs[self.url_key])
        return self.publication

    def get_scope_object(self) -> Model | None:
        profile: Model = self.get_object().profile
        return profile


def zone_of(request: OrganizationRequest) -> ZoneInfo:
    """Return the time zone the person reads times in."""
    return ZoneInfo(request.user.time_zone)


def pause_context(request: OrganizationRequest) -> dict[str, Any]:
    """Return what the banner about paused publishing and its button need."""
    return {
        "pause": pause_of(request.organization),
        "may_pause": request.access.can(PAUSE, request.organization),
        "now": timezone.now(),
        "person_zone": str(zone_of(request)),
        "here": request.get_full_path() if request.method == "GET" else "",
    }


def wanted_by(request: HttpRequest) -> Wanted:
    """Return the filters in the address; what is no filter is left out."""
    given = request.GET if request.method == "GET" else request.POST
    return Wanted.read(given, [network.name for network in offered_networks()])


def next_or(request: OrganizationRequest, route: str, *args: Any) -> str:
    """Return the page the person came from, when it is one of ours, else the route's address."""
    target = request.POST.get("next", "")
    if target and url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return target
    return reverse(route, args=[request.organization.slug, *args])
