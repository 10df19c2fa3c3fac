"""Name, language, time zone and appearance, and what they change."""

import re

import pytest
from django.core import mail
from django.test import Client
from django.utils.translation import gettext, override

from accounts.models import User
from accounts.time_zones import time_zone_choices
from tests.accounts.steps import enter_password
from tests.cast import LONG_AGO, make_person

pytestmark = pytest.mark.django_db

GOOD = {"name": "Paul  Éditeur", "language": "fr", "time_zone": "America/Sao_Paulo", "theme": "dark"}


@pytest.fixture
def client_of_paul(paul: User) -> Client:
    client = Client()
    enter_password(client, paul)
    return client


def test_settings_are_saved_and_hold_from_the_next_page_on(client_of_paul: Client, paul: User) -> None:
    response = client_of_paul.post("/accounts/settings/", GOOD)
    assert (response.status_code, response["Location"]) == (303, "/accounts/settings/")
    paul.refresh_from_db()
    assert (paul.name, paul.language, paul.time_zone, paul.theme) == (
        "Paul Éditeur",
        "fr",
        "America/Sao_Paulo",
        "dark",
    )
    page = client_of_paul.get("/accounts/settings/")
    html = page.content.decode()
    assert '<html lang="fr" data-theme="dark">' in html
    assert page["Content-Language"] == "fr"
    assert re.search(r'<option value="America/Sao_Paulo" selected>Sao Paulo \(UTC−0[23]:00\)', html)


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", " "), ("name", "x" * 121), ("language", "de"), ("time_zone", "Mars/Base"), ("theme", "pink")],
)
def test_wrong_settings_change_nothing_and_keep_what_was_typed(
    client_of_paul: Client, paul: User, field: str, value: str
) -> None:
    response = client_of_paul.post("/accounts/settings/", GOOD | {"language": "en", field: value})
    assert response.status_code == 422
    html = response.content.decode()
    assert 'class="errorlist' in html
    if field != "time_zone":
        assert '<option value="America/Sao_Paulo" selected>' in html
    before = paul.time_zone
    paul.refresh_from_db()
    assert (paul.name, paul.time_zone) == ("Paul Editor", before)


def test_settings_belong_to_the_signed_in(client: Client) -> None:
    assert client.get("/accounts/settings/").status_code == 302
    assert client.post("/accounts/settings/", GOOD).status_code == 302


def test_every_zone_a_person_may_have_can_be_chosen() -> None:
    choices = time_zone_choices(LONG_AGO)
    zones = [zone for _group, found in choices for zone, _label in found]
    assert len(zones) == len(set(zones))
    assert {"UTC", "Europe/Paris", "America/Argentina/Buenos_Aires", "US/Eastern"} <= set(zones)
    labels = dict(pair for _group, found in choices for pair in found)
    assert labels["America/Argentina/Buenos_Aires"] == "Buenos Aires, Argentina (UTC−03:00)"
    assert labels["Asia/Kolkata"] == "Kolkata (UTC+05:30)"


@pytest.mark.parametrize(
    ("accepted", "language"),
    [("fr-CA,fr;q=0.9", "fr"), ("pt-BR", "pt-br"), ("de,en;q=0.5", "en"), ("xx", "en"), ("", "en")],
)
def test_visitor_is_spoken_to_in_the_language_of_his_browser(
    client: Client, accepted: str, language: str
) -> None:
    html = client.get("/accounts/login/", headers={"accept-language": accepted}).content.decode()
    assert f'<html lang="{language}"' in html


def test_visitor_switches_the_language_on_the_sign_in_page(client: Client) -> None:
    html = client.get("/accounts/login/").content.decode()
    form = re.search(r'<form method="post" action="([^"]+)" class="languages"', html)
    assert form
    response = client.post(form[1], {"language": "fr", "next": "/accounts/login/?next=/x"})
    assert response["Location"] == "/accounts/login/?next=/x"
    assert '<html lang="fr"' in client.get("/accounts/login/").content.decode()


def test_language_switch_leads_nowhere_else_and_knows_its_languages(client: Client) -> None:
    assert client.post("/language/", {"language": "fr", "next": "https://evil.test/"})["Location"] == "/"
    client.post("/language/", {"language": "xx"})
    assert '<html lang="fr"' in client.get("/accounts/login/").content.decode()


def test_mail_speaks_the_readers_language_not_the_senders(client: Client) -> None:
    chloe = make_person("Chloé Chef", "chloe@acme.test", language="fr")
    client.post("/accounts/password/reset/", {"email": chloe.email}, headers={"accept-language": "pt-BR"})
    (message,) = mail.outbox
    with override("fr"):
        assert message.subject == gettext("Choose a new password")
        assert gettext("If it was not you, do nothing: the old password keeps working.") in message.body


def test_appearance_may_follow_the_device_again(client_of_paul: Client, paul: User) -> None:
    client_of_paul.post("/accounts/settings/", GOOD)
    assert client_of_paul.post("/accounts/settings/", GOOD | {"theme": "system"}).status_code == 303
    paul.refresh_from_db()
    assert paul.theme == ""
    assert "data-theme" not in client_of_paul.get("/accounts/settings/").content.decode().split("<head>")[0]
