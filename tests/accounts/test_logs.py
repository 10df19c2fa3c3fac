"""The log never holds an e-mail address, a password or a key that opens something."""

import io
import logging
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import User
from config.logs import CleanFormatter, clean
from tests.accounts.steps import NEW_PASSWORD, code_for, enter_password, give_app, link_in
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Everything any logger says, down to debug, as the configured handler would write it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    line = settings.LOGGING["formatters"]["line"]
    assert line["()"] == "config.logs.CleanFormatter"
    handler.setFormatter(CleanFormatter(line["format"]))
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


def test_log_of_signing_in_holds_no_address_and_no_secret(
    log: io.StringIO, client: Client, paul: User
) -> None:
    secret = give_app(paul)
    enter_password(client, paul, "wrong-secret-word")
    enter_password(client, paul, next=f"/?email={paul.email}")
    code = code_for(secret)
    client.post("/accounts/2fa/authenticate/", {"code": code})
    client.get(f"/accounts/signup/?email={paul.email}")
    client.get(f"/nowhere/{paul.email}/")
    written = log.getvalue()
    assert "POST /accounts/login/" in written
    for part in (
        paul.email,
        "paul",
        "wrong-secret-word",
        PASSWORD,
        secret,
        code,
        client.cookies["sessionid"].value,
    ):
        assert part not in written


def test_log_of_links_in_mails_holds_no_key(log: io.StringIO, client: Client, paul: User) -> None:
    client.post("/accounts/signup/", {"name": "N", "email": "nina@acme.test", "password1": NEW_PASSWORD})
    client.post("/accounts/password/reset/", {"email": paul.email})
    confirmation = link_in(mail.outbox[0], "/accounts/confirm-email/")
    reset = link_in(mail.outbox[1], "/accounts/password/reset/key/")
    for path in (confirmation, reset, confirmation[:-5], f"{reset}x/y"):
        client.get(path)
    Client(enforce_csrf_checks=True).post(confirmation)
    client.delete(reset)
    written = log.getvalue()
    assert "GET /accounts/confirm-email/" in written
    for path in (confirmation, reset):
        key = path.strip("/").rsplit("/", 1)[-1]
        assert key not in written
        assert key[:-5] not in written


@pytest.mark.parametrize(
    ("said", "written"),
    [
        (
            "Key (lower(email))=(paul@acme.test) already exists.",
            "Key (lower(email))=(<e-mail>) already exists.",
        ),
        ("Not Found: /invitations/7Kd93hf82jdk39fjr83jd0/", "Not Found: /invitations/…/"),
        ("GET /accounts/login/?next=/x&email=a%40b.test 200", "GET /accounts/login/?… 200"),
        ('File "/app/.venv/lib/python3.13/site-packages/django/core/handlers/exception.py", line 42', None),
        ("Did it work? Yes.", None),
    ],
)
def test_clean_takes_out_what_opens_or_names(said: str, written: str | None) -> None:
    assert clean(said) == (written or said)
