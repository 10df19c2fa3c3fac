"""What goes wrong when told to, and what is true afterwards."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from sandbox.testing import ROOT, SandboxServer, free_ports

STATUSES = "POST /api/v1/statuses"


def post(client: httpx.Client, text: str = "hello", key: str = "k") -> httpx.Response:
    return client.post("/api/v1/statuses", json={"status": text}, headers={"Idempotency-Key": key})


def test_a_dropped_answer_leaves_the_post_and_a_closed_connection(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="drop", endpoint=STATUSES)
    with pytest.raises(httpx.RemoteProtocolError, match="without sending a response"):
        post(mastodon)
    assert [p["text"] for p in sandbox.posts()] == ["hello"]
    assert post(mastodon).status_code == 200
    assert [p["received_count"] for p in sandbox.posts()] == [2]


def test_a_request_dropped_before_leaves_nothing(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    sandbox.fault(kind="drop", endpoint=STATUSES, after=False)
    with pytest.raises(httpx.RemoteProtocolError):
        post(mastodon)
    assert sandbox.posts() == []


def test_a_hanging_answer_outlasts_the_client_and_disturbs_nobody(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="drop", mode="hang", hang_seconds=5, endpoint=STATUSES)
    mastodon.timeout = httpx.Timeout(0.3)
    with pytest.raises(httpx.ReadTimeout):
        post(mastodon)
    started = time.monotonic()
    assert post(mastodon).status_code == 200
    assert time.monotonic() - started < 2
    assert len(sandbox.posts()) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_failure_may_come_before_or_after_the_post_is_taken(
    mastodon: httpx.Client, sandbox: SandboxServer, after: bool
) -> None:
    sandbox.fault(kind="status", status=504, endpoint=STATUSES, after=after)
    assert post(mastodon).status_code == 504
    assert len(sandbox.posts()) == after


def test_a_garbled_answer_is_no_json_but_the_post_is_there(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="garble", endpoint=STATUSES)
    answer = post(mastodon)
    assert answer.status_code == 200
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert len(sandbox.posts()) == 1


def test_a_slow_answer_takes_its_time(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    sandbox.fault(kind="slow", delay_ms=300, endpoint=STATUSES)
    started = time.monotonic()
    assert post(mastodon).status_code == 200
    assert time.monotonic() - started >= 0.3


def test_a_rate_limit_holds_until_its_time_for_whom_it_names(
    mastodon: httpx.Client, bluesky: httpx.Client, sandbox: SandboxServer
) -> None:
    mina = {"Authorization": f"Bearer {sandbox.create_account('mastodon', 'mina')['access_token']}"}
    until = int(time.time()) + 2
    sandbox.fault(kind="rate_limit", until=until, account="emil", network="mastodon")
    sandbox.fault(kind="rate_limit", until=until, account="emil.test")
    assert (post(mastodon).status_code, post(mastodon).status_code) == (429, 429)
    assert mastodon.post("/api/v1/statuses", json={"status": "x"}, headers=mina).status_code == 200
    limited = bluesky.get("app.bsky.actor.getProfile", params={"actor": "emil.test"})
    assert (limited.status_code, limited.json()["error"]) == (429, "RateLimitExceeded")
    assert limited.headers["RateLimit-Reset"] == str(until)
    time.sleep(max(0, until - time.time()) + 0.1)
    assert post(mastodon).status_code == 200


def test_rejected_content_is_refused_in_each_networks_shape(
    mastodon: httpx.Client, bluesky: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="reject", message="No cats.", times=0)
    refused = post(mastodon)
    assert (refused.status_code, refused.json()) == (422, {"error": "Validation failed: No cats."})
    refused = bluesky.post("com.atproto.repo.createRecord", json={})
    assert (refused.status_code, refused.json()) == (400, {"error": "InvalidRequest", "message": "No cats."})
    assert sandbox.posts() == []


def test_faults_hit_only_what_they_name_and_as_often_as_told(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="status", endpoint=STATUSES, times=2)
    sandbox.fault(kind="status", network="bluesky", times=0)
    sandbox.fault(kind="status", account="mina", times=0)
    assert mastodon.get("/api/v1/accounts/verify_credentials").status_code == 200
    assert [post(mastodon).status_code for _ in range(3)] == [503, 503, 200]
    assert [fault["hits"] for fault in sandbox.faults()] == [2, 0, 0]


def test_chance_is_seeded(mastodon: httpx.Client, sandbox: SandboxServer) -> None:
    def series(seed: int) -> list[int]:
        sandbox.clear_faults()
        sandbox.fault(kind="status", probability=0.5, seed=seed, times=0, endpoint="/api/v1/accounts/*")
        return [mastodon.get("/api/v1/accounts/verify_credentials").status_code for _ in range(20)]

    assert series(1) == series(1) != series(2)
    assert set(series(1)) == {200, 503}


def test_a_senseless_fault_is_refused(sandbox: SandboxServer) -> None:
    for wrong in (
        {"kind": "explode"},
        {"kind": "status", "status": 200},
        {"kind": "slow", "chance": 1},
        {"kind": "rate_limit"},
        {"kind": "drop", "mode": "sideways"},
    ):
        with pytest.raises(ValueError, match=r"400|kind|status|known|until|mode"):
            sandbox.fault(**wrong)
    assert sandbox.faults() == []


def test_the_controls_refuse_other_sites_and_other_names(sandbox: SandboxServer) -> None:
    url = f"{sandbox.mastodon_origin}/_control/reset"
    send = lambda **more: httpx.post(url, trust_env=False, **more).status_code  # noqa: E731
    assert send(json={}, headers={"Origin": "https://evil.example"}) == 403
    assert send(content=b"{}", headers={"Content-Type": "text/plain"}) == 415
    assert send(json={}, headers={"Host": "evil.example"}) == 400
    assert send(json={}) == 200


def test_what_was_taken_survives_sigkill(tmp_path: Path) -> None:
    with SandboxServer(tmp_path) as sandbox:
        token = sandbox.create_account("mastodon", "emil")["access_token"]
        with httpx.Client(
            base_url=sandbox.mastodon_origin, headers={"Authorization": f"Bearer {token}"}, trust_env=False
        ) as client:
            for number in range(20):
                assert post(client, str(number), key=str(number)).status_code == 200
            sandbox.kill()
            sandbox.start()
            assert post(client, "19", key="19").status_code == 200
        assert [p["key"] for p in sandbox.posts()] == [str(number) for number in range(20)]


def test_the_sandbox_ends_with_the_process_that_started_it(tmp_path: Path) -> None:
    port, bluesky_port = free_ports(2)
    script = (
        "import subprocess, sys, time\n"
        f"command = [sys.executable, '-m', 'sandbox', '--with-parent', '--state', {str(tmp_path)!r},\n"
        f"           '--port', '{port}', '--bluesky-port', '{bluesky_port}']\n"
        "print(subprocess.Popen(command, stdout=subprocess.DEVNULL).pid, flush=True)\n"
        "time.sleep(60)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(1)
        os.kill(pid, 0)
        parent.send_signal(signal.SIGKILL)
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and Path(f"/proc/{pid}").exists():
        if "Z" in Path(f"/proc/{pid}/stat").read_text().split(")")[1]:
            break
        time.sleep(0.1)
    else:
        assert not Path(f"/proc/{pid}").exists()


def test_a_taken_port_is_told_in_one_sentence(sandbox: SandboxServer, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sandbox", "--port", str(sandbox.port), "--state", str(tmp_path)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=20, check=False)
    assert ended.returncode == 1
    assert (
        ended.stderr
        == f"sandbox: port {sandbox.port} is taken; choose another with --port or --bluesky-port\n"
    )


def test_a_refused_request_does_not_use_up_a_lost_answer(
    mastodon: httpx.Client, sandbox: SandboxServer
) -> None:
    sandbox.fault(kind="drop", endpoint=STATUSES)
    assert mastodon.post("/api/v1/statuses", json={"status": ""}).status_code == 422
    with pytest.raises(httpx.RemoteProtocolError):
        post(mastodon)
    assert post(mastodon).status_code == 200
    assert [p["received_count"] for p in sandbox.posts()] == [2]
