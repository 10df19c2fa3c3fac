"""Facebook's Graph API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ..answers import Json, address_of, list_of, number_of, object_of, text_of, time_of
from ..base import Media
from ..http import Effect
from ..meta import login
from ..meta.graph import Call, raise_unreadable, send

POST_FIELDS = "id,message,created_time,permalink_url,attachments{subattachments.limit(20){type},type}"
COUNTS = "reactions.limit(0).summary(total_count),comments.limit(0).summary(total_count),shares"


@dataclass(frozen=True, kw_only=True)
class Page:
    id: str
    name: str
    username: str
    link: str
    picture: str
    tasks: tuple[str, ...]
    token: str = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class RemotePost:
    id: str
    message: str
    permalink: str
    created_at: datetime | None
    photo_count: int


# --- pages -----------------------------------------------------------------------------------------------------------


def list_pages(call: Call) -> list[Page]:
    """Return the pages of a person, each with its token."""
    return [
        as_page(item)
        for item in login.list_pages(call, "id,name,username,link,picture{url},tasks,access_token")
    ]


def as_page(found: Json) -> Page:
    return Page(
        id=text_of(found, "id"),
        name=text_of(found, "name"),
        username=text_of(found, "username"),
        link=address_of(found, "link"),
        picture=address_of(object_of(object_of(found, "picture"), "data"), "url"),
        tasks=tuple(task for task in list_of(found, "tasks") if isinstance(task, str)),
        token=text_of(found, "access_token"),
    )


def revoke_permissions(call: Call) -> None:
    """Forget the whole consent of the person behind the token."""
    send(call, "DELETE", "/me/permissions", effect=Effect.PREPARE)


# --- posts -----------------------------------------------------------------------------------------------------------


def upload_photo(call: Call, page_id: str, media: Media) -> str:
    """Put a photo up without showing it; return its id. https://developers.facebook.com/docs/graph-api/reference/page/photos"""
    data = {"published": "false", **({"alt_text_custom": media.alt_text} if media.alt_text else {})}
    with media.open() as stream:
        found = send(
            call,
            "POST",
            f"/{page_id}/photos",
            effect=Effect.PREPARE,
            data=data,
            files={"source": (media.filename, stream, media.content_type)},
        )
    photo_id = text_of(found, "id")
    if not photo_id:
        raise_unreadable(call, Effect.PREPARE)
    return photo_id


def create_post(call: Call, page_id: str, *, message: str, link: str, photo_ids: Sequence[str]) -> str:
    """Publish; return the full id, page and post. https://developers.facebook.com/docs/graph-api/reference/page/feed"""
    data = {name: value for name, value in (("message", message), ("link", link)) if value}
    data |= {f"attached_media[{at}]": f'{{"media_fbid":"{photo}"}}' for at, photo in enumerate(photo_ids)}
    post_id = text_of(send(call, "POST", f"/{page_id}/feed", effect=Effect.PUBLISH, data=data), "id")
    if not post_id:
        raise_unreadable(call, Effect.PUBLISH)
    return post_id


def get_permalink(call: Call, post_id: str) -> str:
    found = send(call, "GET", f"/{post_id}", effect=Effect.READ, params={"fields": "permalink_url"})
    return address_of(found, "permalink_url")


def list_posts(call: Call, page_id: str, *, since: datetime, limit: int) -> list[RemotePost]:
    """Newest first. https://developers.facebook.com/docs/graph-api/reference/page/published_posts"""
    params = {"fields": POST_FIELDS, "since": str(int(since.timestamp())), "limit": str(limit)}
    found = send(call, "GET", f"/{page_id}/published_posts", effect=Effect.READ, params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    return [_post(item) for item in list_of(found, "data") if isinstance(item, dict)]


def delete_post(call: Call, post_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent."""
    send(call, "DELETE", f"/{post_id}", effect=Effect.PREPARE)


def get_counts(call: Call, post_id: str) -> Mapping[str, int | None]:
    found = send(call, "GET", f"/{post_id}", effect=Effect.READ, params={"fields": COUNTS})

    def total(name: str) -> int | None:
        return number_of(object_of(object_of(found, name), "summary"), "total_count")

    # A post nobody has shared has no field for it.
    shares = number_of(object_of(found, "shares"), "count")
    return {"likes": total("reactions"), "comments": total("comments"), "shares": shares or 0}


def get_views(call: Call, post_id: str) -> int | None:
    """Return how often it was seen; Meta tells it a day or two late. None: it does not say."""
    params = {"metric": "post_media_view", "period": "lifetime"}
    found = send(call, "GET", f"/{post_id}/insights", effect=Effect.READ, params=params)
    for entry in list_of(found, "data"):
        if isinstance(entry, dict):
            for value in list_of(entry, "values"):
                if isinstance(value, dict) and (count := number_of(value, "value")) is not None:
                    return count
    return None


def _post(found: Json) -> RemotePost:
    attachments = [
        item for item in list_of(object_of(found, "attachments"), "data") if isinstance(item, dict)
    ]
    several = sum(len(list_of(object_of(item, "subattachments"), "data")) for item in attachments)
    single = sum(text_of(item, "type") in ("photo", "cover_photo", "profile_media") for item in attachments)
    return RemotePost(
        id=text_of(found, "id"),
        message=text_of(found, "message"),
        permalink=address_of(found, "permalink_url"),
        created_at=time_of(text_of(found, "created_time").replace("+0000", "+00:00")),
        photo_count=several or single,
    )
