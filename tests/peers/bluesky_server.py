"""A real Bluesky server (PDS and PLC directory) for tests: the fixture ``bluesky_server``, known everywhere.

``alice = bluesky_server.create_account("alice")`` has handle, did, password and app_password.
``bluesky_server.config()`` is a BlueskyConfig with its realm and trusted origins.
``bluesky_server.consent(authorize_url, alice)`` plays the browser on the server's pages and returns the
callback's address; with ``accept=False`` the person declines.

For a test through our web pages: put ``bluesky_server.origins`` among the trusted origins, use
``bluesky_server.realm`` as realm, run Chorus at http://127.0.0.1:PORT (the development OAuth client works
from nowhere else), GET the page that redirects to ``authorize_url``, then GET the returned callback URL with
the same client. The first use installs the server into ``.cache/peers/bluesky``, which takes minutes. Mark
the test ``peers``.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest

from social_accounts.networks.bluesky.config import BlueskyConfig, Realm

from .node import free_port, installed, running

HTTP_OK = 200
PASSWORD = "correct-horse-battery"


@dataclass(frozen=True, kw_only=True)
class BlueskyAccount:
    handle: str
    did: str
    password: str
    app_password: str
    access_jwt: str


@dataclass(frozen=True, kw_only=True)
class BlueskyServer:
    pds: str
    plc: str

    @property
    def origins(self) -> frozenset[str]:
        return frozenset((self.pds, self.plc))

    @property
    def realm(self) -> Realm:
        """Its own directory; handles are resolved by the server itself.

        It has no AppView: reads there are 502.
        """
        return Realm(
            plc_url=self.plc,
            resolver_url=self.pds,
            appview_url=self.pds,
            web_url="https://bsky.app",
            servers=frozenset((self.pds,)),
        )

    def config(self, **changes: object) -> BlueskyConfig:
        values: dict[str, object] = {
            "default_server": self.pds,
            "realm": self.realm,
            "trusted_origins": self.origins,
        }
        return BlueskyConfig(**{**values, **changes})  # type: ignore[arg-type]

    def create_account(self, name: str) -> BlueskyAccount:
        """Make an account; its handle is ``name`` with a random end, so that tests never meet."""
        handle = f"{name}-{secrets.token_hex(4)}.test"
        with httpx.Client(base_url=self.pds, trust_env=False) as http:
            made = _json(
                http.post(
                    "/xrpc/com.atproto.server.createAccount",
                    json={"handle": handle, "email": f"{handle}@example.org", "password": PASSWORD},
                )
            )
            token = str(made["accessJwt"])
            password = _json(
                http.post(
                    "/xrpc/com.atproto.server.createAppPassword",
                    json={"name": "chorus"},
                    headers={"Authorization": f"Bearer {token}"},
                )
            )
        return BlueskyAccount(
            handle=handle,
            did=str(made["did"]),
            password=PASSWORD,
            app_password=str(password["password"]),
            access_jwt=token,
        )

    def consent(self, authorize_url: str, account: BlueskyAccount, *, accept: bool = True) -> str:
        """Play the person on the server's consent page; return the callback address he is sent to."""
        return _Browser(self.pds, authorize_url).consent(account, accept=accept)


class _Browser:
    """The pages are a script's; this makes the same calls as the script.

    Cookies by hand: they are ``Secure``.
    """

    def __init__(self, base: str, authorize_url: str) -> None:
        self._base = base
        self._url = authorize_url
        self._cookies: dict[str, str] = {}

    def consent(self, account: BlueskyAccount, *, accept: bool) -> str:
        with httpx.Client(trust_env=False, follow_redirects=False) as http:
            page = self._get(http, self._url, site="cross-site")
            if page.is_redirect:
                return str(page.headers["Location"])
            assert page.status_code == HTTP_OK, page.text[:300]
            credentials = {"username": account.handle, "password": account.password, "locale": "en"}
            signed_in = self._call(http, "/sign-in", credentials)
            person = signed_in["account"]
            assert isinstance(person, dict)
            token = signed_in.get("ephemeralToken")
            if accept:
                did = person.get("did") or person.get("sub")
                answer = self._call(http, "/consent", {"did": did}, token)
            else:
                answer = self._call(http, "/reject", {})
            last = self._get(http, str(answer["url"]), site="same-origin")
            return str(last.headers.get("Location") or answer["url"])

    def _get(self, http: httpx.Client, url: str, *, site: str) -> httpx.Response:
        headers = {
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Site": site,
            "Accept": "text/html",
            "Cookie": self._cookie_header(),
            "Referer": self._url,
        }
        return self._remember(http.get(url, headers=headers))

    def _call(
        self, http: httpx.Client, path: str, body: dict[str, object], token: object = None
    ) -> dict[str, object]:
        headers = {
            "Sec-Fetch-Mode": "same-origin",
            "Sec-Fetch-Site": "same-origin",
            "Sec-Fetch-Dest": "empty",
            "Origin": self._base,
            "Referer": self._url,
            "Cookie": self._cookie_header(),
            "x-csrf-token": self._cookies.get("csrf-token", ""),
            "Accept": "application/json",
        }
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self._base}/@atproto/oauth-provider/~api{path}"
        return _json(self._remember(http.post(url, json=body, headers=headers)))

    def _cookie_header(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self._cookies.items())

    def _remember(self, answer: httpx.Response) -> httpx.Response:
        for line in answer.headers.get_list("set-cookie"):
            name, _equals, value = line.split(";")[0].partition("=")
            self._cookies[name] = value
        return answer


def _json(answer: httpx.Response) -> dict[str, object]:
    assert answer.status_code == HTTP_OK, f"{answer.status_code} {answer.text[:300]}"
    found = answer.json()
    assert isinstance(found, dict)
    return found


@contextmanager
def serving(environment: Mapping[str, str] | None = None) -> Iterator[BlueskyServer]:
    """Run one more server. ``PDS_RATE=1`` switches its rate limits on; see ``loopback.mjs`` for local names."""
    folder = installed("bluesky", needs_compiler=True)
    ports = {"PLC_PORT": str(free_port()), "PDS_PORT": str(free_port())}
    with running(folder, "pds.mjs", {**ports, **(environment or {})}) as ready:
        yield BlueskyServer(pds=str(ready["pds"]), plc=str(ready["plc"]))


@pytest.fixture(scope="session")
def bluesky_server() -> Iterator[BlueskyServer]:
    with serving() as server:
        yield server
