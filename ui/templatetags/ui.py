"""Tags and filters for every template; a builtin library, so no `{% load %}` is needed.

Apart from templates this is the only place that may carry class names (see `frontend/css/app.css`).
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache, lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django import template
from django.conf import settings
from django.templatetags.static import static
from django.utils import formats, timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

register = template.Library()

TINTS = 8
RELATIVE_UNDER = timedelta(days=7)
JUST_NOW = timedelta(minutes=1)


@cache
def _icons(modified_ns: int) -> frozenset[str]:
    return frozenset((settings.BASE_DIR / "frontend" / "icons.txt").read_text().split())


def icon_names() -> frozenset[str]:
    """Return the icons the sprite holds. The source list is read, so no build is needed to know it."""
    return _icons((settings.BASE_DIR / "frontend" / "icons.txt").stat().st_mtime_ns)


@register.simple_tag
def icon(name: str, cls: str = "", label: str = "") -> SafeString:
    """Return an <svg> that points into the one sprite; decorative unless `label` is given."""
    return _svg(static("icons/sprite.svg"), name, cls, label)


@lru_cache(maxsize=1024)
def _svg(sprite: str, name: str, cls: str, label: str) -> SafeString:
    if name not in icon_names():
        raise template.TemplateSyntaxError(f"icon {name!r} is not listed in frontend/icons.txt")
    aria = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html('<svg class="icon {}" {}><use href="{}#{}"/></svg>', cls, aria, sprite, name)


@register.filter
def initials(name: object) -> str:
    """Return the first letters of the first two words: "Olga Owner" is "OO"."""
    return "".join(word[0] for word in str(name).split()[:2]).upper()


@register.filter
def tint(name: object) -> str:
    """Return one of eight avatar tints, always the same one for the same name."""
    return f"tint-{sum(map(ord, str(name))) % TINTS + 1}"


@register.filter
def get(mapping: Mapping[Any, Any], key: Any) -> Any:
    """Return `mapping[key]`, or None when the key is missing."""
    return mapping.get(key)


def _zone_name(zone: str) -> str:
    """Return the city of an IANA zone name: "America/Sao_Paulo" is "Sao Paulo"."""
    return zone.rsplit("/", 1)[-1].replace("_", " ")


def _short(moment: datetime) -> str:
    """Return day and time without a zone; the year only when it is not the current one."""
    if moment.year == timezone.now().astimezone(moment.tzinfo).year:
        # Translators: a date and time in Django's date format letters, as in "28 Nov, 18:00".
        return formats.date_format(moment, _("j M, H:i"))
    # Translators: a date with its year, as in "28 Nov 2027, 18:00".
    return formats.date_format(moment, _("j M Y, H:i"))


@register.simple_tag
def localtime_in(moment: datetime | None, zone: str | ZoneInfo) -> str:
    """Return a <time> such as "28 Nov, 18:00 (Lisbon)"; an empty string when there is no moment."""
    if moment is None:
        return ""
    name = str(zone)
    local = moment.astimezone(ZoneInfo(name))
    return format_html(
        '<time datetime="{}" class="tnum">{} <span class="text-muted">({})</span></time>',
        local.isoformat(timespec="minutes"),
        _short(local),
        _zone_name(name),
    )


@register.filter
def clock(moment: datetime | None) -> str:
    """Return a <time> such as "18:00", with its day where that is another one than today. On the reader's clock."""
    if moment is None:
        return ""
    local = timezone.localtime(moment)
    is_today = local.date() == timezone.localdate()
    return format_html(
        '<time datetime="{}" class="tnum">{}</time>',
        local.isoformat(timespec="minutes"),
        local.strftime("%H:%M") if is_today else _short(local),
    )


@register.filter
def datetime_input(moment: datetime | None, zone: str | ZoneInfo) -> str:
    """Return the value of an `<input type="datetime-local">`: local wall time, without a zone."""
    if moment is None:
        return ""
    return moment.astimezone(ZoneInfo(str(zone))).strftime("%Y-%m-%dT%H:%M")


@register.filter
def relative(moment: datetime | None) -> str:
    """Return "3 hours ago" or "in 2 days" when under seven days away, else the date and time.

    The tooltip and the machine-readable value always hold the exact moment.
    """
    if moment is None:
        return ""
    now = timezone.now()
    local = timezone.localtime(moment)
    distance = abs(now - moment)
    if distance < JUST_NOW:
        text = _("just now")
    elif distance >= RELATIVE_UNDER:
        text = _short(local)
    elif moment < now:
        text = _("%(time)s ago") % {"time": timesince(moment, now, depth=1)}
    else:
        text = _("in %(time)s") % {"time": timesince(now, moment, depth=1)}
    return format_html(
        '<time datetime="{}" title="{}">{}</time>',
        moment.astimezone(UTC).isoformat(timespec="seconds"),
        formats.date_format(local, "DATETIME_FORMAT"),
        text,
    )


@register.filter
def days_left(moment: datetime | None) -> str:
    """Return "5 days left", "Ends today" or "Ended"; empty without an end."""
    if moment is None:
        return ""
    left = moment - timezone.now()
    if left <= timedelta(0):
        return _("Ended")
    if left.days == 0:
        return _("Ends today")
    return ngettext("%(days)d day left", "%(days)d days left", left.days) % {"days": left.days}


BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("SamsungBrowser", "Samsung Internet"),
    ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


@register.filter
def browser_name(user_agent: str) -> str:
    """Return "Firefox on Linux" from a User-Agent header; the order of the tables settles their overlaps."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    if browser and system:
        return _("%(browser)s on %(system)s") % {"browser": browser, "system": system}
    return browser or system or _("Unknown browser")


@register.filter
def join_names(names: object) -> str:
    """Return "A", "A and B" or "A, B and C" from a list, in the reader's language."""
    words = [str(name) for name in names] if isinstance(names, (list, tuple)) else [str(names)]
    if len(words) < 2:
        return "".join(words)
    return _("%(names)s and %(last)s") % {"names": ", ".join(words[:-1]), "last": words[-1]}
