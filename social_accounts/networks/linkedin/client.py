"""LinkedIn's HTTP API: one function per endpoint, replies as typed values, failures as our five errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import quote

from ..answers import Json, address_of, as_object, list_of, number_of, object_of, text_of
from ..base import CredentialsExpired, Media
from ..http import Effect, exchange
from .errors import Call, object_in, raise_for, raise_unreadable, send

PAGES_PER_ANSWER = 100
ANSWERS_MAX = 10
READY, FAILED = "AVAILABLE", "PROCESSING_FAILED"


@dataclass(frozen=True, kw_only=True)
class Member:
    id: str
    name: str
    picture: str


@dataclass(frozen=True, kw_only=True)
class Organization:
    id: str
    name: str
    vanity_name: str


@dataclass(frozen=True, kw_only=True)
class Upload:
    """``parts``: address, first and last byte of each request that brings a piece of the file."""

    urn: str
    parts: tuple[tuple[str, int, int], ...]
    token: str = ""


@dataclass(frozen=True, kw_only=True)
class RemoteComment:
    """``urn`` is urn:li:comment:(post, number)."""

    urn: str
    actor: str
    text: str
    created_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class RemotePost:
    urn: str
    commentary: str
    created_at: datetime | None
    media_count: int
    is_reshare: bool


def get_member(call: Call) -> Member:
    """https://learn.microsoft.com/linkedin/consumer/integrations/self-serve/sign-in-with-linkedin-v2"""
    found = object_in(send(call, "GET", "/v2/userinfo", effect=Effect.READ), Effect.READ)
    member = Member(
        id=text_of(found, "sub"), name=text_of(found, "name"), picture=address_of(found, "picture")
    )
    if not member.id:
        raise_unreadable(Effect.READ)
    return member


def list_organizations(call: Call) -> list[Organization]:
    """Return the pages the member administers. One by one: the batch is closed to young applications.

    https://learn.microsoft.com/linkedin/marketing/community-management/organizations/organization-access-control-by-role
    """
    ids: list[str] = []
    for number in range(ANSWERS_MAX):
        params: dict[str, str | int] = {
            "q": "roleAssignee",
            "role": "ADMINISTRATOR",
            "state": "APPROVED",
            "count": PAGES_PER_ANSWER,
            "start": number * PAGES_PER_ANSWER,
        }
        try:
            answer = send(call, "GET", "/rest/organizationAcls", effect=Effect.READ, params=params)
        except CredentialsExpired:
            return []  # an application without Community Management: only the member can be connected
        found = [
            item for item in list_of(object_in(answer, Effect.READ), "elements") if isinstance(item, dict)
        ]
        ids += [text_of(item, "organization").rpartition(":")[2] for item in found]
        if len(found) < PAGES_PER_ANSWER:
            break
    return [get_organization(call, organization_id) for organization_id in ids if organization_id]


def get_organization(call: Call, organization_id: str) -> Organization:
    answer = send(call, "GET", f"/rest/organizations/{organization_id}", effect=Effect.READ)
    found = object_in(answer, Effect.READ)
    return Organization(
        id=organization_id,
        name=text_of(found, "localizedName"),
        vanity_name=text_of(found, "vanityName"),
    )


# --- posts, https://learn.microsoft.com/linkedin/marketing/community-management/shares/posts-api ----------------------


def create_post(
    call: Call, *, author: str, commentary: str, content: Json, visibility: str, may_be_reshared: bool
) -> str:
    """Publish; return the URN."""
    body: dict[str, object] = {
        "author": author,
        "commentary": commentary,
        "visibility": visibility,
        "distribution": {
            "feedDistribution": "MAIN_FEED",
            "targetEntities": [],
            "thirdPartyDistributionChannels": [],
        },
        "lifecycleState": "PUBLISHED",
        "isReshareDisabledByAuthor": not may_be_reshared,
    }
    if content:
        body["content"] = content
    answer = send(call, "POST", "/rest/posts", effect=Effect.PUBLISH, json=body)
    urn: str = answer.headers.get("x-restli-id", "")
    if not urn.startswith("urn:li:"):
        raise_unreadable(Effect.PUBLISH)
    return urn


def get_post(call: Call, urn: str) -> RemotePost:
    """Of pages only: LinkedIn shows nobody a member's posts."""
    answer = send(call, "GET", f"/rest/posts/{quote(urn, safe='')}", effect=Effect.READ)
    return _post(object_in(answer, Effect.READ))


def edit_post(call: Call, urn: str, *, commentary: str) -> None:
    """Change the text; the same again changes nothing, so a lost answer is NotSent."""
    headers = {"X-RestLi-Method": "PARTIAL_UPDATE"}
    body = {"patch": {"$set": {"commentary": commentary}}}
    path = f"/rest/posts/{quote(urn, safe='')}"
    send(call, "POST", path, effect=Effect.PREPARE, headers=headers, json=body)


def delete_post(call: Call, urn: str) -> None:
    """Deleting is repeatable, so a lost answer is NotSent."""
    headers = {"X-RestLi-Method": "DELETE"}
    send(call, "DELETE", f"/rest/posts/{quote(urn, safe='')}", effect=Effect.PREPARE, headers=headers)


def list_posts(call: Call, author: str, *, limit: int) -> list[RemotePost]:
    """Newest first; of pages only, LinkedIn shows nobody a member's posts."""
    params: dict[str, str | int] = {
        "q": "author",
        "author": author,
        "count": limit,
        "sortBy": "LAST_MODIFIED",
    }
    headers = {"X-RestLi-Method": "FINDER"}
    answer = send(call, "GET", "/rest/posts", effect=Effect.READ, params=params, headers=headers)
    found = object_in(answer, Effect.READ)
    if "elements" not in found:
        raise_unreadable(Effect.READ)
    return [_post(item) for item in list_of(found, "elements") if isinstance(item, dict)]


# --- comments, https://learn.microsoft.com/linkedin/marketing/community-management/shares/comments-api ----------------


def create_comment(call: Call, post_urn: str, *, actor: str, text: str) -> str:
    """Comment on a post and return the comment's URN. The text is plain: nothing of it is markup."""
    body = {"actor": actor, "object": post_urn, "message": {"text": text}}
    path = f"/rest/socialActions/{quote(post_urn, safe='')}/comments"
    answer = send(call, "POST", path, effect=Effect.PUBLISH, json=body)
    found = as_object(answer)
    urn = text_of(found, "commentUrn") or text_of(found, "$URN")
    number = text_of(found, "id") or answer.headers.get("x-restli-id", "")
    if not urn and not number:
        raise_unreadable(Effect.PUBLISH)
    return urn or f"urn:li:comment:({post_urn},{number})"


def list_comments(call: Call, post_urn: str, *, limit: int) -> list[RemoteComment]:
    path = f"/rest/socialActions/{quote(post_urn, safe='')}/comments"
    params: dict[str, str | int] = {"start": 0, "count": limit}
    found = object_in(send(call, "GET", path, effect=Effect.READ, params=params), Effect.READ)
    if "elements" not in found:
        raise_unreadable(Effect.READ)
    return [_comment(item, post_urn) for item in list_of(found, "elements") if isinstance(item, dict)]


def get_statistics(call: Call, organization: str, urns: Sequence[str]) -> Mapping[str, Json]:
    """Return the numbers of a page's posts, by URN. A post LinkedIn has no numbers of is not among them.

    https://learn.microsoft.com/linkedin/marketing/community-management/organizations/share-statistics
    """
    found: dict[str, Json] = {}
    for field, kind in (("shares", "urn:li:share:"), ("ugcPosts", "urn:li:ugcPost:")):
        wanted = [urn for urn in urns if urn.startswith(kind)]
        if not wanted:
            continue
        listed = ",".join(quote(urn, safe="") for urn in wanted)
        path = (
            "/rest/organizationalEntityShareStatistics?q=organizationalEntity"
            f"&organizationalEntity={quote(organization, safe='')}&{field}=List({listed})"
        )
        answer = object_in(send(call, "GET", path, effect=Effect.READ), Effect.READ)
        for item in list_of(answer, "elements"):
            if isinstance(item, dict):
                urn = text_of(item, "share") or text_of(item, "ugcPost")
                found[urn] = object_of(item, "totalShareStatistics")
    return found


# --- files, https://learn.microsoft.com/linkedin/marketing/community-management/shares/images-api ---------------------


def start_image(call: Call, owner: str) -> Upload:
    value = _initialize(call, "images", {"owner": owner})
    return Upload(urn=text_of(value, "image"), parts=((text_of(value, "uploadUrl"), 0, -1),))


def start_video(call: Call, owner: str, size: int) -> Upload:
    request = {"owner": owner, "fileSizeBytes": size, "uploadCaptions": False, "uploadThumbnail": False}
    value = _initialize(call, "videos", request)
    parts = [
        (text_of(part, "uploadUrl"), number_of(part, "firstByte") or 0, number_of(part, "lastByte") or 0)
        for part in list_of(value, "uploadInstructions")
        if isinstance(part, dict)
    ]
    return Upload(urn=text_of(value, "video"), parts=tuple(parts), token=text_of(value, "uploadToken"))


def put_part(call: Call, url: str, media: Media, *, first: int, last: int, with_token: bool) -> str:
    """Bring one piece of a file; return its ETag. Pieces of films go up without our token, pictures with it."""
    with media.open() as stream:
        stream.seek(first)
        content = stream.read() if last < 0 else stream.read(last - first + 1)
    headers = {"Authorization": f"Bearer {call.token}"} if with_token else {}
    headers["Content-Type"] = "application/octet-stream"
    answer = exchange(call.http, "PUT", url, effect=Effect.PREPARE, headers=headers, content=content)
    if not answer.is_success:
        raise_for(answer, call, Effect.PREPARE)
    return str(answer.headers.get("ETag", "")).strip('"')


def finish_video(call: Call, urn: str, token: str, part_ids: Sequence[str]) -> None:
    request = {"video": urn, "uploadToken": token, "uploadedPartIds": list(part_ids)}
    body = {"finalizeUploadRequest": request}
    send(call, "POST", "/rest/videos?action=finalizeUpload", effect=Effect.PREPARE, json=body)


def get_state(call: Call, urn: str) -> str:
    """Return how far LinkedIn is with a file."""
    kind = "videos" if ":video:" in urn else "images"
    answer = send(call, "GET", f"/rest/{kind}/{quote(urn, safe='')}", effect=Effect.READ)
    return text_of(object_in(answer, Effect.READ), "status")


def _initialize(call: Call, kind: str, request: Mapping[str, object]) -> Json:
    body = {"initializeUploadRequest": dict(request)}
    answer = send(call, "POST", f"/rest/{kind}?action=initializeUpload", effect=Effect.PREPARE, json=body)
    value = object_of(object_in(answer, Effect.PREPARE), "value")
    if not value:
        raise_unreadable(Effect.PREPARE)
    return value


def _comment(found: Json, post_urn: str) -> RemoteComment:
    created = number_of(object_of(found, "created"), "time")
    return RemoteComment(
        urn=text_of(found, "commentUrn")
        or text_of(found, "$URN")
        or f"urn:li:comment:({post_urn},{text_of(found, 'id')})",
        actor=text_of(found, "actor"),
        text=text_of(object_of(found, "message"), "text"),
        created_at=datetime.fromtimestamp(created / 1000, UTC) if created else None,
    )


def _post(found: Json) -> RemotePost:
    content = object_of(found, "content")
    several = list_of(object_of(content, "multiImage"), "images")
    created = number_of(found, "createdAt") or number_of(found, "publishedAt")
    return RemotePost(
        urn=text_of(found, "id"),
        commentary=text_of(found, "commentary"),
        created_at=datetime.fromtimestamp(created / 1000, UTC) if created else None,
        media_count=len(several) or int(bool(object_of(content, "media"))),
        is_reshare=bool(object_of(found, "reshareContext")),
    )
