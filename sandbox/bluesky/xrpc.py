"""The frame of every XRPC method: verbs, encodings, errors as ``{error, message}``."""

from __future__ import annotations

import functools
from collections.abc import Callable, Coroutine
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse

from sandbox.web import ApiError, View, json_answer, json_body


def error(status: int, name: str, message: str, **headers: str) -> ApiError:
    return ApiError(status, {"error": name, "message": message}, headers)


def invalid(message: str, name: str = "InvalidRequest") -> ApiError:
    return error(400, name, message)


def _guarded(method: str, view: Callable[[ASGIRequest], Coroutine[Any, Any, HttpResponse]]) -> View:
    @functools.wraps(view)
    async def guarded(request: ASGIRequest) -> HttpResponse:
        try:
            if request.method != method:
                raise invalid(f"Incorrect HTTP method ({request.method}) expected {method}")
            return await view(request)
        except ApiError as refused:
            return refused.response()

    return guarded


def query(view: Callable[[ASGIRequest], Coroutine[Any, Any, HttpResponse]]) -> View:
    return _guarded("GET", view)


def procedure(view: Callable[[ASGIRequest], Coroutine[Any, Any, HttpResponse]]) -> View:
    return _guarded("POST", view)


def body_of(request: ASGIRequest) -> dict[str, Any]:
    """Return the JSON object a procedure was sent. Raises ApiError(400)."""
    if request.content_type != "application/json":
        raise invalid(
            f"Wrong request encoding (Content-Type): {request.content_type}"
            if request.content_type
            else "Request encoding (Content-Type) required but not provided"
        )
    try:
        body = json_body(request)
    except ValueError as wrong:
        raise invalid("Unable to parse request body as JSON") from wrong
    if not isinstance(body, dict):
        raise invalid("Input must be an object")
    return body


def text_of(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if value is None:
        raise invalid(f'Missing required key "{name}" at $')
    if not isinstance(value, str):
        raise invalid(f"Expected string value type at $.{name}")
    return value


async def unknown(request: ASGIRequest, path: str = "") -> HttpResponse:
    return json_answer({"error": "MethodNotImplemented", "message": "Method Not Implemented"}, 501)
