"""How Mastodon counts and renders text.

Counting: graphemes; every http(s) link counts 23 whatever its length; of ``@user@host`` only ``@user`` counts; the
content warning counts too. Source: mastodon/docs (posting to your profile), app/validators/status_length_validator.
"""

from __future__ import annotations

import html

import regex

CHARACTERS_MAX = 500
URL_CHARACTERS = 23
# A link needs a scheme and a host with a top-level domain; closing punctuation is not part of it.
URL = regex.compile(
    r"https?://(?:[\p{L}\p{N}](?:[\p{L}\p{N}_-]*[\p{L}\p{N}])?\.)+(?:\p{L}{2,}|xn--[a-z0-9-]+)(?::\d+)?"
    r"(?:[/?#](?:[^\s<>\"]*[^\s<>\"'.,:;!?\)\]])?)?",
    regex.IGNORECASE,
)
# For showing, links to this machine (a demo's own pages) are worth clicking as well.
SHOWN_URL = regex.compile(r"https?://[^\s<>\"]*[^\s<>\"'.,:;!?\)\]]", regex.IGNORECASE)
MENTION = regex.compile(
    r"(?<![=/\w])@(?P<user>[a-z0-9_]+(?:[.-]+[a-z0-9_]+)*)(?:@(?P<host>[\w.-]*\w))?", regex.I
)
HASHTAG = regex.compile(r"(?<![=/\w)])#(?P<tag>[\p{L}\p{N}_·]*[\p{L}_·][\p{L}\p{N}_·]*)")
GRAPHEME = regex.compile(r"\X")


def countable_length(text: str) -> int:
    text = URL.sub("x" * URL_CHARACTERS, text)
    text = MENTION.sub(lambda match: f"@{match['user']}", text)
    return len(GRAPHEME.findall(text))


def mentions(text: str) -> list[tuple[str, str]]:
    """Return (user, host) of each mention, host empty for our own people; links are not searched."""
    return [(match["user"], match["host"] or "") for match in MENTION.finditer(SHOWN_URL.sub(" ", text))]


def hashtags(text: str) -> list[str]:
    return list(dict.fromkeys(match["tag"].lower() for match in HASHTAG.finditer(SHOWN_URL.sub(" ", text))))


def to_html(text: str, origin: str, people: dict[str, str]) -> str:
    """Render as Mastodon does: paragraphs, links, mentions of ``people`` (name to URL), hashtags; all else escaped."""
    tokens = regex.compile(
        f"(?P<url>{SHOWN_URL.pattern})|(?P<m>{MENTION.pattern})|(?P<h>{HASHTAG.pattern})", regex.I
    )

    def link(match: regex.Match[str]) -> str:
        whole = html.escape(match[0])
        if match["url"]:
            return f'<a href="{whole}" rel="nofollow noopener noreferrer" target="_blank">{whole}</a>'
        if match["h"]:
            tag = html.escape(match["tag"])
            return f'<a href="{origin}/tags/{tag.lower()}" class="mention hashtag" rel="tag">#<span>{tag}</span></a>'
        url = people.get(match["user"].lower())
        if url is None:
            return whole
        name = html.escape(match["user"])
        return f'<span class="h-card"><a href="{url}" class="u-url mention">@<span>{name}</span></a></span>'

    parts: list[str] = []
    end = 0
    for match in tokens.finditer(text):
        parts += [html.escape(text[end : match.start()]), link(match)]
        end = match.end()
    parts.append(html.escape(text[end:]))
    body = "".join(parts).replace("\r\n", "\n")
    return "".join(
        f"<p>{'<br />'.join(block.splitlines())}</p>" for block in body.split("\n\n") if block.strip()
    )
