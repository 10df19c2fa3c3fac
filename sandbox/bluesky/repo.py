"""Records and blobs: one record key is one record, whatever is sent how often."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import time
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse
from PIL import Image, UnidentifiedImageError

from sandbox import accounts, storage
from sandbox.accounts import BLUESKY
from sandbox.bluesky import cid as cids
from sandbox.bluesky import records
from sandbox.bluesky.access import Caller, caller_of
from sandbox.bluesky.identity import did_document
from sandbox.bluesky.xrpc import body_of, error, invalid, procedure, query, text_of
from sandbox.web import json_answer, origin_of

BLOB_BYTES_MAX = 5 * 1024 * 1024
RECORD_KEY = re.compile(r"[a-zA-Z0-9_~.:-]{1,512}")
TID_COLLECTIONS = frozenset(
    {records.POST, records.THREADGATE, "app.bsky.feed.like", "app.bsky.feed.repost", "app.bsky.graph.follow"}
)
LIST_DEFAULT, LIST_MAX = 50, 100


def uri_of(did: str, collection: str, rkey: str) -> str:
    return f"at://{did}/{collection}/{rkey}"


def _addressed(request: ASGIRequest, body: dict[str, Any]) -> tuple[Caller, str]:
    """Return the caller and the collection, his own repository being the only one he may write to."""
    caller = caller_of(request)
    repo, collection = text_of(body, "repo"), text_of(body, "collection")
    row = accounts.find(BLUESKY, repo)
    if row is None:
        raise error(403, "AccountNotFound", "Account not found")
    if row["id"] != caller.did:
        raise error(401, "AuthenticationRequired", "Authentication Required")
    if not records.NSID.fullmatch(collection):
        raise invalid(f'Invalid NSID (got "{collection}") at $.collection')
    return caller, collection


def _check_key(collection: str, rkey: str) -> str:
    if not RECORD_KEY.fullmatch(rkey) or rkey in (".", ".."):
        raise invalid(f'Invalid record key (got "{rkey}") at $.rkey')
    if collection in TID_COLLECTIONS and not cids.TID.fullmatch(rkey):
        raise invalid(f'Invalid record key for {collection}: Invalid TID string (got "{rkey}") at $')
    return rkey


def _checked(body: dict[str, Any], collection: str, did: str) -> tuple[dict[str, Any], str, str]:
    """Return the record, its cid, and how far it was validated. Raises ApiError(400)."""
    record = body.get("record")
    if not isinstance(record, dict):
        raise invalid(
            'Missing required key "record" at $'
            if record is None
            else "Expected object value type at $.record"
        )
    status = records.check(collection, record, did)
    record = {"$type": collection, **record}
    try:
        return record, cids.record_cid(record), status
    except (cids.NotEncodable, ValueError) as wrong:
        raise invalid(f"Input/record is no valid record: {wrong}") from wrong


def _written(uri: str, cid: str, status: str) -> HttpResponse:
    commit = {"cid": cids.record_cid({"commit": uri}), "rev": cids.new_tid()}
    return json_answer({"uri": uri, "cid": cid, "commit": commit, "validationStatus": status})


def _live(uri: str) -> sqlite3.Row | None:
    return storage.one("SELECT * FROM post WHERE id = ? AND deleted_at IS NULL", uri)


def _store(caller: Caller, collection: str, rkey: str, record: dict[str, Any], cid: str) -> None:
    now = time.time()
    storage.run(
        "INSERT INTO post (id, network, account, key, collection, data, cid, created_at)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET data = excluded.data, cid = excluded.cid, deleted_at = NULL,"
        " created_at = iif(deleted_at IS NULL, created_at, excluded.created_at), received_count = received_count + 1",
        uri_of(caller.did, collection, rkey), BLUESKY, caller.did, rkey, collection, json.dumps(record), cid, now,
    )  # fmt: skip


@procedure
async def create_record(request: ASGIRequest) -> HttpResponse:
    """Store a new record. A key that is taken breaks the real server's tree: 500, and nothing changes."""
    body = body_of(request)
    caller, collection = _addressed(request, body)
    caller.need_write(collection, "create")
    rkey = _check_key(collection, str(body["rkey"])) if body.get("rkey") else cids.new_tid()
    record, cid, status = _checked(body, collection, caller.did)
    uri = uri_of(caller.did, collection, rkey)
    if _live(uri):
        storage.run("UPDATE post SET received_count = received_count + 1 WHERE id = ?", uri)
        raise error(500, "InternalServerError", "Internal Server Error")
    _store(caller, collection, rkey, record, cid)
    return _written(uri, cid, status)


@procedure
async def put_record(request: ASGIRequest) -> HttpResponse:
    """Store under a key of the caller's choice; the same record again changes nothing."""
    body = body_of(request)
    caller, collection = _addressed(request, body)
    rkey = _check_key(collection, text_of(body, "rkey"))
    for action in ("create", "update"):
        caller.need_write(collection, action)
    record, cid, status = _checked(body, collection, caller.did)
    uri = uri_of(caller.did, collection, rkey)
    present = _live(uri)
    if "swapRecord" in body and body["swapRecord"] != (present["cid"] if present else None):
        raise invalid(f"Record was at {present['cid'] if present else None}", "InvalidSwap")
    if present and present["cid"] == cid:
        storage.run("UPDATE post SET received_count = received_count + 1 WHERE id = ?", uri)
        return json_answer({"uri": uri, "cid": cid, "validationStatus": status})
    _store(caller, collection, rkey, record, cid)
    return _written(uri, cid, status)


@procedure
async def delete_record(request: ASGIRequest) -> HttpResponse:
    body = body_of(request)
    caller, collection = _addressed(request, body)
    caller.need_write(collection, "delete")
    uri = uri_of(caller.did, collection, _check_key(collection, text_of(body, "rkey")))
    changed = storage.run(
        "UPDATE post SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL", time.time(), uri
    )
    if not changed:
        return json_answer({})
    return json_answer({"commit": {"cid": cids.record_cid({"commit": uri}), "rev": cids.new_tid()}})


def _repo_of(request: ASGIRequest) -> tuple[sqlite3.Row, str]:
    for name in ("repo", "collection"):
        if name not in request.GET:
            raise invalid(f'Params must have the property "{name}"')
    row = accounts.find(BLUESKY, request.GET["repo"])
    if row is None:
        raise invalid(f"Could not find repo: {request.GET['repo']}", "RepoNotFound")
    return row, request.GET["collection"]


@query
async def get_record(request: ASGIRequest) -> HttpResponse:
    account, collection = _repo_of(request)
    uri = uri_of(account["id"], collection, request.GET.get("rkey", ""))
    row = _live(uri)
    if row is None or request.GET.get("cid", row["cid"]) != row["cid"]:
        raise invalid(f"Could not locate record: {uri}", "RecordNotFound")
    return json_answer({"uri": uri, "cid": row["cid"], "value": json.loads(row["data"])})


@query
async def list_records(request: ASGIRequest) -> HttpResponse:
    account, collection = _repo_of(request)
    try:
        limit = int(request.GET.get("limit", LIST_DEFAULT))
    except ValueError as wrong:
        raise invalid("Params/limit must be an integer") from wrong
    if not 1 <= limit <= LIST_MAX:
        raise invalid(f"Params/limit must be between 1 and {LIST_MAX}")
    is_oldest_first = request.GET.get("reverse") == "true"
    after, order = (">", "ASC") if is_oldest_first else ("<", "DESC")
    cursor = request.GET.get("cursor", "" if is_oldest_first else "~")
    rows = storage.many(
        f"SELECT * FROM post WHERE account = ? AND collection = ? AND deleted_at IS NULL AND key {after} ?"  # noqa: S608 - both words are ours
        f" ORDER BY key {order} LIMIT ?",
        account["id"], collection, cursor, limit,
    )  # fmt: skip
    found = [{"uri": row["id"], "cid": row["cid"], "value": json.loads(row["data"])} for row in rows]
    return json_answer({"records": found, **({"cursor": rows[-1]["key"]} if len(rows) == limit else {})})


@query
async def describe_repo(request: ASGIRequest) -> HttpResponse:
    row = accounts.find(BLUESKY, request.GET.get("repo", ""))
    if row is None:
        raise invalid(f"Could not find repo: {request.GET.get('repo', '')}", "RepoNotFound")
    known = storage.many(
        "SELECT DISTINCT collection FROM post WHERE account = ? AND deleted_at IS NULL", row["id"]
    )
    return json_answer(
        {"handle": row["handle"], "did": row["id"], "didDoc": did_document(row, origin_of(request)),
         "collections": [item["collection"] for item in known], "handleIsCorrect": True}
    )  # fmt: skip


# --- blobs -------------------------------------------------------------------------------------------------------


def _sniffed(content: bytes) -> str:
    try:
        with Image.open(io.BytesIO(content)) as image:
            return Image.MIME.get(image.format or "", "application/octet-stream")
    except (UnidentifiedImageError, OSError, ValueError):
        return "application/octet-stream"


@procedure
async def upload_blob(request: ASGIRequest) -> HttpResponse:
    """Keep the bytes under the type the caller declares; they are looked at only when he says ``*/*``."""
    caller = caller_of(request)
    mime = request.headers.get("Content-Type", "")
    if mime == "*/*":
        mime = _sniffed(request.body)
    if not mime:
        raise invalid("Request encoding (Content-Type) required but not provided")
    caller.need_upload(mime)
    content = request.body
    if len(content) > BLOB_BYTES_MAX:
        raise error(413, "PayloadTooLarge", "request entity too large")
    cid = cids.cid_of(content, cids.RAW)
    storage.run(
        "INSERT INTO blob VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mime = excluded.mime",
        caller.did, cid, mime, content, time.time(),
    )  # fmt: skip
    return json_answer(
        {"blob": {"$type": "blob", "ref": {"$link": cid}, "mimeType": mime, "size": len(content)}}
    )


@query
async def get_blob(request: ASGIRequest) -> HttpResponse:
    did, cid = request.GET.get("did", ""), request.GET.get("cid", "")
    row = storage.one("SELECT mime, content FROM blob WHERE account = ? AND cid = ?", did, cid)
    if row is None:
        raise invalid("Blob not found", "BlobNotFound")
    return HttpResponse(row["content"], content_type=row["mime"])
