"""How a person wants to be told of what: one line per kind."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from django import forms
from django.forms import BoundField
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.choices import Choice, choice_of
from notifications.kinds import Group, NotificationKind, kinds_by_group
from notifications.models import ByMail
from orgs.models import Organization


class Row(NamedTuple):
    kind: NotificationKind
    is_listed: BoundField
    mail: BoundField


class ChoicesForm(forms.Form):
    """For each kind whether it is listed in Chorus and when it is mailed; organizations that tell nothing."""

    muted = forms.MultipleChoiceField(
        label=_("Tell me nothing of"), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, person: User, places: Sequence[Organization]) -> None:
        initial: dict[str, Any] = {"muted": [str(pk) for pk in person.muted_organizations]}
        for _group, kinds in kinds_by_group():
            for kind in kinds:
                choice = choice_of(person, kind)
                initial |= {f"listed-{kind.name}": choice.is_listed, f"mail-{kind.name}": choice.mail.value}
        super().__init__(data, initial=initial)
        self.fields["muted"].choices = [(str(one.pk), one.name) for one in places]  # type: ignore[attr-defined]
        for _group, kinds in kinds_by_group():
            for kind in kinds:
                self.fields[f"listed-{kind.name}"] = forms.BooleanField(label=_("In Chorus"), required=False)
                self.fields[f"mail-{kind.name}"] = forms.ChoiceField(
                    label=_("By mail"), choices=ByMail.choices
                )

    def groups(self) -> list[tuple[Group, list[Row]]]:
        """Return the lines of the table, by group."""
        return [
            (group, [Row(kind, self[f"listed-{kind.name}"], self[f"mail-{kind.name}"]) for kind in kinds])
            for group, kinds in kinds_by_group()
        ]

    def choices(self) -> Mapping[str, Choice]:
        return {
            kind.name: Choice(
                self.cleaned_data[f"listed-{kind.name}"], ByMail(self.cleaned_data[f"mail-{kind.name}"])
            )
            for _group, kinds in kinds_by_group()
            for kind in kinds
        }

    def muted_ids(self) -> Collection[int]:
        return [int(pk) for pk in self.cleaned_data["muted"]]
