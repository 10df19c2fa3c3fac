"""The one middleware: which network, who is asking, what is to go wrong, how much he may still ask."""

from __future__ import annotations

import asyncio
import base64
import json
import logging
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from django.core.handlers.asgi import ASGIRequest
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.utils.decorators import async_only_middleware

from sandbox import faults, limits, storage
from sandbox.accounts import BLUESKY, MASTODON
from sandbox.faults import Fault, Kind
from sandbox.web import bearer, json_answer

URLCONFS = {MASTODON: "sandbox.mastodon.urls", BLUESKY: "sandbox.bluesky.urls"}
# Pages for people: the pictures come from the same origin, and nothing else comes from anywhere.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action {form};"
    " base-uri 'none'; frame-ancestors 'none'"
)
WRITES = {
    "com.atproto.repo.createRecord": 3,
    "com.atproto.repo.putRecord": 2,
    "com.atproto.repo.deleteRecord": 1,
}
# What programs call. Pages for people are never disturbed.
NETWORK_PATHS = ("/api/", "/oauth/", "/xrpc/", "/.well-known/", "/did:")


def log_own_failure(sender: object, request: ASGIRequest, **more: object) -> None:
    """A 500 nobody ordered is a defect of the sandbox: say where."""
    logging.getLogger("sandbox").exception("%s %s failed", request.method, request.path)


got_request_exception.connect(log_own_failure)


def network_of(request: ASGIRequest) -> str:
    return str(request.scope.get("sandbox.network", MASTODON))


def caller(request: ASGIRequest) -> tuple[str, str]:
    """Return the account id and the client id a request claims, unverified: for counting and faults only."""
    _, token = bearer(request)
    if not token:
        return "", ""
    if network_of(request) == MASTODON:
        row = storage.one("SELECT account, client_id FROM token WHERE token = ?", token)
        return (row["account"] or "", row["client_id"]) if row else ("", "")
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
        return str(claims.get("sub", "")), str(claims.get("client_id", ""))
    except (ValueError, IndexError, AttributeError):
        return "", ""


def limit_headers(network: str, window: limits.Window) -> dict[str, str]:
    if network == MASTODON:
        reset = datetime.fromtimestamp(window.reset_at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        prefix = "X-RateLimit-"
        return {
            f"{prefix}Limit": str(window.limit),
            f"{prefix}Remaining": str(window.remaining),
            f"{prefix}Reset": reset,
        }
    return {
        "RateLimit-Limit": str(window.limit),
        "RateLimit-Remaining": str(window.remaining),
        "RateLimit-Reset": str(window.reset_at),
        "RateLimit-Policy": f"{window.limit};w={window.period_seconds}",
    }


def too_many(network: str, window: limits.Window) -> HttpResponse:
    headers = limit_headers(network, window)
    if network == MASTODON:
        return json_answer({"error": "Too many requests"}, 429, headers)
    headers["Retry-After"] = str(max(1, window.reset_at - int(time.time())))
    return json_answer({"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"}, 429, headers)


def counted(request: ASGIRequest, network: str, account: str) -> limits.Window | None:
    """Count this request against the network's own limits; return the window to tell the client of."""
    path, method = request.path, request.method
    if network == MASTODON:
        if not account or not path.startswith("/api/"):
            return None
        window = limits.take("mastodon", account)
        if method == "POST" and path in ("/api/v1/media", "/api/v2/media"):
            narrow = limits.take("mastodon.media", account)
            return narrow if narrow.is_over else window
        if method == "DELETE" and path.startswith("/api/v1/statuses/"):
            narrow = limits.take("mastodon.delete", account)
            return narrow if narrow.is_over else window
        return window
    name = path.removeprefix("/xrpc/")
    if name == "com.atproto.server.createSession":
        try:
            who = str(json.loads(request.body or b"{}").get("identifier", ""))
        except (ValueError, AttributeError):
            who = ""
        return limits.take("bluesky.login", who)
    if account and name in WRITES:
        day = limits.take("bluesky.day", account, WRITES[name])
        hour = limits.take("bluesky.hour", account, WRITES[name])
        return day if day.is_over else hour
    return None


def failure(network: str, status: int) -> HttpResponse:
    """Answer as a broken server of this network would: its proxy's page for 502 to 504, JSON otherwise."""
    if status in (502, 503, 504):
        return HttpResponse(f"<html><body><h1>{status}</h1></body></html>", status=status)
    if network == MASTODON:
        return json_answer({"error": "Something went wrong on our end"}, status)
    return json_answer({"error": "InternalServerError", "message": "Internal Server Error"}, status)


def instead(network: str, fault: Fault) -> HttpResponse | None:
    """Return the answer a fault gives before the request is looked at, or None."""
    if fault.kind is Kind.RATE_LIMIT:
        return too_many(network, limits.Window(300, 0, int(fault.until), 300, True))
    if fault.kind is Kind.REJECT and network == MASTODON:
        return json_answer({"error": f"Validation failed: {fault.message}"}, 422)
    if fault.kind is Kind.REJECT:
        return json_answer({"error": "InvalidRequest", "message": fault.message}, 400)
    if fault.kind is Kind.STATUS and not fault.after:
        return failure(network, fault.status)
    return None


async def lose(request: ASGIRequest, fault: Fault) -> HttpResponse:
    """Give no answer: the connection is cut, at once or after a long silence."""
    if fault.mode == "hang":
        await asyncio.sleep(fault.hang_seconds)
    host, port = request.scope["client"]
    faults.cut_connection(host, int(port))
    return HttpResponse(status=504)  # nobody hears it


async def answer(
    request: ASGIRequest, get_response: Callable[[ASGIRequest], Awaitable[HttpResponse]]
) -> HttpResponse:
    network = network_of(request)
    account, application = caller(request)
    row = storage.one("SELECT handle FROM account WHERE id = ?", account) if account else None
    names = frozenset(name.lower() for name in (account, row["handle"] if row else "") if name)
    hits = list(
        faults.due(
            network=network,
            method=request.method or "",
            path=request.path,
            account=names,
            application=application,
        )
    )
    window = counted(request, network, account)
    response: HttpResponse | None = None
    for _, fault in hits:
        if fault.kind is Kind.SLOW and not fault.after:
            await asyncio.sleep(fault.delay_ms / 1000)
        elif fault.kind is Kind.DROP and not fault.after:
            return await lose(request, fault)
        elif fault.kind is Kind.PROCESSING:
            request.META["sandbox.polls"] = fault.polls
        response = response or instead(network, fault)
    if response is None:
        response = too_many(network, window) if window and window.is_over else await get_response(request)
    if window:
        for name, value in limit_headers(network, window).items():
            response.headers.setdefault(name, value)
    for fault_id, fault in hits:
        if not fault.after or fault.kind in {Kind.RATE_LIMIT, Kind.REJECT, Kind.PROCESSING}:
            continue
        if response.status_code >= 400:
            faults.give_back(fault_id)
        elif fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.delay_ms / 1000)
        elif fault.kind is Kind.STATUS:
            response = failure(network, fault.status)
        elif fault.kind is Kind.GARBLE:
            response = HttpResponse(
                response.content[: len(response.content) // 2], content_type="application/json"
            )
        elif fault.kind is Kind.DROP:
            return await lose(request, fault)
    return response


@async_only_middleware
def gate(
    get_response: Callable[[ASGIRequest], Awaitable[HttpResponse]],
) -> Callable[[ASGIRequest], Awaitable[HttpResponse]]:
    async def middleware(request: ASGIRequest) -> HttpResponse:
        request.get_host()  # raises for a name that is none of ours
        request.urlconf = URLCONFS[network_of(request)]
        if network_of(request) == MASTODON and request.path.startswith("/api/"):
            # Rails knows no difference between a path with a slash at its end and one without.
            request.path = request.path_info = request.path.rstrip("/")
        if request.path.startswith(NETWORK_PATHS):
            response = await answer(request, get_response)
        else:
            response = await get_response(request)
        response.headers.setdefault("X-Content-Type-Options", "nosniff")
        response.headers.setdefault("Referrer-Policy", "same-origin")
        response.headers.setdefault("Cache-Control", "no-store")
        if response.headers.get("Content-Type", "").startswith("text/html"):
            form = response.headers.get("X-Sandbox-Form-Action", "'self'")
            del response.headers["X-Sandbox-Form-Action"]
            response.headers["Content-Security-Policy"] = POLICY.format(form=form)
        else:
            response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response

    return middleware
