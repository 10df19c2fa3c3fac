"""TikTok's refusals as our five errors: ``{"data", "error": {"code", "message", "log_id"}}``; "ok" is no error.

An error may come with status 200. Source: developers.tiktok.com/doc/content-posting-api-reference-direct-post.
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
from ..data import content_limits
from ..http import Effect, exchange
from ..words import _
from .config import LABEL

QUOTA = content_limits("tiktok_video")["quota"]
SHORT_PAUSE = timedelta(seconds=QUOTA["window_seconds"])
DAY_PAUSE = timedelta(seconds=QUOTA["day_pause_seconds"])
_EXPIRED = ("access_token_invalid", "auth_removed", "token_not_authorized_for_this_open_id")
_SCOPE = ("scope_not_authorized", "scope_permission_missed")
_OF_THE_CREATOR = ("spam_risk_too_many_posts", "spam_risk_too_many_pending_share")
_REASONS = {
    "spam_risk": RejectionReason.POLICY,
    "spam_risk_text": RejectionReason.POLICY,
    "spam_risk_user_banned_from_posting": RejectionReason.ACCOUNT_RESTRICTED,
    "privacy_level_option_mismatch": RejectionReason.POLICY,
    "file_format_check_failed": RejectionReason.MEDIA_INVALID,
    "duration_check_failed": RejectionReason.MEDIA_INVALID,
    "frame_rate_check_failed": RejectionReason.MEDIA_INVALID,
    "picture_size_check_failed": RejectionReason.MEDIA_INVALID,
    "invalid_publish_id": RejectionReason.NOT_FOUND,
}
_WORDS = {
    "spam_risk": _("TikTok took the video for spam."),
    "spam_risk_text": _("TikTok took the text for spam."),
    "spam_risk_user_banned_from_posting": _("TikTok does not let this account post."),
    "privacy_level_option_mismatch": _("TikTok does not offer this account the audience that was chosen."),
    "file_format_check_failed": _("TikTok does not take videos of this format."),
    "duration_check_failed": _("TikTok does not take a video of this length from this account."),
    "frame_rate_check_failed": _("TikTok does not take a video with so many or so few frames per second."),
    "picture_size_check_failed": _("TikTok does not take a video of this width and height."),
}


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
    json: object = None,
) -> Json:
    """Send one request and return what is in ``data``, else raise one of the five."""
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        headers={"Authorization": f"Bearer {call.token}"},
        params=params,
        json=json,
    )
    body = as_object(answer)
    if not answer.is_success or text_of(object_of(body, "error"), "code") not in ("", "ok"):
        raise_for(answer, call, effect)
    if body is None or "data" not in body:
        raise_unreadable(effect)
    return object_of(body, "data")


def raise_unreadable(effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host=LABEL), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=LABEL), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    error = object_of(as_object(answer), "error")
    code = text_of(error, "code")
    if status >= 500 or status == 408 or code == "internal_error":
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
    _raise_limited(answer, call, code)
    if code in _SCOPE:
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=LABEL)
        )
    if status == 401 or code in _EXPIRED:
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=LABEL))
    raise refusal(code, safe_message(text_of(error, "message"), call.token), status)


def refusal(code: str, message: str, status: int) -> Rejected:
    """Return the error of a refused post, by TikTok's word for it."""
    if code == "unaudited_client_can_only_post_to_private_accounts":
        message = _(
            "TikTok has not audited this Chorus: until then it takes videos for private accounts only, seen by the"
            " account itself. Its operator must ask TikTok for the audit."
        )
        return Rejected(RejectionReason.POLICY, message)
    reason = _REASONS.get(code, RejectionReason.OTHER)
    if code not in _REASONS and status in (413, 415):
        reason = RejectionReason.MEDIA_INVALID
    if code not in _REASONS and status == 404:
        reason = RejectionReason.NOT_FOUND
    said = _WORDS.get(code) or message or code
    return Rejected(reason, said or _("%(host)s refused (%(status)s).", host=LABEL, status=status))


def _raise_limited(answer: httpx.Response, call: Call, code: str) -> None:
    if code in _OF_THE_CREATOR:
        message = _("The account has posted as often as TikTok allows it in a day, over all applications.")
        raise RateLimited(call.now + DAY_PAUSE, LimitLevel.PROFILE, message)
    if code == "reached_active_user_cap":
        message = _("As many people as TikTok allows have posted through this Chorus today.")
        raise RateLimited(call.now + DAY_PAUSE, LimitLevel.APPLICATION, message)
    if code == "rate_limit_exceeded" or answer.status_code == 429:
        # TikTok names no time: its windows are a minute long.
        named = answer.headers.get("Retry-After", "")
        until = (
            retry_at(answer, now=call.now, reset_header="Retry-After") if named else call.now + SHORT_PAUSE
        )
        raise RateLimited(until, LimitLevel.PROFILE)
