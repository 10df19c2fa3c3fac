"""What the numbers are called. Networks count differently; docs/metrics.md says what each of them means."""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_lazy as _

# In the order to show them.
LABELS: Final = {
    "impressions": _("Impressions"),
    "reach": _("Reach"),
    "views": _("Views"),
    "likes": _("Reactions"),
    "comments": _("Comments"),
    "shares": _("Shares"),
    "quotes": _("Quotes"),
    "saves": _("Saves"),
    "clicks": _("Clicks"),
    "pin_clicks": _("Clicks on the Pin"),
    "watch_seconds": _("Seconds watched"),
}


def label_of(metric: str) -> str:
    return str(LABELS.get(metric, metric.replace("_", " ").capitalize()))


def place_of(metric: str) -> int:
    return list(LABELS).index(metric) if metric in LABELS else len(LABELS)
