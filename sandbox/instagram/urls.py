"""Paths of Instagram, below its prefix."""

from __future__ import annotations

from django.urls import path, re_path

from sandbox.facebook.access import debug_token, token
from sandbox.instagram import access, containers, media
from sandbox.instagram.access import PROVIDER, VERSION
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

urlpatterns = [
    path(f"{VERSION}/dialog/oauth", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path(f"{VERSION}/oauth/access_token", endpoint(GET=token)),
    path(f"{VERSION}/me", endpoint(GET=access.me)),
    path(f"{VERSION}/me/accounts", endpoint(GET=access.my_pages)),
    path(f"{VERSION}/debug_token", endpoint(GET=debug_token)),
    path(f"{VERSION}/<person>/permissions/<permission>", endpoint(DELETE=access.forget)),
    path(f"{VERSION}/<user_id>/media", endpoint(GET=media.listed, POST=containers.create)),
    path(f"{VERSION}/<user_id>/media_publish", endpoint(POST=media.publish)),
    path(f"{VERSION}/<user_id>/stories", endpoint(GET=media.stories)),
    path(f"{VERSION}/<user_id>/content_publishing_limit", endpoint(GET=media.publishing_limit)),
    path(f"{VERSION}/<object_id>/comments", endpoint(GET=media.comments, POST=media.comment)),
    path(f"{VERSION}/<object_id>/insights", endpoint(GET=media.insights)),
    path(f"{VERSION}/<object_id>", endpoint(GET=media.show, DELETE=media.refuse_deletion)),
    path(f"ig-api-upload/{VERSION}/<container_id>", endpoint(POST=containers.upload)),
    re_path(r"^v\d+\.\d+/(?P<path>.+)$", endpoint(GET=media.nothing, POST=media.nothing)),
    path("<handle>", endpoint(GET=timeline.profile_of)),
    path("<handle>/p/<post_id>", endpoint(GET=timeline.post_of)),
]
