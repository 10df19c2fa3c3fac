"""What every view of the sandbox is made of: JSON answers, API errors, parameters however they were sent."""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Callable, Coroutine, Mapping
from typing import Any

from django.core.handlers.asgi import ASGIRequest
from django.http import HttpResponse, JsonResponse, QueryDict

View = Callable[..., Coroutine[Any, Any, HttpResponse]]
TRUE_WORDS = {"true", "1", "on", "t", "yes"}


class ApiError(Exception):
    """An answer other than success, in the network's own shape."""

    def __init__(
        self, status: int, body: Mapping[str, Any], headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {body}")
        self.status, self.body, self.headers = status, body, dict(headers or {})

    def response(self) -> HttpResponse:
        return json_answer(self.body, self.status, self.headers)


def json_answer(body: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    return JsonResponse(body, status=status, safe=False, headers=dict(headers or {}))


def endpoint(**methods: View) -> View:
    """Make one view of a path from a function per method: ``endpoint(GET=show, DELETE=remove)``."""

    async def view(request: ASGIRequest, **kwargs: str) -> HttpResponse:
        chosen = methods.get(request.method or "") or (
            methods.get("GET") if request.method == "HEAD" else None
        )
        if chosen is None:
            return json_answer({"error": "Method not allowed"}, 405, {"Allow": ", ".join(methods)})
        try:
            return await chosen(request, **kwargs)
        except ApiError as error:
            return error.response()

    return functools.wraps(next(iter(methods.values())))(view)


def origin_of(request: ASGIRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def bearer(request: ASGIRequest) -> tuple[str, str]:
    """Return the scheme (lower case) and the token of the Authorization header, empty when there is none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return scheme.lower(), token.strip()


def json_body(request: ASGIRequest) -> Any:
    """Return the JSON body. Raises ValueError."""
    return json.loads(request.body or b"{}")


def _unbracket(query: QueryDict, into: dict[str, Any]) -> None:
    """Read Rails' spelling: ``a[]=1&a[]=2`` is a list, ``a[b]=1`` a mapping."""
    for name, values in query.lists():
        parts = re.findall(r"[^\[\]]+|\[\]", name)
        target = into
        is_list = parts[-1] == "[]"
        path = [part for part in parts if part != "[]"]
        for part in path[:-1]:
            nested = target.setdefault(part, {})
            target = nested if isinstance(nested, dict) else {}
        target[path[-1]] = list(values) if is_list else values[-1]


def parameters(request: ASGIRequest) -> dict[str, Any]:
    """Return query and body as one mapping, whether JSON, form or multipart. Raises ApiError(400)."""
    found: dict[str, Any] = {}
    _unbracket(request.GET, found)
    if request.content_type == "application/json":
        try:
            body = json_body(request)
        except ValueError as error:
            raise ApiError(400, {"status": 400, "error": "Bad Request"}) from error
        found.update(body if isinstance(body, dict) else {})
    else:
        _unbracket(request.POST, found)
    return found


def is_true(value: object) -> bool:
    return str(value).lower() in TRUE_WORDS


def form(request: ASGIRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.POST.items()}
