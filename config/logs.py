"""What reaches the log: one line per request by its route, and never an e-mail address, a token or a query."""

from __future__ import annotations

import logging
import re
from collections.abc import MutableMapping
from typing import Any

import structlog
from django.http import HttpRequest
from django.urls import Resolver404, resolve
from django_structlog.middlewares import RequestMiddleware

EMAIL = re.compile(r"[\w.+%-]+(?:@|%40)[\w-]+(?:\.[\w-]+)+", re.ASCII)
QUERY = re.compile(r"(?<=[\w/])\?[^\s'\"<>]+")
# Keys of confirmation, reset and invitation links: long path segments with a digit in them.
KEY_IN_PATH = re.compile(r"(?<=/)(?=[^/\s'\"]*\d)[\w:=-]{20,}(?=[/\s'\"]|$)")


def clean(text: str) -> str:
    """Return the text without e-mail addresses, query strings and keys in paths."""
    text = QUERY.sub("?…", text)
    text = KEY_IN_PATH.sub("…", text)
    return EMAIL.sub("<e-mail>", text)


class CleanFormatter(logging.Formatter):
    """The last gate before the log: whoever wrote the line, exceptions included."""

    def format(self, record: logging.LogRecord) -> str:
        return clean(super().format(record))


class RequestLogMiddleware(RequestMiddleware):
    """django-structlog's, which would write the whole path: a key in it opens an account."""

    @staticmethod
    def format_request(request: HttpRequest) -> str:
        try:
            route = resolve(request.path_info).route
        except Resolver404:
            route = "(no such page)"
        return f"{request.method} /{route}"


def _without_traceback(logger: Any, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Django's own log has it already."""
    event.pop("exc_info", None)
    return event


def configure_structlog() -> None:
    """Send structlog's events through the standard library, so that level and formatter of LOGGING hold."""
    processors: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        _without_traceback,
        structlog.processors.KeyValueRenderer(key_order=["event"]),
    ]
    structlog.configure(
        processors=processors,
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
