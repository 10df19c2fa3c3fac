"""What a page says of itself, for the preview of a link: fetched by us, from public addresses only, within bounds."""

from __future__ import annotations

import hashlib
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final

import httpx
from django.core.cache import cache

from social_accounts import connections
from social_accounts.networks.base import NetworkError, NotSent
from social_accounts.networks.http import guarded_client
from social_accounts.networks.words import _

BYTES_MAX: Final = 512 * 1024  # the head of a page; the rest is not read
SECONDS_MAX: Final = 8.0
KEPT_SECONDS: Final = 900
TITLE_MAX: Final = 300
DESCRIPTION_MAX: Final = 1000
USER_AGENT: Final = "Chorus/0.1 (link preview)"
# The first of these that a page has is taken.
TITLES: Final = ("og:title", "twitter:title")
DESCRIPTIONS: Final = ("og:description", "twitter:description", "description")


@dataclass(frozen=True)
class LinkPreview:
    url: str
    title: str
    description: str = ""


def fetch_preview(url: str) -> LinkPreview:
    """Return what the page says of itself; its title may be empty. Outside a transaction; remembered for a while.

    Raises NetworkError with a sentence for the person when the page cannot be had.
    """
    key = f"link-preview:{hashlib.sha256(url.encode()).hexdigest()}"
    kept: dict[str, str] | None = cache.get(key)
    if kept is not None:
        return LinkPreview(**kept)
    found = _read(url)
    cache.set(key, asdict(found), KEPT_SECONDS)
    return found


def _read(url: str) -> LinkPreview:
    host = _host(url)
    deadline = time.monotonic() + SECONDS_MAX
    try:
        with _client(connections.trusted_origins()).stream("GET", url) as answer:
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                raise NotSent(
                    _(
                        "%(host)s answers that there is no such page (%(code)s).",
                        host=host,
                        code=answer.status_code,
                    )
                )
            if "html" not in answer.headers.get("content-type", "text/html"):
                return LinkPreview(url, "")
            content = bytearray()
            for part in answer.iter_bytes():
                content += part
                if len(content) >= BYTES_MAX or time.monotonic() > deadline:
                    break
            text = bytes(content[:BYTES_MAX]).decode(answer.charset_encoding or "utf-8", errors="replace")
    except NetworkError:
        raise
    except (httpx.HTTPError, httpx.InvalidURL, LookupError) as problem:
        raise NotSent(_("%(host)s did not answer properly.", host=host)) from problem
    page = _Head()
    page.feed(text)
    title = page.first(TITLES) or " ".join(page.title.split())
    return LinkPreview(url, title[:TITLE_MAX], page.first(DESCRIPTIONS)[:DESCRIPTION_MAX])


@lru_cache(maxsize=2)
def _client(trusted_origins: frozenset[str]) -> httpx.Client:
    """Return the client for pages: the guard of the networks' (http.py), with tighter bounds, following redirects."""
    client = guarded_client(
        trusted_origins=trusted_origins,
        user_agent=USER_AGENT,
        response_bytes_max=2 * BYTES_MAX,
        answer_deadline_seconds=SECONDS_MAX,
    )
    client.timeout = httpx.Timeout(SECONDS_MAX / 2)
    client.follow_redirects = True
    client.headers["Accept"] = "text/html"
    return client


def _host(url: str) -> str:
    try:
        return httpx.URL(url).host or "?"
    except httpx.InvalidURL:
        return "?"


class _Head(HTMLParser):
    """The title of a page and what its meta tags say, the first of each name."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.title = ""
        self._said: dict[str, str] = {}
        self._is_in_title = False

    def first(self, names: tuple[str, ...]) -> str:
        return next((self._said[name] for name in names if self._said.get(name)), "")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "title":
            self._is_in_title = not self.title
        elif tag == "meta":
            given = dict(attrs)
            name = (given.get("property") or given.get("name") or "").lower()
            self._said.setdefault(name, " ".join((given.get("content") or "").split()))

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._is_in_title = False

    def handle_data(self, data: str) -> None:
        if self._is_in_title:
            self.title += data
