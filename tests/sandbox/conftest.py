"""One sandbox process for these tests; each test begins with an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from sandbox.testing import SandboxServer


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_process: SandboxServer) -> SandboxServer:
    sandbox_process.reset()
    return sandbox_process


@pytest.fixture
def mastodon(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Emil's client, signed in."""
    emil = sandbox.create_account("mastodon", "emil")
    headers = {"Authorization": f"Bearer {emil['access_token']}"}
    with httpx.Client(
        base_url=sandbox.mastodon_origin, headers=headers, trust_env=False, timeout=10
    ) as client:
        yield client


@pytest.fixture
def bluesky(sandbox: SandboxServer) -> Iterator[httpx.Client]:
    """Emil's client, signed in with his app password; his DID is in its header ``X-Did``, which nobody reads."""
    emil = sandbox.create_account("bluesky", "emil.test")
    with httpx.Client(base_url=f"{sandbox.bluesky_origin}/xrpc/", trust_env=False, timeout=10) as client:
        session = client.post(
            "com.atproto.server.createSession",
            json={"identifier": "emil.test", "password": emil["app_password"]},
        ).json()
        client.headers["Authorization"] = f"Bearer {session['accessJwt']}"
        client.headers["X-Did"] = session["did"]
        yield client
