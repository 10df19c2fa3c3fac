from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.models import User


class SignupForm(forms.Form):
    """What signing up asks besides e-mail and password. allauth calls ``signup`` once the person exists."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )

    field_order: tuple[str, ...] = ("name", "email", "password1")

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.language = getattr(request, "LANGUAGE_CODE", "en")
        user.save(update_fields=["name", "language"])

    def clean_name(self) -> Any:
        return " ".join(self.cleaned_data["name"].split())
