"""One request to the Graph API, and its refusals as our five errors.

Source: developers.facebook.com/docs/graph-api/guides/error-handling and .../overview/rate-limiting.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NoReturn

import httpx

from ..answers import Json, as_object, list_of, number_of, object_of, retry_at, safe_message, text_of
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

EXPIRED = frozenset({102, 190})
LACKS_PERMISSION = frozenset({3, 10, *range(200, 300)})
LIMITED_APPLICATION = frozenset({4})
LIMITED_PROFILE = frozenset({17, 32, 613, *range(80000, 80015)})
FAULT = frozenset({1, 2})
BLOCKED = frozenset({368, 1346003, 1404102, 1404112, 1390008})
DUPLICATE = frozenset({506, 1366051})
BAD_MEDIA = frozenset({1366046, 2069019, 2061006, 1349125, 324, 352})
GONE = 33
IDENTITY_NEEDED = frozenset({1404078, 4854002})
REGAIN_DEFAULT = timedelta(minutes=15)
REGAIN_MAX = timedelta(hours=24)
# A place is free when the oldest post of the last day leaves it; Meta does not tell when that is.
QUOTA_LOOK_AGAIN = timedelta(hours=1)


class NotReady(NotSent):
    """The network still works on what it was given; asking the same again later is enough."""


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """What one of Meta's networks says in codes and subcodes of its own, beside those all of them share.

    ``not_sent``: nothing was done, doing it all again helps. ``not_ready``: nor here, but asking again later is enough.
    ``faults``: nobody knows, like codes 1 and 2. ``quota``: the account has published as much as it may in a day.
    """

    reasons: Mapping[int, RejectionReason] = field(default_factory=dict)
    not_sent: frozenset[int] = frozenset()
    not_ready: frozenset[int] = frozenset()
    faults: frozenset[int] = frozenset()
    quota: frozenset[int] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Call:
    """``api`` holds the version; ``secret`` signs the token, so that a stolen one alone is worth nothing."""

    http: httpx.Client
    api: str
    now: datetime
    label: str
    token: str = field(default="", repr=False)
    secret: str = field(default="", repr=False)
    dialect: Dialect = field(default_factory=Dialect)

    @property
    def proof(self) -> dict[str, str]:
        if not self.token:
            return {}
        if not self.secret:
            return {"access_token": self.token}
        proof = hmac.new(self.secret.encode(), self.token.encode(), hashlib.sha256).hexdigest()
        return {"access_token": self.token, "appsecret_proof": proof}


def send(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect,
    params: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
    files: object = None,
) -> Json:
    """Send one request with its token and return the answer's object, else raise one of the five."""
    is_body = method == "POST"
    answer = exchange(
        call.http,
        method,
        call.api + path,
        effect=effect,
        params={**(params or {})} if is_body else {**(params or {}), **call.proof},
        data={**(data or {}), **call.proof} if is_body else None,
        files=files,
    )
    found = as_object(answer)
    if not answer.is_success or (found is not None and "error" in found):
        raise_for(answer, call, effect)
    if found is None:
        raise_unreadable(call, effect)
    return found


def raise_unreadable(call: Call, effect: Effect) -> NoReturn:
    if effect is Effect.PUBLISH:
        raise OutcomeUnknown(
            _("%(host)s took the post but its answer cannot be read.", host=call.label), trouble=Trouble.FAULT
        )
    raise NotSent(_("The answer of %(host)s cannot be read.", host=call.label), trouble=Trouble.FAULT)


def raise_for(answer: httpx.Response, call: Call, effect: Effect) -> NoReturn:
    status = answer.status_code
    error = object_of(as_object(answer), "error")
    code, sub = number_of(error, "code") or 0, number_of(error, "error_subcode") or 0
    words = text_of(error, "error_user_msg") or text_of(error, "message")
    message = safe_message(words, call.token, call.secret)
    _raise_in_dialect(call, code, sub, message)
    if code in LIMITED_APPLICATION:
        raise RateLimited(_until(answer, call), LimitLevel.APPLICATION)
    if code in LIMITED_PROFILE or status == 429:
        raise RateLimited(_until(answer, call), LimitLevel.PROFILE)
    if code in EXPIRED or (status == 401 and not code):
        raise CredentialsExpired(_("%(host)s no longer accepts this connection.", host=call.label))
    if sub in IDENTITY_NEEDED:
        raise CredentialsExpired(
            _("%(host)s wants the page's owner to confirm who he is before it publishes.", host=call.label)
        )
    if code in LACKS_PERMISSION:
        raise CredentialsExpired(
            _("This connection lacks a permission that %(host)s asks for; connect again.", host=call.label)
        )
    is_fault = bool({code, sub} & (FAULT | call.dialect.faults)) or error.get("is_transient") is True
    if is_fault or status >= 500 or status == 408:
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _(
                    "%(host)s had a fault (%(status)s) after it was given the post.",
                    host=call.label,
                    status=status,
                ),
                trouble=Trouble.FAULT,
            )
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=call.label, status=status), trouble=Trouble.FAULT
        )
    raise Rejected(_reason(code, sub, status), message or _("%(host)s refused the post.", host=call.label))


def _raise_in_dialect(call: Call, code: int, sub: int, message: str) -> None:
    """Raise what the network's own codes mean; nothing when they are those all of Meta's share."""
    own = call.dialect
    if sub in own.quota:
        raise RateLimited(call.now + QUOTA_LOOK_AGAIN, LimitLevel.PROFILE)
    if {code, sub} & own.not_ready:
        raise NotReady(_("%(host)s is not ready for it yet.", host=call.label))
    if sub in own.not_sent:
        raise NotSent(message or _("%(host)s was not ready for it.", host=call.label))
    reason = own.reasons.get(sub) or own.reasons.get(code)
    if reason is not None:
        raise Rejected(reason, message or _("%(host)s refused the post.", host=call.label))


def _reason(code: int, sub: int, status: int) -> RejectionReason:
    if code in DUPLICATE or sub in DUPLICATE:
        return RejectionReason.DUPLICATE
    if code in BLOCKED or sub in BLOCKED:
        return RejectionReason.ACCOUNT_RESTRICTED if code == 368 else RejectionReason.POLICY
    if code in BAD_MEDIA or sub in BAD_MEDIA or status in (413, 415):
        return RejectionReason.MEDIA_INVALID
    if sub == GONE or code == 803 or status == 404:
        return RejectionReason.NOT_FOUND
    return RejectionReason.OTHER


def _until(answer: httpx.Response, call: Call) -> datetime:
    """Return when the bucket is open again: Meta tells it in minutes, inside a header of JSON."""
    try:
        usage = json.loads(answer.headers.get("X-Business-Use-Case-Usage", "{}"))
    except ValueError:
        usage = {}
    minutes = [
        waits
        for name in (usage if isinstance(usage, dict) else ())
        for entry in list_of(usage, name)
        if isinstance(entry, dict) and (waits := number_of(entry, "estimated_time_to_regain_access"))
    ]
    if minutes:
        return call.now + min(timedelta(minutes=max(minutes)), REGAIN_MAX)
    if answer.headers.get("Retry-After"):
        return retry_at(answer, now=call.now, reset_header="Retry-After")
    return call.now + REGAIN_DEFAULT
