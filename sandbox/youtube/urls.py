"""Paths of YouTube and of Google's sign-in, below its prefix."""

from __future__ import annotations

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path

from sandbox.timeline import views as timeline
from sandbox.web import endpoint
from sandbox.youtube import access, channels, uploads, videos
from sandbox.youtube.access import PROVIDER, refused


async def watch(request: ASGIRequest) -> HttpResponse:
    """Show the page of a video."""
    return await timeline.post_of(request, "", request.GET.get("v", ""))


async def channel(request: ASGIRequest, channel_id: str) -> HttpResponse:
    return await timeline.profile_of(request, channel_id)


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    raise refused(404, "notFound", "Not Found")


urlpatterns = [
    path("o/oauth2/v2/auth", endpoint(GET=access.ask_consent, POST=PROVIDER.decide)),
    path("token", endpoint(POST=PROVIDER.token)),
    path("revoke", endpoint(POST=access.revoke)),
    path("youtube/v3/channels", endpoint(GET=channels.mine)),
    path("youtube/v3/playlists", endpoint(GET=channels.playlists)),
    path(
        "youtube/v3/playlistItems",
        endpoint(GET=channels.playlist_items, POST=channels.add_to_playlist),
    ),
    path("youtube/v3/videos", endpoint(GET=videos.several, PUT=videos.update, DELETE=videos.delete)),
    path("youtube/v3/commentThreads", endpoint(GET=channels.comments, POST=channels.comment)),
    path("upload/youtube/v3/videos", endpoint(POST=uploads.start, PUT=uploads.bring)),
    path("upload/youtube/v3/thumbnails/set", endpoint(POST=videos.set_thumbnail)),
    path("youtube/<path:path>", endpoint(GET=nothing, POST=nothing)),
    path("watch", endpoint(GET=watch)),
    path("channel/<channel_id>", endpoint(GET=channel)),
]
