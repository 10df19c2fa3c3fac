"""Paths of the Mastodon side: the API at the root, the timeline, the controls."""

from __future__ import annotations

from django.urls import path

from sandbox.control.urls import urlpatterns as control
from sandbox.mastodon import accounts, media, oauth, statuses
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

urlpatterns = [
    path("api/v1/apps", endpoint(POST=oauth.register_app)),
    path("api/v1/apps/verify_credentials", endpoint(GET=oauth.verify_app)),
    path(".well-known/oauth-authorization-server", endpoint(GET=oauth.server_metadata)),
    path("oauth/authorize", endpoint(GET=oauth.consent, POST=oauth.decide)),
    path("oauth/token", endpoint(POST=oauth.token)),
    path("oauth/revoke", endpoint(POST=oauth.revoke)),
    path("oauth/userinfo", endpoint(GET=accounts.userinfo)),
    path("api/v2/instance", endpoint(GET=accounts.instance)),
    path("api/v1/instance", endpoint(GET=accounts.instance_v1)),
    path(".well-known/webfinger", endpoint(GET=accounts.webfinger)),
    path(".well-known/nodeinfo", endpoint(GET=accounts.nodeinfo_links)),
    path("nodeinfo/2.0", endpoint(GET=accounts.nodeinfo)),
    path("api/v1/accounts/verify_credentials", endpoint(GET=accounts.verify_credentials)),
    path("api/v1/accounts/lookup", endpoint(GET=accounts.lookup)),
    path("api/v1/accounts/search", endpoint(GET=accounts.search)),
    path("api/v1/accounts/<account_id>", endpoint(GET=accounts.show)),
    path("api/v1/accounts/<account_id>/statuses", endpoint(GET=statuses.of_account)),
    path("api/v2/search", endpoint(GET=accounts.search_all)),
    path("api/v1/media", endpoint(POST=media.upload)),
    path("api/v2/media", endpoint(POST=media.upload)),
    path("api/v1/media/<media_id>", endpoint(GET=media.show, PUT=media.update)),
    path("api/v1/statuses", endpoint(POST=statuses.create, GET=statuses.several)),
    path(
        "api/v1/statuses/<status_id>", endpoint(GET=statuses.show, PUT=statuses.edit, DELETE=statuses.delete)
    ),
    path("api/v1/statuses/<status_id>/context", endpoint(GET=statuses.context)),
    *control,
    *timeline.urlpatterns,
    path("<path:path>", endpoint(GET=accounts.nothing, POST=accounts.nothing)),
]
