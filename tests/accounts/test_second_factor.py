"""A second factor: asked for at sign-in once set up, and asked of those an organization's policy covers (P11, R2)."""

import re

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from orgs.models import Organization
from tests.accounts.steps import (
    code_for,
    confirm_password,
    enter_password,
    give_app,
    is_signed_in,
    set_up_app,
)
from tests.cast import Acme, make_acme

# A new second factor counts on commit, as in the real thing.
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.accounts.urls")]

PROBE = "/o/acme/_probe/"


@pytest.fixture
def acme() -> Acme:
    return make_acme()


def ask_of(acme: Acme, whom: str) -> None:
    Organization.objects.filter(pk=acme.organization.pk).update(two_factor=whom)


def signed_in_with_password(person: User) -> Client:
    client = Client()
    enter_password(client, person)
    return client


def next_code(secret: str) -> str:
    """Return a code that may be used although one was, without waiting half a minute for it."""
    cache.clear()
    return code_for(secret)


def recovery_codes(client: Client) -> list[str]:
    html = client.get("/accounts/2fa/recovery-codes/").content.decode()
    found = re.search(r"<textarea[^>]*>([^<]+)", html)
    assert found
    return found[1].split()


def test_sign_in_asks_for_the_code_once_the_app_is_set_up(paul: User) -> None:
    secret = give_app(paul)
    client = Client()
    assert enter_password(client, paul)["Location"] == "/accounts/2fa/authenticate/"
    assert not is_signed_in(client)
    assert "Incorrect code" in client.post("/accounts/2fa/authenticate/", {"code": "000000"}).content.decode()
    assert not is_signed_in(client)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert is_signed_in(client)


def test_code_works_once(paul: User) -> None:
    code = code_for(give_app(paul))
    first, second = Client(), Client()
    for client in (first, second):
        enter_password(client, paul)
        client.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_recovery_code_lets_in_once(paul: User) -> None:
    client = signed_in_with_password(paul)
    set_up_app(client)
    code = recovery_codes(client)[0]
    first, second = Client(), Client()
    for later in (first, second):
        enter_password(later, paul)
        later.post("/accounts/2fa/authenticate/", {"code": code})
    assert is_signed_in(first)
    assert not is_signed_in(second)


def test_guessing_codes_is_limited(paul: User) -> None:
    secret = give_app(paul)
    client = signed_in_with_password(paul)
    for _attempt in range(5):
        client.post("/accounts/2fa/authenticate/", {"code": "000000"})
    response = client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert "Too many failed login attempts" in response.content.decode()
    assert not is_signed_in(client)


def test_setting_up_and_turning_off_is_told_by_mail_without_secrets(paul: User) -> None:
    client = signed_in_with_password(paul)
    secret = set_up_app(client)
    assert mail.outbox[-1].subject == "Two-step sign-in is on"
    confirm_password(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert [message.to for message in mail.outbox] == [[paul.email]] * 2
    assert not any(secret in message.body for message in mail.outbox)
    assert not Authenticator.objects.filter(user=paul).exists()


def test_covered_member_is_led_to_set_up_and_back(acme: Acme) -> None:
    ask_of(acme, "everyone")
    client = signed_in_with_password(acme.paul)
    response = client.get(f"{PROBE}?week=3")
    assert response["Location"] == "/accounts/second-factor/"
    html = client.get("/accounts/second-factor/").content.decode()
    assert "Acme asks for two-step sign-in" in html
    assert "Everybody who works in Acme" in html
    assert "/accounts/2fa/totp/activate/" in html
    assert "/accounts/2fa/webauthn/add/" in html

    set_up_app(client)
    assert "Continue to Acme" in client.get("/accounts/2fa/recovery-codes/").content.decode()
    assert client.get("/accounts/second-factor/")["Location"] == f"{PROBE}?week=3"
    assert client.get(PROBE).content == b"inside"
    assert client.post(PROBE, {"text": "x"}).content == b"done x"
    assert "Continue to Acme" not in client.get("/accounts/2fa/").content.decode()


def test_covered_member_may_do_nothing_before(acme: Acme) -> None:
    ask_of(acme, "everyone")
    client = signed_in_with_password(acme.paul)
    response = client.post(PROBE, {"text": "x"})
    assert response.status_code == 403
    assert b"done" not in response.content
    fragment = client.get(
        PROBE, headers={"hx-request": "true", "hx-current-url": f"http://testserver{PROBE}"}
    )
    assert (fragment.status_code, fragment["HX-Redirect"]) == (403, "/accounts/second-factor/")


def test_covered_member_needs_password_and_code_at_the_next_sign_in(acme: Acme) -> None:
    ask_of(acme, "everyone")
    secret = set_up_app(signed_in_with_password(acme.paul))
    client = signed_in_with_password(acme.paul)
    assert client.get(PROBE)["Location"].startswith("/accounts/login/")
    client.post("/accounts/2fa/authenticate/", {"code": next_code(secret)})
    assert client.get(PROBE).content == b"inside"


def test_member_with_an_app_whose_sign_in_did_not_use_it_proves_it_once(acme: Acme) -> None:
    ask_of(acme, "everyone")
    client = signed_in_with_password(acme.paul)
    secret = give_app(acme.paul)  # in another browser
    client.get(PROBE)
    html = client.get("/accounts/second-factor/").content.decode()
    assert "/accounts/2fa/reauthenticate/" in html
    assert "/accounts/2fa/totp/activate/" not in html
    client.post(
        "/accounts/2fa/reauthenticate/", {"code": code_for(secret), "next": "/accounts/second-factor/"}
    )
    assert client.get("/accounts/second-factor/")["Location"] == PROBE
    assert client.get(PROBE).content == b"inside"


@pytest.mark.parametrize(
    ("whom", "name", "is_covered"),
    [
        ("none", "marc", False),
        ("managers", "marc", True),
        ("managers", "paul", False),
        ("everyone", "emil", True),
    ],
)
def test_policy_covers_only_whom_it_names(acme: Acme, whom: str, name: str, is_covered: bool) -> None:
    ask_of(acme, whom)
    response = signed_in_with_password(getattr(acme, name)).get(PROBE)
    assert (response.status_code == 302) is is_covered


def test_policy_of_one_organization_leaves_the_others_open(acme: Acme) -> None:
    ask_of(acme, "everyone")
    assert signed_in_with_password(acme.mallory).get("/o/elsewhere/_probe/").content == b"inside"
    assert signed_in_with_password(acme.mallory).get(PROBE).status_code == 404


def test_managers_are_told_why_it_is_asked_of_them(acme: Acme) -> None:
    ask_of(acme, "managers")
    client = signed_in_with_password(acme.marc)
    client.get(PROBE)
    assert "Whoever manages the members of Acme" in client.get("/accounts/second-factor/").content.decode()


def test_page_without_an_asking_organization_leads_to_the_settings(paul: User) -> None:
    client = signed_in_with_password(paul)
    assert client.get("/accounts/second-factor/")["Location"] == "/accounts/2fa/"


def test_turning_the_last_one_off_stops_every_session_it_opened(acme: Acme) -> None:
    ask_of(acme, "everyone")
    client = signed_in_with_password(acme.paul)
    secret = set_up_app(client)
    elsewhere = signed_in_with_password(acme.paul)
    elsewhere.post("/accounts/2fa/authenticate/", {"code": next_code(secret)})
    assert elsewhere.get(PROBE).content == b"inside"
    confirm_password(client)
    client.post("/accounts/2fa/totp/deactivate/")
    assert client.get(PROBE)["Location"] == "/accounts/second-factor/"
    assert not is_signed_in(elsewhere)


def test_deactivated_person_does_not_pass_the_second_step(paul: User) -> None:
    secret = give_app(paul)
    client = signed_in_with_password(paul)
    User.objects.filter(pk=paul.pk).update(is_active=False)
    client.post("/accounts/2fa/authenticate/", {"code": code_for(secret)})
    assert not is_signed_in(client)
