"""Too many attempts: 429, a page of ours, and nothing typed lost. The cache is the real one."""

import re

import pytest
from django.test import Client

from accounts.models import User
from tests.accounts.steps import enter_password, is_signed_in
from tests.cast import make_person

pytestmark = pytest.mark.django_db


def exhaust(client: Client, person: User, **more: str) -> str:
    """Try wrong passwords until the limit of the account answers; return its page."""
    for _attempt in range(5):
        assert enter_password(client, person, "wrong").status_code == 200
    response = enter_password(client, person, "wrong", **more)
    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    return str(response.content.decode())


def test_sixth_wrong_password_is_refused_with_a_page_of_ours(client: Client, paul: User) -> None:
    html = exhaust(client, paul)
    assert "Too many attempts" in html
    assert html.count("<h1") == 1
    assert "css/app.css" in html


def test_refused_attempt_keeps_what_was_typed_but_the_password(client: Client, paul: User) -> None:
    html = exhaust(client, paul, next="/accounts/sessions/")
    kept = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', html))
    kept.pop("csrfmiddlewaretoken")
    kept.pop("language", None)
    assert kept == {"login": paul.email, "next": "/accounts/sessions/"}
    again = Client(REMOTE_ADDR="192.0.2.9").post("/accounts/login/", kept).content.decode()
    assert f'value="{paul.email}"' in again


def test_right_password_waits_as_well_while_the_limit_holds(client: Client, paul: User) -> None:
    exhaust(client, paul)
    assert enter_password(client, paul).status_code == 429
    assert not is_signed_in(client)


def test_limit_of_one_account_leaves_others_alone(client: Client, paul: User) -> None:
    exhaust(client, paul)
    assert enter_password(Client(REMOTE_ADDR="192.0.2.9"), make_person("Mina Moderator")).status_code == 302


def test_one_address_may_not_try_many_accounts(client: Client) -> None:
    answers = [
        client.post("/accounts/login/", {"login": f"{name}@acme.test", "password": "wrong"}).status_code
        for name in range(11)
    ]
    assert answers == [200] * 10 + [429]


def test_sign_up_is_limited_and_keeps_what_was_typed(client: Client) -> None:
    form = {"name": "Nina Newcomer", "email": "nina@", "password1": "a brand new secret 7"}
    for _attempt in range(20):
        assert client.post("/accounts/signup/", form).status_code == 200
    response = client.post("/accounts/signup/", form)
    assert response.status_code == 429
    html = response.content.decode()
    assert 'name="name" value="Nina Newcomer"' in html
    assert "a brand new secret 7" not in html


def test_limits_count_by_the_address_the_proxy_saw(paul: User, settings: object) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1  # type: ignore[attr-defined]
    for number in range(12):  # a forged first entry does not make another visitor of one
        response = Client(headers={"x-forwarded-for": f"10.0.0.{number}, 192.0.2.7"}).post(
            "/accounts/login/", {"login": f"{number}@acme.test", "password": "wrong"}
        )
    assert response.status_code == 429
    other = Client(headers={"x-forwarded-for": "192.0.2.8"})
    assert enter_password(other, paul).status_code == 302
