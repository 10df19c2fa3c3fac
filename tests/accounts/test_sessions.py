"""Sessions: listed and ended, tampered with, and run out under a form."""

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import FIREFOX, IPHONE, enter_password, is_signed_in
from tests.cast import Acme, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.accounts.urls")]

PROBE = "/o/acme/_probe/"
ENDED = "Your session has ended."


def browser(person: User, user_agent: str, address: str = "192.0.2.1") -> Client:
    client = Client(headers={"user-agent": user_agent}, REMOTE_ADDR=address)
    enter_password(client, person)
    return client


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.cookies[settings.SESSION_COOKIE_NAME].value)


def test_list_names_device_address_and_this_one(paul: User) -> None:
    here = browser(paul, FIREFOX)
    browser(paul, IPHONE, "192.0.2.2")
    html = here.get("/accounts/sessions/").content.decode()
    assert "Firefox on Linux" in html
    assert "Safari on iPhone" in html
    assert "192.0.2.2" in html
    assert html.count('badge-accent">This browser<') == 1


def test_one_browser_is_signed_out_and_the_others_stay(paul: User) -> None:
    here, phone, third = browser(paul, FIREFOX), browser(paul, IPHONE), browser(paul, "curl/8")
    response = here.post(f"/accounts/sessions/{session_of(phone).pk}/end/")
    assert (response.status_code, response["Location"]) == (303, "/accounts/sessions/")
    assert not is_signed_in(phone)
    assert is_signed_in(here)
    assert is_signed_in(third)


def test_all_others_are_signed_out(paul: User) -> None:
    here, phone, third = browser(paul, FIREFOX), browser(paul, IPHONE), browser(paul, "curl/8")
    here.post("/accounts/sessions/")
    assert is_signed_in(here)
    assert not is_signed_in(phone)
    assert not is_signed_in(third)


def test_this_browser_is_signed_out_too_when_asked(paul: User) -> None:
    here = browser(paul, FIREFOX)
    here.post(f"/accounts/sessions/{session_of(here).pk}/end/")
    assert not is_signed_in(here)


def test_nobody_ends_the_session_of_another(paul: User) -> None:
    mina = browser(make_person("Mina Moderator"), FIREFOX)
    here = browser(paul, IPHONE)
    assert here.post(f"/accounts/sessions/{session_of(mina).pk}/end/").status_code == 404
    assert here.get(f"/accounts/sessions/{session_of(here).pk}/end/").status_code == 405
    assert Client().post(f"/accounts/sessions/{session_of(here).pk}/end/").status_code == 302
    assert is_signed_in(mina)
    assert is_signed_in(here)


def test_use_of_a_session_is_written_once_in_a_while(paul: User) -> None:
    here = browser(paul, FIREFOX)
    here.get("/accounts/settings/")
    before = session_of(here).last_seen_at
    here.get("/accounts/settings/")
    assert session_of(here).last_seen_at == before
    here.get("/accounts/settings/", REMOTE_ADDR="192.0.2.77")
    assert session_of(here).ip == "192.0.2.77"


@pytest.mark.parametrize(
    "cookie",
    [
        "x",
        "a" * 32,
        "A" * 32,
        '"abcdefgh\\000\\000abcdefgh"',
        "a" * 5000,
        "../../etc/passwd",
        "é" * 20,
        "a:b:c",
    ],
)
def test_tampered_cookie_means_signed_out_with_a_sentence(client: Client, cookie: str) -> None:
    client.cookies.load({})
    response = client.get("/accounts/settings/", headers={"cookie": f"sessionid={cookie}"})
    assert response.status_code == 302
    assert response["Location"] == "/accounts/login/?next=/accounts/settings/"
    assert ENDED in client.get(response["Location"]).content.decode()


def test_visitor_who_never_had_a_session_is_not_told_that_it_ended(client: Client) -> None:
    response = client.get("/accounts/settings/", follow=True)
    assert ENDED not in response.content.decode()


def test_ended_session_is_told_and_leads_back(paul: User) -> None:
    here, phone = browser(paul, FIREFOX), browser(paul, IPHONE)
    here.post("/accounts/sessions/")
    page = phone.get("/accounts/sessions/", follow=True)
    assert ENDED in page.content.decode()
    assert enter_password(phone, paul, next="/accounts/sessions/")["Location"] == "/accounts/sessions/"


def test_nobody_is_led_elsewhere_after_sign_in(client: Client, paul: User) -> None:
    assert enter_password(client, paul, next="https://evil.test/")["Location"] == "/"


class TestFormSentAfterTheSessionEnded:
    def test_is_kept_and_sent_by_the_person(self, acme: Acme) -> None:
        client = browser(acme.paul, FIREFOX)
        client.cookies[settings.SESSION_COOKIE_NAME] = "tampered"
        page = {"referer": "http://testserver/o/acme/_probe/?new"}
        response = client.post(PROBE, {"text": "Bom <dia>", "password": "x"}, headers=page)
        assert response["Location"] == "/accounts/login/?next=/accounts/typed/"
        assert enter_password(client, acme.paul, next="/accounts/typed/")["Location"] == "/accounts/typed/"
        html = client.get("/accounts/typed/").content.decode()
        assert f'action="{PROBE}"' in html
        assert 'name="text" value="Bom &lt;dia&gt;"' in html
        assert 'name="password"' not in html
        assert client.post("/accounts/typed/")["Location"] == "/o/acme/_probe/?new"
        assert client.get("/accounts/typed/")["Location"] == "/"

    def test_is_kept_from_htmx_too(self, acme: Acme) -> None:
        response = Client().post(PROBE, {"text": "Bom dia"}, headers={"hx-request": "true"})
        assert response.status_code == 401
        assert response["HX-Redirect"] == "/accounts/login/?next=/accounts/typed/"

    def test_is_not_kept_when_it_comes_from_elsewhere(self, acme: Acme) -> None:
        client = Client(enforce_csrf_checks=True)
        response = client.post(PROBE, {"text": "forged"}, headers={"referer": "https://evil.test/"})
        assert response["Location"] == "/accounts/login/?next=/"
        assert "typed_form" not in client.session

    def test_is_not_kept_when_it_is_huge(self, acme: Acme) -> None:
        client = Client()
        client.post(PROBE, {"text": "x" * 600_000})
        assert "typed_form" not in client.session

    def test_is_dropped_after_an_hour(self, acme: Acme) -> None:
        client = Client()
        client.post(PROBE, {"text": "Bom dia"})
        session = client.session
        session["typed_form"] |= {"kept_at": session["typed_form"]["kept_at"] - 3601}
        session.save()
        enter_password(client, acme.paul)
        assert client.get("/accounts/typed/")["Location"] == "/"

    def test_is_nobodys_before_sign_in(self, acme: Acme) -> None:
        client = Client()
        client.post(PROBE, {"text": "Bom dia"})
        assert client.get("/accounts/typed/").status_code == 302


def test_fragment_of_a_visitor_leads_back_to_the_whole_page(client: Client) -> None:
    headers = {"hx-request": "true", "hx-current-url": "http://testserver/o/acme/_probe/?tab=2"}
    response = client.get(PROBE, headers=headers)
    assert response.status_code == 401
    assert response["HX-Redirect"] == "/accounts/login/?next=/o/acme/_probe/%3Ftab%3D2"


@pytest.mark.parametrize(
    "address", ["http://evil.test/x", "http://testserver//evil.test/", "javascript:alert(1)"]
)
def test_page_a_form_says_it_stood_on_is_never_elsewhere(acme: Acme, address: str) -> None:
    client = browser(acme.paul, FIREFOX)
    anonymous = Client()
    anonymous.post(PROBE, {"text": "x"}, headers={"referer": address})
    assert anonymous.session["typed_form"]["page"] == "/"
    assert is_signed_in(client)


def test_sign_in_on_a_new_device_is_told_by_mail(paul: User) -> None:
    known = browser(paul, FIREFOX)
    assert not mail.outbox  # the first sign-in ever
    known.post("/accounts/logout/")
    enter_password(known, paul)
    assert not mail.outbox
    browser(paul, IPHONE, "192.0.2.5")
    (message,) = mail.outbox
    assert message.subject == "Your account was opened on a new device"
    assert "Safari on iPhone" in message.body
    assert "192.0.2.5" in message.body


def test_forged_device_cookie_is_no_known_device(paul: User) -> None:
    browser(paul, FIREFOX)
    client = Client()
    client.cookies["known_device"] = f"{paul.pk}:forged"
    enter_password(client, paul)
    assert len(mail.outbox) == 1
