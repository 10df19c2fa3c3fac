"""Threads' API: one function per endpoint, replies as typed values, failures as our five errors.

Source: developers.facebook.com/documentation/threads.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from ..answers import Json, address_of, as_object, list_of, number_of, object_of, text_of, time_of
from ..base import AppRegistration, CredentialsExpired, NotSent, Rejected, RejectionReason
from ..http import Effect, exchange
from ..meta.containers import ContainerStatus, Quota
from ..meta.graph import Call, raise_unreadable, send
from ..words import _
from .errors import PUBLISHING

ACCOUNT_FIELDS = "id,username,name,threads_profile_picture_url"
POST_FIELDS = "id,text,timestamp,permalink,media_type"
REPLY_FIELDS = f"{POST_FIELDS},replied_to"
METRICS = ("views", "likes", "replies", "reposts", "quotes", "shares")


@dataclass(frozen=True, kw_only=True)
class Token:
    value: str = field(repr=False)
    lasts: timedelta | None


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    id: str
    username: str
    name: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class RemotePost:
    """``kind``: TEXT_POST, IMAGE, VIDEO or CAROUSEL_ALBUM. ``replied_to``: of a reply, the post it is to."""

    id: str
    text: str
    permalink: str
    kind: str
    created_at: datetime | None
    replied_to: str = ""


# --- tokens. ``call.api`` is the host without a version here. --------------------------------------------------------


def fetch_token(call: Call, app: AppRegistration, *, code: str, redirect_uri: str) -> Token:
    """Exchange a code for a token of an hour. Raises Rejected(NOT_FOUND) when our application is unknown."""
    form = {
        "client_id": app.client_id,
        "client_secret": app.client_secret,
        "grant_type": "authorization_code",
        "redirect_uri": redirect_uri,
        "code": code,
    }
    answer = exchange(call.http, "POST", call.api + "/oauth/access_token", effect=Effect.PREPARE, data=form)
    found = as_object(answer)
    words = text_of(found, "error_message") + text_of(object_of(found, "error"), "message")
    if "client" in words.lower() and "code" not in words.lower():
        raise Rejected(
            RejectionReason.NOT_FOUND,
            _("Threads does not know the application this Chorus was set up with."),
        )
    if answer.status_code in (400, 401, 403):
        raise Rejected(
            RejectionReason.OTHER, _("The approval came too late or was used before. Please connect again.")
        )
    if not answer.is_success:
        raise_unreadable(call, Effect.PREPARE)
    return _token(call, found)


def fetch_long_token(call: Call, app: AppRegistration) -> Token:
    """Exchange the call's token of an hour for one of about sixty days."""
    params = {"grant_type": "th_exchange_token", "client_secret": app.client_secret}
    return _token(call, send(call, "GET", "/access_token", effect=Effect.PREPARE, params=params))


def refresh_token(call: Call) -> Token:
    """Make the call's token last sixty days again, once it is a day old. The old one goes on while it lasts."""
    params = {"grant_type": "th_refresh_token"}
    return _token(call, send(call, "GET", "/refresh_access_token", effect=Effect.PREPARE, params=params))


def _token(call: Call, found: Json | None) -> Token:
    value, seconds = text_of(found, "access_token"), number_of(found, "expires_in")
    if not value:
        raise_unreadable(call, Effect.PREPARE)
    return Token(value=value, lasts=timedelta(seconds=seconds) if seconds else None)


# --- accounts --------------------------------------------------------------------------------------------------------


def get_account(call: Call) -> RemoteAccount:
    found = send(call, "GET", "/me", effect=Effect.READ, params={"fields": ACCOUNT_FIELDS})
    account = RemoteAccount(
        id=text_of(found, "id"),
        username=text_of(found, "username"),
        name=text_of(found, "name"),
        picture=address_of(found, "threads_profile_picture_url"),
    )
    if not account.id or not account.username:
        raise_unreadable(call, Effect.READ)
    return account


def get_quota(call: Call, user_id: str) -> Quota | None:
    """Return how much of the day's posts is used; None when Threads does not say."""
    params = {"fields": "quota_usage,config"}
    found = _of_account(call, "GET", f"/{user_id}/threads_publishing_limit", params=params)
    for entry in list_of(found, "data"):
        if isinstance(entry, dict):
            used, total = (
                number_of(entry, "quota_usage"),
                number_of(object_of(entry, "config"), "quota_total"),
            )
            if used is not None and total:
                return Quota(used=used, total=total)
    return None


# --- posts -----------------------------------------------------------------------------------------------------------


def create_container(call: Call, user_id: str, fields: Mapping[str, str]) -> str:
    """Begin a post; nobody sees it. What is not published within a day is forgotten there.

    Of a reply, what "does not exist" is the post it is to.
    """
    begin = send if "reply_to_id" in fields else _of_account
    found = begin(call, "POST", f"/{user_id}/threads", effect=Effect.PREPARE, data=dict(fields))
    container_id = text_of(found, "id")
    if not container_id:
        raise_unreadable(call, Effect.PREPARE)
    return container_id


def get_status(call: Call, container_id: str) -> ContainerStatus:
    params = {"fields": "status,error_message"}
    try:
        found = send(call, "GET", f"/{container_id}", effect=Effect.READ, params=params)
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise
        raise NotSent(_("Threads no longer knows what it was given to publish.")) from refused
    status = ContainerStatus(code=text_of(found, "status"), words=text_of(found, "error_message"))
    if not status.code:
        raise_unreadable(call, Effect.READ)
    return status


def publish_container(call: Call, user_id: str, container_id: str) -> str:
    """Publish; return the post's id. A container is published once: the same again is refused."""
    found = _of_account(
        replace(call, dialect=PUBLISHING),
        "POST",
        f"/{user_id}/threads_publish",
        effect=Effect.PUBLISH,
        data={"creation_id": container_id},
    )
    post_id = text_of(found, "id")
    if not post_id:
        raise_unreadable(call, Effect.PUBLISH)
    return post_id


def get_permalink(call: Call, post_id: str) -> str:
    found = send(call, "GET", f"/{post_id}", effect=Effect.READ, params={"fields": "permalink"})
    return address_of(found, "permalink")


def list_posts(
    call: Call, user_id: str, *, since: datetime, limit: int, replies: bool = False
) -> list[RemotePost]:
    """Return what the account posted since, or what it replied; newest first."""
    fields = REPLY_FIELDS if replies else POST_FIELDS
    params = {"fields": fields, "since": str(int(since.timestamp())), "limit": str(limit)}
    found = _of_account(call, "GET", f"/{user_id}/{'replies' if replies else 'threads'}", params=params)
    if "data" not in found:
        raise_unreadable(call, Effect.READ)
    listed = [_post(item) for item in list_of(found, "data") if isinstance(item, dict)]
    return [post for post in listed if post.created_at is None or post.created_at >= since]


def delete_post(call: Call, post_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent."""
    send(call, "DELETE", f"/{post_id}", effect=Effect.PREPARE)


def get_insights(call: Call, post_id: str) -> dict[str, int | None]:
    """Return the numbers of a post by Threads' names."""
    params = {"metric": ",".join(METRICS)}
    found = send(call, "GET", f"/{post_id}/insights", effect=Effect.READ, params=params)
    numbers: dict[str, int | None] = {}
    for entry in list_of(found, "data"):
        if isinstance(entry, dict):
            values = [
                number_of(value, "value") for value in list_of(entry, "values") if isinstance(value, dict)
            ]
            numbers[text_of(entry, "name")] = next((number for number in values if number is not None), None)
    return numbers


def _of_account(
    call: Call,
    method: str,
    path: str,
    *,
    effect: Effect = Effect.READ,
    params: dict[str, str] | None = None,
    data: dict[str, str] | None = None,
) -> Json:
    """Send a request about the account itself: when that "does not exist", the connection is over."""
    try:
        return send(call, method, path, effect=effect, params=params, data=data)
    except Rejected as refused:
        if refused.reason is not RejectionReason.NOT_FOUND:
            raise
        raise CredentialsExpired(
            _("Threads no longer shows this account to Chorus; connect again.")
        ) from refused


def _post(found: Json) -> RemotePost:
    return RemotePost(
        id=text_of(found, "id"),
        text=text_of(found, "text"),
        permalink=address_of(found, "permalink"),
        kind=text_of(found, "media_type"),
        created_at=time_of(text_of(found, "timestamp").replace("+0000", "+00:00")),
        replied_to=text_of(object_of(found, "replied_to"), "id"),
    )
