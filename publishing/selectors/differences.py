"""What is different between two things a reviewer was shown: words of a text, pictures, options, the time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from difflib import SequenceMatcher
from typing import Any

from django.utils.translation import gettext as _

WORDS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Piece:
    """A run of text that stayed (``same``), came (``added``) or went (``removed``)."""

    how: str
    text: str


@dataclass(frozen=True)
class Change:
    """One thing that differs. A text comes in pieces, a time in moments, everything else as it was and as it is."""

    label: str
    before: str = ""
    after: str = ""
    pieces: list[Piece] = field(default_factory=list)
    moments: tuple[datetime | None, datetime | None] | None = None


def difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[Change]:
    """Return what differs between two sealed contents; empty when nothing does."""
    return [change for change in _changes(old, new) if change is not None]


def _changes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    if old.get("text") != new.get("text"):
        yield Change(_("Text"), pieces=pieces(str(old.get("text", "")), str(new.get("text", ""))))
    yield from _of_pictures(old.get("media") or [], new.get("media") or [])
    if old.get("due_at") != new.get("due_at"):
        yield Change(_("Goes out"), moments=(_moment(old), _moment(new)))
    if old.get("profile") != new.get("profile"):
        yield Change(_("Profile"), before=_name(old), after=_name(new))
    if old.get("link_card") != new.get("link_card"):
        yield Change(_("Link preview"), before=_card(old), after=_card(new))
    # A request from before the values were kept beside it says nothing of them.
    if "tracking" in old and old["tracking"] != new.get("tracking"):
        yield Change(_("Tracking of links"), before=_values(old), after=_values(new))
    if old.get("language") != new.get("language"):
        yield Change(_("Language"), before=str(old.get("language", "")), after=str(new.get("language", "")))
    yield from _of_options(old.get("options") or {}, new.get("options") or {})


def pieces(old: str, new: str) -> list[Piece]:
    """Return the new text with what went and what came marked, word by word."""
    before, after = WORDS.findall(old), WORDS.findall(new)
    found: list[Piece] = []
    for how, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if how == "equal":
            found.append(Piece("same", "".join(after[c:d])))
            continue
        if removed := "".join(before[a:b]):
            found.append(Piece("removed", removed))
        if added := "".join(after[c:d]):
            found.append(Piece("added", added))
    return found


def _of_pictures(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> Iterator[Change]:
    was = {one["digest"]: one for one in old}
    now = {one["digest"]: one for one in new}
    for digest, one in was.items():
        if digest not in now:
            yield Change(_("Picture taken out"), before=str(one["filename"]))
    for digest, one in now.items():
        if digest not in was:
            yield Change(_("Picture added"), after=str(one["filename"]))
        elif was[digest]["alt_text"] != one["alt_text"]:
            label = _("Description of %(file)s") % {"file": one["filename"]}
            yield Change(label, pieces=pieces(was[digest]["alt_text"], one["alt_text"]))
    if was.keys() == now.keys() and list(was) != list(now):
        yield Change(
            _("Order of the pictures"),
            before=", ".join(one["filename"] for one in old),
            after=", ".join(one["filename"] for one in new),
        )


def _of_options(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[Change]:
    for name in sorted({*old, *new}):
        if old.get(name, "") != new.get(name, ""):
            yield Change(name, before=str(old.get(name, "")), after=str(new.get(name, "")))


def _moment(sealed: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(sealed["due_at"]) if sealed.get("due_at") else None


def _name(sealed: Mapping[str, Any]) -> str:
    return str((sealed.get("profile") or {}).get("name", ""))


def _values(sealed: Mapping[str, Any]) -> str:
    return ", ".join(f"utm_{name}={value}" for name, value in (sealed.get("tracking") or {}).items())


def _card(sealed: Mapping[str, Any]) -> str:
    card = sealed.get("link_card") or {}
    return " · ".join(str(card[name]) for name in ("title", "url") if card.get(name))
