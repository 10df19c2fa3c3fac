"""Statuses: made once per idempotency key, read, listed, deleted."""

from __future__ import annotations

import json
import sqlite3
import time
from datetime import UTC, datetime
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.accounts import MASTODON, snowflake
from sandbox.mastodon.access import grants, token_of, user_of
from sandbox.mastodon.accounts import MEDIA_MAX, NOT_FOUND, account_json, is_own_domain, iso
from sandbox.mastodon.media import kind_of, media_json
from sandbox.mastodon.text import CHARACTERS_MAX, countable_length, hashtags, mentions, to_html
from sandbox.web import ApiError, bearer, is_true, json_answer, origin_of, parameters

VISIBILITIES = ("public", "unlisted", "private", "direct")
KEY_SECONDS = 3600
SCHEDULE_SECONDS_MIN = 300


def _invalid(problem: str) -> ApiError:
    return ApiError(422, {"error": f"Validation failed: {problem}"})


def status_json(row: sqlite3.Row, request: ASGIRequest, *, with_source: bool = False) -> dict[str, Any]:
    data, origin = json.loads(row["data"]), origin_of(request)
    account = accounts.by_id(row["account"])
    people = [found for user, host in mentions(data["text"]) if (found := _person(user, host, request))]
    urls = {person["handle"].lower(): f"{origin}/@{person['handle']}" for person in people}
    media = storage.many("SELECT * FROM media WHERE post = ?", row["id"])
    media.sort(key=lambda item: data["media_ids"].index(item["id"]))
    app = storage.one("SELECT name, website FROM application WHERE client_id = ?", data["client_id"])
    parent = storage.one("SELECT account FROM post WHERE id = ?", data["in_reply_to_id"] or "")
    replies = storage.one(
        "SELECT count(*) AS n FROM post WHERE deleted_at IS NULL AND json_extract(data, '$.in_reply_to_id') = ?",
        row["id"],
    )
    answer = {
        "id": row["id"],
        "created_at": iso(row["created_at"]),
        "in_reply_to_id": data["in_reply_to_id"],
        "in_reply_to_account_id": parent["account"] if parent else None,
        "sensitive": data["sensitive"],
        "spoiler_text": data["spoiler_text"],
        "visibility": data["visibility"],
        "language": data["language"],
        "uri": f"{origin}/users/{account['handle']}/statuses/{row['id']}",
        "url": f"{origin}/@{account['handle']}/{row['id']}",
        "replies_count": replies["n"] if replies else 0,
        "reblogs_count": 0,
        "favourites_count": 0,
        "quotes_count": 0,
        "edited_at": iso(data["edited_at"]) if data.get("edited_at") else None,
        "favourited": False,
        "reblogged": False,
        "muted": False,
        "bookmarked": False,
        "pinned": False,
        "content": to_html(data["text"], origin, urls),
        "filtered": [],
        "reblog": None,
        "application": {"name": app["name"], "website": app["website"]} if app else None,
        "account": account_json(account, origin),
        "media_attachments": [media_json(item, origin) for item in media],
        "mentions": [
            {"id": person["id"], "username": person["handle"], "acct": person["handle"],
             "url": f"{origin}/@{person['handle']}"}
            for person in {person["id"]: person for person in people}.values()
        ],
        "tags": [{"name": tag, "url": f"{origin}/tags/{tag}"} for tag in hashtags(data["text"])],
        "emojis": [],
        "card": None,
        "poll": None,
        "quote": None,
    }  # fmt: skip
    if with_source:
        answer = {**answer, "text": data["text"]}
    return answer


def _person(user: str, host: str, request: ASGIRequest) -> sqlite3.Row | None:
    return accounts.find(MASTODON, user) if is_own_domain(host, request) else None


def _checked(
    given: dict[str, Any], account: sqlite3.Row, *, has_files: bool = False
) -> tuple[dict[str, Any], list[str]]:
    """Return what to store and the media to attach. Raises ApiError with the first thing wrong."""
    text = str(given.get("status") or "").strip()
    spoiler = str(given.get("spoiler_text") or "").strip()
    media_ids = given.get("media_ids") or []
    media_ids = [str(item) for item in media_ids] if isinstance(media_ids, list) else [str(media_ids)]
    visibility = str(given.get("visibility") or "public")
    reply_to = str(given.get("in_reply_to_id") or "") or None
    if reply_to and _live(reply_to) is None:
        raise ApiError(404, {"error": "The post you are trying to reply to does not appear to exist."})
    if visibility not in VISIBILITIES:
        raise ApiError(422, {"error": f"'{visibility}' is not a valid visibility"})
    if given.get("poll"):
        raise ApiError(422, {"error": "The sandbox knows no polls"})
    _check_media(media_ids, account)
    if not text:  # a warning with nothing behind it is the text
        text, spoiler = spoiler, ""
    if not text and not media_ids and not has_files:
        raise _invalid("Text can't be blank")
    if len(spoiler) + countable_length(text) > CHARACTERS_MAX:
        raise _invalid(f"Text character limit of {CHARACTERS_MAX} exceeded")
    language = str(given.get("language") or "").split("-")[0].lower()
    data = {
        "text": text,
        "spoiler_text": spoiler,
        "sensitive": is_true(given.get("sensitive", "")) or bool(spoiler),
        "visibility": visibility,
        "language": language if 2 <= len(language) <= 3 and language.isalpha() else "en",
        "in_reply_to_id": reply_to,
        "media_ids": media_ids,
    }
    return data, media_ids


def _check_media(media_ids: list[str], account: sqlite3.Row) -> None:
    if len(media_ids) > MEDIA_MAX:
        raise ApiError(422, {"error": f"Cannot attach more than {MEDIA_MAX} files"})
    rows = [
        storage.one("SELECT * FROM media WHERE id = ? AND account = ? AND post IS NULL", item, account["id"])
        for item in media_ids
    ]
    if missing := [item for item, row in zip(media_ids, rows, strict=True) if row is None]:
        raise ApiError(
            422, {"error": f"Media {', '.join(missing)} not found or already attached to another post"}
        )
    if len(rows) > 1 and any(row is not None and kind_of(row["mime"]) in ("video", "audio") for row in rows):
        raise ApiError(422, {"error": "Cannot attach a video to a post that already contains images"})
    if any(row is not None and row["polls_left"] for row in rows):
        raise ApiError(
            422, {"error": "Cannot attach files that have not finished processing. Try again in a moment!"}
        )


def _live(status_id: str) -> sqlite3.Row | None:
    return storage.one(
        "SELECT * FROM post WHERE id = ? AND network = ? AND deleted_at IS NULL", status_id, MASTODON
    )


def _scheduled(given: dict[str, Any]) -> None:
    try:
        when = datetime.fromisoformat(str(given["scheduled_at"]))
    except ValueError as error:
        raise _invalid("Scheduled at is invalid") from error
    when = when if when.tzinfo else when.replace(tzinfo=UTC)
    if when.timestamp() < time.time() + SCHEDULE_SECONDS_MIN:
        raise _invalid("Scheduled at The scheduled date must be in the future")
    raise ApiError(422, {"error": "The sandbox keeps no scheduled posts"})


async def create(request: ASGIRequest) -> HttpResponse:
    """Take a status. The same account and key within the hour get the status they made the first time."""
    account = user_of(request, "write:statuses")
    client_id = token_of(request)["client_id"]
    given = parameters(request)
    key = request.headers.get("Idempotency-Key", "")
    if key and (known := _repeat(account, key)):
        return json_answer(status_json(known, request))
    if given.get("scheduled_at"):
        _scheduled(given)
    data, media_ids = _checked(given, account)
    now, status_id = time.time(), snowflake()
    with storage.transaction() as db:
        db.execute("DELETE FROM idempotency WHERE expires_at < ?", (now,))
        taken = 1
        if key:
            taken = db.execute(
                "INSERT OR IGNORE INTO idempotency VALUES (?, ?, ?, ?)",
                (account["id"], key, status_id, now + KEY_SECONDS),
            ).rowcount
        if taken:
            db.execute(
                "INSERT INTO post (id, network, account, key, collection, data, created_at)"
                " VALUES (?, ?, ?, ?, 'status', ?, ?)",
                (status_id, MASTODON, account["id"], key, json.dumps({**data, "client_id": client_id}), now),
            )
            for item in media_ids:
                db.execute("UPDATE media SET post = ? WHERE id = ?", (status_id, item))
    row = _live(status_id) if taken else _repeat(account, key)
    if row is None:
        raise ApiError(404, NOT_FOUND)
    return json_answer(status_json(row, request))


def _repeat(account: sqlite3.Row, key: str) -> sqlite3.Row | None:
    row = storage.one(
        "SELECT post FROM idempotency WHERE account = ? AND key = ? AND expires_at >= ?",
        account["id"], key, time.time(),
    )  # fmt: skip
    if row is None:
        return None
    storage.run("UPDATE post SET received_count = received_count + 1 WHERE id = ?", row["post"])
    return _live(row["post"])


def _readable(status_id: str, request: ASGIRequest) -> sqlite3.Row:
    """Return the status when the asker may see it: public and unlisted for all, the rest for its author."""
    row = _live(status_id)
    if row is None:
        raise ApiError(404, NOT_FOUND)
    reader = None
    if bearer(request)[1]:
        token = token_of(request)
        if not grants(token["scopes"], "read:statuses"):
            raise ApiError(403, {"error": "This action is outside the authorized scopes"})
        reader = token["account"]
    if json.loads(row["data"])["visibility"] in ("private", "direct") and reader != row["account"]:
        raise ApiError(404, NOT_FOUND)
    return row


async def show(request: ASGIRequest, status_id: str) -> HttpResponse:
    return json_answer(status_json(_readable(status_id, request), request))


async def several(request: ASGIRequest) -> HttpResponse:
    found = []
    for status_id in request.GET.getlist("id[]")[:20]:
        try:
            found.append(status_json(_readable(status_id, request), request))
        except ApiError as error:
            if error.status != 404:
                raise
    return json_answer(found)


async def context(request: ASGIRequest, status_id: str) -> HttpResponse:
    row = _readable(status_id, request)
    below = storage.many(
        "SELECT * FROM post WHERE deleted_at IS NULL AND json_extract(data, '$.in_reply_to_id') = ? ORDER BY id",
        row["id"],
    )
    parent = _live(json.loads(row["data"])["in_reply_to_id"] or "")
    return json_answer(
        {
            "ancestors": [status_json(parent, request)] if parent else [],
            "descendants": [status_json(item, request) for item in below],
        }
    )


async def edit(request: ASGIRequest, status_id: str) -> HttpResponse:
    """Change text, warning, language, files and their descriptions. Files that are not named again are taken off."""
    account = user_of(request, "write:statuses")
    row = _live(status_id)
    if row is None or row["account"] != account["id"]:
        raise ApiError(404, NOT_FOUND)
    before, given = json.loads(row["data"]), parameters(request)
    wanted = [str(item) for item in given.get("media_ids") or []]
    new = [item for item in wanted if item not in before["media_ids"]]
    data, _new = _checked(
        {**given, "media_ids": new, "visibility": before["visibility"]}, account, has_files=bool(wanted)
    )
    data |= {
        "media_ids": wanted,
        "in_reply_to_id": before["in_reply_to_id"],
        "client_id": before["client_id"],
    }
    if data != {name: value for name, value in before.items() if name != "edited_at"}:
        data["edited_at"] = time.time()
    elif before.get("edited_at"):
        data["edited_at"] = before["edited_at"]
    with storage.transaction() as db:
        db.execute("UPDATE post SET data = ? WHERE id = ?", (json.dumps(data), status_id))
        db.execute("UPDATE media SET post = NULL WHERE post = ?", (status_id,))
        for item in wanted:
            db.execute("UPDATE media SET post = ? WHERE id = ?", (status_id, item))
        for item in given.get("media_attributes") or []:
            db.execute(
                "UPDATE media SET description = ? WHERE id = ? AND account = ?",
                (str(item.get("description") or "") or None, str(item.get("id")), account["id"]),
            )
    changed = _live(status_id)
    assert changed is not None
    return json_answer(status_json(changed, request))


async def delete(request: ASGIRequest, status_id: str) -> HttpResponse:
    account = user_of(request, "write:statuses")
    row = _live(status_id)
    if row is None or row["account"] != account["id"]:
        raise ApiError(404, NOT_FOUND)
    answer = status_json(row, request, with_source=True)
    with storage.transaction() as db:
        db.execute("UPDATE post SET deleted_at = ? WHERE id = ?", (time.time(), status_id))
        db.execute("UPDATE media SET post = NULL WHERE post = ?", (status_id,))
    return json_answer(answer)


async def of_account(request: ASGIRequest, account_id: str) -> HttpResponse:
    """List an account's statuses, newest first. Strangers see the public and unlisted ones."""
    account = storage.one("SELECT * FROM account WHERE network = ? AND id = ?", MASTODON, account_id)
    if account is None:
        raise ApiError(404, NOT_FOUND)
    reader = user_of(request, "read:statuses")["id"] if bearer(request)[1] else None
    wanted = request.GET
    try:
        limit = max(1, min(40, int(wanted.get("limit", 20))))
    except ValueError:
        limit = 20
    clauses, values = ["account = ?", "deleted_at IS NULL"], [account_id]
    for name, clause in (
        ("max_id", "id + 0 < ? + 0"),
        ("since_id", "id + 0 > ? + 0"),
        ("min_id", "id + 0 > ? + 0"),
    ):
        if wanted.get(name):
            clauses.append(clause)
            values.append(wanted[name])
    if reader != account_id:
        clauses.append("json_extract(data, '$.visibility') IN ('public', 'unlisted')")
    if is_true(wanted.get("exclude_replies", "")):
        clauses.append("json_extract(data, '$.in_reply_to_id') IS NULL")
    if is_true(wanted.get("only_media", "")):
        clauses.append("EXISTS (SELECT 1 FROM media WHERE media.post = post.id)")
    direction = "ASC" if wanted.get("min_id") else "DESC"
    rows = storage.many(
        f"SELECT * FROM post WHERE {' AND '.join(clauses)} "  # noqa: S608 - made of our own words
        f" ORDER BY id + 0 {direction} LIMIT {limit}",
        *values,
    )
    rows.sort(key=lambda row: -int(row["id"]))
    headers = {}
    if rows:
        base = f"{origin_of(request)}{request.path}"
        headers["Link"] = (
            f'<{base}?max_id={rows[-1]["id"]}>; rel="next", <{base}?min_id={rows[0]["id"]}>; rel="prev"'
        )
    return json_answer([status_json(row, request) for row in rows], headers=headers)
