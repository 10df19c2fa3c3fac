"""Refusals and errors as problem details (RFC 9457): one shape for all of them, told for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.http import Http404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from rest_framework import exceptions
from rest_framework.response import Response

from permissions.errors import NotAllowed
from permissions.explanation import Decision

PROBLEM_JSON: Final = "application/problem+json"

# What a problem is called in its ``type``, and its title for people. docs/api.md tells each of them.
TITLES: Final = {
    "bad-request": gettext_lazy("The request cannot be read"),
    "bad-cursor": gettext_lazy("The cursor leads nowhere"),
    "not-signed-in": gettext_lazy("Nobody is signed in"),
    "not-allowed": gettext_lazy("Not allowed"),
    "not-found": gettext_lazy("Not found"),
    "no-such-method": gettext_lazy("Not possible here"),
    "conflict": gettext_lazy("Something else is under way"),
    "too-large": gettext_lazy("Too large"),
    "unknown-content-type": gettext_lazy("Not in a known format"),
    "invalid": gettext_lazy("Something in it does not fit"),
    "other-request": gettext_lazy("The same key for another request"),
    "too-many-requests": gettext_lazy("Too many requests"),
    "unexpected": gettext_lazy("Something broke on our side"),
}
OF_STATUS: Final = {
    400: "bad-request",
    401: "not-signed-in",
    403: "not-allowed",
    404: "not-found",
    405: "no-such-method",
    409: "conflict",
    413: "too-large",
    415: "unknown-content-type",
    422: "invalid",
    429: "too-many-requests",
    500: "unexpected",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one part of the body: ``pointer`` is a JSON pointer, or the name of a parameter."""

    pointer: str
    detail: str


@dataclass(frozen=True)
class LineError:
    """What is wrong with one line of a file."""

    line: int
    detail: str


@dataclass
class Problem(Exception):
    """An answer that is no success. Raise it from anywhere below a GuardedAPIView."""

    status: int
    detail: str
    name: str = ""
    errors: Sequence[FieldError] = ()
    lines: Sequence[LineError] = ()
    decision: Decision | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.detail

    def body(self) -> dict[str, Any]:
        name = self.name or OF_STATUS[self.status]
        body: dict[str, Any] = {
            "type": f"{settings.BASE_URL}/api/#{name}",
            "title": str(TITLES[name]),
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in self.errors]
        if self.lines:
            body["lines"] = [{"line": e.line, "detail": e.detail} for e in self.lines]
        if self.decision is not None:
            body["decision"] = told(self.decision)
        return body

    def response(self) -> Response:
        return Response(
            self.body(), status=self.status, content_type=PROBLEM_JSON, headers=dict(self.headers)
        )


def told(decision: Decision) -> dict[str, Any]:
    """Return an answer with its whole derivation, as the API writes it."""
    return {
        "allowed": decision.allowed,
        "action": decision.action,
        "action_label": decision.action_label,
        "summary": decision.summary,
        "steps": [{"ok": s.ok, "title": s.title, "detail": s.detail} for s in decision.steps],
    }


def problem_of(error: Exception) -> Problem | None:
    """Return the problem that tells this error; None for what nobody expected."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotAllowed):
        return Problem(403, error.decision.summary, decision=error.decision)
    if isinstance(error, PermissionDenied):
        return Problem(403, str(error) or _("You may not do this."))
    if isinstance(error, Http404):
        return Problem(404, _("There is nothing here, or nothing you can see."))
    if isinstance(error, RequestDataTooBig):
        return Problem(413, _("The body is larger than this address takes."))
    if isinstance(error, exceptions.ValidationError):
        return Problem(422, _("Something in the body does not fit."), errors=list(field_errors(error.detail)))
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return None


def _of_framework(error: exceptions.APIException) -> Problem:
    headers: dict[str, str] = {}
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        headers["WWW-Authenticate"] = 'Bearer realm="api"'
        return Problem(401, str(error.detail), headers=headers)
    if isinstance(error, exceptions.Throttled):
        wait: float | None = getattr(error, "wait", None)
        seconds = 60 if wait is None else int(wait) + 1
        detail = _("Too many requests. Wait %(seconds)d seconds.") % {"seconds": seconds}
        return Problem(429, detail, headers={"Retry-After": str(seconds)})
    return Problem(error.status_code, str(error.detail))


def field_errors(detail: Any, pointer: str = "") -> list[FieldError]:
    """Return DRF's nested errors, each with a JSON pointer to what it is about."""
    if isinstance(detail, dict):
        own = "non_field_errors"
        return [
            found
            for name, inner in detail.items()
            for found in field_errors(inner, pointer if name == own else f"{pointer}/{name}")
        ]
    if isinstance(detail, list | tuple):
        found: list[FieldError] = []
        for number, inner in enumerate(detail):
            deeper = f"{pointer}/{number}" if isinstance(inner, dict | list) else pointer
            found += field_errors(inner, deeper) if inner else []
        return found
    return [FieldError(pointer, str(detail))]
