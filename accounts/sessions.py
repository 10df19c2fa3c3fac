"""What a session knows of how it was opened, and the two ways a request is sent to prove more."""

from __future__ import annotations

from typing import TypedDict

from allauth.account.authentication import get_authentication_records
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from accounts.typed import keep_typed, page_of

ASK_KEY = "second_factor_ask"
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")


class SecondFactorAsk(TypedDict):
    organization: str  # its name
    is_for_everyone: bool  # else for those who manage members
    back_to: str


def has_second_factor(request: HttpRequest) -> bool:
    """Say whether this session was opened with a second factor, or one was proven or set up in it.

    A passkey counts: it is a thing one has, opened by what one knows or is.
    """
    if not request.user.is_authenticated:
        return False
    return any(record["method"] == "mfa" for record in get_authentication_records(request, request.user))


def ask_for_second_factor(request: HttpRequest, *, organization: str, is_for_everyone: bool) -> HttpResponse:
    """Send the person to the page that says who asks for a second factor and why; it leads back here."""
    htmx = getattr(request, "htmx", False)
    ask: SecondFactorAsk = {
        "organization": organization,
        "is_for_everyone": is_for_everyone,
        "back_to": page_of(request) if htmx else request.get_full_path(),
    }
    request.session[ASK_KEY] = ask
    return _go(request, redirect("second_factor_required"), status_for_htmx=403)


def second_factor_ask(request: HttpRequest) -> SecondFactorAsk | None:
    ask: SecondFactorAsk | None = request.session.get(ASK_KEY)
    return ask


def forget_second_factor_ask(request: HttpRequest) -> None:
    request.session.pop(ASK_KEY, None)


def sign_in_first(request: HttpRequest) -> HttpResponse:
    """Send the visitor to the sign-in page, and afterwards back to the page, or to what he had typed.

    A fragment request gets 401 and the whole page goes there.
    """
    if request.method not in SAFE_METHODS:
        back_to = reverse("typed_form") if keep_typed(request) else page_of(request)
    elif getattr(request, "htmx", False):
        back_to = page_of(request)
    else:
        back_to = request.get_full_path()
    return _go(request, redirect_to_login(back_to), status_for_htmx=401)


def _go(request: HttpRequest, response: HttpResponse, *, status_for_htmx: int) -> HttpResponse:
    if not getattr(request, "htmx", False):
        return response
    return HttpResponse(status=status_for_htmx, headers={"HX-Redirect": response["Location"]})
