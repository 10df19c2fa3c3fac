"""What the tests of imports share: files as a spreadsheet writes them, their upload, and the workers' turn."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from publishing.models import ImportRow, PostImport
from publishing.services.import_work import work_on
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import url

LONG_AHEAD = "2031-06-12"
ONE_PLACE = "Acme News"


def written(headers: Sequence[str], *rows: Sequence[str], delimiter: str = ",") -> str:
    stream = io.StringIO()
    csv.writer(stream, delimiter=delimiter).writerows([headers, *rows])
    return stream.getvalue()


def table(*rows: Mapping[str, str]) -> str:
    """Return a file of rows; what a row does not say is filled in so that it is good."""
    usual = {"Profile": ONE_PLACE, "Date": LONG_AHEAD, "Time": "18:00"}
    full = [usual | {"Text": f"Post {number}"} | row for number, row in enumerate(rows, 1)]
    headers = list(dict.fromkeys(name for row in full for name in row))
    return written(headers, *([row.get(name, "") for name in headers] for row in full))


def upload(client: Client, content: str | bytes, name: str = "posts.csv", **more: Any) -> Any:
    sent = content.encode() if isinstance(content, str) else content
    file = SimpleUploadedFile(name, sent, content_type="text/csv")
    typed = {"mode": "schedule", "date_order": "day", "file": file} | more
    return client.post(url("post_import_list"), typed)


def latest(acme: Acme) -> PostImport:
    with organization_open(acme.organization.pk):
        return PostImport.objects.latest("pk")


def work(acme: Acme, **more: Any) -> PostImport:
    """Let the workers finish what they can of the latest import."""
    found = latest(acme)
    while work_on(organization_id=acme.organization.pk, import_id=found.pk, **more):
        pass
    return latest(acme)


def rows_of(acme: Acme) -> list[ImportRow]:
    with organization_open(acme.organization.pk):
        rows = latest(acme).rows.in_order().select_related("post")
        return list(rows)


def said(row: ImportRow) -> str:
    return " ".join(sentence for _column, sentence in row.problems)


def checked(acme: Acme, client: Client, *rows: Mapping[str, str], **more: Any) -> list[ImportRow]:
    """Upload rows, have them checked, and return them."""
    answer = upload(client, table(*rows), **more)
    assert answer.status_code == 303, answer.content.decode()
    work(acme)
    return rows_of(acme)


def started(acme: Acme, client: Client, which: str = "all") -> PostImport:
    client.post(url("post_import_start", latest(acme).pk), {"which": which})
    return work(acme)
