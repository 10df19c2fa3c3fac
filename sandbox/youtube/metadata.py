"""What may be said of a video, and what YouTube refuses."""

from __future__ import annotations

from typing import Any

from sandbox.youtube.access import refused

SNIPPET = frozenset({"title", "description", "tags", "categoryId", "defaultLanguage", "defaultAudioLanguage"})
STATUS = frozenset(
    {
        "privacyStatus",
        "selfDeclaredMadeForKids",
        "containsSyntheticMedia",
        "license",
        "embeddable",
        "publicStatsViewable",
        "publishAt",
    }
)
TITLE_MAX, DESCRIPTION_BYTES_MAX, TAGS_MAX = 100, 5000, 500
FORBIDDEN = frozenset("<>")
PRIVACY = ("public", "unlisted", "private")


def checked(body: dict[str, Any], parts: set[str]) -> dict[str, Any]:
    """Return snippet and status of a video resource. Raises ApiError 400."""
    if not set(body) - {"id", "kind", "etag"} <= parts <= {"snippet", "status"}:
        raise refused(400, "unexpectedPart", "The body does not match the parameter part.")
    snippet, status = body.get("snippet") or {}, body.get("status") or {}
    if not set(snippet) <= SNIPPET or not set(status) <= STATUS:
        raise refused(400, "badRequest", "Invalid JSON payload received. Unknown name.")
    title, description = str(snippet.get("title", "")), str(snippet.get("description", ""))
    tags = snippet.get("tags", [])
    if not 0 < len(title.strip()) <= TITLE_MAX or FORBIDDEN & set(title):
        raise refused(400, "invalidTitle", "The request metadata specifies an invalid or empty video title.")
    if len(description.encode()) > DESCRIPTION_BYTES_MAX or FORBIDDEN & set(description):
        raise refused(
            400, "invalidDescription", "The request metadata specifies an invalid video description."
        )
    counted = sum(len(tag) + 2 * (" " in tag) for tag in tags) + max(0, len(tags) - 1)
    if counted > TAGS_MAX or any(FORBIDDEN & set(tag) or "," in tag for tag in tags):
        raise refused(400, "invalidTags", "The request metadata specifies invalid video keywords.")
    if not str(snippet.get("categoryId", "")).isdecimal():
        raise refused(
            400, "invalidCategoryId", "The snippet.categoryId property specifies an invalid category ID."
        )
    if status.get("privacyStatus") not in PRIVACY:
        raise refused(400, "invalidVideoMetadata", "The privacy status is invalid.")
    if not isinstance(status.get("selfDeclaredMadeForKids"), bool):
        raise refused(400, "invalidVideoMetadata", "The video must be declared made for kids or not.")
    return {"snippet": snippet, "status": status}
