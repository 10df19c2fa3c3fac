"""What YouTube is told of a video: title, description, tags, who may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..answers import Json, object_of
from ..base import Content

YES, NO = "yes", "no"
PUBLIC, UNLISTED, PRIVATE = "public", "unlisted", "private"
# What may be written of a video. An update empties whatever of it is not named again.
SNIPPET = ("title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage")
STATUS = (
    "privacyStatus",
    "selfDeclaredMadeForKids",
    "containsSyntheticMedia",
    "license",
    "embeddable",
    "publicStatsViewable",
    "publishAt",
)


def title_of(content: Content) -> str:
    return content.options.get("title", "").strip()


def description_of(content: Content) -> str:
    """Return the text that goes out: YouTube makes no cards, so a link that is not in the text follows it."""
    card = content.link_card
    if card is None or card.url in content.text:
        return content.text
    return f"{content.text}\n\n{card.url}".lstrip()


def tags_of(content: Content) -> list[str]:
    """Return the tags, written one behind the other with commas; each once."""
    written = (tag.strip().lstrip("#") for tag in content.options.get("tags", "").split(","))
    return list(dict.fromkeys(tag for tag in written if tag))


def tags_length(tags: list[str]) -> int:
    """Count as YouTube does: with the commas between them, and quotation marks around those with a space."""
    return sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)


def visibility_of(content: Content) -> str:
    return content.options.get("visibility") or PUBLIC


def is_for_kids(content: Content) -> bool:
    return content.options.get("made_for_kids") == YES


def tells_subscribers(content: Content) -> bool:
    return content.options.get("subscribers") != NO


def metadata_of(content: Content) -> dict[str, Any]:
    """Return the video resource that announces a video."""
    snippet: dict[str, object] = {
        "title": title_of(content),
        "description": description_of(content),
        "tags": tags_of(content),
        "categoryId": content.options.get("category") or "22",
    }
    if content.language:
        snippet["defaultLanguage"] = content.language
    return {
        "snippet": snippet,
        "status": {
            "privacyStatus": visibility_of(content),
            "selfDeclaredMadeForKids": is_for_kids(content),
            "containsSyntheticMedia": content.options.get("synthetic") == YES,
        },
    }


def changed(before: Json, content: Content) -> Mapping[str, object]:
    """Return a video as it is to be: what was written here anew, the rest as it stands at YouTube."""
    wanted = metadata_of(content)
    made: dict[str, object] = {}
    for part, names in (("snippet", SNIPPET), ("status", STATUS)):
        stands = {name: value for name, value in object_of(before, part).items() if name in names}
        made[part] = {**stands, **wanted[part]}
    return made
