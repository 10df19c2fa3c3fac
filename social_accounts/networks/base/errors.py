"""Errors: five, and no others leave an adapter."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum


class Trouble(StrEnum):
    """What is wrong with a server, where a call failed because of it and not because of what was asked."""

    UNREACHABLE = "unreachable"
    """There was no connection, so it was not even asked."""
    FAULT = "fault"
    """It answers with a fault of its own, too late, or with nothing that can be read."""


class NetworkError(Exception):
    """A network did not do what it was asked.

    ``str(error)`` is safe to show: it holds no token and no post text. ``trouble`` says that the server is to blame:
    other calls would have failed as well. None: it answered, or nobody can tell.
    """

    trouble: Trouble | None = None


class Rejected(NetworkError):
    """The network refuses this content or this account for good; asking again would not help.

    ``reason`` is one of ``RejectionReason``; the message is the network's own, for the author to read.
    """

    def __init__(self, reason: RejectionReason, message: str) -> None:
        super().__init__(message)
        self.reason = reason

    def __reduce__(self) -> tuple[type[Rejected], tuple[RejectionReason, str]]:
        return type(self), (self.reason, self.args[0])


class RateLimited(NetworkError):
    """The network will listen again at ``retry_at`` (aware UTC). Nothing was published."""

    def __init__(self, retry_at: datetime, level: LimitLevel, message: str = "") -> None:
        super().__init__(message or f"rate limited until {retry_at.isoformat()}")
        self.retry_at = retry_at
        self.level = level

    def __reduce__(self) -> tuple[type[RateLimited], tuple[datetime, LimitLevel, str]]:
        return type(self), (self.retry_at, self.level, self.args[0])


class CredentialsExpired(NetworkError):
    """The token is dead or lacks a scope; a person must reconnect the profile. Nothing was published."""


class NotSent(NetworkError):
    """The request certainly did not take effect: safe to repeat.

    A refused connection, a fault before anything public.
    """

    def __init__(self, message: str, *, trouble: Trouble | None = None) -> None:
        super().__init__(message)
        self.trouble = trouble


class OutcomeUnknown(NetworkError):
    """The network may have taken it: read back; never repeat blindly.

    A time-out or a broken answer after sending.
    """

    def __init__(self, message: str, *, trouble: Trouble | None = None) -> None:
        super().__init__(message)
        self.trouble = trouble


class RejectionReason(StrEnum):
    TOO_LONG = "too_long"
    MEDIA_INVALID = "media_invalid"
    DUPLICATE = "duplicate"
    POLICY = "policy"
    ACCOUNT_RESTRICTED = "account_restricted"
    NOT_FOUND = "not_found"
    OTHER = "other"


class LimitLevel(StrEnum):
    """What a rate limit stops: every profile of this network (application) or this one profile."""

    APPLICATION = "application"
    PROFILE = "profile"
