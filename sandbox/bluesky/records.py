"""What a record may be: the parts of the ``app.bsky.feed.post`` lexicon that a publisher can get wrong.

Each refusal has the words of the real server and names the exact path. On purpose stricter than it: facets must
lie inside the text and on characters, and a blob must be named with its own type and size - the real server lets
such slips pass, and readers then see dead text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

import regex

from sandbox import storage
from sandbox.bluesky.cid import CID
from sandbox.bluesky.xrpc import invalid

POST = "app.bsky.feed.post"
THREADGATE = "app.bsky.feed.threadgate"
GRAPHEMES_MAX, BYTES_MAX = 300, 3000
IMAGES_MAX, IMAGE_BYTES_MAX, THUMB_BYTES_MAX, VIDEO_BYTES_MAX = 4, 2_000_000, 1_000_000, 300_000_000
REPLY_RULES_MAX = 5
LANGS_MAX, TAGS_MAX, TAG_GRAPHEMES_MAX, TAG_BYTES_MAX = 3, 8, 64, 640
NSID = re.compile(
    r"[a-zA-Z]([a-zA-Z0-9-]{0,62})?(\.[a-zA-Z0-9]([a-zA-Z0-9-]{0,62})?)+\.[a-zA-Z]([a-zA-Z0-9]{0,62})?"
)
DATETIME = re.compile(r"\d{4}-[01]\d-[0-3]\dT[0-2]\d:[0-6]\d:[0-6]\d(\.\d{1,20})?(Z|[+-][0-2]\d:[0-5]\d)")
DID = re.compile(r"did:[a-z]+:[a-zA-Z0-9._:%-]*[a-zA-Z0-9._-]")
URI = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*:[^\s]+")
AT_URI = re.compile(r"at://[a-zA-Z0-9._:%-]+(/[a-zA-Z0-9.-]+(/[a-zA-Z0-9._~:-]+)?)?")
LANGUAGE = re.compile(r"(i|[a-z]{2,3})(-[a-zA-Z0-9]+)*")


class Refused(Exception):
    """The record breaks its lexicon; the message is the real server's, and ends with the exact path."""

    def __init__(self, problem: str, path: str) -> None:
        path = re.sub(r"/(\d+)", r"[\1]", path.replace("Record", "$.record", 1)).replace("/", ".")
        super().__init__(f"{problem} at {path}")


def graphemes(text: str) -> int:
    return len(regex.findall(r"\X", text))


def _need(value: Any, kind: type, path: str, word: str) -> Any:
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise Refused(f"Expected {word.removeprefix('an ').removeprefix('a ')} value type", path)
    return value


def _property(holder: dict[str, Any], name: str, path: str) -> Any:
    if name not in holder:
        raise Refused(f'Missing required key "{name}"', path)
    return holder[name]


def _text(value: Any, path: str, *, bytes_max: int = 0, graphemes_max: int = 0) -> str:
    text = str(_need(value, str, path, "a string"))
    if bytes_max and len(text.encode()) > bytes_max:
        raise Refused(f"string too big (maximum {bytes_max}, got {len(text.encode())})", path)
    if graphemes_max and graphemes(text) > graphemes_max:
        raise Refused(f"grapheme too big (maximum {graphemes_max}, got {graphemes(text)})", path)
    return text


def _matching(value: Any, pattern: re.Pattern[str], path: str, word: str) -> str:
    text = _text(value, path)
    if not pattern.fullmatch(text):
        raise Refused(f'Invalid {word} (got "{text}")', path)
    return text


def _list(value: Any, path: str, longest: int = 0) -> list[Any]:
    items: list[Any] = _need(value, list, path, "an array")
    if longest and len(items) > longest:
        raise Refused(f"array too big (maximum {longest}, got {len(items)})", path)
    return items


def _date(value: Any, path: str) -> None:
    text = _matching(value, DATETIME, path, "datetime")
    try:
        # The real server takes 30 February, as JavaScript does, but no thirteenth month.
        datetime.fromisoformat(f"{text[:8]}01{text[10:]}")
    except ValueError as error:
        raise Refused(f'Invalid datetime (got "{text}")', path) from error


def _typed(value: Any, path: str) -> dict[str, Any]:
    item: dict[str, Any] = _need(value, dict, path, "an object")
    if not isinstance(item.get("$type"), str):
        raise Refused('Expected an object which includes the "$type" property value type', path)
    return item


def _blob(value: Any, path: str, *, accept: str, bytes_max: int) -> None:
    blob = _need(value, dict, path, "blob")
    if blob.get("$type") != "blob" or not isinstance(blob.get("ref"), dict):
        raise Refused("Expected blob value type", path)
    if not CID.fullmatch(str(blob["ref"].get("$link", ""))):
        raise Refused("Expected cid value type", f"{path}/ref")
    mime, size = str(blob.get("mimeType", "")), blob.get("size")
    if not mime.startswith(accept.rstrip("*")):
        raise Refused(f'Expected "{accept}" (got "{mime}")', f"{path}/mimeType")
    if not isinstance(size, int) or size > bytes_max:
        raise Refused(f"blob too big (maximum {bytes_max}, got {size})", path)


def _facet(value: Any, path: str, text: bytes) -> None:
    facet = _need(value, dict, path, "an object")
    index = _need(_property(facet, "index", path), dict, f"{path}/index", "an object")
    ends = []
    for name in ("byteStart", "byteEnd"):
        number = _need(_property(index, name, f"{path}/index"), int, f"{path}/index/{name}", "an integer")
        if number < 0:
            raise Refused(f"integer too small (minimum 0, got {number})", f"{path}/index/{name}")
        ends.append(number)
    start, end = ends
    if end <= start or end > len(text):
        raise Refused(
            f"Expected a range inside the text of {len(text)} bytes (got {start} to {end})", f"{path}/index"
        )
    try:
        text[:start].decode(), text[start:end].decode()
    except UnicodeDecodeError as error:
        raise Refused("Expected offsets in UTF-8 bytes, not inside a character", f"{path}/index") from error
    for number, raw in enumerate(_list(_property(facet, "features", path), f"{path}/features")):
        where = f"{path}/features/{number}"
        feature = _typed(raw, where)
        match feature["$type"].removeprefix("app.bsky.richtext.facet#"):
            case "mention":
                _matching(_property(feature, "did", where), DID, f"{where}/did", "did")
            case "link":
                _matching(_property(feature, "uri", where), URI, f"{where}/uri", "uri")
            case "tag":
                _text(_property(feature, "tag", where), f"{where}/tag", bytes_max=640, graphemes_max=64)


def _reference(value: Any, path: str) -> None:
    found = _need(value, dict, path, "an object")
    _matching(_property(found, "uri", path), AT_URI, f"{path}/uri", "at-uri")
    _matching(_property(found, "cid", path), CID, f"{path}/cid", "cid")


def _images(embed: dict[str, Any], path: str) -> None:
    for number, raw in enumerate(_list(_property(embed, "images", path), f"{path}/images", IMAGES_MAX)):
        where = f"{path}/images/{number}"
        image = _need(raw, dict, where, "an object")
        _blob(_property(image, "image", where), f"{where}/image", accept="image/*", bytes_max=IMAGE_BYTES_MAX)
        _text(_property(image, "alt", where), f"{where}/alt")
        _ratio(image.get("aspectRatio"), f"{where}/aspectRatio")


def _ratio(value: Any, path: str) -> None:
    if value is None:
        return
    ratio = _need(value, dict, path, "an object")
    for name in ("width", "height"):
        number = _need(_property(ratio, name, path), int, f"{path}/{name}", "an integer")
        if number < 1:
            raise Refused(f"integer too small (minimum 1, got {number})", f"{path}/{name}")


def _embed(value: Any, path: str) -> None:
    embed = _typed(value, path)
    match embed["$type"]:
        case "app.bsky.embed.images":
            _images(embed, path)
        case "app.bsky.embed.external":
            where = f"{path}/external"
            card = _need(_property(embed, "external", path), dict, where, "an object")
            _matching(_property(card, "uri", where), URI, f"{where}/uri", "uri")
            for name in ("title", "description"):
                _text(_property(card, name, where), f"{where}/{name}")
            if "thumb" in card:
                _blob(card["thumb"], f"{where}/thumb", accept="image/*", bytes_max=THUMB_BYTES_MAX)
        case "app.bsky.embed.record":
            _reference(_property(embed, "record", path), f"{path}/record")
        case "app.bsky.embed.recordWithMedia":
            _embed(_property(embed, "media", path), f"{path}/media")
        case "app.bsky.embed.video":
            _blob(
                _property(embed, "video", path),
                f"{path}/video",
                accept="video/mp4",
                bytes_max=VIDEO_BYTES_MAX,
            )
            _ratio(embed.get("aspectRatio"), f"{path}/aspectRatio")


def check_post(record: dict[str, Any]) -> None:
    """Check an ``app.bsky.feed.post``. Raises Refused."""
    text = _text(
        _property(record, "text", "Record"), "Record/text", bytes_max=BYTES_MAX, graphemes_max=GRAPHEMES_MAX
    )
    _date(_property(record, "createdAt", "Record"), "Record/createdAt")
    for number, facet in enumerate(_list(record.get("facets", []), "Record/facets")):
        _facet(facet, f"Record/facets/{number}", text.encode())
    for number, language in enumerate(_list(record.get("langs", []), "Record/langs", LANGS_MAX)):
        _matching(language, LANGUAGE, f"Record/langs/{number}", "language")
    for number, tag in enumerate(_list(record.get("tags", []), "Record/tags", TAGS_MAX)):
        _text(tag, f"Record/tags/{number}", bytes_max=TAG_BYTES_MAX, graphemes_max=TAG_GRAPHEMES_MAX)
    if "reply" in record:
        reply = _need(record["reply"], dict, "Record/reply", "an object")
        for name in ("root", "parent"):
            _reference(_property(reply, name, "Record/reply"), f"Record/reply/{name}")
    if "labels" in record:
        _typed(record["labels"], "Record/labels")
    if "embed" in record:
        _embed(record["embed"], "Record/embed")


def check_threadgate(record: dict[str, Any]) -> None:
    """Check an ``app.bsky.feed.threadgate``. Raises Refused."""
    _matching(_property(record, "post", "Record/post"), AT_URI, "Record/post", "at-uri")
    _date(_property(record, "createdAt", "Record/createdAt"), "Record/createdAt")
    for number, rule in enumerate(_list(record.get("allow", []), "Record/allow", REPLY_RULES_MAX)):
        _typed(rule, f"Record/allow/{number}")


CHECKS = {POST: check_post, THREADGATE: check_threadgate}


def blobs_in(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        if value.get("$type") == "blob":
            yield value
        else:
            for item in value.values():
                yield from blobs_in(item)
    elif isinstance(value, list):
        for item in value:
            yield from blobs_in(item)


def check(collection: str, record: dict[str, Any], did: str) -> str:
    """Check a record and that its blobs were uploaded; return "valid" or "unknown". Raises ApiError(400)."""
    if record.get("$type", collection) != collection:
        raise invalid(f"Invalid $type: expected {collection}, got {record['$type']}")
    if collection in CHECKS:
        try:
            CHECKS[collection](record)
        except Refused as refused:
            raise invalid(f"Invalid {collection} record: {refused}") from refused
    for blob in blobs_in(record):
        cid = str(blob.get("ref", {}).get("$link", ""))
        stored = storage.one(
            "SELECT mime, length(content) AS size FROM blob WHERE account = ? AND cid = ?", did, cid
        )
        if stored is None:
            raise invalid(f"Could not find blob: {cid}", "BlobNotFound")
        if stored["mime"] != blob.get("mimeType"):
            raise invalid(
                "Referenced Mimetype does not match stored blob."
                f" Expected: {stored['mime']}, Got: {blob.get('mimeType')}",
                "InvalidMimeType",
            )
        if stored["size"] != blob.get("size"):
            raise invalid(
                f"Referenced size does not match stored blob. Expected: {stored['size']}, Got: {blob.get('size')}",
                "InvalidSize",
            )
    return "valid" if collection in CHECKS else "unknown"
