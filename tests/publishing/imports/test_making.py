"""Rows become posts: by the person's rights, once each whatever happens, and undone again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.test import Client

from accounts.models import User
from publishing.models import ImportRow, Post, PostImport, State
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.imports.files import LONG_AHEAD, checked, latest, rows_of, said, started, upload, work
from tests.publishing.pages import publications, url, words

SignIn = Callable[[User], Client]
RowState = ImportRow.State


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def test_rows_become_scheduled_posts_of_the_person(acme: Acme, paul: Client) -> None:
    rows = checked(acme, paul, {"Text": "One"}, {"Text": "Two", "Profile": "Acme News; Acme Sky", "Time": "19h30"})
    assert [row.state for row in rows] == [RowState.GOOD, RowState.GOOD], [said(row) for row in rows]
    assert started(acme, paul).stage == PostImport.Stage.DONE
    found = publications(acme)
    assert [(one.post.text, one.profile, one.state) for one in found] == [
        ("One", acme.news, State.SCHEDULED),
        ("Two", acme.news, State.SCHEDULED),
        ("Two", acme.sky, State.SCHEDULED),
    ]
    assert {one.vouched_by for one in found} == {one.post.author for one in found} == {acme.paul}
    assert [one.due_at for one in found] == [
        datetime(2031, 6, 12, 18, 0, tzinfo=UTC),
        *[datetime(2031, 6, 12, 19, 30, tzinfo=UTC)] * 2,
    ]
