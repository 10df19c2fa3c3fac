"""Time zones as people look for them: by region and city, with today's distance from UTC."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy

REGIONS = {
    "Africa": gettext_lazy("Africa"),
    "America": gettext_lazy("Americas"),
    "Antarctica": gettext_lazy("Antarctica"),
    "Asia": gettext_lazy("Asia"),
    "Atlantic": gettext_lazy("Atlantic"),
    "Australia": gettext_lazy("Australia"),
    "Europe": gettext_lazy("Europe"),
    "Indian": gettext_lazy("Indian Ocean"),
    "Pacific": gettext_lazy("Pacific"),
}
NOT_FOR_PEOPLE = {"Factory", "localtime"}


def time_zone_choices(at: datetime | None = None) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return every zone for a grouped ``<select>``: regions, then other names; cities in order."""
    at = at or timezone.now()
    groups: dict[str, list[tuple[str, str]]] = {region: [] for region in REGIONS}
    others = []
    for zone in available_timezones() - NOT_FOR_PEOPLE:
        region, _slash, place = zone.partition("/")
        if place and region in groups:
            groups[region].append((zone, f"{_city_first(place)} ({offset_label(zone, at)})"))
        else:
            others.append((zone, f"{zone.replace('_', ' ')} ({offset_label(zone, at)})"))
    named = [(str(REGIONS[region]), sorted(zones, key=_label)) for region, zones in groups.items()]
    return [
        (gettext("World"), [("UTC", "UTC")]),
        *named,
        (gettext("Other names"), sorted((zone for zone in others if zone[0] != "UTC"), key=_label)),
    ]


def offset_label(zone: str, at: datetime) -> str:
    """Return "UTC−03:00"."""
    offset = at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta(0)
    minutes = round(offset.total_seconds() / 60)
    sign = "−" if minutes < 0 else "+"
    return f"UTC{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"


class TimeZoneField(forms.ChoiceField):
    """A native select, grouped by region: typing a city's first letters finds it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", gettext_lazy("Time zone"))
        super().__init__(choices=time_zone_choices, **kwargs)


def _city_first(place: str) -> str:
    """ "Argentina/Buenos_Aires" is found under "Buenos Aires"."""
    return ", ".join(reversed(place.replace("_", " ").split("/")))


def _label(choice: tuple[str, str]) -> str:
    return choice[1]
