"""Paths of TikTok, below its prefix."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path

from sandbox.tiktok import access, videos
from sandbox.tiktok.access import PROVIDER, refused
from sandbox.timeline import views as timeline
from sandbox.web import endpoint


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise refused(404, "invalid_params", "There is no such endpoint.")


urlpatterns = [
    path("v2/auth/authorize/", endpoint(GET=access.ask_consent, POST=PROVIDER.decide)),
    path("v2/oauth/token/", endpoint(POST=access.token)),
    path("v2/oauth/revoke/", endpoint(POST=access.revoke)),
    path("v2/user/info/", endpoint(GET=videos.user)),
    path("v2/post/publish/creator_info/query/", endpoint(POST=videos.creator_info)),
    path("v2/post/publish/video/init/", endpoint(POST=videos.init)),
    path("v2/post/publish/status/fetch/", endpoint(POST=videos.status)),
    path("v2/video/list/", endpoint(POST=videos.listed)),
    path("v2/video/query/", endpoint(POST=videos.query)),
    path("v2/<path:path>", endpoint(GET=nothing, POST=nothing)),
    path("upload/<token>", endpoint(PUT=videos.bring)),
    path("@<handle>", endpoint(GET=timeline.profile_of)),
    path("@<handle>/video/<post_id>", endpoint(GET=timeline.post_of)),
]
