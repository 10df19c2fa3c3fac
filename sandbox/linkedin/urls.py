"""Paths of LinkedIn, below its prefix."""

from __future__ import annotations

from django.urls import path

from sandbox.linkedin import files, posts
from sandbox.linkedin.access import PROVIDER
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

urlpatterns = [
    path("oauth/v2/authorization", endpoint(GET=PROVIDER.consent, POST=PROVIDER.decide)),
    path("oauth/v2/accessToken", endpoint(POST=PROVIDER.token)),
    path("oauth/v2/revoke", endpoint(POST=PROVIDER.revoke)),
    path("v2/userinfo", endpoint(GET=posts.userinfo)),
    path("rest/organizationAcls", endpoint(GET=posts.administered)),
    path("rest/organizations/<number>", endpoint(GET=posts.organization)),
    path("rest/organizationalEntityShareStatistics", endpoint(GET=posts.statistics)),
    path("rest/posts", endpoint(GET=posts.of_author, POST=posts.create)),
    path("rest/posts/<urn>", endpoint(GET=posts.show, POST=posts.edit, DELETE=posts.delete)),
    path("rest/socialActions/<urn>/comments", endpoint(GET=posts.comments, POST=posts.comment)),
    path("rest/images", endpoint(POST=files.act), {"kind": "images"}),
    path("rest/videos", endpoint(POST=files.act), {"kind": "videos"}),
    path("rest/images/<urn>", endpoint(GET=files.show), {"kind": "images"}),
    path("rest/videos/<urn>", endpoint(GET=files.show), {"kind": "videos"}),
    path("upload/<urn>/<int:number>", endpoint(PUT=files.bring)),
    path("rest/<path:path>", endpoint(GET=posts.nothing, POST=posts.nothing)),
    path("company/<handle>", endpoint(GET=timeline.profile_of)),
    path("feed/update/<post_id>/", endpoint(GET=timeline.post_of), {"handle": ""}),
]
