from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone

from permissions.guard import GuardedView, OrganizationRequest
from social_accounts import connections, selectors
from social_accounts.models import ProfilePause, SocialProfile
from social_accounts.outages.showing import outages_of
from social_accounts.sentences import shown
from social_accounts.views.cards import endings_of
from ui.addresses import id_in

PROFILES_PER_PAGE = 50
ADD = "organization.add_social_profile"


class ProfileList(GuardedView):
    """Every profile the person sees, those in need first; searched and filtered by the address."""

    listing = "profile.view_profile"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        visible = selectors.visible_profiles(request.access, request.organization)
        chosen = {name: request.GET.get(name, "").strip() for name in ("q", "network", "health", "workspace")}
        found = visible
        if chosen["q"]:
            words = chosen["q"].lstrip("@")
            found = found.filter(Q(name__icontains=words) | Q(handle__icontains=words))
        if chosen["network"]:
            found = found.filter(network=chosen["network"])
        if chosen["health"]:
            found = found.filter(status=chosen["health"])
        if chosen["workspace"]:
            found = found.filter(workspace=id_in(chosen["workspace"]))
        page = Paginator(selectors.listed_profiles(found), PROFILES_PER_PAGE).get_page(
            request.GET.get("page")
        )
        is_filtered = any(chosen.values())
        may_connect = request.access.can(ADD, request.organization)
        return render(
            request,
            "social_accounts/profile_list.html",
            {
                "page": page,
                "rows": [
                    (
                        profile,
                        shown(profile.status_detail),
                        request.access.serves("profile.reconnect_profile", profile),
                    )
                    for profile in page.object_list
                ],
                "paused": set(
                    ProfilePause.objects.filter(profile__in=page.object_list).values_list(
                        "profile_id", flat=True
                    )
                ),
                "outages": outages_of(visible.filter(status=SocialProfile.Status.CONNECTED)),
                "now": timezone.now(),
                "chosen": chosen,
                "is_filtered": is_filtered,
                "networks": connections.offered_networks(),
                "healths": SocialProfile.Status.choices,
                "workspaces": list(selectors.reachable_workspaces(request.access)),
                "may_connect": may_connect,
                "endings": endings_of(connections.offered_networks()) if may_connect else [],
            },
        )
