"""Making rows of a table those that are wanted, and writing nothing where nothing differs."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from django.db import models

from accounts.models import User
from social_accounts.access_file.state import Held


def sync(
    table: Any,
    existing: Mapping[Any, models.Model],
    wanted: Mapping[Hashable, tuple[Held, dict[str, Any]]],
    now: datetime,
    giver: User | None,
) -> None:
    """Make the rows those that are wanted. Who granted what and when stays where nothing changes."""
    giver_id = giver.pk if giver else None
    gone = [row.pk for key, row in existing.items() if key not in wanted]
    if gone:
        table.objects.filter(pk__in=gone).delete()
    new = []
    for key, (held, columns) in wanted.items():
        values = columns | {
            "starts_at": held.starts,
            "expires_at": held.expires,
            "reason": held.reason,
        }
        if key in existing:
            update(existing[key], also={"granted_by_id": giver_id, "granted_at": now}, **values)
        else:
            new.append(table(granted_at=now, granted_by_id=giver_id, **values))
    table.objects.bulk_create(new)


def update(row: models.Model, also: Mapping[str, Any] | None = None, **values: Any) -> None:
    """Save the columns that differ, and then ``also`` these; write nothing where none does."""
    differing = {name: value for name, value in values.items() if getattr(row, name) != value}
    if not differing:
        return
    differing |= also or {}
    for name, value in differing.items():
        setattr(row, name, value)
    row.save(update_fields=list(differing))
