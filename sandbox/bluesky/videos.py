"""The video service: takes a video with the server's permit, works on it for a while, hands over what it made."""

from __future__ import annotations

import hashlib
import json
import time
from typing import Any
from urllib.parse import quote

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import storage
from sandbox.bluesky import cid as cids
from sandbox.bluesky import tokens
from sandbox.bluesky.access import caller_of
from sandbox.bluesky.records import VIDEO_BYTES_MAX
from sandbox.bluesky.xrpc import error, invalid, procedure, query
from sandbox.web import bearer, json_answer

PERMIT = "service+jwt"
PERMIT_SECONDS_MAX = 3600
UPLOAD = "com.atproto.repo.uploadBlob"


def _audience(request: ASGIRequest) -> str:
    return f"did:web:{quote(request.get_host(), safe='')}"


@query
async def service_auth(request: ASGIRequest) -> HttpResponse:
    """Give a permit for one method of this server that another service may call in the account's name."""
    caller = caller_of(request)
    audience, method = request.GET.get("aud", ""), request.GET.get("lxm", "")
    if not audience.startswith("did:"):
        raise invalid("aud must be a valid atproto DID or did#serviceId reference")
    caller.need_call(method, audience)
    ends = request.GET.get("exp", "")
    left = float(ends) - time.time() if ends.isdecimal() else 60.0
    if not 0 < left <= PERMIT_SECONDS_MAX:
        raise invalid("cannot request a token with this expiration", "BadExpiration")
    claims = {"iss": caller.did, "aud": audience, "lxm": method, "exp": int(time.time() + left)}
    return json_answer({"token": tokens.sign(PERMIT, claims)})


@procedure
async def upload_video(request: ASGIRequest) -> HttpResponse:
    """Take a video. The same bytes again are the same job, told with 409."""
    did = _permitted(request)
    content = request.body
    if request.headers.get("Content-Type") != "video/mp4":
        raise invalid("Wrong request encoding (Content-Type)")
    if not content or len(content) > VIDEO_BYTES_MAX:
        raise error(413, "PayloadTooLarge", "request entity too large")
    job_id = hashlib.sha256(did.encode() + content).hexdigest()[:20]
    known = storage.one("SELECT 1 FROM upload WHERE id = ?", job_id)
    if known is None:
        blob_cid = cids.cid_of(content, cids.RAW)
        storage.run(
            "INSERT INTO blob VALUES (?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET mime = excluded.mime",
            did, blob_cid, "video/mp4", content, time.time(),
        )  # fmt: skip
        blob = {"$type": "blob", "ref": {"$link": blob_cid}, "mimeType": "video/mp4", "size": len(content)}
        data = {"did": did, "blob": blob, "polls": int(request.META.get("sandbox.polls", 1))}
        storage.run("INSERT INTO upload VALUES (?, ?, ?, ?)", job_id, did, json.dumps(data), time.time())
    job = _job(job_id, "JOB_STATE_CREATED", did)
    if known is not None:
        return json_answer({**job, "error": "already_exists", "message": "Video already processed"}, 409)
    return json_answer(job)


@query
async def job_status(request: ASGIRequest) -> HttpResponse:
    """Tell how far a job is. Each look brings it one poll nearer."""
    job_id = request.GET.get("jobId", "")
    row = storage.one("SELECT * FROM upload WHERE id = ?", job_id)
    data: dict[str, Any] = json.loads(row["data"]) if row else {}
    if "polls" not in data:
        raise invalid("Job not found", "JobNotFound")
    if data["polls"]:
        left = json.dumps({**data, "polls": data["polls"] - 1})
        storage.run("UPDATE upload SET data = ? WHERE id = ?", left, job_id)
        return json_answer({"jobStatus": _job(job_id, "JOB_STATE_ENCODING", data["did"], progress=40)})
    return json_answer(
        {"jobStatus": _job(job_id, "JOB_STATE_COMPLETED", data["did"], blob=data["blob"], progress=100)}
    )


def _job(job_id: str, state: str, did: str, **more: object) -> dict[str, Any]:
    return {"jobId": job_id, "did": did, "state": state, **more}


def _permitted(request: ASGIRequest) -> str:
    """Return whose video this is. Raises ApiError when the permit is for something else."""
    scheme, token = bearer(request)
    try:
        claims = tokens.read(PERMIT, token)
    except tokens.BadToken as wrong:
        raise error(401, "AuthMissing", "A service token is needed") from wrong
    if scheme != "bearer" or claims["exp"] < time.time():
        raise error(401, "ExpiredToken", "The service token has expired")
    if claims["lxm"] != UPLOAD or claims["aud"] != _audience(request):
        raise error(401, "BadJwtAudience", "The service token is for something else")
    if claims["iss"] != request.GET.get("did"):
        raise error(401, "BadJwtIss", "The service token is somebody else's")
    if not request.GET.get("name"):
        raise invalid('Params must have the property "name"')
    return str(claims["iss"])
