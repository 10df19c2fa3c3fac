"""A file of posts as somebody's spreadsheet wrote it: its encoding, its separators, its cells."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.template.defaultfilters import filesizeformat
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from orgs.selectors.audit_export import FORMULA_STARTS

BYTES_MAX: Final = 10 * 1024 * 1024
ROWS_MAX: Final = 10_000
COLUMNS_MAX: Final = 200
DELIMITERS: Final = (",", ";", "\t")
NULL: Final = "\x00"
# What people send when they mean a CSV: every office program's own format begins with one of these.
WORKBOOKS: Final = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF", b"{\\rtf")
UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
# Excel's own first line, which names the separator.
SEPARATOR_LINE: Final = re.compile(r"\A\ufeff?\"?sep=([,;\t])\"?\r?\n", re.IGNORECASE)
# A cell that an export made inert: its apostrophe is not part of what it says.
INERT: Final = re.compile(rf"'+[{re.escape(''.join(FORMULA_STARTS))}]")
# The longest one cell may be: far more than any network takes.
CELL_MAX: Final = 100_000

Row = tuple[int, list[str]]


class Unreadable(ValueError):
    """The file as a whole cannot be used. The message is one sentence for the person."""


@dataclass(frozen=True)
class Table:
    """What stands in the file. Rows carry their number as a spreadsheet shows it; empty ones are left out."""

    headers: list[str]
    rows: list[Row]
    delimiter: str


def read_table(content: bytes, count_known: Callable[[Sequence[str]], int]) -> Table:
    """Return the table in the file; ``count_known`` says how many of some headers are known. Raises Unreadable."""
    text = decoded(content)
    if NULL in text:
        raise Unreadable(
            _(
                "The file holds characters that are no text. Save it again as “CSV UTF-8” and choose that file."
            )
        )
    named = SEPARATOR_LINE.match(text)
    skipped = 1 if named else 0
    body = text[named.end() :] if named else text
    if not body.strip():
        raise Unreadable(_("The file is empty. Begin with the template, it has all columns."))
    delimiter = named[1] if named else _delimiter_of(body, count_known)
    records = _records(body, delimiter, skipped)
    headers = next((found for _row, cells in records if (found := _without_empty_end(cells))), [])
    if len(headers) < 2:
        raise Unreadable(
            _(
                "Only one column was found. Separate the columns with commas, semicolons or tabs, as the template does."
            )
        )
    if len(headers) > COLUMNS_MAX:
        raise Unreadable(_("The file has more than %(limit)d columns.") % {"limit": COLUMNS_MAX})
    rows: list[Row] = []
    for number, cells in records:
        if not any(cell.strip() for cell in cells):
            continue
        rows.append((number, cells))
        if len(rows) > ROWS_MAX:
            raise Unreadable(
                _("The file has more than %(limit)s rows. Split it into several files.")
                % {"limit": number_format(ROWS_MAX, force_grouping=True)}
            )
    return Table(headers, rows, delimiter)


def check_size(size_bytes: int) -> None:
    """Raise Unreadable where a file is too large, before it is read."""
    if size_bytes > BYTES_MAX:
        raise Unreadable(
            _("The file is too large (%(size)s). It may have %(limit)s; split it into several files.")
            % {"size": filesizeformat(size_bytes), "limit": filesizeformat(BYTES_MAX)}
        )


def decoded(content: bytes) -> str:
    """Return the text, whatever encoding a spreadsheet chose. Raises Unreadable for what is no text file."""
    if content.startswith(WORKBOOKS):
        raise Unreadable(
            _("This is no CSV file. In your spreadsheet, save it as “CSV UTF-8” and choose that file.")
        )
    encodings = ["utf-16"] if content.startswith(UTF_16) else ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(
        _("The letters in the file cannot be read. Save it again as “CSV UTF-8” and choose that file.")
    )


def as_said(cell: str) -> str:
    """Return what a cell says: lines end in one way, and the apostrophe that made it inert is gone."""
    said = cell.replace("\r\n", "\n").replace("\r", "\n")
    return said[1:] if INERT.match(said) else said


def inert(cell: str) -> str:
    """Return the cell so that no spreadsheet runs it as a formula; ``as_said`` takes it back."""
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) or INERT.match(cell) else cell


def _delimiter_of(text: str, count_known: Callable[[Sequence[str]], int]) -> str:
    """Return the separator under which the first row has the most headers we know, then the most columns."""

    def score(delimiter: str) -> tuple[int, int]:
        try:
            records = _records(text, delimiter, 0)
            headers = next((found for _row, cells in records if (found := _without_empty_end(cells))), [])
        except Unreadable:
            return (-1, -1)
        return count_known(headers), len(headers)

    return max(DELIMITERS, key=score)


def _records(text: str, delimiter: str, skipped: int) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as problem:
            if "field larger" in str(problem):
                raise Unreadable(_too_long(number + 1)) from problem
            raise Unreadable(
                _("Line %(line)d: a quotation mark is not closed, or stands in the middle of a cell.")
                % {"line": reader.line_num + skipped}
            ) from problem
        number += 1
        if any(len(cell) > CELL_MAX for cell in cells):
            raise Unreadable(_too_long(number))
        yield number, [as_said(cell) for cell in cells]


def _too_long(number: int) -> str:
    return _("Row %(row)d: a cell is too long to be a post.") % {"row": number}


def _without_empty_end(headers: list[str]) -> list[str]:
    kept = [header.strip() for header in headers]
    while kept and not kept[-1]:
        kept.pop()
    return kept
