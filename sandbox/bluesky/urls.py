"""Paths of the Bluesky side: server, authorization server and PLC directory on one origin, and the timeline."""

from __future__ import annotations

from django.urls import path

from sandbox.bluesky import identity, oauth, reads, repo, sessions, videos, xrpc
from sandbox.control.urls import urlpatterns as control
from sandbox.timeline import views as timeline
from sandbox.web import endpoint

METHODS = {
    "com.atproto.server.createSession": sessions.create,
    "com.atproto.server.refreshSession": sessions.refresh,
    "com.atproto.server.getSession": sessions.show,
    "com.atproto.server.deleteSession": sessions.delete,
    "com.atproto.server.describeServer": sessions.describe_server,
    "com.atproto.identity.resolveHandle": identity.resolve_handle,
    "com.atproto.server.getServiceAuth": videos.service_auth,
    "app.bsky.video.uploadVideo": videos.upload_video,
    "app.bsky.video.getJobStatus": videos.job_status,
    "com.atproto.repo.createRecord": repo.create_record,
    "com.atproto.repo.putRecord": repo.put_record,
    "com.atproto.repo.getRecord": repo.get_record,
    "com.atproto.repo.listRecords": repo.list_records,
    "com.atproto.repo.deleteRecord": repo.delete_record,
    "com.atproto.repo.describeRepo": repo.describe_repo,
    "com.atproto.repo.uploadBlob": repo.upload_blob,
    "com.atproto.sync.getBlob": repo.get_blob,
    "app.bsky.actor.getProfile": reads.get_profile,
    "app.bsky.actor.searchActorsTypeahead": reads.search_actors_typeahead,
    "app.bsky.feed.getPosts": reads.get_posts,
    "app.bsky.feed.getAuthorFeed": reads.get_author_feed,
}

urlpatterns = [
    *(path(f"xrpc/{name}", view) for name, view in METHODS.items()),
    path("xrpc/_health", endpoint(GET=timeline.healthz)),
    path("xrpc/<path:path>", xrpc.unknown),
    path(".well-known/oauth-protected-resource", endpoint(GET=oauth.protected_resource)),
    path(".well-known/oauth-authorization-server", endpoint(GET=oauth.server_metadata)),
    path(".well-known/atproto-did", endpoint(GET=identity.handle_did)),
    path(".well-known/did.json", endpoint(GET=identity.server_did)),
    path("oauth/jwks", endpoint(GET=oauth.jwks)),
    path("oauth/par", endpoint(POST=oauth.push_request)),
    path("oauth/authorize", endpoint(GET=oauth.consent, POST=oauth.decide)),
    path("oauth/token", endpoint(POST=oauth.token)),
    path("oauth/revoke", endpoint(POST=oauth.revoke)),
    *control,
    *timeline.urlpatterns,
    path("<path:did>", endpoint(GET=identity.plc_document)),
]
