"""The files we write: the template to fill in, and rows to correct. What we wrote we read back as it was."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

from django.utils import translation
from django.utils.translation import gettext as _

from publishing.bulk.book import Names
from publishing.bulk.checking import NOTE_ROW
from publishing.bulk.columns import (
    ALT_TEXT,
    BOARD,
    BY_KEY,
    CAMPAIGN,
    COLUMNS,
    COMMENT,
    DATE,
    ENGLISH,
    LABELS,
    LINK,
    MEDIA,
    MODE,
    MODES,
    NOTE,
    PLAIN_OPTIONS,
    PROBLEM,
    PROFILES,
    TEXT,
    TIME,
    TITLE,
    Headers,
)
from publishing.bulk.reading import inert
from publishing.models import CustomField, ImportMode, ImportRow, PostImport
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Features

MARK: Final = "\ufeff"  # by which spreadsheets know UTF-8
NAMES_MAX: Final = 60  # names a cell lists
EXAMPLE_AHEAD: Final = timedelta(days=7)


def written(rows: Iterable[Sequence[str]], delimiter: str) -> bytes:
    """Return rows as a CSV file for a spreadsheet: UTF-8 with its mark, no cell that could become a formula."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter)
    writer.writerows([inert(cell) for cell in row] for row in rows)
    return (MARK + stream.getvalue()).encode()


def delimiter_for(language: str) -> str:
    """Return what spreadsheets in this language separate columns with: where numbers have a comma, a semicolon."""
    return "," if language.startswith(ENGLISH) else ";"


class Template:
    """The file to fill in, made for what one person may name in his organization."""

    def __init__(
        self,
        *,
        headers: Headers,
        names: Names,
        importable: Sequence[SocialProfile],
        networks: Mapping[str, Features],
        labels: Sequence[str],
        campaigns: Sequence[str],
        language: str,
        today: date,
    ) -> None:
        self.headers, self.language, self.today = headers, language, today
        self.profiles = [names.written(profile) for profile in importable]
        self.used = [
            networks[name] for name in dict.fromkeys(one.network for one in importable) if name in networks
        ]
        self.labels, self.campaigns = labels, campaigns

    @property
    def keys(self) -> list[str]:
        """Return the columns: those of every file, options a network demands, the organization's own fields."""
        plain = [column.key for column in COLUMNS if self._is_of_use(column.key)]
        return [*plain, *self._demanded(), *self.headers.fields]

    def _is_of_use(self, key: str) -> bool:
        wanted = PLAIN_OPTIONS.get(key)
        return wanted is None or any(
            option.name in wanted for network in self.used for option in network.options
        )

    def _demanded(self) -> Iterator[str]:
        used = {network.name for network in self.used}
        plain = {name for names in PLAIN_OPTIONS.values() for name in names}
        for key, (network, option) in self.headers.options.items():
            if network.name in used and option.is_required and option.name not in plain:
                yield key

    def explained(self) -> list[tuple[str, str, list[str]]]:
        """Return for each column its header, what goes into it, and what may be written there."""
        with translation.override(self.language):
            return [
                (self.headers.name_of(key, self.language), self._words(key), self._allowed(key))
                for key in self.keys
            ]

    def _words(self, key: str) -> str:
        if key in BY_KEY:
            return str(BY_KEY[key].explained)
        if key in self.headers.options:
            network, _option = self.headers.options[key]
            return _("%(network)s takes no post without it.") % {"network": network.label}
        field = self.headers.fields[key]
        kind = CustomField.Kind(field.kind).label
        if field.is_required:
            return _("Your organization’s own field (%(kind)s). Required.") % {"kind": kind}
        return _("Your organization’s own field (%(kind)s).") % {"kind": kind}

    def _allowed(self, key: str) -> list[str]:
        if key in self.headers.options:
            choices = self.headers.options[key][1].choices
            return [str(label) for value, label in choices if value]
        if key in self.headers.fields:
            return list(self.headers.fields[key].choices)
        known: dict[str, Sequence[str]] = {
            PROFILES: self.profiles,
            LABELS: self.labels,
            CAMPAIGN: self.campaigns,
            MODE: [self.mode_word(mode) for mode in ImportMode],
        }
        return list(known.get(key, ()))

    def mode_word(self, mode: ImportMode) -> str:
        languages = {"fr": 1, "pt-br": 2}
        return MODES[mode][languages.get(self.language, 0)]

    def content(self) -> bytes:
        """Return the file: the header, a row that explains each column, a row that shows one. Both begin with "#"."""
        with translation.override(self.language):
            explained = self.explained()
            notes = [_told(words, allowed) for _header, words, allowed in explained]
            rows = [
                [header for header, _words, _allowed in explained],
                [f"{NOTE_ROW} {notes[0]}", *notes[1:]],
                self._example(),
            ]
        return written(rows, delimiter_for(self.language))

    def _example(self) -> list[str]:
        day = self.today + EXAMPLE_AHEAD
        values = {
            PROFILES: f"{NOTE_ROW} {self.profiles[0] if self.profiles else ''}".strip(),
            DATE: day.isoformat(),
            TIME: "18:00",
            TEXT: _("An example: delete this row and the one above, or the “#” at its beginning."),
            LINK: "https://example.com/",
            MEDIA: "",
            ALT_TEXT: "",
            COMMENT: "",
            TITLE: "",
            BOARD: "",
            LABELS: self.labels[0] if self.labels else "",
            CAMPAIGN: self.campaigns[0] if self.campaigns else "",
            NOTE: _("For the team"),
            MODE: self.mode_word(ImportMode.SCHEDULE),
        }
        return [values.get(key, "") for key in self.keys]


def _told(words: str, allowed: Sequence[str]) -> str:
    if not allowed:
        return words
    more = "; …" if len(allowed) > NAMES_MAX else ""
    return _("%(words)s One of: %(names)s") % {"words": words, "names": "; ".join(allowed[:NAMES_MAX]) + more}


def rows_to_correct(post_import: PostImport, headers: Headers, language: str) -> bytes:
    """Return the rows that did not become posts, with a column more that says why."""
    kept = [number for number, key in enumerate(post_import.layout) if key != PROBLEM]
    names = header_names(post_import)
    titles = [post_import.headers[number] for number in kept]
    rows = [[*titles, headers.name_of(PROBLEM, language)]]
    for row in post_import.rows.wrong().in_order():
        cells = [row.cells[number] for number in kept]
        beside = row.cells[len(post_import.headers) :]
        rows.append([*cells, "\n".join(problems_told(row, names)), *beside])
    return written(rows, post_import.delimiter)


def header_names(post_import: PostImport) -> dict[str, str]:
    """Return what the file itself calls each column we know."""
    named = zip(post_import.layout, post_import.headers, strict=True)
    return {key: header for key, header in named if key}


def problems_told(row: ImportRow, names: Mapping[str, str]) -> list[str]:
    """Return what is wrong with a row, each sentence behind the header it is about."""
    told = [
        f"{names[column]}: {sentence}" if names.get(column) else sentence for column, sentence in row.problems
    ]
    if row.same_as:
        told.append(_("It says the same as row %(number)d.") % {"number": row.same_as})
    return [*told, row.reason] if row.reason else told
