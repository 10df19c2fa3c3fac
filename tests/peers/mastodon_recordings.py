"""Exchanges with a real Mastodon server, recorded by the authors of Mastodon.py and shipped in its source package.

Fetched once into ``.cache/peers/mastodon``; the package's hash is pinned. ``exchanges()`` gives them all, ``Replay``
is a transport that answers as the server did and keeps what we sent.
"""

from __future__ import annotations

import fcntl
import json
import tarfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx
import yaml

from .node import CACHE
from .packages import fetched

PACKAGE = "Mastodon.py==2.3.3"
ARCHIVE = "mastodon_py-2.3.3.tar.gz"
ARCHIVE_SHA256 = "a3cda3db86d65809957c978aef8ac7fb3dfc93abfeda3f1c6bdef4c79090ab7b"
ANSWER_BYTES_MAX = 500_000


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """One recorded request and its answer. ``form`` is the request's body where it was a form."""

    recording: str
    method: str
    url: str
    content_type: str
    form: list[tuple[str, str]]
    status: int
    headers: dict[str, str]
    body: str

    @property
    def path(self) -> str:
        return urlsplit(self.url).path

    @property
    def fields(self) -> dict[str, str]:
        return dict(self.form)

    def response(self) -> httpx.Response:
        kept = (
            "content-type",
            "retry-after",
            "x-ratelimit-reset",
            "x-ratelimit-remaining",
            "x-ratelimit-limit",
        )
        headers = {name: value for name, value in self.headers.items() if name in kept}
        return httpx.Response(self.status, headers=headers, content=self.body.encode())


@dataclass
class Replay:
    """Answers each request with the next recorded exchange of its method and path; another request fails."""

    left: list[Exchange]
    sent: list[httpx.Request] = field(default_factory=list)

    def __call__(self, request: httpx.Request) -> httpx.Response:
        request.read()
        self.sent.append(request)
        for exchange in self.left:
            if (exchange.method, exchange.path.rstrip("/")) == (request.method, request.url.path.rstrip("/")):
                self.left.remove(exchange)
                return exchange.response()
        raise AssertionError(f"never recorded: {request.method} {request.url}")

    def client(self) -> httpx.Client:
        return httpx.Client(transport=httpx.MockTransport(self))


def exchanges() -> list[Exchange]:
    """Return every recorded exchange with a readable answer, in order."""
    return list(_exchanges())


def recorded(
    method: str, path: str, *, status: int | None = None, recording: str = "", **fields: str
) -> list[Exchange]:
    """Return the exchanges of one endpoint; ``path`` may end in ``*``, ``fields`` must be in the request's form."""
    return [
        exchange
        for exchange in _exchanges()
        if exchange.method == method
        and (exchange.path.startswith(path[:-1]) if path.endswith("*") else exchange.path.rstrip("/") == path)
        and status in (None, exchange.status)
        and recording in exchange.recording
        and fields.items() <= exchange.fields.items()
    ]


@cache
def _exchanges() -> tuple[Exchange, ...]:
    folder = CACHE / "mastodon"
    archive = fetched(PACKAGE, folder="mastodon", archive=ARCHIVE, sha256=ARCHIVE_SHA256)
    with (folder / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)
        ready = folder / f"exchanges-{ARCHIVE_SHA256[:16]}.json"
        if not ready.exists():
            ready.write_text(json.dumps(_read(archive)))
        found = json.loads(ready.read_text())
    return tuple(Exchange(**{**one, "form": [(name, value) for name, value in one["form"]]}) for one in found)


def _read(archive: Path) -> list[dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    found: list[dict[str, Any]] = []
    with tarfile.open(archive) as package:
        for member in sorted(package.getmembers(), key=lambda one: one.name):
            if "/tests/cassettes" not in member.name or not member.name.endswith(".yaml"):
                continue
            stream = package.extractfile(member)
            assert stream is not None
            try:
                recording = yaml.load(stream, Loader=loader)
            except yaml.YAMLError:
                continue  # a few recordings of streams are no valid YAML
            name = member.name.partition("/tests/")[2]
            found += [_flat(name, one) for one in recording.get("interactions", []) if _is_readable(one)]
    return found


def _is_readable(one: dict[str, Any]) -> bool:
    body = one["response"].get("body", {}).get("string")
    return isinstance(body, str) and len(body) < ANSWER_BYTES_MAX and "uri" in one["request"]


def _flat(name: str, one: dict[str, Any]) -> dict[str, Any]:
    request, answer = one["request"], one["response"]
    headers = {key.lower(): str(values[0]) for key, values in answer["headers"].items() if values}
    sent = {key.lower(): _text(values[0]) for key, values in request["headers"].items() if values}
    content_type = sent.get("content-type", "")
    is_form = content_type.startswith("application/x-www-form-urlencoded")
    form = parse_qsl(_text(request["body"] or ""), keep_blank_values=True) if is_form else []
    return {
        "recording": name,
        "method": request["method"],
        "url": request["uri"],
        "content_type": content_type,
        "form": form,
        "status": answer["status"]["code"],
        "headers": headers,
        "body": answer["body"]["string"],
    }


def _text(value: object) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
