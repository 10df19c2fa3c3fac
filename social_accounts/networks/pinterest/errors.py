"""Pinterest's refusals as our five errors: ``{"code": ..., "message": ...}`` beside a status.

Sources: OpenAPI 5.23.0 (the shape), developers.pinterest.com/docs/reference/error-codes and .../ratelimits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import httpx

from ..answers import Json, as_object, number_of, retry_at, safe_message, text_of
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
from ..http import Effect, exchange
from ..words import _
from .config import LABEL

TRIAL_ACCESS = 29
_CONFLICT = 409  # another change of the same board is under way
_POLICY_NAME = re.compile(r'name="([^"]*)"')
_OF_THE_APPLICATION = ("application", "your app", "trial")
_ACCOUNT = ("suspended", "deactivated", "account is limited", "restricted")
_SCOPE = ("scope", "not authorized to access", "consumer")
_REASONS = (
    (RejectionReason.TOO_LONG, ("too long", "maximum length", "maxlength", "at most")),
    (RejectionReason.POLICY, ("spam", "policy", "guidelines", "blocked")),
    (RejectionReason.DUPLICATE, ("duplicate", "already have a board")),
    (RejectionReason.MEDIA_INVALID, ("image", "video", "media", "cover")),
)


@dataclass(frozen=True, kw_only=True)
class Call:
    """What every endpoint function needs."""

    http: httpx.Client
    api: str
    now: datetime
    token: str = ""


def send(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect,
    params: dict[str, str | int] | None = None,
    json: object = None,
) -> Json:
    """Send one request and return the answer's object (empty for an answer without content), else raise."""
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        headers={"Authorization": f"Bearer {call.token}"},
        params=params,
        json=json,
    )
    if not answer.is_success:
        raise_for(answer, call, effect)
    if answer.status_code == httpx.codes.NO_CONTENT:
        return {}
    found = as_object(answer)
    if found is None:
        raise_unreadable(effect)
    return found


def raise_unreadable(effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the request, but its answer cannot be read.", host=LABEL), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=LABEL), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    body = as_object(answer) or {}
    words = text_of(body, "message").lower()
    if status == httpx.codes.TOO_MANY_REQUESTS:
        until = retry_at(answer, now=call.now, reset_header="X-RateLimit-Reset")
        raise RateLimited(until, _limit_level(answer, words))
    if status >= 500 or status == httpx.codes.REQUEST_TIMEOUT:
        if effect is Effect.PUBLISH:
            fault = _(
                "%(host)s had a fault (%(status)s) after it was given the post.", host=LABEL, status=status
            )
            raise OutcomeUnknown(fault, trouble=Trouble.FAULT)
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=LABEL, status=status), trouble=Trouble.FAULT
        )
    if status == _CONFLICT:
        raise NotSent(_("%(host)s is still busy with another change of this board.", host=LABEL))
    if status == httpx.codes.UNAUTHORIZED:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=LABEL))
    if status == httpx.codes.FORBIDDEN:
        _raise_for_lacking_access(number_of(body, "code"), words)
    message = safe_message(text_of(body, "message"), call.token)
    refused = _("%(host)s refused (%(status)s).", host=LABEL, status=status)
    raise Rejected(_reason(status, words), message or refused)


def _raise_for_lacking_access(code: int | None, words: str) -> None:
    if code == TRIAL_ACCESS or "trial" in words:
        raise CredentialsExpired(
            _("Pinterest lets this Chorus only try things out: its operator must ask it for standard access.")
        )
    if any(word in words for word in _SCOPE):
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=LABEL)
        )


def _limit_level(answer: httpx.Response, words: str) -> LimitLevel:
    """Tell whom a limit stops. Its policies are named in a header: those of one account end in ``user_id``."""
    names = _POLICY_NAME.findall(answer.headers.get("X-RateLimit-Limit", ""))
    if names:
        return LimitLevel.PROFILE if any("user" in name for name in names) else LimitLevel.APPLICATION
    is_of_all = any(word in words for word in _OF_THE_APPLICATION)
    return LimitLevel.APPLICATION if is_of_all else LimitLevel.PROFILE


def _reason(status: int, words: str) -> RejectionReason:
    if status == httpx.codes.NOT_FOUND:
        return RejectionReason.NOT_FOUND
    if any(word in words for word in _ACCOUNT):
        return RejectionReason.ACCOUNT_RESTRICTED
    for reason, marks in _REASONS:
        if any(mark in words for mark in marks):
            return reason
    if status in (httpx.codes.REQUEST_ENTITY_TOO_LARGE, httpx.codes.UNSUPPORTED_MEDIA_TYPE):
        return RejectionReason.MEDIA_INVALID
    return RejectionReason.POLICY if status == httpx.codes.FORBIDDEN else RejectionReason.OTHER
