"""What a person does at the pages of sign-in, step by step."""

from __future__ import annotations

import re
from typing import Any

from allauth.mfa.totp.internal import auth
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 Version/19.0 Safari/604"
NEW_PASSWORD = "a brand new secret 7"


def code_for(secret: str) -> str:
    """Return what an authenticator app shows now."""
    code: str = format_hotp_value(hotp_value(secret, int(auth.time.time()) // 30))
    return code


def enter_password(client: Client, person: User, password: str = PASSWORD, **more: str) -> Any:
    return client.post("/accounts/login/", {"login": person.email, "password": password, **more})


def confirm_password(client: Client) -> None:
    """Pass the step that protects risky changes."""
    client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": "/accounts/2fa/"})


def set_up_app(client: Client) -> str:
    """Set up the authenticator app through its page; return the secret."""
    confirm_password(client)
    page = client.get("/accounts/2fa/totp/activate/").content.decode()
    found = re.search(r'id="authenticator_secret"[^>]*value="(\w+)"', page)
    assert found, page
    assert client.post("/accounts/2fa/totp/activate/", {"code": code_for(found[1])}).status_code == 302
    return found[1]


def give_app(person: User) -> str:
    """Give the person an authenticator app without the pages; return its secret."""
    secret = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    TOTP.activate(person, secret)
    return secret


def is_signed_in(client: Client) -> bool:
    return client.get("/accounts/settings/").status_code == 200


def link_in(message: mail.EmailMessage, path: str) -> str:
    """Return the path of the link in a mail that starts with ``path``."""
    found = re.search(r"https?://[^/\s]+(" + re.escape(path) + r"\S+)", str(message.body))
    assert found, message.body
    return found[1]
