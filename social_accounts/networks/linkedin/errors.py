"""LinkedIn's refusals as our five errors.

Source: learn.microsoft.com/linkedin/shared/api-guide/concepts/error-handling and the Posts API's own table.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

import httpx

from ..answers import Json, as_object, object_of, retry_at, safe_message, text_of
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
from .config import VERSION

_AGAIN = ("MEDIA_ASSET_WAITING_UPLOAD", "EXPIRED_UPLOAD_URL", "CONFLICT")
_BAD_MEDIA = ("MEDIA_ASSET_PROCESSING_FAILED", "INVALID_IMAGE_ID", "INVALID_VIDEO_ID")


@dataclass(frozen=True, kw_only=True)
class Call:
    http: httpx.Client
    api: str
    now: datetime
    token: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "Authorization": f"Bearer {self.token}",
            "Linkedin-Version": VERSION,
            "X-Restli-Protocol-Version": "2.0.0",
        }


def send(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect,
    headers: dict[str, str] | None = None,
    params: dict[str, str | int] | None = None,
    json: object = None,
) -> httpx.Response:
    """Send one request; return the answer when its status is a success, else raise one of the five."""
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        headers={**call.headers, **(headers or {})},
        params=params,
        json=json,
    )
    if not answer.is_success:
        raise_for(answer, call, effect)
    return answer


def object_in(answer: httpx.Response, effect: Effect) -> Json:
    found = as_object(answer)
    if found is None:
        raise_unreadable(effect)
    return found


def raise_unreadable(effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host="LinkedIn"), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host="LinkedIn"), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    body = as_object(answer)
    code = text_of(body, "code") or text_of(body, "errorDetailType")
    message = safe_message(text_of(body, "message") or text_of(body, "error_description"), call.token)
    words = f"{code} {message} {text_of(object_of(body, 'errorDetails'), 'reason')}"
    if status == 429:
        raise RateLimited(_next_reset(answer, call), _level(message))
    if status == 426 or "VERSION" in code:
        raise NotSent(
            _(
                "LinkedIn no longer speaks the version of its interface this Chorus uses; its operator must update it."
            )
        )
    if status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _(
                    "%(host)s had a fault (%(status)s) after it was given the post.",
                    host="LinkedIn",
                    status=status,
                ),
                trouble=Trouble.FAULT,
            )
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host="LinkedIn", status=status), trouble=Trouble.FAULT
        )
    if status == 401:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host="LinkedIn"))
    if status == 403:
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host="LinkedIn")
        )
    if any(word in words for word in _AGAIN) or status == 409:
        raise NotSent(_("%(host)s has not finished reading the media.", host="LinkedIn"))
    raise Rejected(_reason(status, words), message or _("%(host)s refused the post.", host="LinkedIn"))


def _reason(status: int, words: str) -> RejectionReason:
    if status == 422 and "duplicate" in words.lower():
        return RejectionReason.DUPLICATE
    if "FIELD_LENGTH_TOO_LONG" in words:
        return RejectionReason.TOO_LONG
    if status in (413, 415) or any(word in words for word in _BAD_MEDIA):
        return RejectionReason.MEDIA_INVALID
    if status in (404, 410):
        return RejectionReason.NOT_FOUND
    return RejectionReason.OTHER


def _level(message: str) -> LimitLevel:
    """Return whom a limit stops: "Resource level throttle APPLICATION DAY limit", or "APPLICATION_AND_MEMBER"."""
    is_of_all = "APPLICATION" in message and "MEMBER" not in message
    return LimitLevel.APPLICATION if is_of_all else LimitLevel.PROFILE


def _next_reset(answer: httpx.Response, call: Call) -> datetime:
    """Return when it listens again: LinkedIn names no time, and counts its days in UTC."""
    if answer.headers.get("Retry-After"):
        return retry_at(answer, now=call.now, reset_header="Retry-After")
    midnight = call.now.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(days=1)
