from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from social_accounts.networks.text import (
    MentionStyle,
    TokenKind,
    byte_span,
    count_bluesky,
    count_mastodon,
    graphemes,
    pieces,
    plain_form,
    tokens,
)

FEDIVERSE, ATPROTO = MentionStyle.FEDIVERSE, MentionStyle.ATPROTO
HANDLE = "alice.example.com"


def seen(text: str, style: MentionStyle) -> list[tuple[str, str]]:
    return [(token.kind.value, token.value) for token in tokens(text, style)]


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("", 0),
        ("abc", 3),
        ("é", 1),
        ("e\u0301", 1),
        ("👩‍👩‍👧‍👦", 1),
        ("🇫🇷🇧🇷", 2),
        ("👍🏽", 1),
        ("नमस्ते", 3),
        ("a\r\nb", 3),
    ],
)
def test_graphemes_are_what_a_person_counts(text: str, length: int) -> None:
    assert graphemes(text) == length


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("https://example.org", ["https://example.org"]),
        ("see https://example.org/a.", ["https://example.org/a"]),
        ("(https://example.org/a)", ["https://example.org/a"]),
        ("https://en.wikipedia.org/wiki/A_(b)", ["https://en.wikipedia.org/wiki/A_(b)"]),
        ("http://a.example, https://b.example!", ["http://a.example", "https://b.example"]),
        ("example.org without scheme", []),
        ("https:// alone", []),
        ("https://example.org/@ana@social.example", ["https://example.org/@ana@social.example"]),
        ("“https://example.org/x”", ["https://example.org/x"]),
    ],
)
@pytest.mark.parametrize("style", list(MentionStyle))
def test_links_end_where_a_person_ends_them(text: str, links: list[str], style: MentionStyle) -> None:
    assert [value for kind, value in seen(text, style) if kind == "link"] == links


@pytest.mark.parametrize(
    ("text", "style", "mentions"),
    [
        ("@ana", FEDIVERSE, ["ana"]),
        ("@ana@social.example!", FEDIVERSE, ["ana@social.example"]),
        ("ana@social.example", FEDIVERSE, []),
        ("(@ana_b.)", FEDIVERSE, ["ana_b"]),
        (f"@{HANDLE}", ATPROTO, [HANDLE]),
        (f"(@{HANDLE}).", ATPROTO, [HANDLE]),
        ("@ana", ATPROTO, []),
        ("mail@example.com", ATPROTO, []),
        (f"é@{HANDLE}", ATPROTO, []),
        ("@-bad.example", ATPROTO, []),
        ("@ana@social.example", ATPROTO, []),
    ],
)
def test_mentions_are_the_networks_own(text: str, style: MentionStyle, mentions: list[str]) -> None:
    assert [value for kind, value in seen(text, style) if kind == "mention"] == mentions


@pytest.mark.parametrize(
    ("text", "style", "tags"),
    [
        ("#news", ATPROTO, ["news"]),
        ("#news.", ATPROTO, ["news"]),
        ("#Überraschung!", ATPROTO, ["Überraschung"]),
        ("#1", ATPROTO, []),
        ("#1a", ATPROTO, ["1a"]),
        ("#️⃣", ATPROTO, []),
        ("a#b", ATPROTO, []),
        ("#日本", ATPROTO, ["日本"]),
        ("#rock-n-roll", ATPROTO, ["rock-n-roll"]),
        ("#rock-n-roll", FEDIVERSE, ["rock"]),
        ("#" + "a" * 65, ATPROTO, []),
        ("https://example.org/#part", FEDIVERSE, []),
    ],
)
def test_hashtags_are_the_networks_own(text: str, style: MentionStyle, tags: list[str]) -> None:
    assert [value for kind, value in seen(text, style) if kind == "hashtag"] == tags


@pytest.mark.parametrize(
    ("text", "spoiler", "used"),
    [
        ("abc", "", 3),
        ("abc", "é👍🏽", 5),
        ("https://example.org/" + "a" * 300, "", 23),
        ("http://a.bc", "", 23),
        ("@ana@social.example hi", "", 7),
        ("@ana hi", "", 7),
        ("x https://example.org/a y", "", 27),
    ],
)
def test_mastodon_counts_links_as_23_and_mentions_without_their_server(
    text: str, spoiler: str, used: int
) -> None:
    assert count_mastodon(text, spoiler_text=spoiler, limit=500).used == used


def test_bluesky_counts_graphemes_and_bytes() -> None:
    count = count_bluesky("é👩‍👩‍👧", limit=300, bytes_limit=3000)
    assert (count.used, count.bytes_used) == (2, 20)
    assert not count.is_over
    assert count_bluesky("👩‍👩‍👧‍👦" * 121, limit=300, bytes_limit=3000).is_over


@given(
    st.text(st.sampled_from("aé👩‍ @#./:-()\n1ß日") | st.characters(), max_size=60),
    st.sampled_from(MentionStyle),
)
def test_pieces_give_back_the_whole_text_in_order(text: str, style: MentionStyle) -> None:
    walked = list(pieces(text, style))
    assert "".join(text[piece.start : piece.end] for piece in walked) == text
    assert all(first.end == second.start for first, second in pairwise(walked))


@given(st.text(st.sampled_from("aé👩 @#.https://x") | st.characters(exclude_categories=["Cs"]), max_size=60))
def test_byte_spans_cut_the_same_characters(text: str) -> None:
    raw = text.encode()
    for token in tokens(text, ATPROTO):
        start, end = byte_span(text, token.start, token.end)
        assert raw[start:end].decode() == text[token.start : token.end]
        if token.kind is TokenKind.LINK:
            assert raw[start:end].decode() == token.value


def test_plain_form_forgets_what_servers_change() -> None:
    assert plain_form("Cafe\u0301  @ana@social.example\n\nend ") == plain_form("Café @ana end")
    assert plain_form("a") != plain_form("b")
