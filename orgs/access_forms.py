"""Text to typed values, for asking for access and for answering."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orgs.forms import ObjectField, RoleField, moment_field
from permissions.catalogue import Action
from permissions.roles import RoleFacts

REASON_MAX = 300


class AskForm(forms.Form):
    """A role, or one action, on a place that is chosen already; for a profile also until when."""

    def __init__(
        self,
        *args: Any,
        roles: Sequence[RoleFacts],
        actions: Sequence[Action],
        is_described: bool,
        can_end: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {role.key: role for role in roles}
        self.actions = {action.name: action for action in actions}
        if is_described:
            self.fields["name"] = forms.CharField(
                label=_("Which profile"),
                max_length=255,
                help_text=_("Its handle or name, as you know it from the network."),
            )
        by_area: dict[str, list[tuple[str, str]]] = {}
        for action in actions:
            by_area.setdefault(str(action.area.label), []).append((action.name, str(action.label)))
        self.fields["what"] = forms.ChoiceField(
            label=_("What you need"),
            choices=[
                ("", gettext("Choose a role or one action")),
                (gettext("A role"), [(role.key, role.label) for role in roles]),
                *by_area.items(),
            ],
        )
        if can_end:
            self.fields["expires_at"] = moment_field(_("Until"))
        self.fields["reason"] = forms.CharField(
            label=_("What you need it for"),
            max_length=REASON_MAX,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text=_("Whoever decides reads this; it is kept with the role."),
        )

    @property
    def role(self) -> RoleFacts | None:
        return self.roles.get(self.cleaned_data["what"])

    @property
    def action(self) -> Action | None:
        return self.actions.get(self.cleaned_data["what"])

    @property
    def expires_at(self) -> datetime | None:
        return self.cleaned_data.get("expires_at")


class GiveForm(forms.Form):
    """An answer that gives: which role, on a profile where it was only described, until when."""

    def __init__(
        self,
        *args: Any,
        roles: Sequence[RoleFacts],
        giveable: Sequence[RoleFacts],
        profiles: Sequence[Model] | None,
        can_end: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if profiles is not None:
            self.fields["profile"] = ObjectField(objects=profiles, label=_("Profile that is meant"))
        self.fields["role"] = RoleField(label=_("Role"), roles=roles, giveable=giveable)
        if can_end:
            self.fields["expires_at"] = moment_field(_("Until"))
        self.fields["note"] = note_field()


class DeclineForm(forms.Form):
    note = forms.CharField(label=_("Note"), max_length=REASON_MAX, required=False)


def note_field() -> forms.CharField:
    return forms.CharField(
        label=_("Note"),
        max_length=REASON_MAX,
        required=False,
        help_text=_("Goes to the person who asked, and into the audit log."),
    )
