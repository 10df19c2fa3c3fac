"""Content identifiers and record keys as the AT Protocol makes them."""

from __future__ import annotations

import base64
import hashlib
import re
import secrets
import time
from typing import Any

RAW, DAG_CBOR = 0x55, 0x71
CID = re.compile(r"b[a-z2-7]{50,70}")
TID = re.compile(r"[234567abcdefghij][234567abcdefghijklmnopqrstuvwxyz]{12}")
_TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_CID_LINK_TAG = 42
_last_tid = 0


class NotEncodable(Exception):
    """The value has no place in a record, such as a float."""


def _head(major: int, number: int) -> bytes:
    if number < 24:
        return bytes([major << 5 | number])
    for code, size in ((24, 1), (25, 2), (26, 4), (27, 8)):
        if number < 1 << (8 * size):
            return bytes([major << 5 | code]) + number.to_bytes(size, "big")
    raise NotEncodable("integer too large")


def _unlink(text: str) -> bytes:
    try:
        padded = text[1:].upper()
        return b"\x00" + base64.b32decode(padded + "=" * (-len(padded) % 8))
    except ValueError as error:
        raise NotEncodable("invalid CID") from error


def encode(value: Any) -> bytes:
    """Encode as DAG-CBOR (maps sorted by key length, then bytes). Raises NotEncodable."""
    if value is None:
        return b"\xf6"
    if isinstance(value, bool):
        return b"\xf5" if value else b"\xf4"
    if isinstance(value, int):
        return _head(0, value) if value >= 0 else _head(1, -1 - value)
    if isinstance(value, str):
        raw = value.encode()
        return _head(3, len(raw)) + raw
    if isinstance(value, list):
        return _head(4, len(value)) + b"".join(map(encode, value))
    if isinstance(value, dict):
        if set(value) == {"$link"}:
            link = _unlink(str(value["$link"]))
            return _head(6, _CID_LINK_TAG) + _head(2, len(link)) + link
        if set(value) == {"$bytes"}:
            raw = base64.b64decode(str(value["$bytes"]) + "==")
            return _head(2, len(raw)) + raw
        items = sorted((key.encode(), item) for key, item in value.items())
        items.sort(key=lambda pair: (len(pair[0]), pair[0]))
        return _head(5, len(items)) + b"".join(_head(3, len(key)) + key + encode(item) for key, item in items)
    raise NotEncodable(f"{type(value).__name__} is not a record value")


def cid_of(data: bytes, codec: int) -> str:
    multihash = b"\x01" + bytes([codec]) + b"\x12\x20" + hashlib.sha256(data).digest()
    return "b" + base64.b32encode(multihash).decode().lower().rstrip("=")


def record_cid(record: dict[str, Any]) -> str:
    return cid_of(encode(record), DAG_CBOR)


def new_tid() -> str:
    """Return a record key from the clock (microseconds) and a clock id, always rising in this process."""
    global _last_tid
    _last_tid = max(_last_tid + 1, time.time_ns() // 1000)
    number = _last_tid << 10 | secrets.randbelow(1024)
    return "".join(_TID_ALPHABET[number >> shift & 31] for shift in range(60, -1, -5))
