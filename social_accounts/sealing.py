"""Encryption of what must not be read from the database: the first key encrypts, every key decrypts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class Unreadable(Exception):
    """A secret that none of the keys opens, or one that belongs to another row."""


def sealed(value: Mapping[str, Any], *, purpose: str) -> str:
    """Return the value encrypted. ``purpose`` names the row it belongs to, so that it opens nowhere else."""
    text = json.dumps({"purpose": purpose, "value": value}, separators=(",", ":"))
    return _cipher().encrypt(text.encode()).decode("ascii")


def unsealed(secret: str, *, purpose: str) -> dict[str, Any]:
    """Return a sealed value. Raises Unreadable."""
    try:
        found = json.loads(_cipher().decrypt(secret.encode("ascii")))
    except InvalidToken as error:
        raise Unreadable(f"None of the keys in CHORUS_TOKEN_KEYS opens the secret of {purpose}.") from error
    if found["purpose"] != purpose:
        raise Unreadable(f"The secret of {purpose} belongs to another row.")
    value: dict[str, Any] = found["value"]
    return value


def resealed(secret: str) -> str:
    """Return the same secret under the first key. Raises Unreadable."""
    try:
        return _cipher().rotate(secret.encode("ascii")).decode("ascii")
    except InvalidToken as error:
        raise Unreadable("None of the keys in CHORUS_TOKEN_KEYS opens a secret.") from error


def has_first_key(secret: str) -> bool:
    """Say whether the first key alone opens the secret: whether there is nothing left to rotate."""
    try:
        Fernet(_keys()[0]).decrypt(secret.encode("ascii"))
    except InvalidToken:
        return False
    return True


def _cipher() -> MultiFernet:
    return MultiFernet([Fernet(key) for key in _keys()])


def _keys() -> list[str]:
    if not settings.TOKEN_KEYS:
        raise ImproperlyConfigured(
            "Set CHORUS_TOKEN_KEYS: without a key no account can be connected. docs/operations.md says how to make one."
        )
    return list(settings.TOKEN_KEYS)
