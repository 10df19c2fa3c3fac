"""YouTube's refusals as our five errors: ``{"error": {"code", "message", "errors": [{"domain", "reason"}]}}``.

Source: developers.google.com/youtube/v3/docs/errors.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn
from zoneinfo import ZoneInfo

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
from ..data import content_limits
from ..http import Effect, exchange
from ..words import _
from .config import LABEL, NAME

QUOTA = content_limits(NAME)["quota"]
CHANNEL_PAUSE = timedelta(seconds=QUOTA["channel_pause_seconds"])
# The operator has not switched the interface on in his project, or it was taken from him: ask again this often.
OPERATOR_PAUSE = timedelta(hours=1)
_QUOTA = ("quotaExceeded", "dailyLimitExceeded")
_OF_THE_OPERATOR = ("accessNotConfigured", "projectSuspended")
_REASONS = {
    "youtubeSignupRequired": RejectionReason.ACCOUNT_RESTRICTED,
    "channelClosed": RejectionReason.ACCOUNT_RESTRICTED,
    "channelSuspended": RejectionReason.ACCOUNT_RESTRICTED,
    "authenticatedUserAccountClosed": RejectionReason.ACCOUNT_RESTRICTED,
    "authenticatedUserAccountSuspended": RejectionReason.ACCOUNT_RESTRICTED,
    "commentTextTooLong": RejectionReason.TOO_LONG,
    "mediaBodyRequired": RejectionReason.MEDIA_INVALID,
    "invalidFilename": RejectionReason.MEDIA_INVALID,
    "commentsDisabled": RejectionReason.POLICY,
    "ineligibleAccount": RejectionReason.POLICY,
    "forbiddenLicenseSetting": RejectionReason.POLICY,
    "forbiddenPrivacySetting": RejectionReason.POLICY,
    "videoNotFound": RejectionReason.NOT_FOUND,
    "playlistNotFound": RejectionReason.NOT_FOUND,
}
_TAG = re.compile(r"<[^<>]*>")


@dataclass(frozen=True, kw_only=True)
class Call:
    """What every endpoint function needs."""

    http: httpx.Client
    api: str
    now: datetime
    token: str = field(default="", repr=False)


def send(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect,
    params: dict[str, str | int] | None = None,
    headers: dict[str, str] | None = None,
    json: object = None,
    content: bytes | None = None,
) -> httpx.Response:
    """Send one request; return the answer when its status is a success, else raise one of the five."""
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        headers={"Authorization": f"Bearer {call.token}", **(headers or {})},
        params=params,
        json=json,
        content=content,
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
            _("%(host)s took the post but its answer cannot be read.", host=LABEL), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=LABEL), trouble=Trouble.FAULT)


def next_reset(now: datetime) -> datetime:
    """Return when YouTube counts anew: at midnight in California. It names no time itself."""
    there = now.astimezone(ZoneInfo(QUOTA["resets_at_midnight_in"]))
    midnight = there.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    return (midnight + timedelta(days=1)).astimezone(now.tzinfo)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    error = object_of(as_object(answer), "error")
    first = next((item for item in list_of(error, "errors") if isinstance(item, dict)), {})
    reason = text_of(first, "reason")
    if status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _(
                    "%(host)s had a fault (%(status)s) after it was given the post.",
                    host=LABEL,
                    status=status,
                ),
                trouble=Trouble.FAULT,
            )
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=LABEL, status=status), trouble=Trouble.FAULT
        )
    _raise_limited(answer, call, reason)
    if reason in _OF_THE_OPERATOR:
        why = _("YouTube does not let this Chorus use its interface: its operator must see to it.")
        raise RateLimited(call.now + OPERATOR_PAUSE, LimitLevel.APPLICATION, why)
    if status == 401 and reason not in _REASONS:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=LABEL))
    if status == 403 and reason not in _REASONS:
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=LABEL)
        )
    message = safe_message(_TAG.sub("", text_of(error, "message") or text_of(first, "message")), call.token)
    raise Rejected(
        _reason(status, reason),
        message or _("%(host)s refused (%(status)s).", host=LABEL, status=status),
    )


def _raise_limited(answer: httpx.Response, call: Call, reason: str) -> None:
    if reason in _QUOTA:
        message = _("All of this Chorus has used up what YouTube allows it in a day.")
        raise RateLimited(next_reset(call.now), LimitLevel.APPLICATION, message)
    if reason == "uploadLimitExceeded":
        message = _("The channel has uploaded as many videos as YouTube allows it in a day.")
        raise RateLimited(call.now + CHANNEL_PAUSE, LimitLevel.PROFILE, message)
    until = retry_at(answer, now=call.now, reset_header="Retry-After")
    if reason == "rateLimitExceeded":
        raise RateLimited(until, LimitLevel.APPLICATION)
    if reason == "userRateLimitExceeded" or answer.status_code == 429:
        raise RateLimited(until, LimitLevel.PROFILE)


def _reason(status: int, reason: str) -> RejectionReason:
    if reason in _REASONS:
        return _REASONS[reason]
    if status in (404, 410):
        return RejectionReason.NOT_FOUND
    return RejectionReason.MEDIA_INVALID if status in (413, 415) else RejectionReason.OTHER
