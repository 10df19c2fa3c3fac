"""Mastodon's refusals as our five errors.

Servers answer in the language their owner chose, so only status codes, error codes and numbers are
relied upon; words are looked at where they are codes in practice. Source:
docs.joinmastodon.org/entities/Error.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import NoReturn

import httpx

from ..answers import Json, as_list, as_object, object_of, retry_at, safe_message, text_of
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

_SCOPE_WORDS = ("scope", "insufficient_scope")
_ACCOUNT_WORDS = ("login", "disabled", "suspended", "frozen", "confirm", "pending", "approved", "moved")
_TOKEN_WORDS = ("invalid_token", "access token", "token is invalid", "unauthorized")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What every endpoint function needs: client, server's origin, the moment, the token if any."""

    http: httpx.Client
    server: str
    now: datetime
    token: str = ""

    @property
    def host(self) -> str:
        return httpx.URL(self.server).host

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"} if self.token else {}


def send(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect,
    headers: dict[str, str] | None = None,
    params: dict[str, str | int] | None = None,
    json: object = None,
    data: dict[str, str] | None = None,
    files: object = None,
) -> httpx.Response:
    """Send one request; return the answer when its status is a success (2xx), else raise one of the five."""
    answer = exchange(
        call.http,
        method,
        call.server + path,
        effect=effect,
        headers={**call.headers, **(headers or {})},
        params=params,
        json=json,
        data=data,
        files=files,
    )
    if not answer.is_success:
        raise_for(answer, call, effect)
    return answer


def json_object(answer: httpx.Response, call: Call, effect: Effect) -> Json:
    """Return the body as an object; a success that cannot be read is an unknown outcome when it may be
    public.
    """
    found = as_object(answer)
    if found is None:
        raise_unreadable(call, effect)
    return found


def json_list(answer: httpx.Response, call: Call) -> list[Json]:
    found = as_list(answer)
    if found is None:
        raise_unreadable(call, Effect.READ)
    return found


def raise_unreadable(call: Call, effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host=call.host), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=call.host), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    body = as_object(answer)
    code = text_of(body, "error")
    message = safe_message(text_of(body, "error_description") or code, call.token)
    words = f"{code} {message} {answer.headers.get('WWW-Authenticate', '')}".lower()
    if status == 429:
        level = LimitLevel.PROFILE if call.token else LimitLevel.APPLICATION
        raise RateLimited(retry_at(answer, now=call.now, reset_header="X-RateLimit-Reset"), level)
    if status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _(
                    "%(host)s had a fault (%(status)s) after it was given the post.",
                    host=call.host,
                    status=status,
                ),
                trouble=Trouble.FAULT,
            )
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=call.host, status=status), trouble=Trouble.FAULT
        )
    if status == 401 or (status in (400, 403) and call.token and any(word in words for word in _TOKEN_WORDS)):
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=call.host))
    if status == 403:
        _raise_forbidden(words, message, call)
    if status in (404, 410):
        raise Rejected(
            RejectionReason.NOT_FOUND, message or _("%(host)s does not know this.", host=call.host)
        )
    if status == 413:
        raise Rejected(
            RejectionReason.MEDIA_INVALID, message or _("The file is too large for %(host)s.", host=call.host)
        )
    if status == 422:
        _raise_unprocessable(body, words, message, call)
    raise Rejected(
        RejectionReason.OTHER,
        message or _("%(host)s refused (%(status)s).", host=call.host, status=status),
    )


def is_over_a_named_limit(message: str, used: int) -> bool:
    """Return whether a refusal names a number of characters that ``used`` exceeds, in whatever language."""
    return any(100 <= int(number) < used for number in re.findall(r"\d{3,7}", message))


def _raise_forbidden(words: str, message: str, call: Call) -> NoReturn:
    if any(word in words for word in _SCOPE_WORDS):
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=call.host)
        )
    if any(word in words for word in _ACCOUNT_WORDS):
        # The account itself is stopped: holding the profile's queue is right, refusing post by post is not.
        raise CredentialsExpired(message)
    raise Rejected(RejectionReason.POLICY, message or _("%(host)s does not allow this.", host=call.host))


def _raise_unprocessable(body: Json | None, words: str, message: str, call: Call) -> NoReturn:
    details = object_of(body, "details")
    codes = {
        text_of(entry, "error")
        for entries in details.values()
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict)
    }
    if "not finished processing" in words or "finished processing" in words:
        raise NotSent(_("%(host)s has not finished reading the media.", host=call.host))
    reason = RejectionReason.OTHER
    if "ERR_TOO_LONG" in codes or "character limit" in words or "too long" in words:
        reason = RejectionReason.TOO_LONG
    elif any(word in words for word in ("media", "file", "image", "video", "attach")):
        reason = RejectionReason.MEDIA_INVALID
    elif "duplicate" in words:
        reason = RejectionReason.DUPLICATE
    raise Rejected(reason, message or _("%(host)s refused the post.", host=call.host))
