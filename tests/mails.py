"""Mails of notifications go out after the fact; a test that reads them lets them go out first."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from notifications.mailing import send_due


def mail_due() -> int:
    """Send what waits to be mailed at once, also what waits for others of its kind."""
    return send_due(now=timezone.now() + timedelta(minutes=30))
