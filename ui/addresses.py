"""What an address or a form says, before anybody believes it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.http.request import QueryDict

ID_DIGITS_MAX: Final = 18  # of a bigint, whatever its first digit
NULL: Final = "\x00"


def id_in(text: str) -> int | None:
    """Return the id that the text spells; None for one no table can hold and for what is no number."""
    return int(text) if text.isdecimal() and len(text) <= ID_DIGITS_MAX else None


class NullCharacters(SuspiciousOperation):
    """No keyboard types one, and PostgreSQL's texts hold none."""


class NullCharacterMiddleware:
    """Refuses (400) what carries a null character in its address or form: it would break the query it reaches."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *_view: object) -> None:
        if NULL in request.path or _has_null(request.GET) or _has_null(request.POST):
            raise NullCharacters("a null character in the address or the form")


def _has_null(typed: QueryDict) -> bool:
    return any(NULL in name or any(NULL in value for value in values) for name, values in typed.lists())
