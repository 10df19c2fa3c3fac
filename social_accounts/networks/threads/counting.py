"""How Threads counts a text: characters, but each emoji as the bytes it takes."""

from __future__ import annotations

import regex

from ..base import TextCount
from ..text import utf8_bytes

_CLUSTER = regex.compile(r"\X")
# A picture, a flag, or a key cap. Digits and signs are emoji only with the mark that makes them one.
_EMOJI = regex.compile(
    r"\p{Emoji_Presentation}|\p{Extended_Pictographic}|\p{Regional_Indicator}|\ufe0f|\u20e3"
)


def count_threads(text: str, *, limit: int) -> TextCount:
    """Source: developers.facebook.com/documentation/threads/posts (text limit)."""
    used = sum(
        utf8_bytes(cluster) if _EMOJI.search(cluster) else len(cluster) for cluster in _CLUSTER.findall(text)
    )
    return TextCount(used=used, limit=limit)
