"""Sign-in and account pages stand in our design, keep the strict policy, and send readable mail."""

import re

import pytest
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from accounts.models import User
from tests.cast import PASSWORD, make_person
from tests.ui.test_templates import FORBIDDEN

pytestmark = pytest.mark.django_db

FOR_VISITORS = {
    "/accounts/login/": "Sign in to Chorus",
    "/accounts/signup/": "Create your account",
    "/accounts/password/reset/": "Reset your password",
    "/accounts/password/reset/done/": "Check your email",
    "/accounts/password/reset/key/1-abc/": "This link does not work any more",
    "/accounts/password/reset/key/done/": "Your password is changed",
    "/accounts/confirm-email/": "Check your email",
    "/accounts/confirm-email/unknown/": "This link does not work any more",
    "/accounts/inactive/": "This account is suspended",
}
FOR_PERSONS = {
    "/accounts/logout/": "Sign out of Chorus",
    "/accounts/email/": "Your address",
    "/accounts/password/change/": "Change password",
    "/accounts/reauthenticate/": "Confirm that it is you",
    "/accounts/2fa/": "Two-step sign-in",
    "/accounts/2fa/totp/activate/": "Set up the authenticator app",
    "/accounts/2fa/webauthn/add/": "Add a key",
    "/accounts/2fa/webauthn/": "Passkeys and security keys",
    "/accounts/sessions/": "Sessions",
}


@pytest.fixture
def olga() -> User:
    return make_person("Olga Owner")


@pytest.fixture
def client_of_olga(olga: User) -> Client:
    """Signed in through the page and confirmed, so that the pages of risky changes open."""
    client = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"})
    client.post("/accounts/login/", {"login": olga.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def assert_is_ours(response: HttpResponse, heading: str) -> None:
    html = response.content.decode()
    assert response.status_code == 200
    assert heading in html
    assert html.count("<h1") == 1
    assert "css/app.css" in html
    assert not [label for label, pattern in FORBIDDEN.items() if pattern.search(html)]
    assert "unsafe" not in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("path", "heading"), FOR_VISITORS.items())
def test_visitor_page_is_ours(client: Client, path: str, heading: str) -> None:
    assert_is_ours(client.get(path), heading)


@pytest.mark.parametrize(("path", "heading"), FOR_PERSONS.items())
def test_person_page_is_ours(client_of_olga: Client, path: str, heading: str) -> None:
    assert_is_ours(client_of_olga.get(path, follow=True), heading)


def test_unknown_address_of_a_visitor_is_a_page_of_ours(client: Client) -> None:
    response = client.get("/nowhere/")
    assert response.status_code == 404
    assert "There is nothing here" in response.content.decode()


def test_wrong_password_is_said_in_words_and_keeps_the_address(client: Client, olga: User) -> None:
    html = client.post("/accounts/login/", {"login": olga.email, "password": "wrong"}).content.decode()
    assert 'class="errorlist' in html
    assert f'value="{olga.email}"' in html


def test_visitor_chooses_a_language(client: Client) -> None:
    assert 'name="language" value="fr"' in client.get("/accounts/login/").content.decode()
    response = client.post("/language/", {"language": "fr", "next": "/accounts/login/"}, follow=True)
    assert '<html lang="fr">' in response.content.decode()


def test_language_leads_nowhere_else(client: Client) -> None:
    response = client.post("/language/", {"language": "fr", "next": "https://evil.test/"})
    assert response["Location"] == "/"


def test_expired_form_is_explained(olga: User) -> None:
    response = Client(enforce_csrf_checks=True).post("/accounts/login/", {"login": olga.email})
    assert response.status_code == 403
    assert "This form has expired" in response.content.decode()
    assert response["X-Reason"].startswith("This%20form%20has%20expired")


def test_session_list_names_the_browser(client_of_olga: Client) -> None:
    html = client_of_olga.get("/accounts/sessions/").content.decode()
    assert "Firefox on Linux" in html
    assert "This browser" in html


def test_reset_mail_leads_to_a_new_password(client: Client, olga: User) -> None:
    client.post("/accounts/password/reset/", {"email": olga.email})
    (message,) = mail.outbox
    assert message.subject == "Choose a new password"
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.body)
    assert link
    page = client.get(link[1], follow=True)
    assert_is_ours(page, "Choose a new password")
    form = {"password1": "a brand new secret 7", "password2": "a brand new secret 7"}
    client.post(page.redirect_chain[-1][0], form)
    olga.refresh_from_db()
    assert olga.check_password("a brand new secret 7")


def test_reset_for_a_stranger_says_so_only_in_the_mail(client: Client) -> None:
    response = client.post("/accounts/password/reset/", {"email": "mallory@evil.test"}, follow=True)
    assert "If the address belongs to an account" in response.content.decode()
    assert mail.outbox[0].subject == "No Chorus account for this address"


def test_risky_page_asks_for_the_password_first(olga: User) -> None:
    client = Client()
    client.post("/accounts/login/", {"login": olga.email, "password": PASSWORD})
    assert_is_ours(client.get("/accounts/2fa/totp/activate/", follow=True), "Confirm that it is you")
