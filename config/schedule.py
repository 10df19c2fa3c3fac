"""All periodic work on one screen: task, how often, why. Each only looks for rows that are due."""

from __future__ import annotations

from typing import Any

SECOND = 1.0
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE

PERIODIC_WORK: dict[str, dict[str, Any]] = {}
