"""Reading answers that may be anything: JSON of any shape, odd headers, words that must not leak."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeAlias

import httpx

Json: TypeAlias = Mapping[str, object]

MESSAGE_CHARACTERS_MAX = 300
RETRY_FALLBACK = timedelta(minutes=5)
RETRY_MAX = timedelta(hours=24)


def as_object(answer: httpx.Response) -> Json | None:
    """Return the body when it is a JSON object, else None."""
    try:
        parsed = answer.json()
    except (ValueError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict) else None


def as_list(answer: httpx.Response) -> list[Json] | None:
    """Return the body when it is a JSON list of objects, else None."""
    try:
        parsed = answer.json()
    except (ValueError, RecursionError):
        return None
    if not isinstance(parsed, list) or not all(isinstance(item, dict) for item in parsed):
        return None
    return parsed


def text_of(found: Json | None, name: str) -> str:
    """Return a text field; empty when absent or not text."""
    value = found.get(name) if found is not None else None
    return value if isinstance(value, str) else ""


def address_of(found: Json | None, name: str) -> str:
    """Return a text field that people will follow as a link; empty unless it is an http(s) address.

    The server is a stranger's: a javascript: address must never reach a page.
    """
    value = text_of(found, name)
    return value if value.startswith(("https://", "http://")) else ""


def number_of(found: Json | None, name: str) -> int | None:
    """Return a whole-number field; None when absent or not a number."""
    value = found.get(name) if found is not None else None
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def object_of(found: Json | None, name: str) -> Json:
    """Return an object field; empty when absent or not an object."""
    value = found.get(name) if found is not None else None
    return value if isinstance(value, dict) else {}


def list_of(found: Json | None, name: str) -> list[object]:
    """Return a list field; empty when absent or not a list."""
    value = found.get(name) if found is not None else None
    return value if isinstance(value, list) else []


def texts_of(found: Json | None, name: str) -> tuple[str, ...]:
    """Return the texts in a list field."""
    return tuple(item for item in list_of(found, name) if isinstance(item, str))


def time_of(text: str) -> datetime | None:
    """Return an ISO 8601 time as aware UTC; None when it is none. A time without a zone is taken as UTC."""
    try:
        # Python 3.11 and later read the Z and up to six decimals; servers send up to nine.
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)


def retry_at(answer: httpx.Response, *, now: datetime, reset_header: str) -> datetime:
    """Return when a limited request may be made again, between one second and one day from ``now``.

    Reads ``Retry-After`` (seconds or date) and ``reset_header`` (ISO time, epoch or seconds), takes the
    later one.
    """
    found = [
        moment
        for moment in (_moment(answer.headers.get(name, ""), now) for name in ("Retry-After", reset_header))
        if moment is not None and moment > now
    ]
    if not found:
        return now + RETRY_FALLBACK
    return min(max(max(found), now + timedelta(seconds=1)), now + RETRY_MAX)


def safe_message(message: str, *secrets: str) -> str:
    """Return the network's own words for people: one line, bounded, without the secrets that went out."""
    for secret in secrets:
        if secret:
            message = message.replace(secret, "…")
    message = " ".join(message.split())
    if len(message) > MESSAGE_CHARACTERS_MAX:
        message = message[: MESSAGE_CHARACTERS_MAX - 1] + "…"
    return message


def _moment(text: str, now: datetime) -> datetime | None:
    text = text.strip()
    if not text:
        return None
    try:
        number = float(text)
    except ValueError:
        pass
    else:
        if not 0 <= number < 1e11:
            return None
        is_epoch = number > 1e9
        return datetime.fromtimestamp(number, tz=UTC) if is_epoch else now + timedelta(seconds=number)
    iso = time_of(text)
    if iso is not None:
        return iso
    try:
        http_date = parsedate_to_datetime(text)
    except ValueError:
        return None
    return http_date.replace(tzinfo=UTC) if http_date.tzinfo is None else http_date.astimezone(UTC)
