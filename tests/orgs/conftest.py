from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.cast import Acme
from tests.mails import mail_due

SignIn = Callable[[User], Client]


@pytest.fixture
def send(django_capture_on_commit_callbacks: Any) -> Callable[..., Any]:
    """Post a form as the browser does, and let what waits for the commit happen."""

    def post(client: Client, url: str, data: dict[str, Any] | None = None, **kwargs: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            response = client.post(url, data or {}, **kwargs)
        mail_due()
        return response

    return post


@pytest.fixture
def invite(acme: Acme, signed_in: SignIn, send: Callable[..., Any]) -> Callable[..., str]:
    """Invite one person through the page and return the path of the link in the e-mail."""

    def invited(email: str, inviter: User | None = None, **fields: Any) -> str:
        role = fields.pop("role")
        data = {"emails": email, "role": role.permission_id, "language": "en", **fields}
        response = send(signed_in(inviter or acme.marc), reverse("invitation_new", args=["acme"]), data)
        assert response.status_code == 303, response.content.decode()
        return link_in(mail.outbox[-1].body)

    return invited


def link_in(body: str) -> str:
    found = re.search(r"http://localhost:8000(/invitations/\S+)", body)
    assert found is not None, body
    return found[1]
