"""The upload: who may, which files are refused in one sentence, the template, and rows to correct."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import User
from publishing.bulk.reading import ROWS_MAX, read_table
from publishing.models import CustomField, ImportRow, Label, PostImport
from publishing.rights import IMPORT
from publishing.services import imports
from publishing.services.imports import headers_of
from tenancy.context import organization_open
from tests.cast import Acme, give, make_profile
from tests.publishing.imports.files import (
    LONG_AHEAD,
    checked,
    latest,
    rows_of,
    started,
    table,
    upload,
    work,
    written,
)
from tests.publishing.pages import url, words

SignIn = Callable[[User], Client]
HEAD = "Profile,Date,Time,Text\r\n"


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def count(acme: Acme) -> int:
    with organization_open(acme.organization.pk):
        return PostImport.objects.count()


@pytest.mark.parametrize(("person", "status"), [("paul", 200), ("mina", 403), ("gus", 403), ("emil", 404)])
def test_page_opens_for_who_may_import_somewhere(
    acme: Acme, signed_in: SignIn, person: str, status: int
) -> None:
    client = signed_in(getattr(acme, person))
    assert client.get(url("post_import_list")).status_code == status
    if status != 200:
        assert upload(client, table({})).status_code == status
        assert count(acme) == 0


def test_refusal_names_the_right_that_is_missing(acme: Acme, signed_in: SignIn) -> None:
    page = words(signed_in(acme.mina).get(url("post_import_list")))
    assert IMPORT in page


def test_file_that_cannot_be_used_gets_one_sentence_and_keeps_the_choices(acme: Acme, paul: Client) -> None:
    odd = {
        HEAD + "Acme News,2031-06-12,18:00,a\x00b": "characters that are no text",
        HEAD + "Acme News,2031-06-12,18:00,x\r\n" * (ROWS_MAX + 1): "more than 10,000 rows",
        "Profile\r\nAcme News\r\n": "Only one column was found",
        HEAD: "The file has no rows with posts",
        "\ufeff" + HEAD: "The file has no rows with posts",
        HEAD + "# Acme News,2031-06-12,18:00,x": "The file has no rows with posts",
        "": "The file is empty",
        "Date,Text\r\n2031-06-12,x": "The file has no column “Profiles”",
        "Profile,Date\r\nAcme News,2031-06-12": "neither a column “Text” nor",
        "Profile,Text,Message\r\nAcme News,x,y": "“Text”, “Message” mean the same",
        HEAD + 'Acme News,2031-06-12,18:00,"open': "Line 2: a quotation mark",
    }
    for content, sentence in odd.items():
        answer = upload(paul, content, mode="queue", date_order="month")
        page = words(answer)
        assert answer.status_code == 422, sentence
        assert sentence in page
        assert page.count("errorlist") == 1, sentence
        assert re.search(r'<input[^>]*value="queue"[^>]*checked', page)
        assert 'value="month" selected' in page
    assert count(acme) == 0


def test_byte_order_mark_and_lines_in_quotes_are_no_trouble(acme: Acme, paul: Client) -> None:
    content = "\ufeff" + HEAD + f'Acme News,{LONG_AHEAD},18:00,"One\r\ntwo, ""three"""\r\n\r\n'
    assert upload(paul, content).status_code == 303
    work(acme)
    [row] = rows_of(acme)
    assert (row.number, row.state) == (2, ImportRow.State.GOOD)
    assert row.cells[3] == 'One\ntwo, "three"'


def test_file_without_a_choice_is_asked_for_one(acme: Acme, paul: Client) -> None:
    answer = paul.post(url("post_import_list"), {"mode": "schedule", "date_order": "day"})
    assert answer.status_code == 422 and "Choose a file." in words(answer)


def test_file_that_names_too_many_pictures_is_split(
    acme: Acme, paul: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(imports, "ADDRESSES_MAX", 2)
    rows = [{"Pictures": f"https://example.com/{number}.png"} for number in range(3)]
    answer = upload(paul, table(*rows))
    assert answer.status_code == 422 and "more than 2 addresses" in words(answer)
    assert count(acme) == 0


def test_unknown_columns_are_told_and_left_out(acme: Acme, paul: Client) -> None:
    rows = checked(acme, paul, {"Favorite color": "blue"})
    page = words(paul.get(url("post_import", rows[0].post_import_id)))
    assert "The column Favorite color is not known and left out." in page


@pytest.mark.parametrize(
    ("language", "header", "delimiter"),
    [("en", "Profiles", ","), ("fr", "Profils", ";"), ("pt-br", "Perfis", ";")],
)
def test_template_is_made_for_the_person_and_read_back(
    acme: Acme, paul: Client, language: str, header: str, delimiter: str
) -> None:
    films = make_profile(acme.organization, "acme-films", "youtube")
    give(films, acme.paul, "standard:editor")
    User.objects.filter(pk=acme.paul.pk).update(language=language)
    with organization_open(acme.organization.pk):
        Label.objects.create(name="=Winter")
        CustomField.objects.create(name="Budget", kind=CustomField.Kind.NUMBER, is_required=True)
        headers = headers_of(acme.access(acme.paul), acme.organization)
    answer = paul.get(url("post_import_template"))
    assert answer["Content-Type"] == "text/csv; charset=utf-8" and ".csv" in answer["Content-Disposition"]
    found = read_table(answer.content, headers.count_known)
    assert (found.headers[0], found.delimiter) == (header, delimiter)
    assert all(headers.layout(found.headers))  # we know every column we write
    assert {"option:youtube:made_for_kids", "title", "first_comment"} <= set(headers.layout(found.headers))
    explained, example = (cells for _number, cells in found.rows)
    assert "Acme Films; Acme News; Acme Sky" in explained[0] and "Acme Quiet" not in explained[0]
    assert example[0].startswith("# Acme Films") and "=Winter" in example
    assert len(explained) == len(example) == len(found.headers)
    again = upload(paul, answer.content)  # explanations are no posts
    assert again.status_code == 422 and count(acme) == 0


def test_template_becomes_posts_once_the_signs_are_deleted(acme: Acme, paul: Client) -> None:
    content = paul.get(url("post_import_template")).content.decode()
    head, explained, example = csv.reader(io.StringIO(content.removeprefix("\ufeff")))
    del explained
    example[0] = example[0].removeprefix("# ")
    upload(paul, written(head, example))
    work(acme)
    [row] = rows_of(acme)
    assert row.state == ImportRow.State.GOOD, row.problems


def test_rows_to_correct_come_back_with_their_problems_and_may_be_uploaded_again(
    acme: Acme, paul: Client
) -> None:
    formula = '=HYPERLINK("https://evil.test")'
    checked(acme, paul, {"Text": "Good"}, {"Profile": "Nobody", "Text": formula}, {"Date": "soon"})
    address = url("post_import_problems", latest(acme).pk)
    first = paul.get(address)
    assert first["Content-Disposition"] == 'attachment; filename="posts-to-correct.csv"'
    found = list(csv.reader(io.StringIO(first.content.decode("utf-8-sig"))))
    assert found[0] == ["Profile", "Date", "Time", "Text", "Problem"]
    assert found[1][3:] == [f"'{formula}", "Profile: You have no profile called “Nobody”."]
    assert found[2][4].startswith("Date: “soon” is no day.")
    upload(paul, first.content, replaces=latest(acme).pk)
    work(acme)
    assert count(acme) == 1  # it took the place of the first
    assert [row.cells[3] for row in rows_of(acme)] == [formula, "Post 3"]
    again = paul.get(url("post_import_problems", latest(acme).pk))
    assert again.content == first.content


def test_discarded_file_is_forgotten_and_an_imported_one_is_not(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {})
    paul.post(url("post_import_discard", latest(acme).pk))
    assert count(acme) == 0
    checked(acme, paul, {})
    started(acme, paul)
    paul.post(url("post_import_discard", latest(acme).pk))
    assert count(acme) == 1


def test_earlier_imports_are_listed_for_who_made_them_and_who_manages_their_profiles(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    checked(acme, paul, {"Profile": "Acme Sky"}, {"Profile": "Acme News"})
    olga = signed_in(acme.olga)
    assert "posts.csv" not in words(olga.get(url("post_import_list")))  # not begun: Paul's own
    started(acme, paul)
    assert "posts.csv" in words(paul.get(url("post_import_list")))
    assert "posts.csv" in words(olga.get(url("post_import_list")))
    ana = signed_in(acme.ana)  # manages Sky and not News
    assert "posts.csv" not in words(ana.get(url("post_import_list")))


def test_list_of_imports_asks_as_often_for_many_as_for_one(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {})
    with CaptureQueriesContext(connection) as one:
        paul.get(url("post_import_list"))
    for _time in range(3):
        upload(paul, table({}, {}))
    with CaptureQueriesContext(connection) as many:
        paul.get(url("post_import_list"))
    assert len(many) <= len(one)


def test_preview_asks_as_often_for_many_rows_as_for_one(acme: Acme, paul: Client) -> None:
    asked = []
    for rows in ([{}], [{"Profile": "Acme News; Acme Sky"}] * 12):
        checked(acme, paul, *rows)
        with CaptureQueriesContext(connection) as queries:
            paul.get(url("post_import", latest(acme).pk), {"show": "all"})
        asked.append(len(queries))
    assert asked[1] <= asked[0]


def test_file_nobody_imported_is_forgotten_after_a_month(acme: Acme, paul: Client) -> None:
    checked(acme, paul, {})
    with organization_open(acme.organization.pk):
        PostImport.objects.update(created_at=timezone.now() - imports.PREVIEW_KEPT * 2)
    upload(paul, table({}))
    assert count(acme) == 1
