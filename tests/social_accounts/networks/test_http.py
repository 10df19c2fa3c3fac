from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import httpx
import pytest

from social_accounts.networks.base import NotSent, OutcomeUnknown, Rejected, RejectionReason
from social_accounts.networks.http import (
    Effect,
    address_is_public,
    exchange,
    guarded_client,
    origin_of,
    shared_client,
)


class Server(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen: list[tuple[str, dict[str, str]]]

    def do_GET(self) -> None:
        self.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
        body, headers, code = b'{"ok": true}', {}, 200
        if self.path == "/large":
            body = b"x" * 5000
        elif self.path == "/packed":
            body, headers = gzip.compress(b"x" * 5000), {"Content-Encoding": "gzip"}
        elif self.path.startswith("/redirect?"):
            code, headers = 302, {"Location": self.path.partition("?")[2]}
        elif self.path == "/cookie":
            headers = {"Set-Cookie": "session=1; Path=/"}
        elif self.path == "/slow":
            self.send_response(200)
            self.send_header("Content-Length", "100")
            self.end_headers()
            for _number in range(100):
                try:
                    self.wfile.write(b"x")
                    self.wfile.flush()
                except OSError:
                    return
                time.sleep(0.05)
            return
        elif self.path == "/gone":
            self.close_connection = True
            return
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, format: str, *args: object) -> None:
        return None


@contextmanager
def serving() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    seen: list[tuple[str, dict[str, str]]] = []
    handler = type("Handler", (Server,), {"seen": seen})
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", seen
        server.shutdown()
        thread.join()


@pytest.fixture
def origin_and_seen() -> Iterator[tuple[str, list[tuple[str, dict[str, str]]]]]:
    with serving() as found:
        yield found


@pytest.fixture
def origin(origin_and_seen: tuple[str, list[tuple[str, dict[str, str]]]]) -> str:
    return origin_and_seen[0]


@pytest.fixture
def http(origin: str) -> Iterator[httpx.Client]:
    with guarded_client(
        trusted_origins={origin}, response_bytes_max=1000, answer_deadline_seconds=0.3
    ) as client:
        yield client


def resolving_to(*addresses: str) -> Callable[[str, int], list[str]]:
    return lambda host, port: list(addresses)


def get(client: httpx.Client, url: str, *, follow_redirects: bool = False) -> httpx.Response:
    return exchange(client, "GET", url, effect=Effect.READ, follow_redirects=follow_redirects)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "fec0::1",
        "64:ff9b:1::a00:1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fd00:ec2::254",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "2002:7f00:1::",
        "2002:a00:1::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    ],
)
def test_address_of_a_private_network_is_not_public(address: str) -> None:
    assert not address_is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"])
def test_address_of_the_internet_is_public(address: str) -> None:
    assert address_is_public(address)


@pytest.mark.parametrize("address", ["127.0.0.1", "169.254.169.254", "10.0.0.1", "::1", "::ffff:127.0.0.1"])
def test_name_that_leads_into_a_private_network_is_refused(address: str) -> None:
    with (
        guarded_client(resolver=resolving_to("8.8.8.8", address)) as client,
        pytest.raises(Rejected, match=r"social\.example is an address inside a private network"),
    ):
        get(client, "https://social.example/")


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/", "https://[::1]/", "https://2130706433/", "https://0x7f.1/"]
)
def test_literal_private_address_is_refused(url: str) -> None:
    with guarded_client() as client, pytest.raises(Rejected, match="private network"):
        get(client, url)


def test_unknown_host_is_refused_in_one_sentence() -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    words = r"^There is no server called nowhere\.example\.$"
    with guarded_client(resolver=nobody) as client, pytest.raises(Rejected, match=words) as refused:
        get(client, "https://nowhere.example/")
    assert refused.value.reason is RejectionReason.NOT_FOUND


def test_lookup_that_fails_for_now_is_not_sent() -> None:
    def busy(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    with guarded_client(resolver=busy) as client, pytest.raises(NotSent):
        exchange(client, "POST", "https://social.example/", effect=Effect.PUBLISH)


def test_name_is_looked_up_once_and_the_checked_address_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = [["8.8.8.8", "2606:4700::1111"], ["127.0.0.1"]]
    asked: list[str] = []
    connected: list[str] = []

    def rebinding(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[len(asked) - 1]

    def connect(backend: object, host: str, port: int, **options: object) -> None:
        connected.append(host)
        raise httpcore.ConnectError("no route")

    monkeypatch.setattr(httpcore.SyncBackend, "connect_tcp", connect)
    with guarded_client(resolver=rebinding) as client, pytest.raises(NotSent):
        get(client, "https://social.example/")
    assert asked == ["social.example"]
    assert connected == answers[0]


def test_plain_http_is_refused_unless_trusted(origin: str, http: httpx.Client) -> None:
    assert get(http, origin).json() == {"ok": True}
    with guarded_client() as strict, pytest.raises(Rejected, match="does not offer a secure"):
        get(strict, origin)
    with pytest.raises(Rejected, match="does not offer a secure"):
        get(http, "http://social.example/")


def test_trust_is_for_one_port_only(http: httpx.Client) -> None:
    with serving() as (other, seen):
        with pytest.raises(Rejected):
            get(http, other)
        assert seen == []


def test_redirect_is_followed_only_when_asked(origin: str, http: httpx.Client) -> None:
    assert get(http, f"{origin}/redirect?/").status_code == 302
    assert get(http, f"{origin}/redirect?/", follow_redirects=True).json() == {"ok": True}


@pytest.mark.parametrize(
    "target",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://127.0.0.1/",
        "http://social.example/",
        "file:///etc/passwd",
        "gopher://127.0.0.1/",
    ],
)
def test_redirect_to_where_we_do_not_go_is_refused(origin: str, http: httpx.Client, target: str) -> None:
    with pytest.raises(Rejected):
        get(http, f"{origin}/redirect?{target}", follow_redirects=True)


def test_redirect_without_end_is_refused(origin: str, http: httpx.Client) -> None:
    loop = f"{origin}/redirect?/redirect?/redirect?/redirect?/redirect?/"
    with pytest.raises(Rejected):
        get(http, loop, follow_redirects=True)


def test_cookies_are_never_sent_again(
    origin_and_seen: tuple[str, list[tuple[str, dict[str, str]]]], http: httpx.Client
) -> None:
    origin, seen = origin_and_seen
    get(http, f"{origin}/cookie")
    get(http, origin)
    assert "cookie" not in seen[-1][1]
    assert seen[-1][1]["user-agent"].startswith("Chorus/")


@pytest.mark.parametrize("path", ["/large", "/packed", "/slow", "/gone"])
def test_answer_that_is_too_much_is_a_failure_after_sending(
    origin: str, http: httpx.Client, path: str
) -> None:
    with pytest.raises(NotSent):
        get(http, origin + path)
    with pytest.raises(NotSent):
        exchange(http, "POST", origin + path, effect=Effect.PREPARE)
    with pytest.raises(OutcomeUnknown):
        exchange(http, "POST", origin + path, effect=Effect.PUBLISH)


def test_refused_connection_is_not_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        dead = f"http://127.0.0.1:{taken.getsockname()[1]}"
    with guarded_client(trusted_origins={dead}) as client, pytest.raises(NotSent, match="cannot be reached"):
        exchange(client, "POST", dead, effect=Effect.PUBLISH)


def test_address_that_is_none_is_refused(http: httpx.Client) -> None:
    for url in ("http://[", "notaurl", "https://"):
        with pytest.raises(Rejected):
            get(http, url)


def test_process_has_one_client_per_trust() -> None:
    assert shared_client() is shared_client()
    assert shared_client(trusted_origins={"http://localhost:1"}) is not shared_client()


def test_origin_drops_what_is_not_origin() -> None:
    assert origin_of("HTTPS://Social.Example:443/a?b#c") == "https://social.example"
    assert origin_of("http://[::1]:8000/x") == "http://[::1]:8000"
    assert origin_of("https://bücher.example/") == "https://xn--bcher-kva.example"
