"""The OAuth server that kills a grant when a refresh token is used twice: what the refresh lock must withstand."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Lock

import pytest

from social_accounts.networks.base import Rejected
from social_accounts.networks.oauth import code_of, new_state, new_verifier
from tests.peers.oauth_server import OAuthServer

pytestmark = pytest.mark.peers


def test_two_refreshes_at_once_without_a_lock_lose_the_grant(oauth_server: OAuthServer) -> None:
    token = str(oauth_server.grant()["refresh_token"])
    with ThreadPoolExecutor(2) as workers:
        answers = list(workers.map(oauth_server.refresh, [token, token]))
    assert sorted(answer.status_code for answer in answers) == [200, 400]
    won = next(answer for answer in answers if answer.is_success)
    assert oauth_server.refresh(won.json()["refresh_token"]).status_code == 400


def test_two_refreshes_under_a_lock_that_re_reads_keep_the_grant(oauth_server: OAuthServer) -> None:
    stored = {"refresh_token": str(oauth_server.grant()["refresh_token"])}
    lock = Lock()

    def work(_number: int) -> int:
        with lock:
            answer = oauth_server.refresh(stored["refresh_token"])
            stored["refresh_token"] = answer.json()["refresh_token"]
            return answer.status_code

    with ThreadPoolExecutor(2) as workers:
        assert list(workers.map(work, range(2))) == [200, 200]
    assert oauth_server.refresh(stored["refresh_token"]).status_code == 200


def test_our_pkce_is_demanded_and_checked(oauth_server: OAuthServer) -> None:
    verifier = new_verifier()
    callback = oauth_server.consent(oauth_server.authorization_url(state=new_state(), verifier=verifier))
    assert oauth_server.exchange(code_of(callback), new_verifier()).status_code == 400
    callback = oauth_server.consent(oauth_server.authorization_url(state=new_state(), verifier=verifier))
    assert oauth_server.exchange(code_of(callback), verifier).status_code == 200


def test_denial_at_the_server_is_told_as_one(oauth_server: OAuthServer) -> None:
    url = oauth_server.authorization_url(state=new_state(), verifier=new_verifier())
    with pytest.raises(Rejected, match="declined"):
        code_of(oauth_server.consent(url, accept=False))
