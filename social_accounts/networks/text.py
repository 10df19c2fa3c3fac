"""How networks read a text: links, mentions and hashtags in it, and its length as each of them counts.

The composer's preview, the counters and Bluesky's facets all use ``tokens``, so what a person sees is
what goes out.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import regex

from .base import TextCount

MASTODON_URL_LENGTH = 23
TAG_GRAPHEMES_MAX = 64


class TokenKind(StrEnum):
    TEXT = "text"
    LINK = "link"
    MENTION = "mention"
    HASHTAG = "hashtag"


class MentionStyle(StrEnum):
    """``@user`` and ``@user@server`` (Mastodon), or ``@handle.domain`` (Bluesky)."""

    FEDIVERSE = "fediverse"
    ATPROTO = "atproto"


@dataclass(frozen=True, kw_only=True)
class Token:
    """A piece of a text:

    ``text[start:end]``. ``value`` is the URL, the handle without @, the tag without #.
    """

    kind: TokenKind
    start: int
    end: int
    value: str


_LINK = regex.compile(r"(?<![\w@/.])https?://[^\s<>\"]+", regex.IGNORECASE)
_FEDIVERSE_MENTION = regex.compile(
    r"(?<![=/\w.@])@([a-z0-9_]+(?:[a-z0-9_.-]*[a-z0-9_])?(?:@[\w](?:[\w.-]*\w)?(?::\d+)?)?)", regex.IGNORECASE
)
_ATPROTO_MENTION = regex.compile(
    r"(?<![\w@/.])@((?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?)(?![\w@])",
    regex.IGNORECASE,
)
_INVISIBLE = r"\u00AD\u2060\u200A\u200B\u200C\u200D\u20e2"
# A tag may hold digits and marks but not only those; U+FE0F after # makes it the keycap emoji.
_HASHTAG = regex.compile(rf"(?<![\w/#＃&])[#＃](?!\ufe0f)([^\s{_INVISIBLE}#＃]+)")
_HAS_A_LETTER = regex.compile(rf"[^\d\s\p{{P}}{_INVISIBLE}]")
_TRAILING_PUNCTUATION = regex.compile(r"\p{P}+$")
_FEDIVERSE_TAG = regex.compile(r"[\w·]+")
_GRAPHEME = regex.compile(r"\X")


def graphemes(text: str) -> int:
    """Return the number of user-perceived characters (Unicode extended grapheme clusters)."""
    return sum(1 for _ in _GRAPHEME.finditer(text))


def utf8_bytes(text: str) -> int:
    return len(text.encode("utf-8"))


def tokens(text: str, style: MentionStyle) -> list[Token]:
    """Return the links, mentions and hashtags of a text in order; they never overlap, a link wins."""
    taken: list[Token] = []
    for found in [*_links(text), *_mentions(text, style), *_hashtags(text, style)]:
        if all(found.end <= other.start or found.start >= other.end for other in taken):
            taken.append(found)
    return sorted(taken, key=lambda token: token.start)


def pieces(text: str, style: MentionStyle) -> Iterator[Token]:
    """Yield the whole text as tokens, plain text between the others included: what a preview walks over."""
    at = 0
    for token in tokens(text, style):
        if token.start > at:
            yield Token(kind=TokenKind.TEXT, start=at, end=token.start, value=text[at : token.start])
        yield token
        at = token.end
    if at < len(text):
        yield Token(kind=TokenKind.TEXT, start=at, end=len(text), value=text[at:])


def count_mastodon(
    text: str, *, spoiler_text: str = "", limit: int, url_length: int = MASTODON_URL_LENGTH
) -> TextCount:
    """Count graphemes with each link as ``url_length`` and a remote mention without its server.

    The content warning counts too. Source: docs.joinmastodon.org/user/posting/#text.
    """
    used = graphemes(spoiler_text)
    for piece in pieces(text, MentionStyle.FEDIVERSE):
        if piece.kind is TokenKind.LINK:
            used += url_length
        elif piece.kind is TokenKind.MENTION:
            used += 1 + graphemes(piece.value.split("@")[0])
        else:
            used += graphemes(text[piece.start : piece.end])
    return TextCount(used=used, limit=limit)


def count_bluesky(text: str, *, limit: int, bytes_limit: int) -> TextCount:
    """Count graphemes and UTF-8 bytes, links as they are written. Source: lexicon app.bsky.feed.post."""
    return TextCount(used=graphemes(text), limit=limit, bytes_used=utf8_bytes(text), bytes_limit=bytes_limit)


def byte_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the UTF-8 byte offsets of ``text[start:end]``: how facets point into a text."""
    first = utf8_bytes(text[:start])
    return first, first + utf8_bytes(text[start:end])


def plain_form(text: str) -> str:
    """Return a text reduced to what survives a server: composed, one kind of space, mentions without a
    server.

    Two texts with the same plain form are the same post for reading back.
    """
    without_servers = "".join(
        "@" + piece.value.split("@")[0] if piece.kind is TokenKind.MENTION else text[piece.start : piece.end]
        for piece in pieces(text, MentionStyle.FEDIVERSE)
    )
    return " ".join(unicodedata.normalize("NFC", without_servers).split()).casefold()


def _links(text: str) -> Iterator[Token]:
    for match in _LINK.finditer(text):
        url = _without_trailing_punctuation(match.group())
        if len(url) > len("https://"):
            yield Token(kind=TokenKind.LINK, start=match.start(), end=match.start() + len(url), value=url)


def _without_trailing_punctuation(url: str) -> str:
    while url:
        last = url[-1]
        closes_nothing = last in ")]}" and url.count(last) > url.count("([{"[")]}".index(last)])
        if last in ".,;:!?'\"*_~…»”’" or closes_nothing:
            url = url[:-1]
        else:
            break
    return url


def _mentions(text: str, style: MentionStyle) -> Iterator[Token]:
    pattern = _FEDIVERSE_MENTION if style is MentionStyle.FEDIVERSE else _ATPROTO_MENTION
    for match in pattern.finditer(text):
        yield Token(kind=TokenKind.MENTION, start=match.start(), end=match.end(), value=match.group(1))


def _hashtags(text: str, style: MentionStyle) -> Iterator[Token]:
    for match in _HASHTAG.finditer(text):
        value = match.group(1)
        if style is MentionStyle.FEDIVERSE:
            start = _FEDIVERSE_TAG.match(value)
            value = start.group() if start else ""
        else:
            value = _TRAILING_PUNCTUATION.sub("", value)
        if value and _HAS_A_LETTER.search(value) and graphemes(value) <= TAG_GRAPHEMES_MAX:
            end = match.start(1) + len(value)
            yield Token(kind=TokenKind.HASHTAG, start=match.start(), end=end, value=value)
