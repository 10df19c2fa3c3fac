"""The networks' published rate limits, counted in fixed windows in memory: a restart starts a new window.

Mastodon: 300 requests per account and 5 minutes, media 30 per 30 minutes, deletions 30 per 30 minutes. Bluesky:
points per account (create 3, update 2, delete 1), 5,000 an hour and 35,000 a day; 30 sign-ins per 5 minutes. X: 100
posts and 50 deletions per account and 15 minutes. Facebook and Instagram: 4,800 calls per page and
day, Instagram 50 posts as well. Threads: 250 posts a day. Pinterest: 1,000 reads and 100 writes per account and minute.
YouTube: 10,000 units and 100 uploads of the whole project a day. TikTok: 6 announced videos, 20 looks at the creator
and 30 at a video per account and minute, 15 posts a day.
``/_control/limits`` changes the numbers.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

from sandbox import storage

DEFAULTS: dict[str, tuple[int, int]] = {
    "mastodon": (300, 300),
    "mastodon.media": (30, 1800),
    "mastodon.delete": (30, 1800),
    "bluesky.hour": (5000, 3600),
    "bluesky.day": (35000, 86400),
    "bluesky.login": (30, 300),
    "facebook.page": (4800, 86_400),
    "instagram.posts": (50, 86_400),
    "threads.calls": (48_000, 86_400),
    "threads.posts": (250, 86_400),
    "linkedin.member": (5000, 86_400),
    "youtube.units": (10_000, 86_400),
    "youtube.uploads": (100, 86_400),
    "tiktok.init": (6, 60),
    "tiktok.creator": (20, 60),
    "tiktok.status": (30, 60),
    "tiktok.posts": (15, 86_400),
    "x.posts": (100, 900),
    "x.deletions": (50, 900),
    "pinterest.read": (1000, 60),
    "pinterest.write": (100, 60),
}
_used: dict[tuple[str, str, int], int] = {}
_numbers: dict[str, tuple[int, int]] | None = None


@dataclass(frozen=True)
class Window:
    limit: int
    remaining: int
    reset_at: int
    period_seconds: int
    is_over: bool


def numbers() -> dict[str, tuple[int, int]]:
    global _numbers
    if _numbers is None:
        stored = storage.setting("limits", {})
        _numbers = {**DEFAULTS, **{name: (pair[0], pair[1]) for name, pair in stored.items()}}
    return _numbers


def change(name: str, limit: int, period_seconds: int) -> None:
    global _numbers
    storage.set_setting("limits", {**storage.setting("limits", {}), name: [limit, period_seconds]})
    _numbers = None


def forget() -> None:
    global _numbers
    _used.clear()
    _numbers = None


def take(name: str, who: str, points: int = 1) -> Window:
    """Count ``points`` against ``who`` and say what is left."""
    limit, period = numbers()[name]
    now = int(time.time())
    slot = (name, who, now // period)
    if len(_used) > 20_000:
        for old in [key for key in _used if (key[2] + 1) * numbers()[key[0]][1] < now]:
            del _used[old]
    before = _used.get(slot, 0)
    is_over = before + points > limit
    used = before if is_over else before + points
    _used[slot] = used
    return Window(limit, max(0, limit - used), (slot[2] + 1) * period, period, is_over)
