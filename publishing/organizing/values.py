"""What a field of the organization's own says, as it is kept and as a person reads it."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from publishing.models import CustomField, CustomValue


def spelled(value: Any) -> str:
    """Return a typed value as it is kept: one spelling for each, so that equal ones are found together."""
    if value in (None, ""):
        return ""
    if isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return value.isoformat() if isinstance(value, date) else str(value).strip()


def shown_value(kind: str, value: str) -> str:
    """Return a kept value of that kind in the reader's language."""
    return CustomValue(field=CustomField(kind=kind), value=value).shown if value else ""
