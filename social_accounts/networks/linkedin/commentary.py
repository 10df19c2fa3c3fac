"""LinkedIn's "little text": what a person wrote, so that nothing of it is taken for markup.

An unescaped bracket has been seen to cut the rest of a post silently. Hashtags stay as they are: LinkedIn links them.
Source: learn.microsoft.com/linkedin/marketing/community-management/shares/little-text-format.
"""

from __future__ import annotations

import regex

from ..data import content_limits
from .config import NAME

_RESERVED = content_limits(NAME)["text"]["reserved_characters"]
_TO_ESCAPE = regex.compile("[" + regex.escape(_RESERVED.replace("#", "")) + "]|#(?![\\p{L}\\p{N}_])")
_ESCAPED = regex.compile(r"\\([" + regex.escape(_RESERVED) + "])")
_HASHTAG_TEMPLATE = regex.compile(r"\{hashtag\|\\?#\|([^}]*)\}")


def as_commentary(text: str) -> str:
    """Return the text as it goes out."""
    return str(_TO_ESCAPE.sub(lambda found: "\\" + found.group(), text))


def as_text(commentary: str) -> str:
    """Return what was written, from what LinkedIn gives back."""
    return str(_ESCAPED.sub(r"\1", _HASHTAG_TEMPLATE.sub(r"#\1", commentary)))
