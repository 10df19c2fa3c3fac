"""What a person may type for a server, and what must not come of it: one sentence, 422, nothing lost, nothing asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from social_accounts import connections
from social_accounts.models import ConnectionAttempt, NetworkApp
from social_accounts.networks.http import guarded_client
from tenancy.context import unscoped
from tests.cast import Acme

SignIn = Callable[[User], Client]
URL = "/o/acme/profiles/connect/mastodon/"
ADDRESSES = {
    "inside.example": "10.0.0.7",
    "loopback.example": "127.0.0.1",
    "metadata.example": "169.254.169.254",
    "mapped.example": "::ffff:192.168.1.1",
}


def resolve(host: str, port: int) -> list[str]:
    if host in ADDRESSES:
        return [ADDRESSES[host]]
    if host == "127.0.0.1":
        return [host]
    raise socket.gaierror(socket.EAI_NONAME, "no such name")


class Odd(BaseHTTPRequestHandler):
    """A server that is none of ours: it redirects inside, or answers like any web page."""

    leads_to = ""

    def do_GET(self) -> None:
        if self.leads_to:
            self.send_response(302)
            self.send_header("Location", self.leads_to + self.path)
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"<!doctype html><p>A page about bicycles")

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return


@pytest.fixture
def odd() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    Odd.leads_to = ""


@pytest.fixture(autouse=True)
def guarded(monkeypatch: pytest.MonkeyPatch, settings: LazySettings, odd: str) -> Iterator[None]:
    settings.TRUSTED_NETWORK_ORIGINS = [odd]
    with guarded_client(trusted_origins=[odd], resolver=resolve) as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        yield


def refused(client: Client, acme: Acme, typed: str) -> str:
    answer = client.post(URL, {"server": typed, "workspace": acme.main.pk})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert f'value="{typed}"' in page
    assert 'aria-invalid="true"' in page
    assert NetworkApp.objects.count() == 0
    with unscoped():
        assert ConnectionAttempt.objects.count() == 0
    return page


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("no-such-server.example", "There is no server called no-such-server.example."),
        ("inside.example", "inside.example is an address inside a private network"),
        ("https://loopback.example", "loopback.example is an address inside a private network"),
        ("metadata.example", "metadata.example is an address inside a private network"),
        ("mapped.example", "mapped.example is an address inside a private network"),
        ("127.0.0.1", "is not the name of a server"),
        ("http://[::1]/", "is not the name of a server"),
        ("localhost", "is not the name of a server"),
        ("not a server", "is not the name of a server"),
        ("ftp://files.example", "is not the name of a server"),
        ("https://someone:secret@social.example", "is not the name of a server"),
    ],
)
def test_a_server_chorus_does_not_go_to_is_refused_on_the_form(
    acme: Acme, signed_in: SignIn, typed: str, sentence: str
) -> None:
    assert sentence in refused(signed_in(acme.olga), acme, typed)


def test_a_server_of_something_else_is_refused_on_the_form(acme: Acme, signed_in: SignIn, odd: str) -> None:
    assert "does not answer like a Mastodon server" in refused(signed_in(acme.olga), acme, odd)


def test_a_redirect_to_a_private_address_is_not_followed(acme: Acme, signed_in: SignIn, odd: str) -> None:
    reached: list[str] = []

    class Inside(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            reached.append(self.path)
            self.send_response(200)
            self.end_headers()

        do_POST = do_GET

    inside = ThreadingHTTPServer(("127.0.0.1", 0), Inside)
    thread = threading.Thread(target=inside.serve_forever)
    thread.start()
    Odd.leads_to = f"http://127.0.0.1:{inside.server_port}"
    try:
        refused(signed_in(acme.olga), acme, odd)
    finally:
        inside.shutdown()
        thread.join()
        inside.server_close()
    assert reached == []


def test_a_server_that_only_speaks_http_is_asked_by_https_alone(
    acme: Acme, signed_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[httpx.URL] = []

    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request.url)
        raise httpx.ConnectError("nothing listens", request=request)

    with httpx.Client(transport=httpx.MockTransport(answer)) as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        page = refused(signed_in(acme.olga), acme, "http://plain.example")
    assert "plain.example cannot be reached" in page
    assert {url.scheme for url in asked} == {"https"}


def test_an_empty_server_is_asked_for(acme: Acme, signed_in: SignIn) -> None:
    answer = signed_in(acme.olga).post(URL, {"server": " ", "workspace": acme.main.pk})
    assert answer.status_code == 422
    assert "Type the name of your server" in answer.content.decode()


def test_the_link_to_the_network_refuses_the_same_servers(acme: Acme, signed_in: SignIn) -> None:
    query = {"server": "inside.example", "workspace": acme.main.pk}
    answer = signed_in(acme.olga).get(f"{URL}leave/", query)
    assert answer.status_code == 422
    assert "inside a private network" in answer.content.decode()
