"""Starting the sandbox from a test, and asking it what it has taken.

with SandboxServer() as sandbox:
    alice = sandbox.create_account("mastodon", "alice")
    sandbox.fault(kind="drop", endpoint="POST /api/v1/statuses", times=3)
    ...
    assert len(sandbox.posts()) == 1
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = 30.0
STOP_SECONDS = 5.0


def free_ports(count: int) -> list[int]:
    """Return ports free at this moment. Another process may still take one before we do."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for item in sockets:
            item.bind(("127.0.0.1", 0))
        return [int(item.getsockname()[1]) for item in sockets]


class SandboxServer:
    """A sandbox process of one's own: free ports, its own state, gone with the test or with the testing process.

    What a test may build on when it counts posts:

    - a post is committed to the state file before its answer leaves. Whatever was answered 2xx, and whatever
      ``drop`` and ``status`` with ``after`` swallowed the answer of, is in ``posts()``, also after the sandbox
      itself was killed and started again on the same ``state``;
    - one account with one ``Idempotency-Key`` (Mastodon, within the hour) or one record key (Bluesky) is one post,
      however often and however parallel it is sent: ``received_count`` says how often. Another key is another post,
      even with the same text. A Mastodon post without a key is a new post each time;
    - a request that was refused leaves nothing.

    So duplicates of a publication are posts with the same text (or account and content) and different keys, and a
    lost one is a key that is in no row. ``posts()`` gives ``network, account, account_id, id, key, collection,
    text, created_at, received_count, is_deleted, media, data``, oldest first.

    The networks' rate limits are in force (Mastodon: 300 requests per account and five minutes, 30 media per half
    hour): raise them with ``limit`` for load.
    """

    def __init__(self, state: Path | None = None) -> None:
        self._own_state = state is None
        self.state = state or Path(tempfile.mkdtemp(prefix="sandbox-"))
        self.port, self.bluesky_port = free_ports(2)
        self._process: subprocess.Popen[bytes] | None = None
        self._http = httpx.Client(base_url=self.mastodon_origin, timeout=30, trust_env=False)

    @property
    def mastodon_origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def bluesky_origin(self) -> str:
        return f"http://127.0.0.1:{self.bluesky_port}"

    def origin_of(self, network: str) -> str:
        """Return where one of the other networks lives: a path of the Mastodon port."""
        return f"{self.mastodon_origin}/-/{network}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    # --- life ----------------------------------------------------------------------------------------------------

    def start(self) -> Self:
        """Start the process and wait until both ports answer. Raises RuntimeError with its last words."""
        command = [sys.executable, "-m", "sandbox", "--with-parent", "--state", str(self.state)]
        command += ["--port", str(self.port), "--bluesky-port", str(self.bluesky_port)]
        self.state.mkdir(parents=True, exist_ok=True)
        with (self.state / "log").open("ab") as log:
            self._process = subprocess.Popen(  # noqa: S603 - our own words alone
                command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
            )
        deadline = time.monotonic() + START_SECONDS
        while not self._is_healthy():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"the sandbox did not start: {(self.state / 'log').read_text()[-2000:]}")
            time.sleep(0.05)
        return self

    def _is_healthy(self) -> bool:
        try:
            return all(
                httpx.get(f"{origin}/healthz", trust_env=False).status_code == 200
                for origin in (self.mastodon_origin, self.bluesky_origin)
            )
        except httpx.HTTPError:
            return False

    def stop(self) -> None:
        """End the process; the state stays, and ``start`` goes on with it."""
        if self._process is None:
            return
        self._process.terminate()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def kill(self) -> None:
        """SIGKILL the process, as a power cut would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._http.close()
        if self._own_state:
            shutil.rmtree(self.state, ignore_errors=True)

    # --- controls ------------------------------------------------------------------------------------------------

    def control(self, method: str, path: str, order: dict[str, Any] | None = None, **query: str) -> Any:
        """Call ``/_control/{path}``. Raises ValueError with the sandbox's own words when it refuses."""
        answer = self._http.request(method, f"/_control/{path}", json=order, params=query)
        if answer.is_error:
            raise ValueError(f"{path}: {answer.text}")
        return answer.json()

    def posts(
        self, *, network: str = "", account: str = "", with_deleted: bool = False
    ) -> list[dict[str, Any]]:
        found = self.control("GET", "posts", network=network, account=account)
        return [post for post in found if with_deleted or not post["is_deleted"]]

    def create_account(self, network: str, handle: str, **more: str) -> dict[str, Any]:
        """Return ``network, id, handle, display_name`` and ``access_token`` (Mastodon) or ``app_password``."""
        answer: dict[str, Any] = self.control(
            "POST", "accounts", {"network": network, "handle": handle, **more}
        )
        return answer

    def fault(self, **order: Any) -> int:
        """Make something go wrong (see ``sandbox.faults.Fault``); return its number."""
        return int(self.control("POST", "faults", order)["id"])

    def faults(self) -> list[dict[str, Any]]:
        answer: list[dict[str, Any]] = self.control("GET", "faults")
        return answer

    def clear_faults(self) -> None:
        self.control("DELETE", "faults")

    def expire_tokens(self, account: str, *, network: str = "", only_access: bool = False) -> None:
        self.control("POST", "expire", {"account": account, "network": network, "only_access": only_access})

    def limit(self, name: str, limit: int, period_seconds: int | None = None) -> None:
        """Change a rate limit: ``mastodon``, ``mastodon.media``, ``mastodon.delete``, ``bluesky.hour``, ..."""
        order: dict[str, Any] = {"name": name, "limit": limit}
        if period_seconds:
            order["period_seconds"] = period_seconds
        self.control("POST", "limits", order)

    def register_client(self, document: dict[str, Any]) -> None:
        """Publish a Bluesky OAuth client metadata document without a web server."""
        self.control("POST", "clients", document)

    def reset(self, *, keep_accounts: bool = False) -> None:
        self.control("POST", "reset", {"keep_accounts": keep_accounts})

    def consent(self, authorize_url: str, *, account: str, allow: bool = True) -> str:
        """Play the person at the consent page, either network's; return the address he is sent back to."""
        with httpx.Client(trust_env=False, timeout=30) as browser:
            shown = browser.get(authorize_url)
            if shown.status_code != 200:
                return shown.headers.get("Location") or self._fail(shown)
            signed = shown.text.split('name="signed" value="', 1)[1].split('"', 1)[0]
            answer = browser.post(
                httpx.URL(authorize_url).copy_with(query=None),
                data={"signed": signed, "new_handle": account, "decision": "allow" if allow else "deny"},
            )
        return answer.headers.get("Location") or self._fail(answer)

    @staticmethod
    def _fail(answer: httpx.Response) -> str:
        raise ValueError(f"the consent page answered {answer.status_code}: {answer.text[:2000]}")
