from __future__ import annotations

from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.time_zones import TimeZoneField

AS_THE_DEVICE = "system"


class NameField(forms.CharField):
    def __init__(self) -> None:
        super().__init__(
            label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
        )

    def to_python(self, value: object) -> str:
        return " ".join((super().to_python(value) or "").split())


class SignupForm(forms.Form):
    """What signing up asks besides e-mail and password. allauth calls ``signup`` once the person exists."""

    name = NameField()
    # Filled in by the page's script from the device; a person corrects it in his settings.
    time_zone = forms.CharField(
        required=False, widget=forms.HiddenInput(attrs={"data-device-time-zone": True})
    )

    field_order: tuple[str, ...] = ("name", "email", "password1")

    def clean_time_zone(self) -> str:
        zone: str = self.cleaned_data["time_zone"]
        return zone if zone in available_timezones() else "UTC"

    def signup(self, request: HttpRequest, user: User) -> None:
        user.name = self.cleaned_data["name"]
        user.time_zone = self.cleaned_data["time_zone"]
        user.language = get_language() or settings.LANGUAGE_CODE
        user.save(update_fields=["name", "time_zone", "language"])


class ProfileForm(forms.Form):
    """How a person appears to colleagues, and how Chorus speaks to him."""

    name = NameField()
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    time_zone = TimeZoneField(
        help_text=_("Times are shown in this zone. Type the first letters of a city to find it.")
    )
    theme = forms.TypedChoiceField(
        label=_("Appearance"),
        choices=[(value or AS_THE_DEVICE, label) for value, label in User.Theme.choices],
        coerce=lambda value: "" if value == AS_THE_DEVICE else value,
        widget=forms.RadioSelect,
    )
