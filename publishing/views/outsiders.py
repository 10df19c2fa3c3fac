"""What every page for people without an account has in common: the link lets in, and nothing else does."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, ClassVar, Final

from allauth.core.internal import ratelimit
from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponseBase
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.cache import patch_cache_control

from permissions.guard import GuardedView
from publishing.models import OutsiderLink, PostMedia
from publishing.services.outsiders import LinkRefused, LinkUnknown, find_link, note_use
from tenancy.context import organization_open

# Per address: plenty for an office behind one, too few to try tokens (of 256 bits) or to wear the server out.
RATES: Final = {"open": "300/m/ip", "act": "30/m/ip", "unknown": "20/m/ip"}
PICTURE_KEPT_SECONDS: Final = 300


class OutsiderView(GuardedView):
    """A page behind ``<token>``: finds the link, opens its organization, and answers in the language of its holder.

    ``link_model`` says which kind of link opens it. Search engines and caches are kept away, and the address with the
    token goes to no other site. Subclasses write ``get`` and ``post``; ``self.link`` is there, its organization open.
    """

    public = True
    link_model: ClassVar[type[OutsiderLink]]
    link: Any

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        is_looking = request.method in ("GET", "HEAD")
        if not _may_go_on(request, "open" if is_looking else "act"):
            return _closed(ratelimit.respond_429(request))
        try:
            self.link = find_link(self.link_model, kwargs["token"], timezone.now())
        except LinkUnknown as problem:
            if not _may_go_on(request, "unknown"):
                return _closed(ratelimit.respond_429(request))
            return _closed(_gone(request, problem))
        except LinkRefused as problem:
            return _closed(_gone(request, problem))
        with organization_open(self.link.organization_id):
            note_use(self.link, timezone.now())
            if not self._knows_language(request):
                with translation.override(self.link.outsider.language):
                    return _closed(super().dispatch(request, *args, **kwargs))
            return _closed(super().dispatch(request, *args, **kwargs))

    def _knows_language(self, request: HttpRequest) -> bool:
        chose = request.user.is_authenticated or settings.LANGUAGE_COOKIE_NAME in request.COOKIES
        return chose or self.link.outsider is None


class OutsiderPicture(OutsiderView):
    """One picture of a post the link shows. Subclasses say in ``may_show`` which those are."""

    def get(self, request: HttpRequest, token: str, pk: int) -> HttpResponseBase:
        media = PostMedia.objects.select_related("post").filter(pk=pk).exclude(post=None).first()
        if media is None or not self.may_show(media):
            raise Http404
        response = FileResponse(media.file.open("rb"), content_type=media.content_type)
        patch_cache_control(response, private=True, max_age=PICTURE_KEPT_SECONDS)
        return response

    def may_show(self, media: PostMedia) -> bool:
        raise NotImplementedError


def _may_go_on(request: HttpRequest, what: str) -> bool:
    used = ratelimit.consume(request, app="publishing", action=what, config=RATES, limit_get=True)
    return used is not None


def _gone(request: HttpRequest, problem: LinkRefused) -> HttpResponseBase:
    return render(request, "publishing/outsider_gone.html", {"reason": str(problem)}, status=HTTPStatus.GONE)


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    response.headers["Referrer-Policy"] = "same-origin"
    if not response.has_header("Cache-Control"):
        response.headers["Cache-Control"] = "private, no-store"
    return response
