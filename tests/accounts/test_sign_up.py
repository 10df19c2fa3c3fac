"""Joining, confirming the address, and getting back in without the password."""

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from tests.accounts.steps import NEW_PASSWORD, confirm_password, enter_password, is_signed_in, link_in
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db

NINA = {"name": "  Nina   Newcomer ", "email": "Nina@Acme.test", "password1": NEW_PASSWORD}


def sign_up(client: Client, **changed: str) -> object:
    return client.post("/accounts/signup/", NINA | changed, headers={"accept-language": "pt-BR,fr;q=0.5"})


def confirm(client: Client, message: mail.EmailMessage) -> None:
    path = link_in(message, "/accounts/confirm-email/")
    assert client.get(path).status_code == 200
    client.post(path)


def test_new_person_is_let_in_once_the_address_is_confirmed(client: Client) -> None:
    sign_up(client, time_zone="America/Sao_Paulo")
    nina = User.objects.get(email="nina@acme.test")
    assert (nina.name, nina.language, nina.time_zone) == ("Nina Newcomer", "pt-br", "America/Sao_Paulo")
    assert not is_signed_in(client)
    confirm(client, mail.outbox[0])
    assert is_signed_in(client)


def test_unconfirmed_address_does_not_sign_in(client: Client) -> None:
    sign_up(client)
    elsewhere = Client()
    response = elsewhere.post("/accounts/login/", {"login": "nina@acme.test", "password": NEW_PASSWORD})
    assert response["Location"] == "/accounts/confirm-email/"
    assert not is_signed_in(elsewhere)


def test_link_of_another_address_confirms_nothing(client: Client) -> None:
    sign_up(client)
    path = link_in(mail.outbox[0], "/accounts/confirm-email/")
    assert client.post(path.replace(":", ":x", 1)).status_code == 404
    assert not EmailAddress.objects.get(email="nina@acme.test").verified


@pytest.mark.parametrize("zone", ["Mars/Base", "", "../../etc/passwd"])
def test_time_zone_the_device_made_up_becomes_utc(client: Client, zone: str) -> None:
    sign_up(client, time_zone=zone)
    assert User.objects.get(email="nina@acme.test").time_zone == "UTC"


@pytest.mark.parametrize(
    ("field", "value"),
    [("name", "   "), ("email", "nina@"), ("password1", "short"), ("password1", "password1234")],
)
def test_sign_up_says_what_is_wrong_and_keeps_the_rest(client: Client, field: str, value: str) -> None:
    html = sign_up(client, **{field: value}).content.decode()  # type: ignore[attr-defined]
    assert 'class="errorlist' in html
    assert not User.objects.filter(email="nina@acme.test").exists()
    if field != "name":
        assert "Nina" in html
    assert NEW_PASSWORD not in html


def test_sign_up_with_a_taken_address_looks_the_same_and_tells_its_owner(client: Client, paul: User) -> None:
    taken = sign_up(client, email=paul.email)
    fresh = sign_up(Client())
    assert taken["Location"] == fresh["Location"]  # type: ignore[index]
    assert mail.outbox[0].to == [paul.email]
    assert "/accounts/password/reset/" in mail.outbox[0].body
    paul.refresh_from_db()
    assert paul.name == "Paul Editor"
    assert paul.check_password(PASSWORD)


def test_wrong_password_and_unknown_address_read_the_same(client: Client, paul: User) -> None:
    wrong = enter_password(client, paul, "wrong").content.decode()
    unknown = client.post("/accounts/login/", {"login": "nobody@acme.test", "password": "wrong"})
    sentence = "The email address and/or password you specified are not correct."
    assert sentence in wrong
    assert sentence in unknown.content.decode()
    assert not is_signed_in(client)


def test_reset_link_works_once_and_signs_other_browsers_out(client: Client, paul: User) -> None:
    elsewhere = Client()
    enter_password(elsewhere, paul)
    client.post("/accounts/password/reset/", {"email": paul.email})
    path = link_in(mail.outbox[0], "/accounts/password/reset/key/")
    form = client.get(path)["Location"]
    client.post(form, {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD})
    assert enter_password(Client(), paul).status_code == 200
    assert enter_password(client, paul, NEW_PASSWORD).status_code == 302
    assert not is_signed_in(elsewhere)
    assert "does not work any more" in Client().get(path, follow=True).content.decode()


def test_reset_for_an_unknown_address_reads_the_same(client: Client, paul: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": paul.email})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@acme.test"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert "/password/reset/key/" not in mail.outbox[1].body


def test_deactivated_person_is_told_and_not_let_in(client: Client, paul: User) -> None:
    enter_password(client, paul)
    User.objects.filter(pk=paul.pk).update(is_active=False)
    assert not is_signed_in(client)
    newcomer = Client()
    assert enter_password(newcomer, paul)["Location"] == "/accounts/inactive/"
    assert not is_signed_in(newcomer)
    assert enter_password(newcomer, paul, "wrong").status_code == 200


def test_deactivated_person_gets_no_new_password(client: Client, paul: User) -> None:
    User.objects.filter(pk=paul.pk).update(is_active=False)
    client.post("/accounts/password/reset/", {"email": paul.email})
    assert not any("/password/reset/key/" in message.body for message in mail.outbox)


def test_address_changes_only_when_the_new_one_is_confirmed(client: Client, paul: User) -> None:
    enter_password(client, paul)
    confirm_password(client)
    client.post("/accounts/email/", {"email": "p.editor@acme.test", "action_add": ""})
    paul.refresh_from_db()
    assert paul.email == "paul@acme.test"
    confirm(client, next(message for message in mail.outbox if message.to == ["p.editor@acme.test"]))
    paul.refresh_from_db()
    assert paul.email == "p.editor@acme.test"
    assert any(message.to == ["paul@acme.test"] for message in mail.outbox)
    assert EmailAddress.objects.filter(user=paul).count() == 1


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/accounts/email/", {"email": "p.editor@acme.test", "action_add": ""}),
        ("/accounts/2fa/totp/activate/", {"code": "123456"}),
        ("/accounts/2fa/webauthn/add/", {"name": "Key", "credential": "{}"}),
        ("/accounts/2fa/recovery-codes/generate/", {}),
    ],
)
def test_risky_change_asks_for_the_password_first(
    client: Client, paul: User, path: str, form: dict[str, str]
) -> None:
    enter_password(client, paul)
    response = client.post(path, form)
    assert response.status_code == 302
    if "recovery" not in path:  # codes need a second factor before they need a password
        assert response["Location"].startswith("/accounts/reauthenticate/")
    assert not paul.authenticator_set.exists()
    assert EmailAddress.objects.filter(user=paul).count() == 1


def test_password_changes_only_with_the_old_one(client: Client, paul: User) -> None:
    enter_password(client, paul)
    form = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    client.post("/accounts/password/change/", {"oldpassword": "wrong", **form})
    paul.refresh_from_db()
    assert paul.check_password(PASSWORD)
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, **form})
    paul.refresh_from_db()
    assert paul.check_password(NEW_PASSWORD)
    assert is_signed_in(client)
    assert mail.outbox[-1].subject == "Your password changed"
