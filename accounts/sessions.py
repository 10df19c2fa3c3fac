from __future__ import annotations

from allauth.account.authentication import get_authentication_records
from django.http import HttpRequest


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether this session was opened with a second factor, or one was proven or set up in it."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request))
