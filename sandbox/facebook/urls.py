"""Paths of Facebook, below its prefix."""

from __future__ import annotations

from django.urls import path

from sandbox.facebook import comments, posts, videos
from sandbox.facebook.access import PROVIDER, VERSION, debug_token, token
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

urlpatterns = [
    path(f"{VERSION}/dialog/oauth", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path(f"{VERSION}/oauth/access_token", endpoint(GET=token)),
    path(f"{VERSION}/me", endpoint(GET=posts.me)),
    path(f"{VERSION}/me/accounts", endpoint(GET=posts.my_pages)),
    path(f"{VERSION}/me/businesses", endpoint(GET=posts.my_businesses)),
    path(f"{VERSION}/debug_token", endpoint(GET=debug_token)),
    path(f"{VERSION}/<person>/permissions", endpoint(DELETE=posts.forget)),
    path(f"{VERSION}/<page_id>/photos", endpoint(POST=posts.photos)),
    path(f"{VERSION}/<page_id>/videos", endpoint(POST=videos.act)),
    path(f"{VERSION}/<page_id>/feed", endpoint(POST=posts.feed)),
    path(f"{VERSION}/<page_id>/published_posts", endpoint(GET=posts.published_posts)),
    path(f"{VERSION}/<post_id>/comments", endpoint(GET=comments.listed, POST=comments.create)),
    path(f"{VERSION}/<post_id>/insights", endpoint(GET=posts.insights)),
    path(f"{VERSION}/<post_id>", endpoint(GET=posts.show, POST=posts.edit, DELETE=posts.delete)),
    path(f"{VERSION}/<path:path>", endpoint(GET=posts.nothing, POST=posts.nothing)),
    path("<handle>", endpoint(GET=timeline.profile_of)),
    path("<handle>/posts/<post_id>", endpoint(GET=timeline.post_of)),
]
