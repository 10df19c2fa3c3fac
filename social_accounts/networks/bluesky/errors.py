"""Refusals of AT Protocol servers as our five errors. Source: atproto.com/specs/xrpc#error-responses."""

from __future__ import annotations

from datetime import datetime
from typing import NoReturn

import httpx

from ..answers import Json, as_object, retry_at, safe_message, text_of
from ..base import (
    CredentialsExpired,
    LimitLevel,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    RejectionReason,
    Trouble,
)
from ..http import Effect
from ..words import _

_DEAD_TOKEN = {
    "ExpiredToken",
    "InvalidToken",
    "AuthMissing",
    "AuthenticationRequired",
    "AccountTakedown",
    "AccountSuspended",
    "AccountDeactivated",
    "RepoDeactivated",
    "RepoTakendown",
    "RepoSuspended",
    "invalid_token",
    "invalid_grant",
    "insufficient_scope",
    "ScopeMissingError",
    "use_dpop_proof",
    "invalid_dpop_proof",
}
_TOO_LONG_WORDS = ("grapheme", "text must not be longer", "record/text")
_MEDIA_WORDS = ("blob", "image", "embed", "mimetype", "media")
_ADDRESS_POLICY = "w=300"
"""The window of the limit per IP address (3,000 in 5 minutes); the limits per account are hours and days."""


def object_in(answer: httpx.Response, effect: Effect) -> Json:
    """Return the body of a success; one that cannot be read is an unknown outcome when it may be public."""
    found = as_object(answer)
    if found is None:
        raise_unreadable(answer, effect)
    return found


def raise_unreadable(answer: httpx.Response, effect: Effect) -> NoReturn:
    host = answer.url.host
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host=host), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=host), trouble=Trouble.FAULT)


def raise_for(
    answer: httpx.Response, *, effect: Effect, now: datetime, secrets: tuple[str, ...] = ()
) -> NoReturn:
    status, host = answer.status_code, answer.url.host
    body = as_object(answer)
    code = text_of(body, "error")
    message = safe_message(text_of(body, "message") or text_of(body, "error_description") or code, *secrets)
    if status == 429:
        is_per_account = bool(secrets) and _ADDRESS_POLICY not in answer.headers.get("RateLimit-Policy", "")
        level = LimitLevel.PROFILE if is_per_account else LimitLevel.APPLICATION
        raise RateLimited(retry_at(answer, now=now, reset_header="RateLimit-Reset"), level)
    if status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _("%(host)s had a fault (%(status)s) after it was given the post.", host=host, status=status),
                trouble=Trouble.FAULT,
            )
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=host, status=status), trouble=Trouble.FAULT
        )
    if status == 401 or code in _DEAD_TOKEN:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=host))
    if status == 403 and ("scope" in message.lower() or "scope" in code.lower()):
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=host)
        )
    if code == "BlobNotFound":
        raise NotSent(_("%(host)s lost an uploaded file.", host=host))
    if code == "InvalidSwap":
        raise NotSent(_("The account changed at the same moment."))
    raise Rejected(_reason(status, code, message), message or _refused(host, status))


def _reason(status: int, code: str, message: str) -> RejectionReason:
    words = f"{code} {message}".lower()
    if status in (404, 410) or code in ("RecordNotFound", "RepoNotFound"):
        return RejectionReason.NOT_FOUND
    if status == 403:
        return RejectionReason.POLICY
    if any(word in words for word in _TOO_LONG_WORDS):
        return RejectionReason.TOO_LONG
    if status == 413 or any(word in words for word in _MEDIA_WORDS):
        return RejectionReason.MEDIA_INVALID
    return RejectionReason.OTHER


def _refused(host: str, status: int) -> str:
    return _("%(host)s refused (%(status)s).", host=host, status=status)
