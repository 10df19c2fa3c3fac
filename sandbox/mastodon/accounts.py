"""Instance, accounts, lookup and search."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.accounts import MASTODON
from sandbox.mastodon.access import user_of
from sandbox.mastodon.media import (
    IMAGE_BYTES_MAX,
    IMAGE_MATRIX_MAX,
    IMAGE_TYPES,
    OTHER_TYPES,
    VIDEO_BYTES_MAX,
)
from sandbox.mastodon.text import CHARACTERS_MAX, URL_CHARACTERS
from sandbox.web import ApiError, bearer, is_true, json_answer, origin_of

NOT_FOUND = {"error": "Record not found"}
DESCRIPTION_MAX = 1500
MEDIA_MAX = 4


def iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def account_json(row: sqlite3.Row, origin: str, *, is_self: bool = False) -> dict[str, Any]:
    counted = storage.one(
        "SELECT count(*) AS n, max(created_at) AS last FROM post WHERE account = ? AND deleted_at IS NULL",
        row["id"],
    )
    assert counted is not None
    answer: dict[str, Any] = {
        "id": row["id"],
        "username": row["handle"],
        "acct": row["handle"],
        "display_name": row["display_name"],
        "locked": False,
        "bot": False,
        "discoverable": True,
        "indexable": False,
        "group": False,
        "created_at": iso(row["created_at"])[:10] + "T00:00:00.000Z",
        "note": "",
        "url": f"{origin}/@{row['handle']}",
        "uri": f"{origin}/users/{row['handle']}",
        "avatar": f"{origin}/avatars/{row['id']}.svg",
        "avatar_static": f"{origin}/avatars/{row['id']}.svg",
        "header": f"{origin}/avatars/{row['id']}.svg",
        "header_static": f"{origin}/avatars/{row['id']}.svg",
        "followers_count": 0,
        "following_count": 0,
        "statuses_count": counted["n"],
        "last_status_at": iso(counted["last"])[:10] if counted["last"] else None,
        "hide_collections": None,
        "noindex": False,
        "emojis": [],
        "roles": [],
        "fields": [],
    }
    if is_self:
        answer["source"] = {
            "privacy": "public",
            "sensitive": False,
            "language": None,
            "note": "",
            "fields": [],
            "follow_requests_count": 0,
            "hide_collections": None,
            "discoverable": True,
            "indexable": False,
            "attribution_domains": [],
            "quote_policy": "public",
        }
        answer["role"] = {"id": "-99", "name": "", "permissions": "0", "color": "", "highlighted": False}
    return answer


def is_own_domain(domain: str, request: ASGIRequest) -> bool:
    """Return whether ``domain`` names this server. Clients write it without its port."""
    host = request.get_host()
    return domain in ("", host, host.partition(":")[0])


def _local(acct: str, request: ASGIRequest) -> sqlite3.Row | None:
    name, _, domain = acct.strip().lstrip("@").partition("@")
    return accounts.find(MASTODON, name) if is_own_domain(domain, request) else None


async def verify_credentials(request: ASGIRequest) -> HttpResponse:
    row = user_of(request, "profile", "read:accounts")
    return json_answer(account_json(row, origin_of(request), is_self=True))


async def userinfo(request: ASGIRequest) -> HttpResponse:
    row, origin = user_of(request, "profile"), origin_of(request)
    url = f"{origin}/@{row['handle']}"
    return json_answer(
        {"iss": f"{origin}/", "sub": f"{origin}/users/{row['handle']}", "name": row["display_name"],
         "preferred_username": row["handle"], "profile": url, "picture": f"{origin}/avatars/{row['id']}.svg"}
    )  # fmt: skip


async def lookup(request: ASGIRequest) -> HttpResponse:
    row = _local(request.GET.get("acct", ""), request)
    if row is None:
        raise ApiError(404, NOT_FOUND)
    return json_answer(account_json(row, origin_of(request)))


async def show(request: ASGIRequest, account_id: str) -> HttpResponse:
    row = storage.one("SELECT * FROM account WHERE network = ? AND id = ?", MASTODON, account_id)
    if row is None:
        raise ApiError(404, NOT_FOUND)
    return json_answer(account_json(row, origin_of(request)))


def _found(request: ASGIRequest) -> list[dict[str, Any]]:
    query = request.GET.get("q", "").strip().lstrip("@")
    name, _, domain = query.partition("@")
    if not name or not is_own_domain(domain, request):
        return []
    try:
        limit = max(1, min(80, int(request.GET.get("limit", 40))))
    except ValueError:
        limit = 40
    rows = storage.many(
        "SELECT * FROM account WHERE network = ? AND instr(lower(handle), lower(?)) > 0 ORDER BY handle LIMIT ?",
        MASTODON, name, limit,
    )  # fmt: skip
    return [account_json(row, origin_of(request)) for row in rows]


async def search(request: ASGIRequest) -> HttpResponse:
    user_of(request, "read:accounts")
    return json_answer(_found(request))


async def search_all(request: ASGIRequest) -> HttpResponse:
    """Open to all (since 4.0) but for ``resolve``; a token that is sent must be allowed to search."""
    if is_true(request.GET.get("resolve", "")) or bearer(request)[1]:
        user_of(request, "read:search")
    kind = request.GET.get("type", "accounts")
    return json_answer(
        {"accounts": _found(request) if kind == "accounts" else [], "statuses": [], "hashtags": []}
    )


def _configuration() -> dict[str, Any]:
    return {
        "accounts": {"max_featured_tags": 10, "max_pinned_statuses": 5},
        "statuses": {
            "max_characters": CHARACTERS_MAX,
            "max_media_attachments": MEDIA_MAX,
            "characters_reserved_per_url": URL_CHARACTERS,
        },
        "media_attachments": {
            "description_limit": DESCRIPTION_MAX,
            "supported_mime_types": sorted(IMAGE_TYPES | OTHER_TYPES),
            "image_size_limit": IMAGE_BYTES_MAX,
            "image_matrix_limit": IMAGE_MATRIX_MAX,
            "video_size_limit": VIDEO_BYTES_MAX,
            "video_frame_rate_limit": 120,
            "video_matrix_limit": 8294400,
        },
        "polls": {
            "max_options": 4,
            "max_characters_per_option": 50,
            "min_expiration": 300,
            "max_expiration": 2629746,
        },
        "translation": {"enabled": False},
    }


async def instance(request: ASGIRequest) -> HttpResponse:
    origin = origin_of(request)
    return json_answer(
        {
            "domain": request.get_host(),
            "title": "Sandbox",
            "version": "4.6.0",
            "source_url": "https://github.com/mastodon/mastodon",
            "description": "A pretend server: nothing posted here leaves this machine.",
            "usage": {"users": {"active_month": len(accounts.people(MASTODON))}},
            "thumbnail": {"url": f"{origin}/avatars/0.svg"},
            "icon": [],
            "languages": ["en"],
            "configuration": {
                "urls": {"streaming": "", "status": None, "about": f"{origin}/", "privacy_policy": None},
                "vapid": {"public_key": ""},
                **_configuration(),
            },
            "registrations": {"enabled": False, "approval_required": False, "message": None, "url": None},
            "api_versions": {"mastodon": 6},
            "contact": {"email": "", "account": None},
            "rules": [],
        }
    )


async def instance_v1(request: ASGIRequest) -> HttpResponse:
    return json_answer(
        {
            "uri": request.get_host(),
            "title": "Sandbox",
            "short_description": "",
            "description": "",
            "email": "",
            "version": "4.6.0",
            "urls": {"streaming_api": ""},
            "stats": {"user_count": len(accounts.people(MASTODON)), "status_count": 0, "domain_count": 0},
            "thumbnail": None,
            "languages": ["en"],
            "registrations": False,
            "approval_required": False,
            "invites_enabled": False,
            "configuration": _configuration(),
            "contact_account": None,
            "rules": [],
        }
    )


async def webfinger(request: ASGIRequest) -> HttpResponse:
    resource, origin = request.GET.get("resource", ""), origin_of(request)
    row = _local(resource.removeprefix("acct:"), request) if resource.startswith("acct:") else None
    if row is None:
        return HttpResponse(status=404)
    answer = json_answer(
        {"subject": f"acct:{row['handle']}@{request.get_host()}", "aliases": [f"{origin}/@{row['handle']}"],
         "links": [{"rel": "self", "type": "application/activity+json", "href": f"{origin}/users/{row['handle']}"}]}
    )  # fmt: skip
    answer.headers["Content-Type"] = "application/jrd+json; charset=utf-8"
    return answer


async def nodeinfo_links(request: ASGIRequest) -> HttpResponse:
    rel = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    return json_answer({"links": [{"rel": rel, "href": f"{origin_of(request)}/nodeinfo/2.0"}]})


async def nodeinfo(request: ASGIRequest) -> HttpResponse:
    return json_answer(
        {"version": "2.0", "software": {"name": "mastodon", "version": "4.6.0"}, "protocols": ["activitypub"],
         "services": {"outbound": [], "inbound": []}, "openRegistrations": False, "metadata": {},
         "usage": {"users": {"total": len(accounts.people(MASTODON))}}}
    )  # fmt: skip


async def nothing(request: ASGIRequest, path: str) -> HttpResponse:
    if path.startswith(("api/", "oauth/", ".well-known/")):
        return json_answer({"error": "Not Found"}, 404)
    return HttpResponse("There is no such page in the sandbox.", status=404, content_type="text/plain")
