"""Channels, their playlists, and what is said below their videos."""

from __future__ import annotations

import json
import secrets
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.web import json_answer, origin_of
from sandbox.youtube.access import (
    MANAGE,
    READ,
    YOUTUBE,
    asked,
    channel_of,
    object_in,
    parts_of,
    refused,
)
from sandbox.youtube.videos import iso, video_row

COMMENT_MAX = 10_000
PLAYLISTS = ("Rides", "In the workshop")  # every channel of the sandbox has these


def uploads_of(channel: str) -> str:
    return "UU" + channel[2:]


def _page(given: dict[str, str], most: int) -> int:
    size = given.get("maxResults", "5")
    if not size.isdecimal() or not 1 <= int(size) <= most:
        raise refused(400, "invalidParameter", f"maxResults is between 1 and {most}.")
    return int(size)


async def mine(request: ASGIRequest) -> HttpResponse:
    """Answer the channel of the consent."""
    channel = channel_of(request, READ, MANAGE)
    given = asked(request, "mine", "maxResults")
    parts_of(given, ("id", "snippet", "statistics", "contentDetails", "status"))
    if given.get("mine") != "true":
        raise refused(400, "missingRequiredParameter", "The sandbox answers for mine=true only.")
    avatar = f"{origin_of(request)}/avatars/{channel['id']}.svg"
    item = {
        "kind": "youtube#channel",
        "id": channel["id"],
        "snippet": {
            "title": channel["display_name"],
            "customUrl": f"@{channel['handle']}",
            "thumbnails": {"default": {"url": avatar}},
        },
        "statistics": {"subscriberCount": "0"},
        "contentDetails": {"relatedPlaylists": {"uploads": uploads_of(channel["id"])}},
    }
    return json_answer({"kind": "youtube#channelListResponse", "items": [item]})


async def playlists(request: ASGIRequest) -> HttpResponse:
    channel = channel_of(request, READ, MANAGE)
    given = asked(request, "mine", "maxResults", "pageToken")
    parts_of(given, ("id", "snippet", "status", "contentDetails"))
    items = [
        {"kind": "youtube#playlist", "id": _playlist_id(channel, number), "snippet": {"title": title}}
        for number, title in enumerate(PLAYLISTS)
    ]
    return json_answer({"kind": "youtube#playlistListResponse", "items": items[: _page(given, 50)]})


def _playlist_id(channel: sqlite3.Row, number: int) -> str:
    return f"PL{channel['id'][2:]}{number}"


async def playlist_items(request: ASGIRequest) -> HttpResponse:
    """Answer what is in a playlist: newest first in the list of uploads, in order elsewhere."""
    channel = channel_of(request, READ, MANAGE)
    given = asked(request, "playlistId", "videoId", "maxResults", "pageToken")
    parts_of(given, ("id", "snippet", "contentDetails", "status"))
    playlist, size = given.get("playlistId", ""), _page(given, 50)
    if playlist == uploads_of(channel["id"]):
        ids = [row["id"] for row in _uploads(channel, size)]
        if not ids:
            raise refused(404, "playlistNotFound", "The playlist cannot be found.")
    else:
        ids = _in_playlist(channel, playlist)
    wanted = given.get("videoId") or None
    items = [_item(one, playlist) for one in ids if wanted in (None, one)]
    return json_answer({"kind": "youtube#playlistItemListResponse", "items": items[:size]})


def _uploads(channel: sqlite3.Row, size: int) -> list[sqlite3.Row]:
    return storage.many(
        "SELECT * FROM post WHERE network = ? AND account = ? AND collection = 'status' AND deleted_at IS NULL"
        " ORDER BY created_at DESC LIMIT ?",
        YOUTUBE, channel["id"], size,
    )  # fmt: skip


def _in_playlist(channel: sqlite3.Row, playlist: str) -> list[str]:
    if playlist not in {_playlist_id(channel, number) for number in range(len(PLAYLISTS))}:
        raise refused(404, "playlistNotFound", "The playlist cannot be found.")
    found: list[str] = storage.setting(f"youtube.playlist:{playlist}", [])
    return found


def _item(video_id: str, playlist: str) -> dict[str, Any]:
    row = storage.one("SELECT * FROM post WHERE id = ?", video_id)
    assert row is not None
    snippet = {
        **json.loads(row["data"])["snippet"],
        "playlistId": playlist,
        "publishedAt": iso(row["created_at"]),
        "resourceId": {"kind": "youtube#video", "videoId": video_id},
    }
    return {"kind": "youtube#playlistItem", "id": f"{playlist}.{video_id}", "snippet": snippet}


async def add_to_playlist(request: ASGIRequest) -> HttpResponse:
    channel, given = channel_of(request, MANAGE), asked(request)
    parts_of(given, ("snippet", "contentDetails"))
    snippet = object_in(request).get("snippet") or {}
    playlist, video = str(snippet.get("playlistId", "")), snippet.get("resourceId") or {}
    ids = _in_playlist(channel, playlist)
    if video.get("kind") != "youtube#video":
        raise refused(400, "resourceIdRequired", "The request must name a video.")
    row = video_row(str(video.get("videoId", "")))
    storage.set_setting(f"youtube.playlist:{playlist}", [*ids, row["id"]])
    return json_answer(_item(row["id"], playlist))


# --- comments --------------------------------------------------------------------------------------------------------


async def comment(request: ASGIRequest) -> HttpResponse:
    """Begin a thread below a video that may have comments."""
    channel, given = channel_of(request, MANAGE), asked(request)
    parts_of(given, ("snippet",))
    snippet = object_in(request).get("snippet") or {}
    row = video_row(str(snippet.get("videoId", "")))
    text = ((snippet.get("topLevelComment") or {}).get("snippet") or {}).get("textOriginal", "")
    status = json.loads(row["data"])["status"]
    if status["selfDeclaredMadeForKids"] or status["privacyStatus"] == "private":
        raise refused(403, "commentsDisabled", "The video identified by videoId has disabled comments.")
    if snippet.get("channelId") != row["account"]:
        raise refused(400, "channelIdRequired", "channelId is not the channel of the video.")
    if not isinstance(text, str) or not text.strip():
        raise refused(400, "commentTextRequired", "The comment text is missing.")
    if len(text) > COMMENT_MAX:
        raise refused(400, "commentTextTooLong", "The comment text is too long.")
    made = "Ug" + secrets.token_urlsafe(16)
    data = {"text": text, "video": row["id"], "media_ids": []}
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, created_at)"
        " VALUES (?, ?, ?, ?, 'comment', ?, ?)",
        made, YOUTUBE, channel["id"], made, json.dumps(data), time.time(),
    )  # fmt: skip
    return json_answer(_thread(comments_of(row["id"])[0]))


def comments_of(video_id: str) -> list[sqlite3.Row]:
    """Return the comments below a video, newest first."""
    return storage.many(
        "SELECT * FROM post WHERE network = ? AND collection = 'comment' AND deleted_at IS NULL"
        " AND json_extract(data, '$.video') = ? ORDER BY created_at DESC",
        YOUTUBE, video_id,
    )  # fmt: skip


async def comments(request: ASGIRequest) -> HttpResponse:
    channel_of(request, MANAGE)
    given = asked(request, "videoId", "order", "textFormat", "maxResults", "pageToken")
    parts_of(given, ("id", "snippet", "replies"))
    if given.get("order", "time") not in ("time", "relevance"):
        raise refused(400, "invalidParameter", "order is time or relevance.")
    rows = comments_of(video_row(given.get("videoId", ""))["id"])[: _page(given, 100)]
    items = [_thread(row) for row in rows]
    return json_answer({"kind": "youtube#commentThreadListResponse", "items": items})


def _thread(row: sqlite3.Row) -> dict[str, Any]:
    data, author = json.loads(row["data"]), accounts.by_id(row["account"])
    snippet = {
        "textOriginal": data["text"],
        "textDisplay": data["text"],
        "authorDisplayName": f"@{author['handle']}",
        "authorChannelId": {"value": author["id"]},
        "publishedAt": iso(row["created_at"]),
    }
    top = {"kind": "youtube#comment", "id": row["id"], "snippet": snippet}
    thread = {"videoId": data["video"], "topLevelComment": top, "totalReplyCount": 0}
    return {"kind": "youtube#commentThread", "id": row["id"], "snippet": thread}
