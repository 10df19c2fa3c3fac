"""The access file in the browser: what it would do is shown before anything happens."""

from __future__ import annotations

import html
import re
from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from tenancy.context import organization_open
from tests.cast import Acme, give
from tests.social_accounts.access_file.conftest import run

pytestmark = pytest.mark.django_db
SignIn = Callable[[User], Client]
PAGE, DOWNLOAD, TRY, LOAD = (
    reverse(name, args=["acme"])
    for name in ("access_file", "access_file_download", "access_file_try", "access_file_load")
)
GRANT = "      - {person: emil@acme.test, profile: acme-news, role: standard:editor}\n"


def sent(text: str | bytes) -> dict[str, SimpleUploadedFile]:
    content = text if isinstance(text, bytes) else text.encode()
    return {"file": SimpleUploadedFile("access.yaml", content, content_type="application/yaml")}


def confirmation(page: str) -> dict[str, str]:
    """Return what the form that confirms would send."""
    text = re.search(r'<textarea name="text" hidden>(.*?)</textarea>', page, re.DOTALL)
    seen = re.search(r'name="seen" value="([^"]+)"', page)
    assert text is not None and seen is not None
    return {"text": html.unescape(text[1]), "seen": seen[1]}


def test_the_file_is_downloaded_and_the_log_keeps_it(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    assert "Download the file" in olga.get(PAGE).content.decode()
    response = olga.post(DOWNLOAD)
    assert response.content.decode() == run("dump", "acme")
    assert "attachment" in response["Content-Disposition"] and ".yaml" in response["Content-Disposition"]
    with organization_open(acme.organization.pk):
        event = AuditEvent.objects.get()
    assert (event.action, event.actor_id) == ("organization.export_access_file", acme.olga.pk)


def test_what_it_would_do_is_shown_and_happens_when_confirmed(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    shown = olga.post(TRY, sent(run("dump", "acme") + GRANT))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "emil@acme.test on acme-news: standard:editor" in page and "Emil Employee" in page
    assert not acme.access(acme.emil).can("profile.view_posts", acme.news)
    done = olga.post(LOAD, confirmation(page))
    assert done.status_code == 303
    assert acme.access(acme.emil).can("profile.view_posts", acme.news)
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.get().actor_id == acme.olga.pk


def test_a_file_that_changes_nothing_says_so(acme: Acme, signed_in: SignIn) -> None:
    page = signed_in(acme.olga).post(TRY, sent(run("dump", "acme"))).content.decode()
    assert "Nothing: the organization is as the file says." in page
    assert "Load the file" not in page


def test_a_confirmation_of_what_has_changed_meanwhile_is_asked_again(acme: Acme, signed_in: SignIn) -> None:
    olga = signed_in(acme.olga)
    page = olga.post(TRY, sent(run("dump", "acme") + GRANT)).content.decode()
    give(acme.quiet, acme.mina, "standard:editor")
    again = olga.post(LOAD, confirmation(page))
    told = again.content.decode()
    assert again.status_code == 200 and "since you looked" in told and "mina@acme.test" in told
    assert acme.access(acme.mina).can("profile.view_posts", acme.quiet)
    assert olga.post(LOAD, confirmation(told)).status_code == 303
    assert not acme.access(acme.mina).can("profile.view_posts", acme.quiet)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"\xff\xfe", "not written in UTF-8"),
        ("just: nonsense", "has no key"),
        ("", "the file is empty"),
        (b"x" * (4 * 1024 * 1024 + 1), "too large for the browser"),
    ],
)
def test_a_bad_file_is_told_line_by_line(
    acme: Acme, signed_in: SignIn, text: str | bytes, reason: str
) -> None:
    answer = signed_in(acme.olga).post(TRY, sent(text))
    page = answer.content.decode()
    assert answer.status_code == 422 and reason in page and "Line 1" in page


def test_no_file_at_all_is_told(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.olga).post(TRY)
    assert answer.status_code == 422 and "no file was chosen" in answer.content.decode()


def test_whom_the_right_is_missing_loads_and_takes_nothing(acme: Acme, signed_in: SignIn) -> None:
    marc = signed_in(acme.marc)
    text = run("dump", "acme")
    assert marc.get(PAGE).status_code == 403
    assert marc.post(DOWNLOAD).status_code == 403
    assert marc.post(TRY, sent(text)).status_code == 403
    assert marc.post(LOAD, {"text": text + GRANT, "seen": "x"}).status_code == 403
    assert not acme.access(acme.emil).can("profile.view_posts", acme.news)


def test_his_own_access_is_told_as_a_line(acme: Acme, signed_in: SignIn) -> None:
    text = run("dump", "acme") + GRANT.replace("emil", "olga")
    answer = signed_in(acme.olga).post(TRY, sent(text))
    assert answer.status_code == 422 and "cannot change your own access" in answer.content.decode()
