"""What people type into the pages of approvals: forced answers, comments, hand-overs, answers from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from publishing.forms import LocalTimeField
from publishing.models import Comment
from publishing.services.comments import COMMENT_MAX
from publishing.times import to_moment

APPROVE, DECLINE = "approve", "decline"
ANSWERS = [(APPROVE, _("Approve")), (DECLINE, _("Do not approve"))]


class ForcedAnswerForm(forms.Form):
    """An answer for everybody who was to be asked. The reason is not optional (AP18)."""

    answer = forms.ChoiceField(choices=ANSWERS)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        error_messages={
            "required": _("Say why you decide for everybody: it stays visible beside your name.")
        },
    )
    digest = forms.CharField(max_length=64, required=False)


class CommentForm(forms.Form):
    text = forms.CharField(
        label=_("Comment"),
        max_length=COMMENT_MAX,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write something first.")},
    )
    thread = forms.ChoiceField(choices=Comment.Thread.choices, required=False)

    def clean_thread(self) -> str:
        return self.cleaned_data["thread"] or Comment.Thread.INTERNAL


class OutsideAnswerForm(forms.Form):
    answer = forms.ChoiceField(choices=ANSWERS)
    note = forms.CharField(max_length=500, required=False)
    digest = forms.CharField(max_length=64, required=False)


class HandoverForm(forms.Form):
    """Which held posts somebody takes over, and when those go out whose time has passed."""

    publication = forms.TypedMultipleChoiceField(
        coerce=int, choices=(), error_messages={"required": _("Tick at least one post.")}
    )
    when = LocalTimeField(required=False)
    is_now = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, ids: list[int], zone: str) -> None:
        super().__init__(data)
        self.zone = zone
        self.fields["publication"].choices = [(pk, str(pk)) for pk in ids]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("when") and self.cleaned_data["is_now"]:
            self.add_error("when", _("Choose one of both: a new time, or now."))
        return self.cleaned_data

    def late_due_at(self, now: datetime) -> datetime | None:
        """Return the new time, read on the clock of who typed it. Raises UnclearTime around clock changes."""
        if self.cleaned_data["is_now"]:
            return now
        when: datetime | None = self.cleaned_data["when"]
        return to_moment(when, self.zone) if when else None
