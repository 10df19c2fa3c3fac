"""Paths of Threads, below its prefix."""

from __future__ import annotations

from django.urls import path, re_path

from sandbox.threads import access, containers, posts
from sandbox.threads.access import PROVIDER, VERSION
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

urlpatterns = [
    path("oauth/authorize", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path("oauth/access_token", endpoint(POST=access.token)),
    path("access_token", endpoint(GET=access.exchange)),
    path("refresh_access_token", endpoint(GET=access.refresh)),
    path(f"{VERSION}/me", endpoint(GET=access.me)),
    path(f"{VERSION}/<user_id>/threads", endpoint(GET=posts.listed, POST=containers.create)),
    path(f"{VERSION}/<user_id>/threads_publish", endpoint(POST=posts.publish)),
    path(f"{VERSION}/<user_id>/replies", endpoint(GET=posts.replies)),
    path(f"{VERSION}/<user_id>/threads_publishing_limit", endpoint(GET=posts.publishing_limit)),
    path(f"{VERSION}/<object_id>/insights", endpoint(GET=posts.insights)),
    path(f"{VERSION}/<object_id>", endpoint(GET=posts.show, DELETE=posts.delete)),
    re_path(r"^v\d+\.\d+/(?P<path>.+)$", endpoint(GET=posts.nothing, POST=posts.nothing)),
    path("@<handle>", endpoint(GET=timeline.profile_of)),
    path("@<handle>/post/<post_id>", endpoint(GET=timeline.post_of)),
]
