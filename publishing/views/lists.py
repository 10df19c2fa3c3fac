"""Every publication as a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from permissions.guard import GuardedView, OrganizationRequest
from publishing.label_rights import SEE_FIELDS
from publishing.models import State
from publishing.selectors import Wanted, drafts_without_profile, listed_publications
from publishing.selectors.waiting import obstacles_for
from publishing.views.common import pause_context, wanted_by
from publishing.views.filters import filter_context

PUBLICATIONS_PER_PAGE = 50
OWN_DRAFTS_SHOWN = 20


class PostList(GuardedView):
    """Publications on profiles whose posts the person may view, latest first; narrowed by the address."""

    listing = "profile.view_posts"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        wanted = wanted_by(request)
        found = listed_publications(request.access, wanted)
        page = Paginator(found, PUBLICATIONS_PER_PAGE).get_page(request.GET.get("page"))
        own_drafts = []
        if wanted in (Wanted(), Wanted(state=State.DRAFT)) and page.number == 1:
            own_drafts = list(drafts_without_profile(request.access)[:OWN_DRAFTS_SHOWN])
        context = {
            "page": page,
            "publications": list(page.object_list),
            "own_drafts": own_drafts,
            "shows_fields": request.access.can(SEE_FIELDS, request.organization),
            **filter_context(request, wanted, has_canceled=True),
            "obstacles": obstacles_for(request.access),
            **pause_context(request),
        }
        return render(request, "publishing/post_list.html", context)
