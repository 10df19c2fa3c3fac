"""Timeline, one person's posts, one post; the files they show; the health answer."""

from __future__ import annotations

import hashlib
import sqlite3

from django.conf import settings
from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from django.urls import path
from django.utils.html import escape
from django.utils.translation import gettext as _

from sandbox import accounts, storage
from sandbox.accounts import BLUESKY, MASTODON
from sandbox.bluesky.records import POST
from sandbox.consent import page, problem
from sandbox.networks import networks
from sandbox.timeline.rendering import shown
from sandbox.web import endpoint, json_answer

PAGE_LENGTH = 40
SHOWN_TYPES = ("image/", "video/", "audio/")
LIVE = f"deleted_at IS NULL AND collection IN ('status', '{POST}')"


async def healthz(request: ASGIRequest) -> HttpResponse:
    storage.one("SELECT 1")
    return json_answer({"ok": True})


def _page(request: ASGIRequest, title: str, where: str, *values: object) -> HttpResponse:
    before = request.GET.get("before", "")
    if before:
        where += " AND created_at < ?"
        values = (*values, float(before) if before.replace(".", "", 1).isdecimal() else 0)
    rows = storage.many(
        f"SELECT * FROM post WHERE {LIVE} AND {where} ORDER BY created_at DESC LIMIT ?",  # noqa: S608 - our own words
        *values,
        PAGE_LENGTH + 1,
    )
    older = rows[PAGE_LENGTH - 1]["created_at"] if len(rows) > PAGE_LENGTH else None
    context = {
        "networks": networks().values(),
        "title": title,
        "posts": [shown(row) for row in rows[:PAGE_LENGTH]],
        "older": older and repr(older),
    }
    return page(request, "timeline.html", context)


async def timeline(request: ASGIRequest) -> HttpResponse:
    network = request.GET.get("network", "")
    if network in networks():
        return _page(request, _("Timeline"), "network = ?", network)
    return _page(request, _("Timeline"), "1")


def _of(request: ASGIRequest, network: str, handle: str) -> HttpResponse:
    row = accounts.find(network, handle)
    if row is None:
        return problem(request, _("Nobody here has that name."), 404)
    return _page(request, f"{row['display_name']} (@{row['handle']})", "account = ?", row["id"])


async def profile_of(request: ASGIRequest, handle: str) -> HttpResponse:
    """Show the posts of somebody on a network that has a prefix of its own."""
    return _of(request, request.scope["sandbox.network"], handle)


async def post_of(request: ASGIRequest, handle: str, post_id: str) -> HttpResponse:
    """Show one post on a network that has a prefix of its own."""
    return _one(
        request,
        storage.one(
            f"SELECT * FROM post WHERE {LIVE} AND id = ? AND network = ?",  # noqa: S608 - a constant
            post_id, request.scope["sandbox.network"],
        ),
    )  # fmt: skip


async def mastodon_profile(request: ASGIRequest, handle: str) -> HttpResponse:
    return _of(request, MASTODON, handle)


async def bluesky_profile(request: ASGIRequest, handle: str) -> HttpResponse:
    return _of(request, BLUESKY, handle)


async def tag(request: ASGIRequest, tag: str) -> HttpResponse:
    return _page(request, f"#{tag}", "instr(lower(json_extract(data, '$.text')), ?) > 0", f"#{tag.lower()}")


def _one(request: ASGIRequest, row: sqlite3.Row | None) -> HttpResponse:
    if row is None:
        return problem(request, _("This post does not exist, or was deleted."), 404)
    post = shown(row)
    title = _("Post by %(name)s") % {"name": post.author["display_name"]}
    return page(request, "timeline.html", {"title": title, "posts": [post], "is_single": True})


async def status(request: ASGIRequest, handle: str, status_id: str) -> HttpResponse:
    return _one(
        request,
        storage.one(
            f"SELECT * FROM post WHERE {LIVE} AND id = ? AND account ="  # noqa: S608 - a constant
            " (SELECT id FROM account WHERE network = ? AND handle = ? COLLATE NOCASE)",
            status_id, MASTODON, handle,
        ),
    )  # fmt: skip


async def record(request: ASGIRequest, handle: str, rkey: str) -> HttpResponse:
    account = accounts.find(BLUESKY, handle)
    uri = f"at://{account['id'] if account else ''}/{POST}/{rkey}"
    return _one(request, storage.one(f"SELECT * FROM post WHERE {LIVE} AND id = ?", uri))  # noqa: S608


# --- files -------------------------------------------------------------------------------------------------------


def _file(row: sqlite3.Row | None) -> HttpResponse:
    if row is None:
        return HttpResponse(_("There is no such file."), status=404, content_type="text/plain")
    mime = row["mime"] if row["mime"].startswith(SHOWN_TYPES) else "application/octet-stream"
    return HttpResponse(row["content"], content_type=mime, headers={"Cache-Control": "max-age=3600"})


async def media(request: ASGIRequest, media_id: str) -> HttpResponse:
    return _file(storage.one("SELECT mime, content FROM media WHERE id = ? AND polls_left = 0", media_id))


async def blob(request: ASGIRequest, did: str, cid: str) -> HttpResponse:
    return _file(storage.one("SELECT mime, content FROM blob WHERE account = ? AND cid = ?", did, cid))


async def avatar(request: ASGIRequest, account_id: str) -> HttpResponse:
    """Draw the first letter of a name on a color of its own."""
    row = storage.one("SELECT display_name FROM account WHERE id = ?", account_id)
    letter = escape((row["display_name"] if row else "S")[:1].upper())
    hue = hashlib.sha256(account_id.encode()).digest()[0] * 360 // 256
    return HttpResponse(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
        f'<rect width="40" height="40" fill="hsl({hue} 45% 38%)"/>'
        '<text x="20" y="27" text-anchor="middle" font-family="system-ui, sans-serif" font-size="20" fill="#fff">'
        f"{letter}</text></svg>",
        content_type="image/svg+xml",
    )


async def stylesheet(request: ASGIRequest) -> HttpResponse:
    return HttpResponse((settings.BASE_DIR / "static" / "sandbox.css").read_bytes(), content_type="text/css")


urlpatterns = [
    path("", endpoint(GET=timeline)),
    path("healthz", endpoint(GET=healthz)),
    path("sandbox.css", endpoint(GET=stylesheet)),
    path("avatars/<account_id>.svg", endpoint(GET=avatar)),
    path("media/<media_id>", endpoint(GET=media)),
    path("blobs/<did>/<cid>", endpoint(GET=blob)),
    path("tags/<tag>", endpoint(GET=tag)),
    path("@<handle>", endpoint(GET=mastodon_profile)),
    path("@<handle>/<status_id>", endpoint(GET=status)),
    path("profile/<handle>", endpoint(GET=bluesky_profile)),
    path("profile/<handle>/post/<rkey>", endpoint(GET=record)),
]
