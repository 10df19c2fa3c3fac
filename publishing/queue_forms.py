"""What a person fills in about queues and about posts that come again."""

from __future__ import annotations

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from publishing.models import Repetition
from publishing.services.repeating import EVERY_MAX, TIMES_MAX, Plan
from publishing.slots import WeeklyTime

DAYS: Final = [
    (0, _("Monday")),
    (1, _("Tuesday")),
    (2, _("Wednesday")),
    (3, _("Thursday")),
    (4, _("Friday")),
    (5, _("Saturday")),
    (6, _("Sunday")),
]


class TimesForm(forms.Form):
    """A time of day on some weekdays, to add to a queue."""

    days = forms.TypedMultipleChoiceField(
        label=_("Days"),
        choices=DAYS,
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    at = forms.TimeField(label=_("Time"), widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"))

    def times(self) -> set[WeeklyTime]:
        at = self.cleaned_data["at"]
        return {WeeklyTime(day, at.hour * 60 + at.minute) for day in self.cleaned_data["days"]}


class RepetitionForm(forms.Form):
    """How a post comes again."""

    rhythm = forms.ChoiceField(
        label=_("It comes again"),
        choices=Repetition.Rhythm.choices,
        initial=Repetition.Rhythm.WEEKLY,
        widget=forms.RadioSelect,
    )
    every = forms.IntegerField(
        label=_("Every"),
        min_value=1,
        max_value=EVERY_MAX,
        initial=1,
        help_text=_("Days, weeks or months, as chosen above. Through the queue: days at least between two."),
    )
    times_max = forms.IntegerField(
        label=_("At most so many times"), min_value=1, max_value=TIMES_MAX, initial=4
    )
    ends_on = forms.DateField(
        label=_("Not after"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def plan(self) -> Plan:
        given: dict[str, Any] = self.cleaned_data
        return Plan(
            rhythm=Repetition.Rhythm(given["rhythm"]),
            every=given["every"],
            times_max=given["times_max"],
            ends_on=given["ends_on"],
        )
