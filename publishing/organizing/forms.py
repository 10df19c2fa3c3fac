"""What a person types about labels, campaigns, hashtag lists, categories of drafts, and own fields."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from orgs.models import Workspace
from publishing.models import Color, CustomField
from publishing.models.organizing import FIELD_VALUE_MAX, Named
from ui.bounds import DAYS

NAME_MAX: Final = 60
HASHTAG_MAX: Final = 100
HASHTAGS_MAX: Final = 60
CHOICES_MAX: Final = 100
HASHTAG: Final = re.compile(r"\w+")


class NamedForm(forms.Form):
    """The name that every one of them has."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX)

    @classmethod
    def initial_of(cls, row: Named) -> dict[str, Any]:
        """Return the row's values as the form takes them."""
        return {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}

    def fields_of_row(self) -> dict[str, Any]:
        """Return the typed values as the row keeps them."""
        return dict(self.cleaned_data)


class ColorBoxes(forms.RadioSelect):
    """The eight tints, each with its name."""

    template_name = "publishing/organizing/_color_boxes.html"


class LabelForm(NamedForm):
    color = forms.TypedChoiceField(
        label=_("Color"), coerce=int, choices=Color.choices, initial=Color.BLUE, widget=ColorBoxes
    )


class DraftCategoryForm(NamedForm):
    pass


class DateInput(forms.DateInput):
    """The browser's own picker of dates; its value is the same in every language."""

    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class CampaignForm(NamedForm):
    """A campaign. Where there is but one workspace nothing is asked about it."""

    description = forms.CharField(
        label=_("What it is about"), max_length=500, widget=forms.Textarea(attrs={"rows": 3}), required=False
    )
    start_date = forms.DateField(label=_("First day"), widget=DateInput, validators=DAYS, required=False)
    end_date = forms.DateField(label=_("Last day"), widget=DateInput, validators=DAYS, required=False)
    utm_source = forms.CharField(
        label=_("Source"), max_length=100, help_text=_("Where visitors come from: “social”."), required=False
    )
    utm_medium = forms.CharField(
        label=_("Medium"), max_length=100, help_text=_("How the link reached them: “post”."), required=False
    )
    utm_campaign = forms.CharField(
        label=_("Campaign"), max_length=100, help_text=_("What it is part of: “winter-2026”."), required=False
    )
    utm_content = forms.CharField(
        label=_("Content"), max_length=100, help_text=_("Which of several links it was."), required=False
    )

    def __init__(self, *args: Any, workspaces: Sequence[Workspace] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.workspaces = {str(workspace.pk): workspace for workspace in workspaces}
        if len(self.workspaces) > 1:
            self.fields["workspace"] = forms.ChoiceField(
                label=_("Workspace"), choices=[(pk, one.name) for pk, one in self.workspaces.items()]
            )

    @property
    def tracking_fields(self) -> list[forms.BoundField]:
        return [self[f"utm_{name}"] for name in ("source", "medium", "campaign", "content")]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("start_date"), data.get("end_date")
        if first and last and last < first:
            self.add_error("end_date", _("The last day lies before the first."))
        if not self.workspaces:
            self.add_error(None, _("You reach no workspace that a campaign could belong to."))
        return data

    def fields_of_row(self) -> dict[str, Any]:
        fields = dict(self.cleaned_data)
        chosen = fields.get("workspace") or next(iter(self.workspaces))
        return fields | {"workspace": self.workspaces[chosen]}


class HashtagListForm(NamedForm):
    """Hashtags as people paste them: with or without "#", between spaces, commas or lines."""

    hashtags = forms.CharField(
        label=_("Hashtags"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=HASHTAGS_MAX * (HASHTAG_MAX + 2),
        help_text=_("With or without “#”, separated by spaces, commas or lines."),
    )

    @classmethod
    def initial_of(cls, row: Named) -> dict[str, Any]:
        return {"name": row.name, "hashtags": getattr(row, "text", "")}

    def clean_hashtags(self) -> list[str]:
        found: dict[str, str] = {}
        for typed in re.split(r"[\s,;]+", self.cleaned_data["hashtags"]):
            hashtag = typed.removeprefix("#")
            if hashtag:
                _refuse_unusable(hashtag)
                found.setdefault(hashtag.casefold(), hashtag)
        if not found:
            raise forms.ValidationError(_("Write at least one hashtag."))
        if len(found) > HASHTAGS_MAX:
            raise forms.ValidationError(
                _("A list holds at most %(limit)d hashtags."), params={"limit": HASHTAGS_MAX}
            )
        return list(found.values())


def _refuse_unusable(hashtag: str) -> None:
    """Refuse what no network makes a link of: other signs than letters, digits and "_", or digits alone."""
    if not HASHTAG.fullmatch(hashtag):
        raise forms.ValidationError(
            _("“#%(hashtag)s”: only letters, digits and “_” make a hashtag."), params={"hashtag": hashtag}
        )
    if hashtag.isdigit():
        raise forms.ValidationError(
            _("“#%(hashtag)s”: digits alone make no hashtag."), params={"hashtag": hashtag}
        )
    if len(hashtag) > HASHTAG_MAX:
        raise forms.ValidationError(
            _("A hashtag has at most %(limit)d characters."), params={"limit": HASHTAG_MAX}
        )


class CustomFieldForm(NamedForm):
    """A field of the organization's own. What kind it is cannot change once posts may be filled in."""

    kind = forms.ChoiceField(label=_("Kind"), choices=CustomField.Kind.choices)
    choices = forms.CharField(
        label=_("What to choose from"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("For a choice: one on each line."),
    )
    is_required = forms.BooleanField(
        label=_("Required"),
        required=False,
        help_text=_("A post cannot be scheduled, sent for approval or published while it is empty."),
    )

    def __init__(self, *args: Any, row: CustomField | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind_of_row = row.kind if row else ""
        if row:
            del self.fields["kind"]
            if row.kind != CustomField.Kind.CHOICE:
                del self.fields["choices"]

    @classmethod
    def initial_of(cls, row: Named) -> dict[str, Any]:
        choices = "\n".join(getattr(row, "choices", []))
        return {**super().initial_of(row), "choices": choices}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        kind = self.kind_of_row or data.get("kind")
        lines = [line.strip() for line in data.get("choices", "").splitlines()]
        choices = list(dict.fromkeys(line for line in lines if line))
        if kind != CustomField.Kind.CHOICE:
            choices = []
        elif len(choices) < 2:  # one is no choice
            self.add_error("choices", _("Write at least two, one on each line."))
        elif len(choices) > CHOICES_MAX or max(map(len, choices)) > FIELD_VALUE_MAX:
            self.add_error("choices", _("That is too many, or one is too long."))
        data["choices"] = choices
        return data
