"""Mastodon's HTTP API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ..answers import Json, address_of, as_object, list_of, number_of, object_of, text_of, texts_of, time_of
from ..base import Media, NetworkError, Rejected, RejectionReason
from ..http import Effect, exchange, origin_of
from .errors import Call, json_list, json_object, raise_for, raise_unreadable, send

OLDEST_THAT_DESCRIBES_ITSELF: Final = 4  # Mastodon's major version with /api/v2/instance


@dataclass(frozen=True, kw_only=True)
class ServerMetadata:
    """Where a server's OAuth lives. ``server`` is its web origin after redirects."""

    server: str
    authorization_endpoint: str
    token_endpoint: str
    revocation_endpoint: str
    scopes: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Application:
    client_id: str
    client_secret: str


@dataclass(frozen=True, kw_only=True)
class Token:
    access_token: str
    refresh_token: str
    scopes: tuple[str, ...]
    expires_in_seconds: int | None


@dataclass(frozen=True, kw_only=True)
class RemoteAccount:
    id: str
    username: str
    display_name: str
    url: str
    avatar: str


@dataclass(frozen=True, kw_only=True)
class Status:
    """``content`` is HTML; ``visible_text`` comes ready from some servers (Pleroma), else empty."""

    id: str
    url: str
    content: str
    visible_text: str
    spoiler_text: str
    visibility: str
    language: str
    in_reply_to_id: str
    created_at: datetime | None
    media_ids: tuple[str, ...]
    is_reblog: bool
    counts: Mapping[str, int | None]


@dataclass(frozen=True, kw_only=True)
class MediaAttachment:
    id: str
    is_ready: bool


def get_oauth_metadata(call: Call) -> ServerMetadata | None:
    """Return the server's own description, or None where it has none (before Mastodon 4.3).

    Redirects are followed, so that a domain leads to the server behind it.
    https://docs.joinmastodon.org/methods/oauth/#authorization-server-metadata
    """
    url = call.server + "/.well-known/oauth-authorization-server"
    answer = exchange(call.http, "GET", url, effect=Effect.READ, follow_redirects=True)
    if answer.status_code == 429 or answer.status_code >= 500:
        raise_for(answer, call, Effect.READ)
    if not answer.is_success:
        return None
    try:
        body = json_object(answer, call, Effect.READ)
    except NetworkError:
        return None
    server = origin_of(answer.url)
    authorize, token = text_of(body, "authorization_endpoint"), text_of(body, "token_endpoint")
    revoke = text_of(body, "revocation_endpoint") or server + "/oauth/revoke"
    # Credentials go to these addresses: they must be the server's own.
    if not all(endpoint.startswith(server + "/") for endpoint in (authorize, token, revoke)):
        return None
    return ServerMetadata(
        server=server,
        authorization_endpoint=authorize,
        token_endpoint=token,
        revocation_endpoint=revoke,
        scopes=texts_of(body, "scopes_supported"),
    )


def get_webfinger_server(call: Call, account: str) -> str:
    """Return the origin of the server behind user@domain; empty when the domain does not say.

    https://docs.joinmastodon.org/spec/webfinger/
    """
    answer = exchange(
        call.http,
        "GET",
        call.server + "/.well-known/webfinger",
        effect=Effect.READ,
        params={"resource": f"acct:{account}"},
        follow_redirects=True,
    )
    if not answer.is_success:
        return ""
    try:
        links = list_of(json_object(answer, call, Effect.READ), "links")
    except NetworkError:
        return ""
    for link in links:
        if isinstance(link, dict) and text_of(link, "rel") == "self":
            href = text_of(link, "href")
            if href.startswith(("https://", "http://")):
                return origin_of(href)
    return ""


def create_app(
    call: Call, *, client_name: str, redirect_uris: Sequence[str] | str, scopes: str, website: str
) -> Application:
    """Register our application. Before 4.3 ``redirect_uris`` must be one text.

    https://docs.joinmastodon.org/methods/apps/#create
    """
    body: dict[str, object] = {"client_name": client_name, "redirect_uris": redirect_uris, "scopes": scopes}
    if website:
        body["website"] = website
    found = as_object(send(call, "POST", "/api/v1/apps", effect=Effect.PREPARE, json=body))
    client_id, client_secret = text_of(found, "client_id"), text_of(found, "client_secret")
    if not client_id or not client_secret:
        raise Rejected(RejectionReason.NOT_FOUND, "no application in the answer")
    return Application(client_id=client_id, client_secret=client_secret)


def get_account(call: Call) -> RemoteAccount:
    """https://docs.joinmastodon.org/methods/accounts/#verify_credentials"""
    answer = send(call, "GET", "/api/v1/accounts/verify_credentials", effect=Effect.READ)
    found = json_object(answer, call, Effect.READ)
    account = RemoteAccount(
        id=_id_of(found),
        username=text_of(found, "username"),
        display_name=text_of(found, "display_name"),
        url=address_of(found, "url"),
        avatar=address_of(found, "avatar"),
    )
    if not account.id or not account.username:
        raise_unreadable(call, Effect.READ)
    return account


def upload_media(call: Call, media: Media) -> MediaAttachment:
    """Upload one file; nothing is public yet. 200: ready, 202: the server still works on it.

    https://docs.joinmastodon.org/methods/media/#v2
    """
    with media.open() as stream:
        answer = send(
            call,
            "POST",
            "/api/v2/media",
            effect=Effect.PREPARE,
            data={"description": media.alt_text} if media.alt_text else {},
            files={"file": (media.filename, stream, media.content_type)},
        )
    attachment_id = _id_of(json_object(answer, call, Effect.PREPARE))
    if not attachment_id:
        raise_unreadable(call, Effect.PREPARE)
    return MediaAttachment(id=attachment_id, is_ready=answer.status_code != 202)


def get_media(call: Call, attachment_id: str) -> MediaAttachment:
    """206: still in work. https://docs.joinmastodon.org/methods/media/#get"""
    answer = send(call, "GET", f"/api/v1/media/{attachment_id}", effect=Effect.READ)
    return MediaAttachment(id=attachment_id, is_ready=answer.status_code != 206)


def create_status(
    call: Call,
    *,
    idempotency_key: str,
    text: str,
    media_ids: Sequence[str],
    visibility: str,
    spoiler_text: str,
    language: str,
    in_reply_to_id: str = "",
) -> Status:
    """Publish. https://docs.joinmastodon.org/methods/statuses/#create"""
    body: dict[str, object] = {"status": text}
    for name, value in (
        ("media_ids", list(media_ids)),
        ("visibility", visibility),
        ("spoiler_text", spoiler_text),
        ("language", language),
        ("in_reply_to_id", in_reply_to_id),
    ):
        if value:
            body[name] = value
    answer = send(
        call,
        "POST",
        "/api/v1/statuses",
        effect=Effect.PUBLISH,
        headers={"Idempotency-Key": idempotency_key},
        json=body,
    )
    status = _status(json_object(answer, call, Effect.PUBLISH))
    if not status.id:
        raise_unreadable(call, Effect.PUBLISH)
    return status


def edit_status(
    call: Call,
    status_id: str,
    *,
    text: str,
    spoiler_text: str,
    language: str,
    media_ids: Sequence[str],
    descriptions: Sequence[str],
) -> Status:
    """Change a status; the same again changes nothing, so a lost answer is NotSent. Files left out would be taken off.

    https://docs.joinmastodon.org/methods/statuses/#edit
    """
    body: dict[str, object] = {"status": text, "spoiler_text": spoiler_text}
    if language:
        body["language"] = language
    if media_ids:
        body["media_ids"] = list(media_ids)
        body["media_attributes"] = [
            {"id": media_id, "description": description}
            for media_id, description in zip(media_ids, descriptions, strict=True)
        ]
    answer = send(call, "PUT", f"/api/v1/statuses/{status_id}", effect=Effect.PREPARE, json=body)
    return _status(json_object(answer, call, Effect.PREPARE))


def get_status(call: Call, status_id: str) -> Status:
    """https://docs.joinmastodon.org/methods/statuses/#get"""
    answer = send(call, "GET", f"/api/v1/statuses/{status_id}", effect=Effect.READ)
    return _status(json_object(answer, call, Effect.READ))


def delete_status(call: Call, status_id: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent. https://docs.joinmastodon.org/methods/statuses/#delete"""
    send(call, "DELETE", f"/api/v1/statuses/{status_id}", effect=Effect.PREPARE)


def list_account_statuses(call: Call, account_id: str, *, limit: int, max_id: str = "") -> list[Status]:
    """Newest first. https://docs.joinmastodon.org/methods/accounts/#statuses"""
    params: dict[str, str | int] = {"limit": limit, "exclude_reblogs": "true"}
    if max_id:
        params["max_id"] = max_id
    path = f"/api/v1/accounts/{account_id}/statuses"
    answer = send(call, "GET", path, effect=Effect.READ, params=params)
    return [_status(found) for found in json_list(answer, call)]


def get_instance_configuration(call: Call) -> Json:
    """Return ``configuration`` of the server's description. https://docs.joinmastodon.org/methods/instance/#v2"""
    answer = send(call, "GET", "/api/v2/instance", effect=Effect.READ)
    return object_of(json_object(answer, call, Effect.READ), "configuration")


def get_instance_configuration_v1(call: Call) -> Json:
    """The same before Mastodon 4.0. https://docs.joinmastodon.org/methods/instance/#v1"""
    answer = send(call, "GET", "/api/v1/instance", effect=Effect.READ)
    found = json_object(answer, call, Effect.READ)
    configuration = object_of(found, "configuration")
    if configuration:
        return configuration
    characters = number_of(found, "max_toot_chars")  # Pleroma and its kin
    return {"statuses": {"max_characters": characters}} if characters else {}


def is_mastodon_itself(call: Call) -> bool:
    """Say whether the server runs Mastodon 4 or later, not another software that speaks its language.

    Those name themselves behind "compatible", or count from nought: "2.7.2 (compatible; Pleroma 2.5.0)", "0.17.0".
    """
    answer = send(call, "GET", "/api/v2/instance", effect=Effect.READ)
    version = text_of(json_object(answer, call, Effect.READ), "version")
    major = version.partition(".")[0]
    return "compatible" not in version and major.isdecimal() and int(major) >= OLDEST_THAT_DESCRIBES_ITSELF


def _id_of(found: Json) -> str:
    # Ids are texts by the specification; some servers send numbers.
    number = number_of(found, "id")
    return text_of(found, "id") if number is None else str(number)


def _status(found: Json) -> Status:
    names = ("favourites_count", "replies_count", "reblogs_count")
    return Status(
        id=_id_of(found),
        url=address_of(found, "url") or address_of(found, "uri"),
        content=text_of(found, "content"),
        visible_text=text_of(object_of(object_of(found, "pleroma"), "content"), "text/plain"),
        spoiler_text=text_of(found, "spoiler_text"),
        visibility=text_of(found, "visibility"),
        language=text_of(found, "language"),
        in_reply_to_id=text_of(found, "in_reply_to_id"),
        created_at=time_of(text_of(found, "created_at")),
        media_ids=tuple(
            _id_of(item) for item in list_of(found, "media_attachments") if isinstance(item, dict)
        ),
        is_reblog=bool(object_of(found, "reblog")),
        counts={name: number_of(found, name) for name in names},
    )
