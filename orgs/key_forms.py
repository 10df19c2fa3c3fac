"""Issuing an API key: which actions of those one holds, on which profiles, until when."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.keys import LONGEST_NAME
from orgs.forms import ObjectsField, moment_field
from permissions.catalogue import AREAS, Action, Area

ALL, SOME = "all", "some"


class ApiKeyForm(forms.Form):
    """Offers nothing that the issuer does not hold himself; the service asks again."""

    name = forms.CharField(
        label=_("Name"), max_length=LONGEST_NAME, help_text=_("What uses it, such as “Nightly report”.")
    )
    reach = forms.ChoiceField(
        label=_("On which profiles"),
        choices=[(ALL, _("Every profile I reach, also later ones")), (SOME, _("Only these"))],
        initial=ALL,
        widget=forms.RadioSelect,
    )

    def __init__(
        self, *args: Any, actions: Sequence[Action], offered_profiles: Sequence[Model], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.offered = actions
        self.fields["actions"] = forms.MultipleChoiceField(
            label=_("Actions"),
            choices=[(action.name, str(action.label)) for action in actions],
            error_messages={"required": _("Choose at least one action: a key without any could do nothing.")},
        )
        self.fields["profiles"] = ObjectsField(objects=offered_profiles, label=_("Profiles"), required=False)
        self.fields["expires_at"] = moment_field(_("Until"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reach") == SOME and not cleaned.get("profiles"):
            self.add_error("profiles", gettext("Choose at least one profile, or all of them."))
        return cleaned

    def chosen(self) -> set[str]:
        """Return the names of the actions that are ticked, typed so far or not."""
        return set(self["actions"].value() or ())

    def areas(self) -> list[tuple[Area, list[tuple[Action, bool]]]]:
        """Return the offered actions by area, each with whether it is ticked."""
        chosen = self.chosen()
        found = [
            (area, [(action, action.name in chosen) for action in self.offered if action.area is area])
            for area in AREAS
        ]
        return [(area, rows) for area, rows in found if rows]
