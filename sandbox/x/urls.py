"""Paths of X, below its prefix."""

from __future__ import annotations

from django.urls import path

from sandbox.timeline import views as timeline
from sandbox.web import endpoint
from sandbox.x import media, posts
from sandbox.x.access import PROVIDER

urlpatterns = [
    path("i/oauth2/authorize", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path("2/oauth2/token", endpoint(POST=PROVIDER.token)),
    path("2/oauth2/revoke", endpoint(POST=PROVIDER.revoke)),
    path("2/users/me", endpoint(GET=posts.me)),
    path("2/users/<user_id>/tweets", endpoint(GET=posts.of_user)),
    path("2/tweets", endpoint(GET=posts.several, POST=posts.create)),
    path("2/tweets/<post_id>", endpoint(DELETE=posts.delete)),
    path("2/media/upload", endpoint(GET=media.status)),
    path("2/media/upload/initialize", endpoint(POST=media.initialize)),
    path("2/media/upload/<upload_id>/append", endpoint(POST=media.append)),
    path("2/media/upload/<upload_id>/finalize", endpoint(POST=media.finalize)),
    path("2/media/metadata", endpoint(POST=media.metadata)),
    path("2/<path:path>", endpoint(GET=posts.nothing, POST=posts.nothing)),
    path("<handle>", endpoint(GET=timeline.profile_of)),
    path("<handle>/status/<post_id>", endpoint(GET=timeline.post_of)),
]
