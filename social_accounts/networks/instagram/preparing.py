"""What must be there before the post, as Instagram wants it: pictures it fetches, videos it is sent."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from ..base import Media, RejectionReason
from ..meta.containers import (
    QUOTA_WINDOW,
    ContainerStatus,
    File,
    Preparation,
    fetchable_address,
    until_quota_is_free,
)
from . import client
from .errors import DIALECT, FETCHING
from .features import GRID, NOT_IN_GRID, PICTURE_FORM, Kind, collaborators_of, cover_milliseconds, kind_of

_SUBCODE = re.compile(r"\b(2207\d{3}|36\d{3})\b")


@dataclass(frozen=True, kw_only=True)
class InstagramPreparation(Preparation):
    """``upload_base``: where bytes may go; an address elsewhere is not believed."""

    upload_base: str
    needs_https: bool
    fetching: ClassVar[frozenset[int]] = FETCHING

    @property
    def is_carousel(self) -> bool:
        return self._kind is Kind.CAROUSEL

    def check_quota(self) -> None:
        quota = client.get_quota(self.call, self._user)
        if quota is not None and quota.is_spent:
            since = self.call.now - QUOTA_WINDOW
            listed = client.list_media(self.call, self._user, since=since, limit=quota.total)
            raise until_quota_is_free(self.call, [media.created_at for media in listed])

    def create_file(self, media: Media) -> File:
        fields = client.video_fields(self._video_type()) if media.is_video else self._picture(media)
        fields |= {"is_carousel_item": "true"} if self.is_carousel else self._words()
        made = client.create_container(self.call, self._user, fields)
        url = made.upload_url if media.is_video else ""
        if media.is_video and not url.startswith(f"{self.upload_base}/"):
            url = f"{self.upload_base}/{made.id}"
        return File(id=made.id, upload_url=url, is_up=not media.is_video)

    def create_around(self, ids: Sequence[str]) -> str:
        fields = {**client.carousel_fields(ids), **self._words()}
        return client.create_container(self.call, self._user, fields).id

    def status_of(self, container_id: str) -> ContainerStatus:
        return client.get_status(self.call, container_id)

    def refusal_of(self, status: ContainerStatus) -> tuple[int, RejectionReason]:
        found = _SUBCODE.search(status.words)
        number = int(found.group()) if found else 0
        return number, DIALECT.reasons.get(number, RejectionReason.MEDIA_INVALID)

    def upload(self, file: File, media: Media) -> None:
        """Send a video, or what an upload that broke off left of it to send."""
        offset = client.get_uploaded_bytes(self.call, file.id)
        if offset < media.size_bytes:
            client.upload_video(self.call, file.upload_url, media, offset=offset)

    def _picture(self, media: Media) -> dict[str, str]:
        address = fetchable_address(media, self.call, PICTURE_FORM, needs_https=self.needs_https)
        if self._kind is Kind.STORY:
            return {"media_type": Kind.STORY.value, "image_url": address}
        return client.picture_fields(address, alt_text=media.alt_text)

    def _video_type(self) -> str:
        return "VIDEO" if self.is_carousel else self._kind.value

    def _words(self) -> dict[str, str]:
        """Return what belongs to the post and not to one of its files."""
        content, kind = self.request.content, self._kind
        if kind is Kind.STORY:
            return {}
        fields = {"caption": content.text} if content.text else {}
        fields |= client.collaborators_field(collaborators_of(content))
        if kind is Kind.REEL:
            fields["share_to_feed"] = "false" if content.options.get(GRID) == NOT_IN_GRID else "true"
            offset = cover_milliseconds(content)
            fields |= {"thumb_offset": offset} if offset else {}
        return fields

    @property
    def _user(self) -> str:
        return self.request.account.remote_id

    @property
    def _kind(self) -> Kind:
        return kind_of(self.request.content)
