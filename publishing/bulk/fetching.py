"""Pictures that a file names by their addresses: fetched by us, from public addresses only, within bounds."""

from __future__ import annotations

from functools import lru_cache
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit

import httpx
from django.core.files.uploadedfile import UploadedFile

from publishing.media import SIZE_MAX_BYTES
from social_accounts import connections
from social_accounts.networks.base import NetworkError, NotSent
from social_accounts.networks.http import ResponseTooLarge, guarded_client
from social_accounts.networks.words import _

USER_AGENT: Final = "Chorus/0.1 (import of pictures)"
SECONDS_MAX: Final = 30.0
IN_MEMORY_BYTES: Final = 1024 * 1024
NAME_MAX: Final = 100


def fetch_picture(address: str) -> UploadedFile[Any]:
    """Return what lies at the address, not looked at yet; whoever gets it closes it. Outside a transaction.

    Raises NetworkError with a sentence for the person when it cannot be had.
    """
    parts = urlsplit(address)
    content = SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115 - it lives on as the upload
    try:
        kind = _read_into(content, address, parts.hostname or "?")
    except BaseException:
        content.close()
        raise
    size = content.tell()
    content.seek(0)
    name = unquote(parts.path.rpartition("/")[2])[-NAME_MAX:] or "picture"
    return UploadedFile(content, name, content_type=kind, size=size)  # type: ignore[arg-type]


def _read_into(content: IO[bytes], address: str, host: str) -> str:
    """Write what lies at the address into the file; return what kind of content its server says it is."""
    try:
        with _client(connections.trusted_origins()).stream("GET", address) as answer:
            if answer.status_code >= httpx.codes.BAD_REQUEST:
                code = answer.status_code
                raise NotSent(
                    _("%(host)s answers that there is no such picture (%(code)s).", host=host, code=code)
                )
            kind = str(answer.headers.get("content-type", "")).partition(";")[0].strip().lower()
            if kind.startswith("video/"):
                raise NotSent(_("%(host)s gives a video. Add videos in the composer.", host=host))
            if kind.startswith("text/"):
                raise NotSent(
                    _(
                        "%(host)s gives a page and no picture. Write the address of the picture itself.",
                        host=host,
                    )
                )
            for part in answer.iter_bytes():
                content.write(part)
    except NetworkError:
        raise
    except ResponseTooLarge as problem:
        raise NotSent(_("%(host)s: the picture is too large, or came too slowly.", host=host)) from problem
    except (httpx.HTTPError, httpx.InvalidURL) as problem:
        raise NotSent(_("%(host)s did not answer properly.", host=host)) from problem
    return kind


@lru_cache(maxsize=2)
def _client(trusted_origins: frozenset[str]) -> httpx.Client:
    """Return the client for pictures: the guard of the networks' (http.py), with bounds for one picture."""
    client = guarded_client(
        trusted_origins=trusted_origins,
        user_agent=USER_AGENT,
        response_bytes_max=SIZE_MAX_BYTES + 1,
        answer_deadline_seconds=SECONDS_MAX,
    )
    client.timeout = httpx.Timeout(SECONDS_MAX / 3)
    client.follow_redirects = True
    client.headers["Accept"] = "image/*"
    return client
