"""``manage.py check --deploy``: can secrets be kept here at all?"""

from __future__ import annotations

from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.utils import timezone

from social_accounts.networks import versions


@register(Tags.security, deploy=True)
def token_keys_are_usable(**options: Any) -> list[CheckMessage]:
    """Return an error when there is no key for the networks' tokens, or one that is none."""
    hint = "docs/operations.md says how to make one."
    if not settings.TOKEN_KEYS:
        text = "CHORUS_TOKEN_KEYS is empty: no account can be connected."
        return [Error(text, hint=hint, id="social_accounts.E001")]
    for number, key in enumerate(settings.TOKEN_KEYS, start=1):
        try:
            Fernet(key)
        except ValueError:
            text = f"Key number {number} in CHORUS_TOKEN_KEYS is not a Fernet key."
            return [Error(text, hint=hint, id="social_accounts.E002")]
    return []


@register(Tags.compatibility, deploy=True)
def network_versions_live(**options: Any) -> list[CheckMessage]:
    """Return a warning for each network whose version of the interface ends soon: Chorus must be updated before."""
    return [
        Warning(
            f"{network} ends version {version.name} of its interface on {version.ends}.",
            hint="Update Chorus before that day; docs/operations.md, Upgrades.",
            id="social_accounts.W001",
        )
        for network, version in versions.ending_soon(timezone.now().date())
    ]
