"""What comes in when a card is moved: by dragging it, by its keys, or by the form."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from publishing.forms import LocalTimeField, TimeForm
from publishing.times import Fold
from ui.bounds import DAYS


class MoveForm(TimeForm):
    """Another day (``origin`` is the one it lay on), another hour of the week, or a day and time typed in."""

    when = LocalTimeField(label=_("New date and time"), required=False)
    day = forms.DateField(required=False, validators=DAYS)
    origin = forms.DateField(required=False, validators=DAYS)
    # The hour of a week it was put into, on the clock of who looks; ``again`` for the second of two equal ones.
    slot = LocalTimeField(required=False)
    again = forms.BooleanField(required=False)
    together = forms.BooleanField(required=False)
    is_confirmed = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if not (data.get("day") or data.get("when") or data.get("slot") or self.errors):
            self.add_error("when", _("Choose a day and a time."))
        return data

    def in_slot(self, minute: int) -> datetime:
        """Return the naive time in the hour it was put into: its minute stays."""
        slot: datetime = self.cleaned_data["slot"]
        return slot.replace(minute=minute)

    @property
    def slot_fold(self) -> Fold:
        return Fold.SECOND if self.cleaned_data["again"] else Fold.FIRST
