"""Every publication as a list."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import State
from publishing.selectors import drafts_without_profile, listed_publications, profiles_with_visible_posts
from publishing.views.common import pause_context, wanted_by

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
        if not wanted.profile_id and wanted.state in ("", State.DRAFT) and page.number == 1:
            own_drafts = list(drafts_without_profile(request.access)[:OWN_DRAFTS_SHOWN])
        context = {
            "page": page,
            "publications": list(page.object_list),
            "own_drafts": own_drafts,
            "wanted": wanted,
            "states": State.choices,
            "profiles": list(profiles_with_visible_posts(request.access)),
            **pause_context(request),
        }
        return render(request, "publishing/post_list.html", context)
