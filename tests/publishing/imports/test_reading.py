"""Files as spreadsheets write them: encodings, separators, quotes; and files that are none."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from publishing.bulk.cells import Wrong, addresses_in, clock_in, names_in, when_in
from publishing.bulk.columns import COLUMNS, LANGUAGES, Headers, mode_of
from publishing.bulk.files import written
from publishing.bulk.reading import BYTES_MAX, ROWS_MAX, Unreadable, check_size, read_table
from publishing.models import ImportMode, PostImport
from social_accounts.connections import offered_networks

HEADERS = ["Profile", "Date", "Texte"]
FILE = 'Profile,Text\r\nAcme,"Olá, «cidade»\r\nsecond line"\r\n'
ROW = (2, ["Acme", "Olá, «cidade»\nsecond line"])


@pytest.fixture(scope="module")
def headers() -> Headers:
    return Headers([], offered_networks())


def known(found: object) -> int:
    return Headers([], []).count_known(list(found))  # type: ignore[call-overload]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_every_encoding_of_a_spreadsheet_is_read(encoding: str) -> None:
    table = read_table(FILE.encode(encoding), known)
    assert (table.headers, table.rows) == (["Profile", "Text"], [ROW])


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_every_separator_is_found_out(delimiter: str) -> None:
    content = written([["Profile", "Text", "Labels"], ["Acme", "a, b; c\td", "x"]], delimiter)
    table = read_table(content, known)
    assert table.delimiter == delimiter
    assert table.rows == [(2, ["Acme", "a, b; c\td", "x"])]


def test_separator_that_the_file_names_itself_is_taken_and_counts_as_no_row() -> None:
    table = read_table(b"sep=;\r\nProfile;Text\r\n\r\nAcme;Hello\r\n", known)
    assert table.rows == [(3, ["Acme", "Hello"])]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"\xef\xbb\xbf \r\n\r\n", "The file is empty"),
        (b"Profile,Text\r\nAcme,a\x00b\r\n", "characters that are no text"),
        (b"Profile\r\nAcme\r\n", "Only one column"),
        (b'Profile,Text\r\nAcme,"never closed\r\n', "Line 2: a quotation mark"),
        (b'Profile,Text\r\nAcme,"in" the middle\r\n', "Line 2: a quotation mark"),
        (b"PK\x03\x04 a workbook", "This is no CSV file"),
        (b"Profile,Text\r\nAcme,\x81\r\n", "The letters in the file cannot be read"),
        ("Profile,Text\r\n".encode("utf-16")[:-1], "The letters in the file cannot be read"),
        (b"Profile,Text\r\nAcme," + b"x" * 100_001, "Row 2: a cell is too long"),
        (b"Profile,Text\r\nAcme," + b"x" * 140_000, "Row 2: a cell is too long"),
        (b"Profile,Text\r\n" + b"Acme,Hello\r\n" * (ROWS_MAX + 1), "more than 10,000 rows"),
        (b",".join(b"c%d" % number for number in range(201)), "more than 200 columns"),
    ],
)
def test_file_that_cannot_be_used_is_told_apart_in_one_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(Unreadable, match=sentence):
        read_table(content, known)


def test_file_that_is_too_large_is_refused_before_it_is_read() -> None:
    check_size(BYTES_MAX)
    with pytest.raises(Unreadable, match="too large"):
        check_size(BYTES_MAX + 1)


cells = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\x00\r"), max_size=20
) | st.sampled_from(
    ["=1+1", "'=x", "''@y", "+351", "-", "@name", "\t", "'", "\n=a", "＝1", "a;b,c\td", '"', "#"]
)


@given(st.lists(st.lists(cells, min_size=3, max_size=3), max_size=4), st.sampled_from([",", ";", "\t"]))
@example([["=1", "'=1", "''=1"]], ";")
def test_what_we_write_is_read_back_as_it_was(rows: list[list[str]], delimiter: str) -> None:
    content = written([HEADERS, *rows], delimiter)
    table = read_table(content, known)
    assert [table.headers, table.delimiter] == [HEADERS, delimiter]
    assert [found for _number, found in table.rows] == [row for row in rows if any(map(str.strip, row))]


@given(st.lists(cells, min_size=1, max_size=3))
def test_no_cell_we_write_begins_a_formula(row: list[str]) -> None:
    text = written([[cell] for cell in row], ",").decode("utf-8-sig")
    starts = tuple(f"{quote}{sign}" for quote in ("", '"') for sign in "=+-@\t＝＋－＠")
    assert not text.startswith(starts)


def test_headers_are_known_in_every_language_with_any_case_and_accents(headers: Headers) -> None:
    for column in COLUMNS:
        for language in LANGUAGES:
            name = column.name(language)
            assert headers.key_of(name) == headers.key_of(f"  {name.upper()}* ") == column.key
    assert headers.key_of("etiquettes") == "labels"
    assert headers.key_of("YouTube: Made for kids") == "option:youtube:made_for_kids"
    assert headers.key_of("Favorite color") == ""


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("Draft", "draft"),
        ("brouillon", "draft"),
        ("FILA", "queue"),
        ("Aprovação", "approve"),
        ("later", None),
    ],
)
def test_actions_are_known_in_every_language(word: str, mode: str | None) -> None:
    assert mode_of(word) == (ImportMode(mode) if mode else None)


@pytest.mark.parametrize(
    ("day", "clock", "order", "want"),
    [
        ("2026-12-24", "18:00", "day", "2026-12-24 18:00"),
        ("2026-12-24T18:00", "", "day", "2026-12-24 18:00"),
        ("2026-12-24 00:00:00", "18:00:00", "day", "2026-12-24 18:00"),
        ("03/04/2026", "18h30", "day", "2026-04-03 18:30"),
        ("03/04/2026", "6:05 PM", "month", "2026-03-04 18:05"),
        ("3.4.26", "12 am", "month", "2026-04-03 00:00"),
        ("24-12-2026", "9h", "day", "2026-12-24 09:00"),
    ],
)
def test_days_and_times_are_read_as_people_write_them(day: str, clock: str, order: str, want: str) -> None:
    found = when_in(day, clock, order)
    assert found is not None
    assert f"{found.day} {found.clock.at:%H:%M}" == want


@pytest.mark.parametrize(
    ("day", "clock", "sentence"),
    [
        ("24/13/2026", "18:00", "no day there is"),
        ("2026-02-30", "18:00", "no day there is"),
        ("0001-01-01", "18:00", "no day there is"),
        ("tomorrow", "18:00", "“tomorrow” is no day"),
        ("2026-12-24", "25:00", "no time of day"),
        ("2026-12-24", "18", "no time of day"),
        ("2026-12-24", "13 PM", "no time of day"),
        ("2026-12-24", "18:00 +99:00", "no time of day"),
        ("2026-12-24", "", "There is a day, but no time"),
        ("", "18:00", "There is a time, but no day"),
    ],
)
def test_what_is_no_day_or_time_says_so(day: str, clock: str, sentence: str) -> None:
    with pytest.raises(Wrong, match=sentence):
        when_in(day, clock, PostImport.DateOrder.DAY_FIRST)


@given(st.dates(date(1970, 1, 1), date(2199, 12, 31)), st.times())
def test_every_day_and_time_is_read_back(day: date, clock: object) -> None:
    found = when_in(day.isoformat(), f"{clock:%H:%M}", "month")
    assert found is not None and (found.day, f"{found.clock.at:%H:%M}") == (day, f"{clock:%H:%M}")


def test_distance_from_utc_is_read_where_a_time_says_it() -> None:
    assert clock_in("01:30 UTC+1").offset == timedelta(hours=1)
    assert clock_in("01:30 -03:30").offset == -timedelta(hours=3, minutes=30)
    assert clock_in("01:30Z").offset == timedelta()


def test_names_and_addresses_stand_one_behind_the_other() -> None:
    assert names_in("Acme News; Acme, Sky |\n Third") == ["Acme News", "Acme, Sky", "Third"]
    assert addresses_in("https://a.test/1.png, https://a.test/2.png\nhttps://a.test/3,4.png|b.png") == [
        "https://a.test/1.png",
        "https://a.test/2.png",
        "https://a.test/3,4.png",
        "b.png",
    ]
