"""Posts in the making at Instagram and Threads: a container per file, for several files one around them.

Each call does one step and returns how far it is, so that a crash between any two of them costs one step. Containers
are seen by nobody and forgotten after a day; the network works on them for seconds (pictures) or minutes (videos).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, timedelta
from typing import ClassVar

from ..answers import list_of, number_of, text_of
from ..base import (
    LimitLevel,
    Media,
    NotSent,
    PictureForm,
    Prepared,
    Preparing,
    PublishRequest,
    RateLimited,
    Rejected,
    RejectionReason,
)
from ..images import is_made_to_fit
from ..words import _
from .graph import QUOTA_LOOK_AGAIN, Call

FIRST_WAIT, WAIT_MAX = timedelta(seconds=3), timedelta(minutes=1)
CHECK_AGAIN = timedelta(seconds=30)
DOUBLINGS_MAX = 6
QUOTA_WINDOW = timedelta(hours=24)
BEGUN_ANEW_MAX = 1
WORDS_MAX = 300
FINISHED, IN_PROGRESS, EXPIRED, PUBLISHED = "FINISHED", "IN_PROGRESS", "EXPIRED", "PUBLISHED"


@dataclass(frozen=True, kw_only=True)
class File:
    """The container of one file; ``is_up``: its bytes are there, ``is_ready``: the network has worked through them."""

    id: str
    upload_url: str = ""
    is_up: bool = True
    is_ready: bool = False


@dataclass(frozen=True, kw_only=True)
class ContainerStatus:
    """``code``: IN_PROGRESS, FINISHED, ERROR, EXPIRED or PUBLISHED. ``words`` are the network's, of its error."""

    code: str
    words: str = ""


@dataclass(frozen=True, kw_only=True)
class Quota:
    """How many posts of a day's are used."""

    used: int
    total: int

    @property
    def is_spent(self) -> bool:
        return self.used >= self.total


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

    def with_file(self, position: int, file: File) -> Progress:
        files = [*self.files]
        files[position] = file
        return replace(self, files=tuple(files), checks=0)

    def kept(self, next_at: datetime | None = None) -> Preparing:
        files = [asdict(file) for file in self.files]
        return Preparing(progress={**asdict(self), "files": files}, next_at=next_at)


def container_of(request: PublishRequest) -> str:
    """Return the container to publish; empty when none was made."""
    return text_of(request.prepared, "container")


def until_quota_is_free(call: Call, published_at: Sequence[datetime | None]) -> RateLimited:
    """Return the limit of an account that has published all it may within a day.

    A place is free when the oldest post of the last day leaves it. What counts without being listed (stories) makes
    that unknown: then it is worth looking again in an hour.
    """
    times = [moment for moment in published_at if moment is not None]
    free_at = min(times) + QUOTA_WINDOW if times else call.now + QUOTA_LOOK_AGAIN
    return RateLimited(max(free_at, call.now + FIRST_WAIT), LimitLevel.PROFILE)


@dataclass(frozen=True, kw_only=True)
class Preparation(ABC):
    """The next step of one post. A network says in the abstract methods how it makes containers and asks for them."""

    call: Call
    request: PublishRequest
    progress: Progress = field(init=False)
    # Error numbers of files the network could not fetch or read just now.
    fetching: ClassVar[frozenset[int]] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "progress", Progress.of(self.request.prepared))

    # --- what differs ---

    @property
    @abstractmethod
    def is_carousel(self) -> bool: ...

    @abstractmethod
    def check_quota(self) -> None:
        """Raise RateLimited when the account has published all it may within a day, before anything is made."""

    @abstractmethod
    def create_file(self, media: Media) -> File: ...

    @abstractmethod
    def create_around(self, ids: Sequence[str]) -> str:
        """Make the container of the whole post around those of its files; return its id."""

    @abstractmethod
    def status_of(self, container_id: str) -> ContainerStatus: ...

    @abstractmethod
    def refusal_of(self, status: ContainerStatus) -> tuple[int, RejectionReason]:
        """Return the number of a container's error, 0 when it names none, and what it means."""

    def upload(self, file: File, media: Media) -> None:
        """Bring the bytes, where the network takes any. May be repeated."""
        raise NotImplementedError

    # --- the steps ---

    def step(self) -> Preparing | Prepared:
        made, media = self.progress, self.request.content.media
        if not made.files and not made.begun_anew:
            self.check_quota()
        if len(made.files) < len(media):
            file = self.create_file(media[len(made.files)])
            return replace(made, files=(*made.files, file), checks=0).kept()
        for position, file in enumerate(made.files):
            if not file.is_up:
                self.upload(file, media[position])
                return made.with_file(position, replace(file, is_up=True)).kept()
        for position, file in enumerate(made.files):
            if not file.is_ready:
                after = made.with_file(position, replace(file, is_ready=True))
                return self._look(file.id, after, is_last=not self.is_carousel)
        if not made.around:
            return replace(made, around=self.create_around([file.id for file in made.files])).kept()
        return self._look(made.around, made, is_last=True)

    def _look(self, container_id: str, after: Progress, *, is_last: bool) -> Preparing | Prepared:
        """Ask whether a container is done; ``after`` is the progress when it is."""
        status = self.status_of(container_id)
        if status.code in (FINISHED, PUBLISHED):
            return Prepared(progress={"container": container_id}) if is_last else after.kept()
        if status.code == IN_PROGRESS:
            made = self.progress
            wait = min(FIRST_WAIT * 2 ** min(made.checks, DOUBLINGS_MAX), WAIT_MAX)
            return replace(made, checks=made.checks + 1).kept(next_at=self.call.now + wait)
        return self._begin_anew(status)

    def _begin_anew(self, status: ContainerStatus) -> Preparing:
        """Make new containers once where that may help: an old one, a file that could not be fetched just now."""
        label = self.call.label
        number, reason = self.refusal_of(status)
        is_worth_it = status.code == EXPIRED or number in self.fetching
        if is_worth_it and self.progress.begun_anew < BEGUN_ANEW_MAX:
            return Progress(begun_anew=self.progress.begun_anew + 1).kept()
        if status.code == EXPIRED:
            raise NotSent(_("%(network)s worked on the files for a day and did not finish.", network=label))
        if number in self.fetching:
            raise Rejected(
                reason, _("%(network)s could not fetch or read the files from this Chorus.", network=label)
            )
        raise Rejected(
            reason, status.words[:WORDS_MAX] or _("%(network)s could not use the files.", network=label)
        )


def fetchable_address(media: Media, call: Call, form: PictureForm, *, needs_https: bool) -> str:
    """Return where the network fetches this file, a picture in its ``form``. Raises Rejected where it could not."""
    wanted = form if is_made_to_fit(media, form) else None
    address = media.address(wanted) if media.address else ""
    if not address.startswith("https://" if needs_https else "http"):
        raise Rejected(
            RejectionReason.MEDIA_INVALID,
            _(
                "%(network)s fetches files from Chorus itself, which has no public https address here.",
                network=call.label,
            ),
        )
    return address
