"""Files of posts: taken in whole or part by part, cropped, given to a post, forgotten when nobody wants them."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from django.core.files import File
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from permissions.checker import Access
from publishing.cropping import Box, cropped
from publishing.errors import UnusableMedia
from publishing.media import VIDEO_BYTES_MAX, check_size, look_at
from publishing.models import IncomingFile, Post, PostMedia

LEFT_OVER_AFTER: Final = timedelta(days=7)  # a file whose post was never saved
INCOMING_FOR: Final = timedelta(days=1)  # a file that stopped half-way
INCOMING_MAX: Final = 10  # files one person has on their way at once
PART_BYTES: Final = 5 * 1024 * 1024
COPY_BYTES: Final = 1024 * 1024


class WrongPart(Exception):
    """The part does not follow what is here: send from ``received_bytes`` on."""

    def __init__(self, received_bytes: int) -> None:
        super().__init__(f"send from byte {received_bytes}")
        self.received_bytes = received_bytes


def usable_media(person_id: int, post: Post | None) -> QuerySet[PostMedia]:
    """Return what the person may put into the post: the post's own files with their originals, and his without post."""
    usable = Q(post=None, kept_for=None, uploaded_by=person_id)
    if post is not None:
        usable |= Q(post=post) | Q(kept_for=post)
    return PostMedia.objects.filter(usable)


def add_media(*, actor: Access, upload: UploadedFile[Any], now: datetime) -> PostMedia:
    """Take in one file, before its post is saved; forget those the person left over. Raises UnusableMedia."""
    looked = look_at(upload)
    forget(left_over(actor.user.pk, now))
    video = looked.video
    return PostMedia.objects.create(
        uploaded_by=actor.user,
        file=upload,
        filename=(upload.name or "file")[-200:],
        content_type=looked.content_type,
        size_bytes=looked.size_bytes,
        width=looked.width,
        height=looked.height,
        digest=looked.digest,
        seconds=video.seconds if video else None,
        frames_per_second=video.frames_per_second if video else None,
        codecs=" ".join(video.codecs) if video else "",
        created_at=now,
    )


def left_over(person_id: int, now: datetime) -> QuerySet[PostMedia]:
    """Return the person's files that no post wanted for a week; an original that a crop came from stays."""
    return PostMedia.objects.filter(
        post=None,
        kept_for=None,
        uploaded_by=person_id,
        created_at__lt=now - LEFT_OVER_AFTER,
        crops=None,
    )


@transaction.atomic
def begin_incoming(*, actor: Access, filename: str, size_bytes: int, now: datetime) -> IncomingFile:
    """Make room for a file that comes in parts. Raises UnusableMedia when it is too large, or too many are coming."""
    if not 0 < size_bytes <= VIDEO_BYTES_MAX:
        check_size(filename, size_bytes, is_video=True)
        raise UnusableMedia(_("%(name)s is empty.") % {"name": filename})
    coming = IncomingFile.objects.filter(person=actor.user)
    for stale in coming.filter(begun_at__lt=now - INCOMING_FOR):
        _drop(stale)
    if coming.count() >= INCOMING_MAX:
        raise UnusableMedia(_("Too many files are still coming in. Wait until they have arrived."))
    return IncomingFile.objects.create(
        person=actor.user, filename=filename[-200:], size_bytes=size_bytes, begun_at=now
    )


def take_part(
    *, actor: Access, incoming: IncomingFile, part: UploadedFile[Any], offset: int, now: datetime
) -> PostMedia | None:
    """Take in the next part; with the last one return the whole file, looked at. A repeat is told what is here.

    Raises WrongPart where the part does not follow, UnusableMedia when the whole cannot be used: then it is forgotten.
    """
    with transaction.atomic():
        incoming = IncomingFile.objects.select_for_update().get(pk=incoming.pk, person=actor.user)
        size = part.size or 0
        if offset != incoming.received_bytes or not size or offset + size > incoming.size_bytes:
            raise WrongPart(incoming.received_bytes)
        name = default_storage.save(f"incoming/{incoming.organization_id}/{uuid.uuid4().hex}", part)
        incoming.parts = [*incoming.parts, name]
        incoming.received_bytes = offset + size
        incoming.save(update_fields=["parts", "received_bytes"])
        if incoming.received_bytes < incoming.size_bytes:
            return None
    try:
        return _put_together(actor, incoming, now)
    finally:
        _drop(incoming)


def _put_together(actor: Access, incoming: IncomingFile, now: datetime) -> PostMedia:
    with tempfile.TemporaryFile() as whole:
        for stored in incoming.parts:
            with default_storage.open(stored, "rb") as piece:
                while data := piece.read(COPY_BYTES):
                    whole.write(data)
        whole.seek(0)
        upload: UploadedFile[Any] = UploadedFile(whole, incoming.filename, size=incoming.size_bytes)
        return add_media(actor=actor, upload=upload, now=now)


def _drop(incoming: IncomingFile) -> None:
    """Forget the row, and its parts once nothing can bring the row back."""
    for name in incoming.parts:
        transaction.on_commit(partial(default_storage.delete, name))
    IncomingFile.objects.filter(pk=incoming.pk).delete()


@transaction.atomic
def crop_media(*, actor: Access, media: PostMedia, box: Box, now: datetime) -> PostMedia:
    """Return a new file, the box cut out of the picture as it came in; the original stays beside it.

    It belongs to no post until the post is saved with it. Raises UnusableMedia for what cannot be cropped.
    """
    original = media.original or media
    with original.file.open("rb") as stream:
        content, width, height = cropped(stream, original.content_type, box)
    name = f"crop.{original.content_type.rpartition('/')[2]}"
    upload: UploadedFile[Any] = UploadedFile(File(content), name, size=content.getbuffer().nbytes)
    made = add_media(actor=actor, upload=upload, now=now)
    made.original, made.crop, made.filename = original, list(box), original.filename
    made.alt_text = media.alt_text
    assert (made.width, made.height) == (width, height)
    made.save(update_fields=["original", "crop", "filename", "alt_text"])
    return made


class MediaGone(Exception):
    """One of the files is none of the post's, or no longer there."""


def attach(post: Post, wanted: Sequence[tuple[int, str]], actor: Access) -> None:
    """Make the post's files those wanted, as (id, alternative text) in order. Raises MediaGone."""
    found = {
        one.pk: one
        for one in usable_media(actor.user.pk, post).filter(pk__in=[media_id for media_id, _alt in wanted])
    }
    if len(found) < len({media_id for media_id, _alt in wanted}):
        raise MediaGone
    post.media.exclude(pk__in=found).update(post=None, kept_for=post)  # an older version shows it
    originals = [one.original_id for one in found.values() if one.original_id]
    PostMedia.objects.filter(pk__in=originals, post=None).update(kept_for=post)  # a crop can be undone
    for position, (media_id, alt_text) in enumerate(wanted):
        media = found[media_id]
        media.post, media.kept_for, media.position, media.alt_text = post, None, position, alt_text
        media.save(update_fields=["post", "kept_for", "position", "alt_text"])


def forget(files: QuerySet[PostMedia]) -> None:
    """Delete files, what is in the storage once nothing can bring the rows back and no copy of the post shows it."""
    for media in files:
        media.delete()
        if not PostMedia.objects.filter(file=media.file.name).exists():
            transaction.on_commit(partial(media.file.storage.delete, str(media.file.name)))


def copy_media(post: Post, actor: Access) -> list[tuple[int, str]]:
    """Make rows of one's own for the files of a post, for another post; return (id, alternative text) in order.

    Both rows name one file in the storage: it goes with the last of them.
    """
    copies = []
    for media in post.media.select_for_update(of=("self",)).order_by("position"):
        media.pk, media.post, media.original, media.uploaded_by = None, None, None, actor.user
        media._state.adding = True
        media.save()
        copies.append((media.pk, media.alt_text))
    return copies
