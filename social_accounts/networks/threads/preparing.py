"""What must be there before the post, as Threads wants it: it fetches every file itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..base import Content, Media, RejectionReason
from ..meta.containers import (
    QUOTA_WINDOW,
    ContainerStatus,
    File,
    Preparation,
    fetchable_address,
    until_quota_is_free,
)
from ..meta.graph import Call
from . import client
from .errors import DIALECT, FETCHING
from .features import PICTURE_FORM, REPLIES, TOPIC, link_of

_NUMBER = re.compile(r"\b2207\d{3}\b")


def check_quota(call: Call, user_id: str) -> None:
    """Raise RateLimited when the account has published all it may within a day."""
    quota = client.get_quota(call, user_id)
    if quota is not None and quota.is_spent:
        listed = client.list_posts(call, user_id, since=call.now - QUOTA_WINDOW, limit=quota.total)
        raise until_quota_is_free(call, [post.created_at for post in listed])


def text_fields(content: Content) -> dict[str, str]:
    """Return what belongs to the post and not to one of its files."""
    found = {
        "text": content.text,
        "reply_control": content.options.get(REPLIES, ""),
        "topic_tag": content.options.get(TOPIC, "").removeprefix("#"),
        "link_attachment": link_of(content),
    }
    return {name: value for name, value in found.items() if value}


@dataclass(frozen=True, kw_only=True)
class ThreadsPreparation(Preparation):
    needs_https: bool
    fetching: ClassVar[frozenset[int]] = FETCHING

    @property
    def is_carousel(self) -> bool:
        return len(self.request.content.media) > 1

    def check_quota(self) -> None:
        check_quota(self.call, self._user)

    def create_file(self, media: Media) -> File:
        address = fetchable_address(media, self.call, PICTURE_FORM, needs_https=self.needs_https)
        kind, name = ("VIDEO", "video_url") if media.is_video else ("IMAGE", "image_url")
        fields = {"media_type": kind, name: address}
        fields |= {"alt_text": media.alt_text} if media.alt_text else {}
        fields |= {"is_carousel_item": "true"} if self.is_carousel else text_fields(self.request.content)
        return File(id=client.create_container(self.call, self._user, fields))

    def create_around(self, ids: Sequence[str]) -> str:
        fields = {"media_type": "CAROUSEL", "children": ",".join(ids), **text_fields(self.request.content)}
        return client.create_container(self.call, self._user, fields)

    def status_of(self, container_id: str) -> ContainerStatus:
        return client.get_status(self.call, container_id)

    def refusal_of(self, status: ContainerStatus) -> tuple[int, RejectionReason]:
        found = _NUMBER.search(status.words)
        number = int(found.group()) if found else 0
        return number, DIALECT.reasons.get(number, RejectionReason.MEDIA_INVALID)

    @property
    def _user(self) -> str:
        return self.request.account.remote_id
