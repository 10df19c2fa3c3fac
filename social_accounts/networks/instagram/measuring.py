"""What Instagram counts of a post. Numbers come up to two days late; of stories only while they can be seen."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from ..base import MetricPoint, Rejected
from ..meta.graph import Call
from . import client

# Ours to Instagram's. Views are what it calls impressions since April 2025.
INSIGHTS: Mapping[str, str] = MappingProxyType(
    {"impressions": "views", "reach": "reach", "shares": "shares", "saves": "saved"}
)
OF_STORIES: Mapping[str, str] = MappingProxyType(
    {"impressions": "views", "reach": "reach", "shares": "shares", "comments": "replies"}
)
COUNTED = ("likes", "comments")


def measure(call: Call, media_id: str) -> list[MetricPoint]:
    """Return the numbers of one post, None where Instagram does not tell one."""
    values: dict[str, int | None] = dict.fromkeys((*COUNTED, *INSIGHTS))
    try:
        counts, product = client.get_counts(call, media_id)
    except Rejected:
        pass  # it is gone
    else:
        names = OF_STORIES if product == "STORY" else INSIGHTS
        values |= {**counts, **_insights(call, media_id, names)}
    return [
        MetricPoint(remote_id=media_id, metric=metric, value=value, measured_at=call.now)
        for metric, value in values.items()
    ]


def _insights(call: Call, media_id: str, names: Mapping[str, str]) -> dict[str, int | None]:
    """Ask for all at once; one number it does not tell of this post refuses them all, so then for each."""
    try:
        found = client.get_insights(call, media_id, names.values())
    except Rejected:
        found = {}
        for name in names.values():
            try:
                found |= client.get_insights(call, media_id, [name])
            except Rejected:
                continue
    return {ours: found.get(theirs) for ours, theirs in names.items()}
