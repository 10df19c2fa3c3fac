"""A Bluesky text with its facets, as HTML."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from sandbox import storage
from sandbox.timeline.shapes import is_web_address


def facets_html(text: str, facets: list[dict[str, Any]]) -> SafeString:
    """Render Bluesky text: each facet's bytes become a link, the first of overlapping ones wins."""
    raw, end, parts = text.encode(), 0, []
    for facet in sorted(facets, key=lambda item: int(item["index"]["byteStart"])):
        start, stop = facet["index"]["byteStart"], facet["index"]["byteEnd"]
        feature = facet["features"][0] if facet["features"] else {}
        target = str(feature.get("uri", ""))
        if "did" in feature:
            row = storage.one("SELECT * FROM account WHERE id = ?", feature["did"])
            target = f"/profile/{row['handle']}" if row else ""
        elif "tag" in feature:
            target = f"/tags/{quote(feature['tag'])}"
        if start < end or not (target.startswith("/") or is_web_address(target)):
            continue
        parts.append(escape(raw[end:start].decode()))
        parts.append(
            format_html('<a href="{}" rel="nofollow noopener">{}</a>', target, raw[start:stop].decode())
        )
        end = stop
    parts.append(escape(raw[end:].decode()))
    body = "".join(parts)
    blocks = [block.replace("\n", "<br>") for block in body.split("\n\n") if block.strip()]
    return mark_safe("".join(f"<p>{block}</p>" for block in blocks))  # noqa: S308 - every part is escaped above
