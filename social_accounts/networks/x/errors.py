"""X's refusals as our five errors. Problem details (RFC 9457) with a ``type``, sometimes ``errors`` beside data.

Source: docs.x.com/x-api/fundamentals/response-codes-and-errors.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

import httpx

from ..answers import Json, as_object, list_of, object_of, retry_at, safe_message, text_of
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

# X has stopped the whole application until its operator pays or the month is over: ask again this often.
BILLING_PAUSE = timedelta(hours=1)
_BILLING = ("usage-capped", "credits", "spend cap")
_OF_THE_APPLICATION = ("client-forbidden", "client-not-enrolled", "unsupported-authentication")
_ACCOUNT = ("user-suspended", "suspended", "locked", "temporarily limited")
_APP_DAY = "x-app-limit-24hour-"


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
    data: dict[str, str] | None = None,
    files: object = None,
) -> Json:
    """Send one request and return the answer's object, else raise one of the five."""
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        headers={"Authorization": f"Bearer {call.token}"},
        params=params,
        json=json,
        data=data,
        files=files,
    )
    if not answer.is_success:
        raise_for(answer, call, effect)
    found = as_object(answer)
    if found is None:
        raise_unreadable(effect)
    return found


def data_of(found: Json, effect: Effect) -> Json:
    """Return ``data``; an answer of 200 that holds only ``errors`` is a refusal."""
    data = object_of(found, "data")
    if data:
        return data
    for problem in list_of(found, "errors"):
        if isinstance(problem, dict):
            _raise_for_problem(problem, 200, "")
    raise_unreadable(effect)


def raise_unreadable(effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host="X"), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host="X"), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    body = as_object(answer) or {}
    first = next((item for item in list_of(body, "errors") if isinstance(item, dict)), {})
    words = f"{text_of(body, 'type')} {text_of(body, 'title')} {text_of(body, 'detail')}".lower()
    if status == 402 or any(word in words for word in _BILLING):
        message = _("X has stopped this Chorus until its operator has paid for more.")
        raise RateLimited(call.now + BILLING_PAUSE, LimitLevel.APPLICATION, message)
    if status == 429:
        _raise_limited(answer, call)
    if status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _("%(host)s had a fault (%(status)s) after it was given the post.", host="X", status=status),
                trouble=Trouble.FAULT,
            )
        raise NotSent(_("%(host)s has a fault (%(status)s).", host="X", status=status), trouble=Trouble.FAULT)
    if status == 401:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host="X"))
    _raise_for_problem({**first, **body}, status, call.token)


def _raise_limited(answer: httpx.Response, call: Call) -> NoReturn:
    if answer.headers.get(_APP_DAY + "remaining") == "0":
        until = retry_at(answer, now=call.now, reset_header=_APP_DAY + "reset")
        raise RateLimited(until, LimitLevel.APPLICATION)
    raise RateLimited(retry_at(answer, now=call.now, reset_header="x-rate-limit-reset"), LimitLevel.PROFILE)


def _raise_for_problem(problem: Json, status: int, token: str) -> NoReturn:
    detail = text_of(problem, "detail") or text_of(problem, "message") or text_of(problem, "title")
    message = safe_message(detail, token)
    words = f"{text_of(problem, 'type')} {text_of(problem, 'title')} {detail}".lower()
    reason = RejectionReason.OTHER
    if "duplicate" in words:
        reason = RejectionReason.DUPLICATE
    elif any(word in words for word in _ACCOUNT):
        reason = RejectionReason.ACCOUNT_RESTRICTED
    elif any(word in words for word in _OF_THE_APPLICATION):
        raise CredentialsExpired(
            _("X does not let this Chorus use its interface: its operator must see to it.")
        )
    elif status == 403 and "scope" in words:
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host="X")
        )
    elif "resource-not-found" in words or status == 404:
        reason = RejectionReason.NOT_FOUND
    elif "too long" in words or "tweet_text_too_long" in words or "character limit" in words:
        reason = RejectionReason.TOO_LONG
    elif "media" in words or status in (413, 415):
        reason = RejectionReason.MEDIA_INVALID
    elif status == 403:
        reason = RejectionReason.POLICY
    raise Rejected(reason, message or _("%(host)s refused (%(status)s).", host="X", status=status))
