"""Accounts, requests and pictures for the adapter tests."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import httpx
from PIL import Image

from social_accounts.networks.base import (
    Account,
    Clock,
    Content,
    Credentials,
    Media,
    Prepare,
    Prepared,
    PublishRequest,
)

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
CREATED_AT = datetime(2026, 11, 21, 11, 59, 30, tzinfo=UTC)


def clock() -> datetime:
    return NOW


def picture(
    *,
    size: tuple[int, int] = (64, 48),
    file_format: str = "PNG",
    color: str = "teal",
    alt_text: str = "A teal rectangle",
    exif: Image.Exif | None = None,
) -> Media:
    out = io.BytesIO()
    options = {"exif": exif} if exif is not None else {}
    Image.new("RGB", size, color).save(out, file_format, **options)
    return media(
        out.getvalue(),
        content_type=f"image/{file_format.lower()}",
        alt_text=alt_text,
        filename=f"picture.{file_format.lower()}",
    )


def media(data: bytes, *, content_type: str, alt_text: str = "", filename: str = "file") -> Media:
    return Media(
        content_type=content_type,
        size_bytes=len(data),
        open=opener(data),
        alt_text=alt_text,
        filename=filename,
    )


def opener(data: bytes) -> Callable[[], io.BytesIO]:
    return lambda: io.BytesIO(data)


def request_for(account: Account, content: Content, *, key: str = "publication-1") -> PublishRequest:
    return PublishRequest(account=account, content=content, key=key, created_at=CREATED_AT)


def prepared(
    adapter: object, *, http: httpx.Client, clock: Clock, credentials: Credentials, request: PublishRequest
) -> PublishRequest:
    """Do the steps before the post as delivery does, without waiting; return the request as it goes out."""
    assert isinstance(adapter, Prepare)
    for _step in range(100):
        made = adapter.prepare(http=http, clock=clock, credentials=credentials, request=request)
        request = replace(request, prepared=made.progress)
        if isinstance(made, Prepared):
            return request
    raise AssertionError("the uploads never end")
