"""What must be there before the post: a container per file, the bytes of videos, for several files one around them.

Each call does one step and returns how far it is, so that a crash between any two of them costs one step. Containers
are seen by nobody and forgotten after a day; Instagram works on them for seconds (pictures) or minutes (videos).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta

from ..answers import list_of, number_of, text_of
from ..base import (
    LimitLevel,
    Media,
    NotSent,
    Prepared,
    Preparing,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from ..meta.graph import QUOTA_LOOK_AGAIN, Call
from ..words import _
from . import client
from .errors import DIALECT, FETCHING
from .features import GRID, NOT_IN_GRID, Kind, collaborators_of, cover_milliseconds, kind_of

FIRST_WAIT, WAIT_MAX = timedelta(seconds=3), timedelta(minutes=1)
DOUBLINGS_MAX = 6
QUOTA_WINDOW = timedelta(hours=24)
BEGUN_ANEW_MAX = 1
FINISHED, IN_PROGRESS, EXPIRED, PUBLISHED = "FINISHED", "IN_PROGRESS", "EXPIRED", "PUBLISHED"
_SUBCODE = re.compile(r"\b(2207\d{3}|36\d{3})\b")


@dataclass(frozen=True, kw_only=True)
class File:
    """The container of one file; ``is_up``: its bytes are there, ``is_ready``: Instagram has worked through them."""

    id: str
    upload_url: str = ""
    is_up: bool = True
    is_ready: bool = False


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far the containers are; kept as JSON between two steps. ``around``: the carousel's container."""

    files: tuple[File, ...] = ()
    around: str = ""
    checks: int = 0
    begun_anew: int = 0

    @classmethod
    def of(cls, kept: Mapping[str, object]) -> Progress:
        files = [
            File(
                id=text_of(item, "id"),
                upload_url=text_of(item, "upload_url"),
                is_up=item.get("is_up") is True,
                is_ready=item.get("is_ready") is True,
            )
            for item in list_of(kept, "files")
            if isinstance(item, dict)
        ]
        return cls(
            files=tuple(files),
            around=text_of(kept, "around"),
            checks=number_of(kept, "checks") or 0,
            begun_anew=number_of(kept, "begun_anew") or 0,
        )

    def with_file(self, position: int, **changes: bool) -> Progress:
        files = [*self.files]
        files[position] = replace(files[position], **changes)
        return replace(self, files=tuple(files), checks=0)

    def kept(self, next_at: datetime | None = None) -> Preparing:
        files = [asdict(file) for file in self.files]
        return Preparing(progress={**asdict(self), "files": files}, next_at=next_at)


def container_of(request: PublishRequest) -> str:
    """Return the container to publish; empty when none was made."""
    return text_of(request.prepared, "container")


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The next step of one post. ``upload_base``: where bytes may go; an address elsewhere is not believed."""

    call: Call
    request: PublishRequest
    upload_base: str
    needs_https: bool
    progress: Progress = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "progress", Progress.of(self.request.prepared))

    def step(self) -> Preparing | Prepared:
        made, media = self.progress, self.request.content.media
        if not made.files and not made.begun_anew:
            self._check_quota()
        if len(made.files) < len(media):
            return self._begin(media[len(made.files)])
        for position, file in enumerate(made.files):
            if not file.is_up:
                return self._upload(position)
        is_carousel = self._kind is Kind.CAROUSEL
        for position, file in enumerate(made.files):
            if not file.is_ready:
                return self._look(file.id, made.with_file(position, is_ready=True), is_last=not is_carousel)
        if not made.around:
            fields = {**client.carousel_fields(file.id for file in made.files), **self._words()}
            around = client.create_container(self.call, self._user, fields)
            return replace(made, around=around.id).kept()
        return self._look(made.around, made, is_last=True)

    # --- the steps ---

    def _check_quota(self) -> None:
        """Raise RateLimited when the account has published all it may within a day, before anything is made."""
        quota = client.get_quota(self.call, self._user)
        if quota is None or not quota.is_spent:
            return
        since = self.call.now - QUOTA_WINDOW
        times = [
            media.created_at
            for media in client.list_media(self.call, self._user, since=since, limit=quota.total)
            if media.created_at is not None
        ]
        # Stories count and are not listed there: then it is worth looking again in an hour.
        free_at = min(times) + QUOTA_WINDOW if times else self.call.now + QUOTA_LOOK_AGAIN
        raise RateLimited(max(free_at, self.call.now + FIRST_WAIT), LimitLevel.PROFILE)

    def _begin(self, media: Media) -> Preparing:
        fields = client.video_fields(self._video_type()) if media.is_video else self._picture(media)
        if self._kind is Kind.CAROUSEL:
            fields["is_carousel_item"] = "true"
        else:
            fields |= self._words()
        made = client.create_container(self.call, self._user, fields)
        url = made.upload_url if media.is_video else ""
        if media.is_video and not url.startswith(f"{self.upload_base}/"):
            url = f"{self.upload_base}/{made.id}"
        file = File(id=made.id, upload_url=url, is_up=not media.is_video)
        return replace(self.progress, files=(*self.progress.files, file), checks=0).kept()

    def _picture(self, media: Media) -> dict[str, str]:
        address = media.address() if media.address else ""
        if not address.startswith("https://" if self.needs_https else "http"):
            raise Rejected(
                RejectionReason.MEDIA_INVALID,
                _("Instagram fetches pictures from Chorus itself, which has no public https address here."),
            )
        if self._kind is Kind.STORY:
            return {"media_type": Kind.STORY.value, "image_url": address}
        return client.picture_fields(address, alt_text=media.alt_text)

    def _video_type(self) -> str:
        return "VIDEO" if self._kind is Kind.CAROUSEL else self._kind.value

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

    def _upload(self, position: int) -> Preparing:
        """Send a video, or what an upload that broke off left of it to send."""
        file, video = self.progress.files[position], self.request.content.media[position]
        offset = client.get_uploaded_bytes(self.call, file.id)
        if offset < video.size_bytes:
            client.upload_video(self.call, file.upload_url, video, offset=offset)
        return self.progress.with_file(position, is_up=True).kept()

    def _look(self, container_id: str, after: Progress, *, is_last: bool) -> Preparing | Prepared:
        """Ask whether a container is done; ``after`` is the progress when it is."""
        status = client.get_status(self.call, container_id)
        if status.code in (FINISHED, PUBLISHED):
            return Prepared(progress={"container": container_id}) if is_last else after.kept()
        if status.code == IN_PROGRESS:
            made = self.progress
            wait = min(FIRST_WAIT * 2 ** min(made.checks, DOUBLINGS_MAX), WAIT_MAX)
            return replace(made, checks=made.checks + 1).kept(next_at=self.call.now + wait)
        return self._begin_anew(status)

    def _begin_anew(self, status: client.ContainerStatus) -> Preparing:
        """Make new containers once where that may help: an old one, a file Instagram could not fetch just now."""
        found = _SUBCODE.search(status.words)
        subcode = int(found.group()) if found else 0
        is_worth_it = status.code == EXPIRED or subcode in FETCHING
        if is_worth_it and self.progress.begun_anew < BEGUN_ANEW_MAX:
            return Progress(begun_anew=self.progress.begun_anew + 1).kept()
        reason = DIALECT.reasons.get(subcode, RejectionReason.MEDIA_INVALID)
        if status.code == EXPIRED:
            raise NotSent(_("Instagram worked on the files for a day and did not finish."))
        if subcode in FETCHING:
            raise Rejected(reason, _("Instagram could not fetch or read the files from this Chorus."))
        raise Rejected(reason, status.words[:300] or _("Instagram could not use the files."))

    @property
    def _user(self) -> str:
        return self.request.account.remote_id

    @property
    def _kind(self) -> Kind:
        return kind_of(self.request.content)
