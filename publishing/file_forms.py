"""What the composer's script sends about files, as typed values."""

from __future__ import annotations

from typing import Any

from django import forms

from publishing.cropping import Box
from publishing.forms import ALT_TEXT_MAX


class IncomingForm(forms.Form):
    """A file that is about to come in parts."""

    filename = forms.CharField(max_length=500)
    size_bytes = forms.IntegerField(min_value=0, max_value=2**53)


class CropForm(forms.Form):
    """The part of a picture to keep, in its pixels; all four left out: the whole picture again."""

    left = forms.IntegerField(required=False, min_value=0)
    top = forms.IntegerField(required=False, min_value=0)
    right = forms.IntegerField(required=False, min_value=1)
    bottom = forms.IntegerField(required=False, min_value=1)
    alt_text = forms.CharField(required=False, max_length=ALT_TEXT_MAX)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        sides = [data.get(name) for name in ("left", "top", "right", "bottom")]
        if any(side is None for side in sides) and any(side is not None for side in sides):
            raise forms.ValidationError("four sides or none")
        return data

    @property
    def is_undo(self) -> bool:
        return self.cleaned_data["right"] is None

    @property
    def box(self) -> Box:
        values = self.cleaned_data
        return values["left"], values["top"], values["right"], values["bottom"]
