"""UTM parameters: added to the links of a post as it goes out, so that a visit can be told from another.

What a link carries already stays: whoever wrote it knows better.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final
from urllib.parse import quote_plus, urlsplit, urlunsplit

from social_accounts.networks.text import MentionStyle, TokenKind, tokens

if TYPE_CHECKING:
    from publishing.models import Post

PARAMETERS: Final = ("source", "medium", "campaign", "content")
PREFIX: Final = "utm_"
MEDIUM: Final = "social"  # where nobody said: how web statistics call visits from networks


def tracking_of(post: Post, network: str) -> dict[str, str]:
    """Return the values that links of this post get on this network; empty: links stay as typed."""
    return values_for(post.tracking, campaign_tracking(post), network)


def campaign_tracking(post: Post) -> Mapping[str, str]:
    """Return what the post's campaign says of tracking, or said when the post was sealed; nothing without one."""
    if post.campaign_tracking is not None:
        kept: Mapping[str, str] = post.campaign_tracking
        return kept
    return post.campaign.tracking if post.campaign else {}


def values_for(said: Mapping[str, str] | None, campaign: Mapping[str, str], network: str) -> dict[str, str]:
    """Return the values in their order. ``said``: None leaves it to the campaign, empty means no tracking.

    What a post does not say its campaign does; then the source is the network, the medium ``MEDIUM``.
    """
    if (said is None and not campaign) or said == {}:
        return {}
    found = {"source": network, "medium": MEDIUM, **campaign, **(said or {})}
    return {name: found[name] for name in PARAMETERS if found.get(name)}


def tracked_url(url: str, values: Mapping[str, str]) -> str:
    """Return the address with the values, in front of its fragment; as it is when it carries any already."""
    parts = urlsplit(url)
    carried = {pair.partition("=")[0].lower() for pair in parts.query.split("&")}
    if not values or any(name.startswith(PREFIX) for name in carried):
        return url
    added = "&".join(f"{PREFIX}{name}={quote_plus(value)}" for name, value in values.items())
    query = f"{parts.query}&{added}" if parts.query else added
    return urlunsplit(parts._replace(query=query))


def tracked_text(text: str, values: Mapping[str, str]) -> str:
    """Return the text with the values in each of its links."""
    if not values:
        return text
    out, at = [], 0
    for link in links_in(text):
        out += [text[at : link[0]], tracked_url(text[link[0] : link[1]], values)]
        at = link[1]
    return "".join([*out, text[at:]])


def links_in(text: str) -> list[tuple[int, int]]:
    """Return where the links of a text begin and end."""
    found = tokens(text, MentionStyle.FEDIVERSE)
    return [(token.start, token.end) for token in found if token.kind is TokenKind.LINK]


def tracked_card(card: Mapping[str, str] | None, values: Mapping[str, str]) -> dict[str, str] | None:
    """Return the link preview, its address with the values."""
    return {**card, "url": tracked_url(card["url"], values)} if card else None
