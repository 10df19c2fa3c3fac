"""Pinterest's HTTP API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from ..answers import Json, address_of, list_of, object_of, text_of, time_of
from ..base import Media, NotSent, Rejected, RejectionReason, Trouble
from ..http import Effect, exchange
from ..words import _
from .config import LABEL
from .errors import Call, raise_unreadable, send

PAGE_SIZE = 250


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    id: str
    username: str
    name: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class RemotePin:
    """``kind`` is Pinterest's word for what it shows: image, multiple_images, video."""

    id: str
    title: str
    description: str
    link: str
    kind: str
    created_at: datetime | None
    section_id: str = ""
    parent_id: str = ""  # the Pin it was saved from


@dataclass(frozen=True, kw_only=True)
class Upload:
    """Where a video goes, and what must be sent beside it: a permit of about an hour for this one file."""

    id: str
    url: str
    parameters: Mapping[str, str]


def get_account(call: Call) -> RemoteAccount:
    """https://developers.pinterest.com/docs/api/v5/user_account-get"""
    found = send(call, "GET", "/user_account", effect=Effect.READ)
    username = text_of(found, "username")
    account = RemoteAccount(
        id=text_of(found, "id") or username,
        username=username,
        name=text_of(found, "business_name") or username,
        picture=address_of(found, "profile_image"),
    )
    if not account.username:
        raise_unreadable(Effect.READ)
    return account


# --- Pins, https://developers.pinterest.com/docs/api/v5/pins-create --------------------------------------------------


def create_pin(call: Call, body: Mapping[str, object]) -> str:
    """Publish; return the id. Pinterest knows no key: the same again is a second Pin."""
    found = send(call, "POST", "/pins", effect=Effect.PUBLISH, json=dict(body))
    pin_id = text_of(found, "id")
    if not pin_id:
        raise_unreadable(Effect.PUBLISH)
    return pin_id


def update_pin(call: Call, pin_id: str, body: Mapping[str, object]) -> None:
    """The same change twice is one change, so a lost answer is NotSent."""
    send(call, "PATCH", f"/pins/{pin_id}", effect=Effect.PREPARE, json=dict(body))


def save_pin(call: Call, pin_id: str, board_id: str) -> RemotePin:
    """Save a Pin to another board. https://developers.pinterest.com/docs/api/v5/pins-save"""
    body = {"board_id": board_id}
    saved = _pin(send(call, "POST", f"/pins/{pin_id}/save", effect=Effect.PUBLISH, json=body))
    if not saved.id:
        raise_unreadable(Effect.PUBLISH)
    return saved


def delete_pin(call: Call, pin_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent."""
    send(call, "DELETE", f"/pins/{pin_id}", effect=Effect.PREPARE)


def list_pins(
    call: Call, board_id: str, *, section_id: str = "", page_size: int, bookmark: str = ""
) -> tuple[list[RemotePin], str]:
    """Return one page of a board or section and where the next begins (empty: it was the last)."""
    within = f"/sections/{section_id}" if section_id else ""
    items, after = _page(call, f"/boards/{board_id}{within}/pins", page_size, bookmark)
    return [_pin(item) for item in items], after


def get_metrics(call: Call, pin_id: str, *, names: list[str], start: date, end: date) -> Json:
    """Return the numbers of one Pin over a time, by Pinterest's names; those it keeps in all win."""
    params: dict[str, str | int] = {
        "start_date": start.isoformat(),
        "end_date": end.isoformat(),
        "metric_types": ",".join(names),
    }
    found = object_of(
        send(call, "GET", f"/pins/{pin_id}/analytics", effect=Effect.READ, params=params), "all"
    )
    return {**object_of(found, "summary_metrics"), **object_of(found, "lifetime_metrics")}


# --- videos, https://developers.pinterest.com/docs/api/v5/media-create -----------------------------------------------


def register_video(call: Call) -> Upload:
    found = send(call, "POST", "/media", effect=Effect.PREPARE, json={"media_type": "video"})
    parameters = {
        name: value for name, value in object_of(found, "upload_parameters").items() if isinstance(value, str)
    }
    upload = Upload(id=text_of(found, "media_id"), url=address_of(found, "upload_url"), parameters=parameters)
    if not upload.id or not upload.url:
        raise_unreadable(Effect.PREPARE)
    return upload


def send_video(call: Call, upload: Upload, video: Media) -> None:
    """Hand the file to Pinterest's store; the same again replaces it. The store is not told our token."""
    with video.open() as stream:
        answer = exchange(
            call.http,
            "POST",
            upload.url,
            effect=Effect.PREPARE,
            data=upload.parameters,
            files={"file": (video.filename, stream, video.content_type)},
        )
    if answer.is_success:
        return
    if answer.status_code >= 500 or answer.status_code in (408, 429):
        raise NotSent(
            _("%(host)s has a fault (%(status)s).", host=LABEL, status=answer.status_code),
            trouble=Trouble.FAULT,
        )
    raise Rejected(
        RejectionReason.MEDIA_INVALID,
        _("%(host)s refused the video (%(status)s).", host=LABEL, status=answer.status_code),
    )


def video_state(call: Call, media_id: str) -> str:
    """Return registered, processing, succeeded or failed."""
    state = text_of(send(call, "GET", f"/media/{media_id}", effect=Effect.READ), "status")
    if not state:
        raise_unreadable(Effect.READ)
    return state


# --- pages -----------------------------------------------------------------------------------------------------------


def everything(call: Call, path: str, *, pages_max: int) -> Iterator[Json]:
    """Yield the items of a list, page after page. Raises NotSent when it does not end within so many."""
    bookmark = ""
    for _number in range(pages_max):
        items, bookmark = _page(call, path, PAGE_SIZE, bookmark)
        yield from items
        if not bookmark:
            return
    raise NotSent(_("%(host)s has more than can be listed here.", host=LABEL))


def _page(call: Call, path: str, page_size: int, bookmark: str) -> tuple[list[Json], str]:
    params: dict[str, str | int] = {"page_size": page_size}
    if bookmark:
        params["bookmark"] = bookmark
    found = send(call, "GET", path, effect=Effect.READ, params=params)
    if not isinstance(found.get("items"), list):
        raise_unreadable(Effect.READ)
    return [item for item in list_of(found, "items") if isinstance(item, dict)], text_of(found, "bookmark")


def _pin(found: Json) -> RemotePin:
    return RemotePin(
        id=text_of(found, "id"),
        title=text_of(found, "title"),
        description=text_of(found, "description"),
        link=text_of(found, "link"),
        kind=text_of(object_of(found, "media"), "media_type"),
        created_at=time_of(text_of(found, "created_at")),
        section_id=text_of(found, "board_section_id"),
        parent_id=text_of(found, "parent_pin_id"),
    )
