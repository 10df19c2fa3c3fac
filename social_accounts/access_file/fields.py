"""Values of the file, one by one: text, slugs, moments, lists. What is wrong is collected, not raised."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import UTC, datetime
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.core.validators import validate_email

from social_accounts.access_file.locating import Located
from social_accounts.access_file.state import Held, Problem

Entries = Mapping[str, Located]
_SLUG = re.compile(r"[-a-zA-Z0-9_]+")
LONGEST_REASON = 300
HELD_KEYS = ("role", "starts", "expires", "reason")


class Fields:
    """Reads typed values and keeps every problem, so that one run names all that is wrong."""

    def __init__(self) -> None:
        self.problems: list[Problem] = []

    def refuse(self, line: int, reason: str) -> None:
        self.problems.append(Problem(line, reason))

    def mapping(self, found: Located, what: str, allowed: Collection[str] | None = None) -> Entries:
        if not isinstance(found.value, dict):
            if found.value is not None or allowed is not None:
                self.refuse(found.line, f"{what} must be a mapping of keys to values.")
            return {}
        for key, value in found.value.items() if allowed is not None else ():
            if key not in (allowed or ()):
                near = get_close_matches(key, allowed or (), n=1)
                hint = f" Did you mean “{near[0]}”?" if near else ""
                self.refuse(value.line, f"{what} has no key “{key}”.{hint}")
        return found.value

    def items(self, found: Located | None, what: str) -> Iterator[Located]:
        if found is None or found.value is None:
            return
        if not isinstance(found.value, list):
            self.refuse(found.line, f"{what} must be a list.")
            return
        yield from found.value

    def text(self, found: Located | None, what: str, longest: int, default: str = "") -> str:
        if found is None or found.value is None:
            return default
        if not isinstance(found.value, str):
            self.refuse(found.line, f"{what} must be one text.")
            return default
        text = found.value
        if len(text) > longest:
            self.refuse(found.line, f"{what} is longer than {longest} characters.")
        if "\x00" in text:
            self.refuse(found.line, f"{what} holds a character that no text may hold.")
        return text

    def required(self, entries: Entries, key: str, what: str, longest: int, line: int) -> str:
        text = self.text(entries.get(key), f"the {key} of {what}", longest)
        if not text:
            self.refuse(entries[key].line if key in entries else line, f"{what} needs a {key}.")
        return text

    def slug(self, entries: Entries, key: str, what: str, longest: int, line: int) -> str:
        text = self.required(entries, key, what, longest, line)
        if text and not _SLUG.fullmatch(text):
            at = entries[key].line
            self.refuse(at, f"“{text}” cannot name {what}: use letters, digits, hyphens and underscores.")
        return text

    def email(self, text: str, line: int) -> str:
        """Return the address as accounts keep it."""
        try:
            validate_email(text)
        except ValidationError:
            self.refuse(line, f"“{text}” is not an e-mail address.")
        return text.strip().lower()

    def choice(self, found: Located | None, what: str, choices: Collection[str], default: str) -> str:
        text = self.text(found, what, 100, default)
        if text not in choices:
            assert found is not None, "the default is one of the choices"
            self.refuse(found.line, f"{what} is one of {', '.join(choices)}, not “{text}”.")
            return default
        return text

    def moment(self, found: Located | None, what: str) -> datetime | None:
        text = self.text(found, what, 60)
        if found is None or not text:
            return None
        try:
            moment = datetime.fromisoformat(text)
        except ValueError:
            self.refuse(found.line, f"{what} is not a time: write it as 2026-11-21T12:00:00Z, not “{text}”.")
            return None
        if moment.tzinfo is None:
            self.refuse(found.line, f"{what} needs its zone: write 2026-11-21T12:00:00Z, not “{text}”.")
            return None
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            self.refuse(found.line, f"{what} lies outside the calendar.")
            return None

    def window(self, entries: Entries, what: str) -> tuple[datetime | None, datetime | None]:
        starts = self.moment(entries.get("starts"), f"the start of {what}")
        expires = self.moment(entries.get("expires"), f"the end of {what}")
        if starts is not None and expires is not None and expires <= starts:
            self.refuse(entries["expires"].line, f"the end of {what} must come after its start.")
        return starts, expires

    def held(self, found: Located, what: str) -> Held:
        """Read a role: its name alone, or a mapping with its window and reason."""
        if isinstance(found.value, dict):
            return self.held_in(self.mapping(found, what, HELD_KEYS), what, found.line)
        role = self.text(found, what, 100)
        if not role:
            self.refuse(found.line, f"{what} is missing.")
        return Held(role=role, line=found.line)

    def held_in(self, entries: Entries, what: str, line: int) -> Held:
        role = self.required(entries, "role", what, 100, line)
        starts, expires = self.window(entries, what)
        reason = self.text(entries.get("reason"), f"the reason of {what}", LONGEST_REASON)
        at = entries["role"].line if "role" in entries else line
        return Held(role=role, starts=starts, expires=expires, reason=reason, line=at)
