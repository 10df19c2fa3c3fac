from __future__ import annotations

import hashlib
from collections.abc import Callable
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

SEEN_EVERY_SECONDS = 300


# After signing out, "back" must not bring up again what was on the screen. Pictures say otherwise for themselves.
KEPT_NOWHERE = "private, no-store"


class PersonMiddleware:
    """Speaks the signed-in person's language and shows times in his zone; tells a visitor whose session ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._answer(request)
        response.headers.setdefault("Cache-Control", KEPT_NOWHERE)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if not request.user.is_authenticated:
            return self._answer_visitor(request)
        language = request.user.language  # signing out leaves a visitor behind
        request.LANGUAGE_CODE = language
        with translation.override(language), timezone.override(ZoneInfo(request.user.time_zone)):
            response = self.get_response(request)
            response.headers.setdefault("Content-Language", language)  # the API speaks what was asked for
            return response

    def _answer_visitor(self, request: HttpRequest) -> HttpResponse:
        had_session = settings.SESSION_COOKIE_NAME in request.COOKIES
        has_ended = had_session and (request.session.is_empty() or SESSION_KEY in request.session)
        response = self.get_response(request)
        target = response.headers.get("Location") or response.headers.get("HX-Redirect", "")
        if has_ended and urlsplit(target).path == reverse("account_login"):
            messages.warning(request, _("Your session has ended. Sign in again, then go on where you were."))
        return response


class ActivityMiddleware:
    """Notes from where a session is used, every five minutes and whenever the browser or the address changes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated and request.session.session_key:
            adapter = get_adapter()
            seen = [request.session.session_key, adapter.get_client_ip(request)]
            seen.append(adapter.get_http_user_agent(request))
            key = "seen:" + hashlib.sha256("\n".join(seen).encode()).hexdigest()
            if cache.add(key, True, timeout=SEEN_EVERY_SECONDS):
                UserSession.objects.create_from_request(request)
        return self.get_response(request)
