"""A certified OAuth server (oidc-provider) for tests: the fixture ``oauth_server``, known everywhere.

It rotates refresh tokens and kills the whole grant when one is used twice - so two workers that refresh at
once without a lock lose the account. ``oauth_server.grant()`` gives a fresh pair,
``oauth_server.refresh(token)`` is one request to the token endpoint, for a test to make under our lock.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx
import pytest

from social_accounts.networks.oauth import consent_url, new_state, new_verifier

from .node import free_port, installed, running

CLIENT_ID = "post"
CLIENT_SECRET = "post-secret-0123456789"
REDIRECT_URI = "http://127.0.0.1:57399/cb"
STEPS_MAX = 12


@dataclass(frozen=True, kw_only=True)
class OAuthServer:
    issuer: str

    def authorization_url(self, *, state: str, verifier: str) -> str:
        url = consent_url(
            f"{self.issuer}/auth",
            client_id=CLIENT_ID,
            redirect_uri=REDIRECT_URI,
            scope="openid offline_access posts.write",
            state=state,
            verifier=verifier,
        )
        return f"{url}&prompt=consent"

    def consent(self, authorization_url: str, *, accept: bool = True) -> dict[str, str]:
        """Play the person on the server's own pages; return the callback's query."""
        with httpx.Client(trust_env=False, follow_redirects=False) as http:
            answer = http.get(authorization_url)
            for _step in range(STEPS_MAX):
                if answer.is_redirect:
                    location = urljoin(str(answer.url), answer.headers["Location"])
                    if location.startswith(REDIRECT_URI):
                        return dict(parse_qsl(urlsplit(location).query))
                    answer = http.get(location)
                    continue
                answer = self._submit(http, answer, accept=accept)
        raise AssertionError(f"the consent pages did not end: {answer.status_code}")

    def exchange(self, code: str, verifier: str) -> httpx.Response:
        return self._token(
            {
                "grant_type": "authorization_code",
                "code": code,
                "redirect_uri": REDIRECT_URI,
                "code_verifier": verifier,
            }
        )

    def refresh(self, refresh_token: str) -> httpx.Response:
        return self._token({"grant_type": "refresh_token", "refresh_token": refresh_token})

    def grant(self) -> dict[str, object]:
        """Return a whole fresh token answer: access_token, refresh_token, expires_in, scope."""
        state, verifier = new_state(), new_verifier()
        callback = self.consent(self.authorization_url(state=state, verifier=verifier))
        assert callback["state"] == state
        answer = self.exchange(callback["code"], verifier)
        assert answer.is_success, answer.text
        found = answer.json()
        assert isinstance(found, dict)
        return found

    def _token(self, form: dict[str, str]) -> httpx.Response:
        with httpx.Client(trust_env=False) as http:
            return http.post(
                f"{self.issuer}/token",
                data={**form, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET},
            )

    def _submit(self, http: httpx.Client, page: httpx.Response, *, accept: bool) -> httpx.Response:
        if not accept and (abort := re.search(r'href="([^"]*abort)"', page.text)):
            return http.get(urljoin(str(page.url), abort.group(1)))
        form = re.search(r'<form[^>]*action="([^"]+)"', page.text)
        assert form, f"{page.status_code} {page.text[:200]}"
        hidden = r'<input[^>]*type="hidden"[^>]*name="([^"]*)"[^>]*value="([^"]*)"'
        fields = {name: html.unescape(value) for name, value in re.findall(hidden, page.text)}
        if 'name="login"' in page.text:
            fields |= {"login": "alice", "password": "x"}
        return http.post(urljoin(str(page.url), html.unescape(form.group(1))), data=fields)


@pytest.fixture(scope="session")
def oauth_server() -> Iterator[OAuthServer]:
    folder = installed("oauth")
    environment = {"PORT": str(free_port()), "ACCESS_TTL": "60", "REDIRECT_URIS": REDIRECT_URI}
    with running(folder, "oidc_server.mjs", environment) as ready:
        yield OAuthServer(issuer=str(ready["issuer"]))
