"""Text to boards and sections."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from social_accounts.boards.changing import DESCRIPTION_MAX, NAME_MAX, SECTION_NAME_MAX
from social_accounts.boards.models import Board
from social_accounts.networks.boards import BoardDraft


class BoardForm(forms.Form):
    """What a board is called and says. Whether it is secret is asked of those who may have both kinds."""

    name = forms.CharField(label=_("Name"), max_length=NAME_MAX, strip=True)
    description = forms.CharField(
        label=_("Description"),
        max_length=DESCRIPTION_MAX,
        required=False,
        strip=True,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    is_secret = forms.BooleanField(
        label=_("Secret"),
        required=False,
        help_text=_("Only the account itself and people invited on Pinterest see a secret board."),
    )

    def __init__(self, *args: Any, may_public: bool, may_secret: bool, **more: Any) -> None:
        super().__init__(*args, **more)
        self._secret_only = may_secret and not may_public
        if not (may_public and may_secret):
            del self.fields["is_secret"]

    def draft(self) -> BoardDraft:
        typed = self.cleaned_data
        return BoardDraft(
            name=typed["name"],
            description=typed["description"],
            is_secret=typed.get("is_secret", self._secret_only),
        )


class SectionForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=SECTION_NAME_MAX, strip=True)


class NewSectionForm(SectionForm):
    name = forms.CharField(label=_("New section"), max_length=SECTION_NAME_MAX, strip=True)

    def __init__(self, *args: Any, **more: Any) -> None:
        more.setdefault("auto_id", "section_%s")
        super().__init__(*args, **more)


class TargetForm(forms.Form):
    """Another board of the profile."""

    target = forms.TypedChoiceField(
        label=_("Board"),
        error_messages={
            "invalid_choice": _("Choose another board of this profile."),
            "required": _("Choose another board of this profile."),
        },
    )

    def __init__(self, *args: Any, targets: Iterable[Board], **more: Any) -> None:
        super().__init__(*args, **more)
        by_key = {str(board.pk): board for board in targets}
        target = self.fields["target"]
        assert isinstance(target, forms.TypedChoiceField)
        target.choices = [("", _("Choose a board")), *((key, board.name) for key, board in by_key.items())]
        target.coerce = by_key.__getitem__


class MergeForm(TargetForm):
    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["target"].label = _("Into")
