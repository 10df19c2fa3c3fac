"""A person's own pages. allauth brings the rest of them (sign-in, password, e-mail, second factor)."""

from __future__ import annotations

from typing import Any, ClassVar

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from allauth.usersessions.internal.flows.sessions import end_sessions
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views import View

from accounts.forms import AS_THE_DEVICE, ProfileForm
from accounts.services import update_profile
from accounts.sessions import (
    forget_second_factor_ask,
    has_second_factor,
    second_factor_ask,
    sign_in_first,
)
from accounts.typed import forget_typed, kept_form

SEE_OTHER = 303
UNPROCESSABLE = 422


class PersonRequest(HttpRequest):
    user: Any


class PersonView(View):
    """A page of the signed-in person. ``permissions.guard`` lies above; this declares the same way."""

    signed_in_only: ClassVar[bool] = True
    request: PersonRequest  # type: ignore[assignment]

    @classmethod
    def declarations(cls) -> list[str]:
        return ["signed_in_only"]

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.is_authenticated:
            return sign_in_first(request)
        return super().dispatch(request, *args, **kwargs)


class Profile(PersonView):
    """Name, language, time zone and appearance."""

    def get(self, request: PersonRequest) -> HttpResponse:
        person = request.user
        initial = {name: getattr(person, name) for name in ProfileForm.base_fields}
        initial["theme"] = person.theme or AS_THE_DEVICE
        return self._page(ProfileForm(initial=initial))

    def post(self, request: PersonRequest) -> HttpResponse:
        form = ProfileForm(request.POST)
        if not form.is_valid():
            return self._page(form, status=UNPROCESSABLE)
        update_profile(actor=request.user, **form.cleaned_data)
        with translation.override(request.user.language):
            messages.success(request, _("Your settings are saved."))
        return HttpResponseRedirect(reverse("account_settings"), status=SEE_OTHER)

    def _page(self, form: ProfileForm, status: int = 200) -> HttpResponse:
        return render(self.request, "accounts/profile.html", {"form": form}, status=status)


class SessionEnd(PersonView):
    """Signs one browser out, this one included."""

    http_method_names = ["post"]

    def post(self, request: PersonRequest, pk: int) -> HttpResponse:
        session = get_object_or_404(UserSession, pk=pk, user=request.user)
        end_sessions(request, [session])
        messages.success(request, _("That browser is signed out."))
        return HttpResponseRedirect(reverse("usersessions_list"), status=SEE_OTHER)


class SecondFactorRequired(PersonView):
    """Says which organization asks for a second factor and why; leads to setting it up, and back afterwards."""

    def get(self, request: PersonRequest) -> HttpResponse:
        ask = second_factor_ask(request)
        if ask is None:
            return redirect("mfa_index")
        if has_second_factor(request):
            forget_second_factor_ask(request)
            return redirect(ask["back_to"])
        kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
        context = {
            "ask": ask,
            "has_app": is_mfa_enabled(request.user, [Authenticator.Type.TOTP]),
            "has_key": is_mfa_enabled(request.user, [Authenticator.Type.WEBAUTHN]),
            "is_set_up": is_mfa_enabled(request.user, kinds),
        }
        return render(request, "accounts/second_factor_required.html", context)


class TypedFormKept(PersonView):
    """Shows what was typed when the session ended; the person sends it, or drops it."""

    def get(self, request: PersonRequest) -> HttpResponse:
        form = kept_form(request)
        if form is None:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return render(request, "accounts/typed_form.html", {"typed": form})

    def post(self, request: PersonRequest) -> HttpResponse:
        form = kept_form(request)
        forget_typed(request)
        page = form.page if form else reverse(settings.LOGIN_REDIRECT_URL)
        return HttpResponseRedirect(page, status=SEE_OTHER)
