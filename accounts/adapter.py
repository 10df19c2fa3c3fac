"""allauth's behavior where ours differs."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.ratelimit import respond_429
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils import timezone, translation

from accounts.models import User

DEVICE_COOKIE = "known_device"
DEVICE_COOKIE_SECONDS = 365 * 24 * 3600
DEVICE_SALT = "accounts.known_device"
PEOPLE_PER_DEVICE = 20


class AccountAdapter(DefaultAccountAdapter):
    """Mail in the reader's language, a real 429 for too many attempts, word of a sign-in on a new device."""

    was_signed_in_before = False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        person = context.get("user") or User.objects.filter(email__iexact=email).first()
        if person is None:
            super().send_mail(template_prefix, email, context)
            return
        with translation.override(person.language), timezone.override(ZoneInfo(person.time_zone)):
            super().send_mail(template_prefix, email, {**context, "user": person})

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError as too_many:
            raise ImmediateHttpResponse(respond_429(request)) from too_many

    def login(self, request: HttpRequest, user: User) -> None:
        self.was_signed_in_before = user.last_login is not None
        super().login(request, user)

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known = _people_of_device(request)
        if self.was_signed_in_before and str(user.pk) not in known:
            self.send_notification_mail("account/email/signed_in", user)
        people = [str(user.pk), *(pk for pk in known if pk != str(user.pk))][:PEOPLE_PER_DEVICE]
        response.set_signed_cookie(
            DEVICE_COOKIE,
            ".".join(people),
            salt=DEVICE_SALT,
            max_age=DEVICE_COOKIE_SECONDS,
            secure=settings.SESSION_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
        return response


def _people_of_device(request: HttpRequest) -> list[str]:
    """Return the ids of those who signed in with this browser before; none from a cookie that is not ours."""
    people = request.get_signed_cookie(
        DEVICE_COOKIE, default="", salt=DEVICE_SALT, max_age=DEVICE_COOKIE_SECONDS
    )
    return people.split(".") if people else []
