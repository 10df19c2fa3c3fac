"""What a person fills in to share a calendar, and to make one of its links."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from orgs.forms import ObjectsField
from permissions.checker import Access
from publishing.models import SHARED_STATES, Label, SharedCalendar, State
from publishing.selectors import profiles_with_visible_posts
from publishing.services.sharing import Selection, Wish
from social_accounts.connections import named_in_full
from ui.bounds import DAYS

DAYS_OPEN: Final = ((7, _("7 days")), (30, _("30 days")), (90, _("90 days")), (365, _("A year")))
USUAL_DAYS: Final = 30
LOOK, COMMENT, APPROVE = "look", "comment", "approve"


class SharedCalendarForm(forms.Form):
    """Offers the profiles whose posts the person sees himself; the service asks again."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("People outside read it above the calendar.")
    )
    states = forms.MultipleChoiceField(
        label=_("Posts that are"),
        choices=[(state.value, state.label) for state in SHARED_STATES],
        initial=[State.WAITING, State.SCHEDULED, State.PUBLISHED],
        widget=forms.CheckboxSelectMultiple,
    )
    start_date = forms.DateField(
        label=_("First day"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    end_date = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=DAYS,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profiles"] = ObjectsField(
            objects=list(profiles_with_visible_posts(access)), named=named_in_full, label=_("Profiles")
        )
        self.fields["labels"] = ObjectsField(
            objects=list(Label.objects.order_by("name")),
            label=_("Labels"),
            required=False,
            help_text=_("With none chosen, the label does not matter."),
        )

    @property
    def has_labels(self) -> bool:
        return bool(self.fields["labels"].choices)  # type: ignore[attr-defined]

    @staticmethod
    def initial_of(calendar: SharedCalendar) -> dict[str, Any]:
        return {
            "name": calendar.name,
            "profiles": [link.profile_id for link in calendar.profile_links.all()],
            "states": calendar.states,
            "labels": [link.label_id for link in calendar.label_links.all()],
            "start_date": calendar.start_date,
            "end_date": calendar.end_date,
        }

    def selection(self) -> Selection:
        values = self.cleaned_data
        return Selection(
            name=values["name"],
            profiles=list(values["profiles"]),
            states=values["states"],
            labels=list(values["labels"]),
            start_date=values["start_date"],
            end_date=values["end_date"],
        )


class CalendarLinkForm(forms.Form):
    name = forms.CharField(
        label=_("Who is it for?"), max_length=120, help_text=_("Their comments carry this name.")
    )
    may = forms.ChoiceField(
        label=_("They may"),
        choices=[
            (LOOK, _("Look")),
            (COMMENT, _("Look and comment")),
            (APPROVE, _("Look, comment and approve")),
        ],
        initial=COMMENT,
        widget=forms.RadioSelect,
        help_text=_("Approving counts where a workflow asks this person, known by the e-mail address."),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False, max_length=254)
    days = forms.TypedChoiceField(label=_("Works for"), coerce=int, choices=DAYS_OPEN, initial=USUAL_DAYS)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("may") == APPROVE and not data.get("email") and "email" not in self.errors:
            self.add_error("email", _("Write the address, so that the workflow knows whose answer it is."))
        return data

    def wish(self, now: datetime, language: str) -> Wish:
        values = self.cleaned_data
        return Wish(
            name=values["name"],
            email=values["email"],
            may_comment=values["may"] in (COMMENT, APPROVE),
            may_approve=values["may"] == APPROVE,
            expires_at=now + timedelta(days=values["days"]),
            language=language,
        )
