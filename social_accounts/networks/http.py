"""The one door to the outside: a guarded HTTP client, and ``exchange``, which turns its failures into
our errors.

The person names the server (Mastodon, Bluesky), so every connection is checked: https only, and only to
public addresses. The address that was checked is the address connected to, so a name that changes its
mind between check and use gains nothing. Origins in ``trusted_origins`` (the sandbox, test servers) are
let through as they are.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from enum import Enum
from functools import lru_cache
from typing import cast

import httpcore
import httpx

from .base import NotSent, OutcomeUnknown, Rejected, RejectionReason, Trouble
from .words import _

CONNECT_TIMEOUT_SECONDS = 5.0
READ_TIMEOUT_SECONDS = 20.0
WRITE_TIMEOUT_SECONDS = 30.0
POOL_TIMEOUT_SECONDS = 10.0
ANSWER_DEADLINE_SECONDS = 60.0
"""A server that trickles its answer is cut off here, however lively each byte is."""
RESPONSE_BYTES_MAX = 5 * 1024 * 1024
REDIRECTS_MAX = 3
CONNECTIONS_MAX = 64
USER_AGENT = "Chorus/0.1"
DEFAULT_PORTS = {"http": 80, "https": 443}

AZURE_PLATFORM_ADDRESS = ipaddress.IPv4Address("168.63.129.16")
"""A metadata service on an address that looks public."""
NOT_PUBLIC = tuple(
    ipaddress.ip_network(block)
    for block in (
        "192.0.0.0/24",
        "64:ff9b:1::/48",
        "100::/64",
        "2001::/23",
        "3fff::/20",
        "5f00::/16",
        "fec0::/10",
    )
)
"""Reserved blocks that the ``ipaddress`` of older Pythons still calls global (IANA special-purpose registries)."""
NAT64_PREFIX = ipaddress.IPv6Network("64:ff9b::/96")

Resolver = Callable[[str, int], list[str]]
"""Name and port to addresses; raises ``socket.gaierror``."""


class Effect(Enum):
    """What a request may leave behind when its answer is lost."""

    READ = "read"
    PREPARE = "prepare"
    """Changes something nobody sees (an upload, a token): a repeat is harmless."""
    PUBLISH = "publish"
    """May become visible: never repeat blindly."""


class ResponseTooLarge(httpx.TransportError):
    """The answer is larger, slower or packed otherwise than we accept."""


def address_is_public(address: str) -> bool:
    """Return whether a literal IP address belongs to the public internet, looking inside IPv4-in-IPv6
    forms.
    """
    ip: ipaddress.IPv4Address | ipaddress.IPv6Address = ipaddress.ip_address(address.split("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = ip.ipv4_mapped or ip.sixtofour
        if ip.teredo is not None:
            return False
        if embedded is None and ip in NAT64_PREFIX:
            embedded = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if embedded is not None:
            ip = embedded
    if any(ip in block for block in NOT_PUBLIC) or ip == AZURE_PLATFORM_ADDRESS:
        return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def origin_of(url: str | httpx.URL) -> str:
    """Return scheme://host[:port], lower case, without a default port."""
    parsed = httpx.URL(url)
    host = f"[{parsed.host}]" if ":" in parsed.host else parsed.raw_host.decode("ascii")
    scheme = parsed.scheme.lower()
    port = None if parsed.port == DEFAULT_PORTS.get(scheme) else parsed.port
    return f"{scheme}://{host}" + (f":{port}" if port is not None else "")


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a name, in the system's order."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


class GuardedBackend(httpcore.NetworkBackend):
    """Resolves, checks, then connects to the checked address itself."""

    def __init__(self, *, trusted: frozenset[tuple[str, int]], resolver: Resolver = resolve) -> None:
        self._trusted = trusted
        self._resolver = resolver
        self._inner = httpcore.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        addresses = self._checked_addresses(host, port)
        failure: Exception | None = None
        for address in addresses:
            try:
                return self._inner.connect_tcp(
                    address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError("no address")

    def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("unix sockets are not used")

    def sleep(self, seconds: float) -> None:
        raise RuntimeError("adapters never sleep")

    def _checked_addresses(self, host: str, port: int) -> list[str]:
        try:
            addresses = self._resolver(host, port)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise NotSent(
                    _("The name %(host)s could not be looked up just now.", host=host),
                    trouble=Trouble.UNREACHABLE,
                ) from error
            raise Rejected(
                RejectionReason.NOT_FOUND, _("There is no server called %(host)s.", host=host)
            ) from error
        except UnicodeError as error:
            raise Rejected(
                RejectionReason.NOT_FOUND, _("There is no server called %(host)s.", host=host)
            ) from error
        if (host, port) not in self._trusted and not all(map(address_is_public, addresses)):
            raise Rejected(
                RejectionReason.OTHER,
                _("%(host)s is an address inside a private network; Chorus does not go there.", host=host),
            )
        return addresses


class _CappedStream(httpx.SyncByteStream):
    def __init__(self, inner: httpx.SyncByteStream, *, bytes_max: int, deadline: float) -> None:
        self._inner = inner
        self._bytes_left = bytes_max
        self._deadline = deadline

    def __iter__(self) -> Iterator[bytes]:
        for part in self._inner:
            self._bytes_left -= len(part)
            if self._bytes_left < 0:
                raise ResponseTooLarge("answer too large")
            if time.monotonic() > self._deadline:
                raise ResponseTooLarge("answer too slow")
            yield part

    def close(self) -> None:
        self._inner.close()


class GuardedTransport(httpx.HTTPTransport):
    """Sends over https (or to a trusted origin) through ``GuardedBackend``; caps what comes back."""

    def __init__(
        self,
        *,
        trusted_origins: frozenset[str],
        resolver: Resolver = resolve,
        response_bytes_max: int = RESPONSE_BYTES_MAX,
        answer_deadline_seconds: float = ANSWER_DEADLINE_SECONDS,
    ) -> None:
        super().__init__(trust_env=False)
        self._pool.close()
        self._trusted_origins = trusted_origins
        self._response_bytes_max = response_bytes_max
        self._answer_deadline_seconds = answer_deadline_seconds
        # httpx offers no place for a network backend; its pool is the only seam (httpx is pinned to 0.28).
        self._pool = httpcore.ConnectionPool(
            ssl_context=httpx.create_ssl_context(trust_env=False),
            max_connections=CONNECTIONS_MAX,
            max_keepalive_connections=CONNECTIONS_MAX // 2,
            keepalive_expiry=5.0,
            network_backend=GuardedBackend(
                trusted=frozenset(_host_and_port(origin) for origin in trusted_origins), resolver=resolver
            ),
        )

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.scheme != "https" and origin_of(request.url) not in self._trusted_origins:
            raise Rejected(
                RejectionReason.OTHER,
                _("%(host)s does not offer a secure (https) address.", host=request.url.host or "?"),
            )
        deadline = time.monotonic() + self._answer_deadline_seconds
        response = super().handle_request(request)
        if response.headers.get("content-encoding", "identity").lower() not in ("", "identity"):
            # We asked for identity; unpacking a bomb is how a small answer becomes a large one.
            response.close()
            raise ResponseTooLarge("packed answer")
        response.stream = _CappedStream(
            cast(httpx.SyncByteStream, response.stream), bytes_max=self._response_bytes_max, deadline=deadline
        )
        return response


class _NoCookies(httpx.Cookies):
    """One client serves every account of every customer: nothing a server sets may be sent again."""

    def extract_cookies(self, response: httpx.Response) -> None:
        return None


def guarded_client(
    *,
    trusted_origins: Iterable[str] = (),
    user_agent: str = USER_AGENT,
    resolver: Resolver = resolve,
    response_bytes_max: int = RESPONSE_BYTES_MAX,
    answer_deadline_seconds: float = ANSWER_DEADLINE_SECONDS,
) -> httpx.Client:
    """Return a new client. Prefer ``shared_client``: connections are worth keeping."""
    client = httpx.Client(
        transport=GuardedTransport(
            trusted_origins=frozenset(origin_of(origin) for origin in trusted_origins),
            resolver=resolver,
            response_bytes_max=response_bytes_max,
            answer_deadline_seconds=answer_deadline_seconds,
        ),
        timeout=httpx.Timeout(
            connect=CONNECT_TIMEOUT_SECONDS,
            read=READ_TIMEOUT_SECONDS,
            write=WRITE_TIMEOUT_SECONDS,
            pool=POOL_TIMEOUT_SECONDS,
        ),
        headers={"User-Agent": user_agent, "Accept": "application/json", "Accept-Encoding": "identity"},
        follow_redirects=False,
        max_redirects=REDIRECTS_MAX,
        trust_env=False,
    )
    client._cookies = _NoCookies()
    return client


@lru_cache(maxsize=8)
def _client_of_process(process_id: int, trusted_origins: frozenset[str], user_agent: str) -> httpx.Client:
    return guarded_client(trusted_origins=trusted_origins, user_agent=user_agent)


def shared_client(*, trusted_origins: Iterable[str] = (), user_agent: str = USER_AGENT) -> httpx.Client:
    """Return this process's client, safe for all its threads. A forked child gets its own; never close it."""
    return _client_of_process(os.getpid(), frozenset(trusted_origins), user_agent)


def exchange(
    http: httpx.Client,
    method: str,
    url: str,
    *,
    effect: Effect,
    follow_redirects: bool = False,
    headers: Mapping[str, str] | None = None,
    params: Mapping[str, str | int] | None = None,
    json: object = None,
    data: Mapping[str, str] | None = None,
    files: object = None,
    content: bytes | Iterable[bytes] | None = None,
) -> httpx.Response:
    """Send one request and return the whole answer, whatever its status.

    Raises NotSent when nothing can have happened, OutcomeUnknown when a publishing request may have
    taken effect (both say when the server is to blame), Rejected when the address is one we do not go to.
    """
    host = httpx.URL(url).host if _is_url(url) else "?"
    try:
        return http.request(
            method,
            url,
            headers=headers,
            params=params,
            json=json,
            data=data,
            files=files,  # type: ignore[arg-type]
            content=content,
            follow_redirects=follow_redirects,
        )
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.TooManyRedirects) as error:
        raise Rejected(
            RejectionReason.OTHER, _("%(host)s sent Chorus to an address it cannot use.", host=host)
        ) from error
    except httpx.PoolTimeout as error:  # our own doing: all connections are in use, by whichever servers
        raise NotSent(_("%(host)s cannot be reached.", host=host)) from error
    except (httpx.ConnectError, httpx.ConnectTimeout) as error:
        raise NotSent(_("%(host)s cannot be reached.", host=host), trouble=Trouble.UNREACHABLE) from error
    except (httpx.TransportError, httpx.DecodingError) as error:
        # The text of these errors may quote what was sent: it goes no further than the traceback.
        if effect is Effect.PUBLISH:
            raise OutcomeUnknown(
                _("%(host)s took the request but did not answer properly.", host=host), trouble=Trouble.FAULT
            ) from error
        raise NotSent(_("%(host)s did not answer properly.", host=host), trouble=Trouble.FAULT) from error


def _host_and_port(origin: str) -> tuple[str, int]:
    parsed = httpx.URL(origin)
    return parsed.raw_host.decode("ascii"), parsed.port or DEFAULT_PORTS[parsed.scheme]


def _is_url(url: str) -> bool:
    try:
        httpx.URL(url)
    except httpx.InvalidURL:
        return False
    return True
