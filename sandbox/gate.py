"""The one middleware: which network, who is asking, what is to go wrong, how much he may still ask."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

from django.core.handlers.asgi import ASGIRequest
from django.core.signals import got_request_exception
from django.http import HttpResponse
from django.utils.decorators import async_only_middleware

from sandbox import faults, storage
from sandbox.accounts import MASTODON
from sandbox.faults import Fault, Kind
from sandbox.network import Network, over_until
from sandbox.networks import network

# Pages for people: the pictures come from the same origin, and nothing else comes from anywhere.
POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; media-src 'self'; form-action {form};"
    " base-uri 'none'; frame-ancestors 'none'"
)


def log_own_failure(sender: object, request: ASGIRequest, **more: object) -> None:
    """A 500 nobody ordered is a defect of the sandbox: say where."""
    logging.getLogger("sandbox").exception("%s %s failed", request.method, request.path)


got_request_exception.connect(log_own_failure)


def network_of(request: ASGIRequest) -> Network:
    return network(str(request.scope["sandbox.network"]))


def instead(of: Network, fault: Fault) -> HttpResponse | None:
    """Return the answer a fault gives before the request is looked at, or None."""
    if fault.kind is Kind.RATE_LIMIT:
        return of.too_many(over_until(fault.until))
    if fault.kind is Kind.REJECT:
        return of.refusal(fault.message)
    if fault.kind is Kind.STATUS and not fault.after:
        return of.failure(fault.status)
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
    of = network_of(request)
    account, application = of.caller(request)
    row = storage.one("SELECT handle FROM account WHERE id = ?", account) if account else None
    names = frozenset(name.lower() for name in (account, row["handle"] if row else "") if name)
    hits = list(
        faults.due(
            network=of.name,
            method=request.method or "",
            path=of.path_of(request),
            account=names,
            application=application,
        )
    )
    window = of.counted(request, account)
    response: HttpResponse | None = None
    for _, fault in hits:
        if fault.kind is Kind.SLOW and not fault.after:
            await asyncio.sleep(fault.delay_ms / 1000)
        elif fault.kind is Kind.DROP and not fault.after:
            return await lose(request, fault)
        elif fault.kind is Kind.PROCESSING:
            request.META["sandbox.polls"] = fault.polls
        response = response or instead(of, fault)
    if response is None:
        response = of.too_many(window) if window and window.is_over else await get_response(request)
    if window:
        for name, value in of.limit_headers(window).items():
            response.headers.setdefault(name, value)
    for fault_id, fault in hits:
        if not fault.after or fault.kind in {Kind.RATE_LIMIT, Kind.REJECT, Kind.PROCESSING}:
            continue
        if response.status_code >= 400:
            faults.give_back(fault_id)
        elif fault.kind is Kind.SLOW:
            await asyncio.sleep(fault.delay_ms / 1000)
        elif fault.kind is Kind.STATUS:
            response = of.failure(fault.status)
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
        of = network_of(request)
        request.urlconf = of.urlconf
        if of.name == MASTODON and request.path.startswith("/api/"):
            # Rails knows no difference between a path with a slash at its end and one without.
            request.path = request.path_info = request.path.rstrip("/")
        if request.path_info.startswith(of.api_paths):
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
