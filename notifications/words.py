"""What is said to somebody, kept so that it can be said in his language when he reads it, whatever it is by then.

``said(_("%(name)s approved it."), name="Marc")`` with ``gettext_lazy`` as ``_`` keeps the English template and the
value. Values may themselves be said, translatable words, moments and lists of names; anything else is kept as text.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import formats, timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from ui.templatetags.ui import join_names

TEMPLATE, VALUES, MOMENT, ZONE, DAY, LINES = "said", "with", "moment", "zone", "day", "lines"


@dataclass(frozen=True)
class Said:
    """An English template and what fills it."""

    template: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class Moment:
    """A moment on the clock of a zone; without one on the clock of who reads it."""

    at: datetime
    zone: str = ""


class Lines:
    """Several things, each on a line of its own."""

    def __init__(self, *lines: Said | Promise | str) -> None:
        self.lines = lines


Words = Said | Promise | Lines | str
"""What may be said: with values, a translatable sentence without any, or the very words of a person."""


def said(template: Promise | str, /, **values: Any) -> Said:
    return Said(_untranslated(template), values)


def kept(words: Any) -> Any:
    """Return what to store, as JSON can hold it."""
    match words:
        case Said():
            return {TEMPLATE: words.template, VALUES: {name: kept(one) for name, one in words.values.items()}}
        case Promise():
            return {TEMPLATE: _untranslated(words), VALUES: {}}
        case Moment():
            return {MOMENT: words.at.isoformat(), ZONE: words.zone}
        case datetime():
            return kept(Moment(words))
        case date():
            return {DAY: words.isoformat()}
        case Lines():
            return {LINES: [kept(one) for one in words.lines]}
        case list() | tuple():
            return [kept(one) for one in words]
        case bool() | int():
            return words
        case _:
            return str(words)


def shown(stored: Any) -> str:
    """Return stored words in the language, and on the clock, of who reads them."""
    if isinstance(stored, list):
        return join_names([shown(one) for one in stored])
    if not isinstance(stored, dict):
        return str(stored)
    if DAY in stored:
        return formats.date_format(date.fromisoformat(stored[DAY]), "DATE_FORMAT")
    if LINES in stored:
        return "\n".join(shown(one) for one in stored[LINES])
    if MOMENT in stored:
        return _moment(datetime.fromisoformat(stored[MOMENT]), stored[ZONE])
    template, values = gettext(stored[TEMPLATE]), stored[VALUES]
    return template % {name: shown(one) for name, one in values.items()} if values else template


def _moment(at: datetime, zone: str) -> str:
    name = zone or timezone.get_current_timezone_name()
    local = at.astimezone(ZoneInfo(name))
    return gettext("%(moment)s (%(zone)s)") % {
        "moment": formats.date_format(local, "DATETIME_FORMAT"),
        "zone": name,
    }


def _untranslated(words: Promise | str) -> str:
    with translation.override(None):  # no language at all: the words as they stand in the code
        return str(words)
