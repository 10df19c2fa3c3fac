"""Files of posts: brought in at once, so that nothing is lost, and shown only to whom the post is shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import IO, Any, Final
from uuid import UUID

from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.errors import UnusableMedia
from publishing.file_forms import CropForm, IncomingForm
from publishing.models import IncomingFile, PostMedia
from publishing.selectors import visible_media
from publishing.selectors.organizing import readable_media
from publishing.services.media import (
    COPY_BYTES,
    PART_BYTES,
    WrongPart,
    add_media,
    begin_incoming,
    crop_media,
    take_part,
)

PRIVATE_FOR_AN_HOUR: Final = "private, max-age=3600"
CREATED, PARTIAL, CONFLICT, UNPROCESSABLE, UNSATISFIABLE = 201, 206, 409, 422, 416
ONE_RANGE: Final = re.compile(r"bytes=(\d*)-(\d*)")


class MediaUpload(GuardedView):
    """One file for a post that is being written: answers with its line for the composer."""

    members_only = True

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        upload = request.FILES.get("pictures")
        if upload is None:
            return _problem(_("Choose a picture or a video."))
        try:
            return _line(request, add_media(actor=request.access, upload=upload, now=timezone.now()))
        except UnusableMedia as problem:
            return _problem(str(problem))


class IncomingFileNew(GuardedView):
    """A large file comes in parts, so that a lost connection costs one part: here it is announced."""

    members_only = True

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = IncomingForm(request.POST)
        if not form.is_valid():
            return _problem(_("Choose a picture or a video."))
        try:
            incoming = begin_incoming(actor=request.access, now=timezone.now(), **form.cleaned_data)
        except UnusableMedia as problem:
            return _problem(str(problem))
        address = reverse("media_part", args=[request.organization.slug, incoming.pk])
        return JsonResponse({"address": address, "part_bytes": PART_BYTES}, status=CREATED)


class IncomingFilePart(GuardedView):
    """One part of it; the last answers with the file's line. A part that does not follow is told what is here."""

    members_only = True

    def post(self, request: OrganizationRequest, upload: UUID, **kwargs: Any) -> HttpResponse:
        incoming = get_object_or_404(IncomingFile.objects.filter(person=request.user), pk=upload)
        part, offset = request.FILES.get("part"), request.POST.get("offset", "")
        if part is None or not offset.isdecimal():
            return JsonResponse({"received_bytes": incoming.received_bytes}, status=CONFLICT)
        try:
            media = take_part(
                actor=request.access, incoming=incoming, part=part, offset=int(offset), now=timezone.now()
            )
        except WrongPart as problem:
            return JsonResponse({"received_bytes": problem.received_bytes}, status=CONFLICT)
        except UnusableMedia as problem:
            return _problem(str(problem))
        if media is not None:
            return _line(request, media)
        return JsonResponse({"received_bytes": int(offset) + (part.size or 0)})


class MediaCrop(GuardedView):
    """A picture cut to a part of it: answers with the new picture's line. The original's line undoes it."""

    listing = "profile.view_posts"

    def post(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponse:
        media = get_object_or_404(visible_media(request.access), pk=pk)
        form = CropForm(request.POST)
        if not form.is_valid():
            return _problem(_("That part lies outside of the picture, or is too small."))
        media.alt_text = form.cleaned_data["alt_text"] or media.alt_text
        if form.is_undo:
            original = media.original or media
            original.alt_text = media.alt_text
            return _line(request, original)
        try:
            made = crop_media(actor=request.access, media=media, box=form.box, now=timezone.now())
        except UnusableMedia as problem:
            return _problem(str(problem))
        return _line(request, made)


class MediaFile(GuardedView):
    """The file itself. What it is was found out when it came in; a browser must not guess again."""

    listing = "profile.view_posts"

    def get(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        media = get_object_or_404(readable_media(request.access, request.organization), pk=pk)
        headers = {
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": PRIVATE_FOR_AN_HOUR,
            "Content-Disposition": "inline",
            "Accept-Ranges": "bytes",
        }
        wanted = request.headers.get("Range", "")
        if not wanted:
            return FileResponse(media.file.open("rb"), content_type=media.content_type, headers=headers)
        return _piece(media, wanted, headers)


def _piece(media: PostMedia, wanted: str, headers: dict[str, str]) -> HttpResponseBase:
    """Return the one range asked for: players ask for pieces of a video, and some take nothing else."""
    found = ONE_RANGE.fullmatch(wanted.strip())
    size = media.size_bytes
    if found is None or found.groups() == ("", ""):
        return HttpResponse(status=UNSATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    first, last = found.groups()
    begin = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if begin > end:
        return HttpResponse(status=UNSATISFIABLE, headers={"Content-Range": f"bytes */{size}"})
    headers |= {"Content-Range": f"bytes {begin}-{end}/{size}", "Content-Length": str(end - begin + 1)}
    stream = media.file.open("rb")
    stream.seek(begin)
    return StreamingHttpResponse(
        _bytes(stream, end - begin + 1), status=PARTIAL, content_type=media.content_type, headers=headers
    )


def _bytes(stream: IO[bytes], count: int) -> Iterator[bytes]:
    with stream:
        while count > 0 and (data := stream.read(min(COPY_BYTES, count))):
            count -= len(data)
            yield data


def _line(request: OrganizationRequest, media: PostMedia) -> HttpResponse:
    return render(request, "publishing/composer/_file.html", {"file": media}, status=CREATED)


def _problem(sentence: str) -> JsonResponse:
    return JsonResponse({"problem": sentence}, status=UNPROCESSABLE)
