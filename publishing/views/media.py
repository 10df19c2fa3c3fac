"""Pictures: brought in at once, so that nothing is lost, and shown only to whom the post is shown."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.media import UnusableMedia
from publishing.selectors import visible_media
from publishing.services.posts import add_media

PRIVATE_FOR_AN_HOUR = "private, max-age=3600"


class MediaUpload(GuardedView):
    """One picture for a post that is being written: answers with its line for the composer."""

    members_only = True

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        upload = request.FILES.get("pictures")
        if upload is None:
            return JsonResponse({"problem": _("Choose a picture.")}, status=422)
        try:
            media = add_media(actor=request.access, upload=upload, now=timezone.now())
        except UnusableMedia as problem:
            return JsonResponse({"problem": str(problem)}, status=422)
        return render(request, "publishing/_picture.html", {"picture": media}, status=201)


class MediaFile(GuardedView):
    """The picture itself. What it is was found out when it came in; a browser must not guess again."""

    listing = "profile.view_posts"

    def get(self, request: OrganizationRequest, pk: int, **kwargs: Any) -> HttpResponseBase:
        media = get_object_or_404(visible_media(request.access), pk=pk)
        return FileResponse(
            media.file.open("rb"),
            content_type=media.content_type,
            headers={
                "X-Content-Type-Options": "nosniff",
                "Cache-Control": PRIVATE_FOR_AN_HOUR,
                "Content-Disposition": "inline",
            },
        )
