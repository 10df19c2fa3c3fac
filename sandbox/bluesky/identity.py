"""Handles, DIDs and their documents: what the PLC directory and a handle's own server would answer."""

from __future__ import annotations

import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, storage
from sandbox.accounts import BLUESKY
from sandbox.bluesky.xrpc import invalid, query
from sandbox.networks import network
from sandbox.web import json_answer, origin_of


def did_document(row: sqlite3.Row, origin: str) -> dict[str, Any]:
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": row["id"],
        "alsoKnownAs": [f"at://{row['handle']}"],
        "verificationMethod": [],
        "service": [{"id": "#atproto_pds", "type": "AtprotoPersonalDataServer", "serviceEndpoint": origin}],
    }


@query
async def resolve_handle(request: ASGIRequest) -> HttpResponse:
    handle = request.GET.get("handle")
    if handle is None:
        raise invalid('Invalid com.atproto.identity.resolveHandle params: Missing required key "handle"')
    if not network(BLUESKY).handle_pattern.fullmatch(handle):
        raise invalid("Params/handle must be a valid handle")
    row = accounts.find(BLUESKY, handle)
    if row is None:
        raise invalid("Unable to resolve handle", "HandleNotFound")
    return json_answer({"did": row["id"]})


async def plc_document(request: ASGIRequest, did: str) -> HttpResponse:
    row = storage.one("SELECT * FROM account WHERE network = ? AND id = ?", BLUESKY, did)
    if row is None:
        return json_answer({"message": f"DID not registered: {did}"}, 404)
    answer = json_answer(did_document(row, origin_of(request)))
    answer.headers["Content-Type"] = "application/did+ld+json; charset=utf-8"
    return answer


async def handle_did(request: ASGIRequest) -> HttpResponse:
    """Answer for the handle the request is addressed to (its Host): the DID alone, as plain text."""
    row = accounts.find(BLUESKY, request.get_host().partition(":")[0])
    if row is None:
        return HttpResponse("User not found", status=404, content_type="text/plain")
    return HttpResponse(row["id"], content_type="text/plain")


async def server_did(request: ASGIRequest) -> HttpResponse:
    did = f"did:web:{request.get_host().replace(':', '%3A')}"
    service = {"id": "#bsky_appview", "type": "BskyAppView", "serviceEndpoint": origin_of(request)}
    return json_answer({"@context": ["https://www.w3.org/ns/did/v1"], "id": did, "service": [service]})
