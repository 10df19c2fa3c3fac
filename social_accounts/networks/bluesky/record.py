"""A content as the record of one post, byte for byte the same at every repeat."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from ..answers import Json
from ..base import CommentRequest, Content, PublishRequest
from ..text import MentionStyle, TokenKind, byte_span, tokens
from .client import POST_COLLECTION, THREADGATE_COLLECTION, Record

_TID_ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
_TID_CHARACTERS = 13
_CLOCK_ID_BITS = 10
_MICROSECONDS = 1_000_000
LANGUAGES_MAX = 3


def record_key(request: PublishRequest | CommentRequest) -> str:
    """Return the TID of a publication or a comment: the second of ``created_at``, the rest from ``key``.

    2^30 keys within one second keep two publications made in the same instant apart; the same publication
    gets the same key for ever. Source: atproto.com/specs/tid.
    """
    digest = int.from_bytes(hashlib.sha256(request.key.encode("utf-8")).digest()[:8], "big")
    seconds = int(request.created_at.timestamp())
    microseconds = seconds * _MICROSECONDS + (digest >> _CLOCK_ID_BITS) % _MICROSECONDS
    number = (microseconds << _CLOCK_ID_BITS) | (digest % (1 << _CLOCK_ID_BITS))
    characters = []
    for _position in range(_TID_CHARACTERS):
        characters.append(_TID_ALPHABET[number & 31])
        number >>= 5
    return "".join(reversed(characters))


def created_at_text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def facets(text: str, did_of: Callable[[str], str]) -> list[Json]:
    """Return what makes links, mentions and hashtags live. ``did_of`` gives a handle's DID, or nothing.

    A mention that leads nowhere stays text. Source: docs.bsky.app/docs/advanced-guides/post-richtext.
    """
    found: list[Json] = []
    for token in tokens(text, MentionStyle.ATPROTO):
        feature: Json
        if token.kind is TokenKind.LINK:
            feature = {"$type": "app.bsky.richtext.facet#link", "uri": token.value}
        elif token.kind is TokenKind.HASHTAG:
            feature = {"$type": "app.bsky.richtext.facet#tag", "tag": token.value}
        else:
            did = did_of(token.value)
            if not did:
                continue
            feature = {"$type": "app.bsky.richtext.facet#mention", "did": did}
        start, end = byte_span(text, token.start, token.end)
        found.append({"index": {"byteStart": start, "byteEnd": end}, "features": [feature]})
    return found


def post_record(request: PublishRequest, *, facets: Sequence[Json], embed: Json | None) -> Json:
    """Return the record. Source: lexicon app.bsky.feed.post."""
    content = request.content
    record: dict[str, object] = {
        "$type": POST_COLLECTION,
        "text": content.text,
        "createdAt": created_at_text(request.created_at),
    }
    if facets:
        record["facets"] = list(facets)
    if content.language:
        record["langs"] = [content.language]
    if embed is not None:
        record["embed"] = embed
    label = content.options.get("content_label", "")
    if label:
        record["labels"] = {"$type": "com.atproto.label.defs#selfLabels", "values": [{"val": label}]}
    return record


def reply_record(request: CommentRequest, *, facets: Sequence[Json], parent: Record) -> Json:
    """Return the record of a comment: a reply to a post that is itself no reply. Source: lexicon app.bsky.feed.post."""
    target = {"uri": parent.uri, "cid": parent.cid}
    return {
        "$type": POST_COLLECTION,
        "text": request.text,
        "createdAt": created_at_text(request.created_at),
        **({"facets": list(facets)} if facets else {}),
        "reply": {"root": target, "parent": target},
    }


REPLY_RULES = {
    "followers": ["followerRule"],
    "following": ["followingRule"],
    "mentioned": ["mentionRule"],
    "nobody": [],
}


def threadgate_record(request: PublishRequest, post_uri: str) -> Json | None:
    """Return the record that says who may reply; None where everybody may. Source: lexicon app.bsky.feed.threadgate."""
    rules = REPLY_RULES.get(request.content.options.get("reply_settings", ""))
    if rules is None:
        return None
    return {
        "$type": THREADGATE_COLLECTION,
        "post": post_uri,
        "allow": [{"$type": f"{THREADGATE_COLLECTION}#{rule}"} for rule in rules],
        "createdAt": created_at_text(request.created_at),
    }


def video_embed(blob: Json, *, alt: str, width: int | None, height: int | None) -> Json:
    """Source: lexicon app.bsky.embed.video."""
    embed: dict[str, object] = {"$type": "app.bsky.embed.video", "video": blob}
    if alt:
        embed["alt"] = alt
    if width and height:
        embed["aspectRatio"] = {"width": width, "height": height}
    return embed


def images_embed(images: Sequence[tuple[Json, str, int, int]]) -> Json:
    """Each image: blob, alt text, width, height. Source: lexicon app.bsky.embed.images."""
    return {
        "$type": "app.bsky.embed.images",
        "images": [
            {"alt": alt, "image": blob, "aspectRatio": {"width": width, "height": height}}
            for blob, alt, width, height in images
        ],
    }


def card_embed(content: Content, thumbnail: Json | None) -> Json | None:
    """Source: lexicon app.bsky.embed.external."""
    card = content.link_card
    if card is None:
        return None
    external: dict[str, object] = {"uri": card.url, "title": card.title, "description": card.description}
    if thumbnail is not None:
        external["thumb"] = thumbnail
    return {"$type": "app.bsky.embed.external", "external": external}
