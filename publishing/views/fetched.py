"""Files as networks fetch them: by a signed address of one file, for a day or two."""

from __future__ import annotations

from typing import Any

from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from permissions.guard import GuardedView
from publishing.content import file_of
from publishing.public_files import NotOpen, file_at
from social_accounts.networks.base import Rejected
from social_accounts.networks.images import fitted


class PublicFile(GuardedView):
    """The file, to whoever holds its address: a network's crawler has no account here."""

    public = True

    def get(self, request: HttpRequest, signed: str, **kwargs: Any) -> HttpResponseBase:
        now = timezone.now()
        try:
            found = file_at(signed, now)
        except NotOpen:
            raise Http404 from None
        seconds_left = int((found.open_until - now).total_seconds())
        file = file_of(found.media)
        if found.form is not None:
            try:
                file = fitted(file, found.form)
            except Rejected:
                raise Http404 from None
        return FileResponse(
            file.open(),
            content_type=file.content_type,
            headers={
                "X-Content-Type-Options": "nosniff",
                "X-Robots-Tag": "noindex, nofollow",
                "Cache-Control": f"private, max-age={seconds_left}",
                "Content-Disposition": "inline",
            },
        )
