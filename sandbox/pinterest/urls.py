"""Paths of Pinterest, below its prefix."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path

from sandbox.pinterest import boards, media, pins
from sandbox.pinterest.access import PROVIDER, refusal
from sandbox.timeline import views as timeline
from sandbox.web import endpoint


async def pin_page(request: ASGIRequest, post_id: str) -> HttpResponse:
    return await timeline.post_of(request, "", post_id)


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise refusal(404, 3, "API method not found.")


urlpatterns = [
    path("oauth/", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path("v5/oauth/token", endpoint(POST=PROVIDER.token)),
    path("v5/oauth/token/revoke", endpoint(POST=PROVIDER.revoke)),
    path("v5/user_account", endpoint(GET=pins.account)),
    path("v5/media", endpoint(POST=media.register)),
    path("v5/media/<media_id>", endpoint(GET=media.status)),
    path("store/", endpoint(POST=media.store)),
    path("v5/pins", endpoint(POST=pins.create)),
    path("v5/pins/<pin_id>", endpoint(GET=pins.one, PATCH=pins.update, DELETE=pins.delete)),
    path("v5/pins/<pin_id>/save", endpoint(POST=pins.save)),
    path("v5/pins/<pin_id>/analytics", endpoint(GET=pins.analytics)),
    path("v5/boards", endpoint(GET=boards.listed, POST=boards.create)),
    path("v5/boards/<board_id>", endpoint(GET=boards.one, PATCH=boards.update, DELETE=boards.delete)),
    path("v5/boards/<board_id>/pins", endpoint(GET=pins.on_board)),
    path("v5/boards/<board_id>/sections", endpoint(GET=boards.sections, POST=boards.create_section)),
    path(
        "v5/boards/<board_id>/sections/<section_id>",
        endpoint(PATCH=boards.rename_section, DELETE=boards.delete_section),
    ),
    path("v5/boards/<board_id>/sections/<section_id>/pins", endpoint(GET=pins.on_board)),
    path("v5/<path:path>", endpoint(GET=nothing, POST=nothing)),
    path("<handle>/", endpoint(GET=timeline.profile_of)),
    path("pin/<post_id>/", endpoint(GET=pin_page)),
]
