"""What can be told to go wrong, for which requests, how often. Kept in the database, so a restart changes nothing."""

from __future__ import annotations

import json
import os
import random
import socket
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from sandbox import storage
from sandbox.networks import networks


class Kind(StrEnum):
    SLOW = "slow"
    STATUS = "status"
    DROP = "drop"
    GARBLE = "garble"
    RATE_LIMIT = "rate_limit"
    REJECT = "reject"
    PROCESSING = "processing"


# Parts of the paths that take files, at any of the networks.
TAKING_FILES = ("/media", "ideo", "/threads")


class BadFault(Exception):
    """The fault asked for makes no sense; the message says why."""


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One order to misbehave.

    Which requests: ``network``, ``endpoint`` (a path, or ``METHOD path``, or an XRPC method name; ``*`` matches
    anything), ``account`` (handle or id), ``application`` (client id); empty means any. How often: ``times``
    requests (0: no end), each with ``probability`` drawn from ``seed`` and the count of matching requests.

    ``slow`` waits ``delay_ms``. ``status`` answers ``status``. ``drop`` gives no answer: ``mode`` "close" cuts the
    connection, "hang" keeps it open ``hang_seconds`` first. ``garble`` answers 200 with half a JSON body. With
    ``after`` these four let the request take effect first, and wait for one that does: a request that is refused
    anyway (a DPoP proof without nonce, say) gets its answer and does not count. Without it they come before.

    ``rate_limit`` answers 429 until ``until`` (seconds since 1970, or ISO 8601). ``reject`` refuses the content
    with ``message``. ``processing`` keeps new media unready for ``polls`` polls.
    """

    kind: Kind
    network: str = ""
    endpoint: str = ""
    account: str = ""
    application: str = ""
    times: int = 1
    probability: float = 1.0
    seed: int = 0
    delay_ms: int = 1000
    status: int = 503
    mode: str = "close"
    hang_seconds: float = 60.0
    after: bool = True
    until: float = 0.0
    message: str = "This content is not allowed here."
    polls: int = 3


def parse(order: Mapping[str, Any]) -> Fault:
    """Return the fault this JSON describes. Raises BadFault."""
    names = {item.name: item for item in fields(Fault)}
    if unknown := set(order) - set(names):
        raise BadFault(f"unknown: {', '.join(sorted(unknown))}; known: {', '.join(names)}")
    values = dict(order)
    try:
        values["kind"] = Kind(values.get("kind", ""))
    except ValueError as error:
        raise BadFault(f"kind is one of {', '.join(Kind)}") from error
    try:
        if isinstance(values.get("until"), str):
            values["until"] = datetime.fromisoformat(values["until"]).timestamp()
        for name in ("times", "seed", "delay_ms", "status", "polls"):
            if name in values:
                values[name] = int(values[name])
        for name in ("probability", "hang_seconds", "until"):
            if name in values:
                values[name] = float(values[name])
    except (TypeError, ValueError) as error:
        raise BadFault(str(error)) from error
    # A plain failure usually means "nothing happened"; a lost answer usually means "it did".
    values.setdefault("after", values["kind"] in {Kind.DROP, Kind.GARBLE})
    fault = Fault(**values)
    if not 0 < fault.probability <= 1 or fault.times < 0 or not 400 <= fault.status <= 599:
        raise BadFault("probability is in (0, 1], times at least 0, status in 400..599")
    if fault.mode not in {"close", "hang"} or fault.network not in {"", *networks()}:
        raise BadFault(f"mode is close or hang; network is {', '.join(networks())} or empty")
    if fault.kind is Kind.RATE_LIMIT and fault.until <= time.time():
        raise BadFault("rate_limit needs until, a time to come")
    return fault


def add(fault: Fault) -> int:
    db = storage.connection()
    remaining = fault.times or None
    if fault.kind is Kind.RATE_LIMIT:
        remaining = None  # ends at its time, not after a count
    row = db.execute(
        "INSERT INTO fault (spec, remaining) VALUES (?, ?)", (json.dumps(asdict(fault)), remaining)
    )
    return int(row.lastrowid or 0)


def listed() -> list[dict[str, Any]]:
    return [
        {"id": row["id"], **json.loads(row["spec"]), "remaining": row["remaining"], "hits": row["hits"]}
        for row in storage.many("SELECT * FROM fault ORDER BY id")
    ]


def remove(fault_id: int) -> bool:
    return storage.run("DELETE FROM fault WHERE id = ?", fault_id) == 1


def clear() -> None:
    storage.run("DELETE FROM fault")


def _matches(
    fault: Fault, network: str, method: str, path: str, account: frozenset[str], application: str
) -> bool:
    names = (path, f"{method} {path}", path.removeprefix("/xrpc/"))
    return (
        fault.network in ("", network)
        and (not fault.endpoint or any(fnmatchcase(name, fault.endpoint) for name in names))
        and (not fault.account or fault.account.lstrip("@").lower() in account)
        and fault.application in ("", application)
        and (fault.kind is not Kind.RATE_LIMIT or fault.until > time.time())
        and (fault.kind not in {Kind.PROCESSING, Kind.REJECT} or method == "POST")
        and (fault.kind is not Kind.PROCESSING or any(word in path for word in TAKING_FILES))
    )


def due(
    *, network: str, method: str, path: str, account: frozenset[str], application: str
) -> Iterator[tuple[int, Fault]]:
    """Yield the faults that hit this request, each counted the moment it is yielded."""
    for row in storage.many("SELECT * FROM fault WHERE remaining IS NULL OR remaining > 0 ORDER BY id"):
        spec = json.loads(row["spec"])
        fault = Fault(**{**spec, "kind": Kind(spec["kind"])})
        if not _matches(fault, network, method, path, account, application):
            continue
        with storage.transaction() as db:
            live = db.execute("SELECT seen, remaining FROM fault WHERE id = ?", (row["id"],)).fetchone()
            if live is None or live["remaining"] == 0:
                continue
            db.execute("UPDATE fault SET seen = seen + 1 WHERE id = ?", (row["id"],))
            is_hit = random.Random(f"{fault.seed}:{live['seen']}").random() < fault.probability
            if is_hit:
                db.execute(
                    "UPDATE fault SET hits = hits + 1, remaining = remaining - 1 WHERE id = ?", (row["id"],)
                )
        if is_hit:
            yield row["id"], fault


def give_back(fault_id: int) -> None:
    """Undo the count of a hit that came to nothing."""
    storage.run("UPDATE fault SET hits = hits - 1, remaining = remaining + 1 WHERE id = ?", fault_id)


def cut_connection(host: str, port: int) -> bool:
    """Close the client's connection under the server's feet, so that he gets no answer at all.

    The server offers no such thing; the socket is found among this process's own by its other end.
    """
    own = Path("/proc/self/fd")
    for file in (own if own.is_dir() else Path("/dev/fd")).iterdir():
        try:
            candidate = socket.socket(fileno=os.dup(int(file.name)))
        except OSError:
            continue
        with candidate:
            try:
                if candidate.getpeername()[:2] == (host, port):
                    candidate.shutdown(socket.SHUT_RDWR)
                    return True
            except OSError:
                continue
    return False
