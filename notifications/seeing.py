"""What of his notifications a person may still read. Asked when they are shown and when they are mailed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from notifications.kinds import kind_named, sight_of
from notifications.models import Notification
from permissions.checker import Access


def still_seen(access: Access, rows: Iterable[Notification]) -> list[Notification]:
    """Return those of the open organization's rows whose objects the person may see now, in their order.

    One query for each sort of object. Nothing of an organization he may not enter, and no kind that is not known.
    """
    if access.miss_before_scope() is not None:
        return []
    known = [row for row in rows if kind_named(row.kind) is not None]
    asked: dict[str, set[int]] = defaultdict(set)
    for row in known:
        if row.about_id is not None:
            asked[row.about_type].add(row.about_id)
    seen: dict[str, set[int]] = {}
    for about_type, ids in asked.items():
        sight = sight_of(about_type)
        seen[about_type] = ids if sight is None else set(sight(access, ids))
    return [row for row in known if row.about_id is None or row.about_id in seen[row.about_type]]
