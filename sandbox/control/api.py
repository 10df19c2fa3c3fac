"""The JSON half of the controls. ``sandbox.testing.SandboxServer`` is the way to call it from a test."""

from __future__ import annotations

import functools
import hashlib
import ipaddress
import json
import sqlite3
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox import accounts, faults, limits, storage
from sandbox.bluesky import clients
from sandbox.mastodon.accounts import iso
from sandbox.networks import network, networks
from sandbox.web import ApiError, View, json_answer, json_body, origin_of


def refuse_strangers(request: ASGIRequest) -> None:
    """Raise ApiError(403) unless the request comes from this machine and not from another site's page."""
    host = request.scope.get("client", ("",))[0]
    try:
        is_here = ipaddress.ip_address(host).is_loopback
    except ValueError:
        is_here = False
    if not is_here or request.headers.get("Origin", origin_of(request)) != origin_of(request):
        raise ApiError(403, {"error": "The controls answer this machine only."})


def local(view: View) -> View:
    @functools.wraps(view)
    async def guarded(request: ASGIRequest, **kwargs: Any) -> HttpResponse:
        refuse_strangers(request)
        # A page elsewhere can send a form without asking, but not JSON.
        if (
            request.method in ("POST", "DELETE")
            and request.body
            and request.content_type != "application/json"
        ):
            raise ApiError(415, {"error": "Send application/json."})
        return await view(request, **kwargs)

    return guarded


def _order(request: ASGIRequest) -> dict[str, Any]:
    try:
        body = json_body(request)
    except ValueError as error:
        raise ApiError(400, {"error": f"That is no JSON: {error}"}) from error
    if not isinstance(body, dict):
        raise ApiError(400, {"error": "Send a JSON object."})
    return body


def _account(order: dict[str, Any]) -> sqlite3.Row:
    name = str(order.get("account", ""))
    wanted = [str(order["network"])] if order.get("network") else list(networks())
    for one in wanted:
        if row := accounts.find(one, name):
            return row
    raise ApiError(404, {"error": f"There is no account “{name}”."})


def _media(row: sqlite3.Row, data: dict[str, Any]) -> list[dict[str, Any]]:
    return [
        {"mime": item["mime"], "size": len(item["content"]), "description": text,
         "sha256": hashlib.sha256(item["content"]).hexdigest()}
        for item, text in network(row["network"]).files_of(row, data)
    ]  # fmt: skip


@local
async def posts(request: ASGIRequest) -> HttpResponse:
    """Answer every post ever taken, oldest first, deleted ones too; ``?account=`` and ``?network=`` narrow."""
    rows = storage.many(
        "SELECT post.*, account.handle FROM post JOIN account ON account.id = post.account"
        " WHERE (?1 = '' OR post.network = ?1) AND (?2 = '' OR account.handle = ?2 OR account.id = ?2)"
        " ORDER BY post.created_at, post.id",
        request.GET.get("network", ""), request.GET.get("account", ""),
    )  # fmt: skip
    answer = []
    for row in rows:
        data = json.loads(row["data"])
        answer.append(
            {
                "network": row["network"],
                "account": row["handle"],
                "account_id": row["account"],
                "id": row["id"],
                "key": row["key"],
                "collection": row["collection"],
                "text": data.get("text", ""),
                "created_at": iso(row["created_at"]),
                "received_count": row["received_count"],
                "is_deleted": row["deleted_at"] is not None,
                "media": _media(row, data),
                "data": data,
            }
        )
    return json_answer(answer)


def account_answer(row: sqlite3.Row) -> dict[str, Any]:
    return {
        "network": row["network"],
        "id": row["id"],
        "handle": row["handle"],
        "display_name": row["display_name"],
    }


@local
async def list_accounts(request: ASGIRequest) -> HttpResponse:
    return json_answer([account_answer(row) for name in networks() for row in accounts.people(name)])


@local
async def create_account(request: ASGIRequest) -> HttpResponse:
    """Make (or find) ``{network, handle, display_name?, scopes?}``; the answer holds what a test signs in with."""
    order = _order(request)
    if order.get("network") not in networks():
        raise ApiError(400, {"error": f"network is one of {', '.join(networks())}"})
    try:
        row = accounts.create(
            order["network"], str(order.get("handle", "")), str(order.get("display_name", ""))
        )
    except accounts.BadHandle as error:
        raise ApiError(400, {"error": str(error)}) from error
    ways = network(row["network"]).signs_in_with(row, str(order.get("scopes", "")))
    return json_answer({**account_answer(row), **ways}, 201)


@local
async def list_faults(request: ASGIRequest) -> HttpResponse:
    return json_answer(faults.listed())


@local
async def add_fault(request: ASGIRequest) -> HttpResponse:
    """Add a fault; its fields are those of ``sandbox.faults.Fault``."""
    try:
        return json_answer({"id": faults.add(faults.parse(_order(request)))}, 201)
    except faults.BadFault as error:
        raise ApiError(400, {"error": str(error)}) from error


@local
async def remove_fault(request: ASGIRequest, fault_id: int) -> HttpResponse:
    if not faults.remove(fault_id):
        raise ApiError(404, {"error": "There is no such fault."})
    return json_answer({})


@local
async def clear_faults(request: ASGIRequest) -> HttpResponse:
    faults.clear()
    return json_answer({})


@local
async def expire_tokens(request: ASGIRequest) -> HttpResponse:
    """Expire all tokens of ``{account, network?}``; with ``only_access`` refresh tokens live on."""
    order = _order(request)
    accounts.expire_tokens(_account(order), only_access=bool(order.get("only_access")))
    return json_answer({})


@local
async def show_limits(request: ASGIRequest) -> HttpResponse:
    return json_answer(limits.numbers())


@local
async def change_limit(request: ASGIRequest) -> HttpResponse:
    """Set ``{name, limit, period_seconds?}``; the names are those GET shows."""
    order = _order(request)
    known = limits.numbers().get(order.get("name", ""))
    if known is None or not isinstance(order.get("limit"), int):
        raise ApiError(400, {"error": f"name is one of {', '.join(limits.numbers())}; limit is a number"})
    limits.change(order["name"], order["limit"], int(order.get("period_seconds", known[1])))
    return json_answer(limits.numbers())


@local
async def register_client(request: ASGIRequest) -> HttpResponse:
    """Keep an OAuth client metadata document, as if it were published at its ``client_id``."""
    document = _order(request)
    try:
        clients.check_document(str(document.get("client_id", "")), document)
    except clients.BadClient as error:
        raise ApiError(400, {"error": str(error)}) from error
    storage.run(
        "INSERT OR REPLACE INTO client_metadata VALUES (?, ?)", document["client_id"], json.dumps(document)
    )
    return json_answer({}, 201)


@local
async def reset(request: ASGIRequest) -> HttpResponse:
    """Forget posts, media and faults; people and tokens too unless ``keep_accounts``."""
    storage.reset(keep_accounts=bool(_order(request).get("keep_accounts")))
    limits.forget()
    return json_answer({})
