"""Text to typed values, on the pages of partners and of support. Nothing here saves, and nothing decides who may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django import forms
from django.db.models import Model
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orgs.forms import ObjectsField, RoleField, moment_field, reason_field
from orgs.services.partnerships import Share
from orgs.services.support import SESSION_HOURS_MAX
from permissions.roles import RoleFacts

NOT_SHARED: Final = ""
MESSAGE_MAX: Final = 500


def business_id_field() -> forms.CharField:
    return forms.CharField(
        label=_("Business id"),
        max_length=40,
        help_text=_(
            "Twelve letters and digits, such as 7K2M-9QXD-TB4H. The company finds its own under Partners."
        ),
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


def message_field() -> forms.CharField:
    return forms.CharField(
        label=_("Message"), max_length=MESSAGE_MAX, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )


class Window(forms.Form):
    """From when to when. Times are in the zone of whoever writes them."""

    def add_window(self) -> None:
        self.fields["starts_at"] = moment_field(_("From"))
        self.fields["expires_at"] = moment_field(_("Until"))

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_at: datetime | None = cleaned.get("starts_at")
        expires_at: datetime | None = cleaned.get("expires_at")
        if starts_at and expires_at and expires_at <= starts_at:
            self.add_error("expires_at", gettext("The end must come after the beginning."))
        return cleaned


@dataclass(frozen=True)
class Line:
    """One profile of a shares form, for the template."""

    profile: Any
    field: forms.BoundField


class SharesForm(Window):
    """For each profile the role that is shared on it, or none. ``choices`` has every profile that may be named.

    ``shown`` are those with a line on the page; ``fixed`` shares keep their own windows, so the form has none.
    """

    empty_label: Any = _("Not shared")

    def __init__(
        self,
        *args: Any,
        choices: Mapping[Any, Sequence[RoleFacts]],
        shown: Sequence[Any] | None = None,
        fixed: Mapping[Any, Share] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self._profiles = {str(profile.pk): profile for profile in choices}
        self._shown = list(choices) if shown is None else list(shown)
        self._fixed = fixed or {}
        for pk, profile in self._profiles.items():
            field = RoleField(roles=choices[profile], required=False, label=str(profile))
            offered = [(str(role.permission_id), role.label) for role in choices[profile]]
            field.choices = [(NOT_SHARED, self.empty_label), *offered]
            self.fields[f"role-{pk}"] = field
        if fixed is None:
            self.add_window()

    def lines(self) -> Iterator[Line]:
        for profile in self._shown:
            yield Line(profile, self[f"role-{profile.pk}"])

    @property
    def has_lines(self) -> bool:
        return bool(self._shown)

    @property
    def chosen(self) -> list[Share]:
        """Return what is shared; empty when every profile is left out."""
        shares = []
        for pk, profile in self._profiles.items():
            role = self.cleaned_data.get(f"role-{pk}")
            if role is None:
                continue
            window = self._fixed.get(profile)
            starts_at = window.starts_at if window else self.cleaned_data.get("starts_at")
            expires_at = window.expires_at if window else self.cleaned_data.get("expires_at")
            shares.append(Share(role, profile, starts_at, expires_at))
        return shares

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if not self.errors and not any(cleaned.get(f"role-{pk}") for pk in self._profiles):
            raise forms.ValidationError(gettext("Choose a role on at least one profile."))
        return cleaned


class InvitePartnerForm(SharesForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields = {
            "public_id": business_id_field(),
            **self.fields,
            "message": message_field(),
        }


class ShareForm(SharesForm):
    """Sharing more with a partner, or otherwise."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = reason_field()


class ShareChangeForm(Window):
    """Another role or window for a partner on one profile."""

    def __init__(self, *args: Any, roles: Sequence[RoleFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = RoleField(label=_("Role"), roles=roles)
        self.add_window()
        self.fields["reason"] = reason_field()


class AskForm(Window):
    """Asking a company for roles, on whichever of its profiles it chooses."""

    def __init__(self, *args: Any, roles: Sequence[RoleFacts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._roles = {str(role.permission_id): role for role in roles}
        self.fields["public_id"] = business_id_field()
        self.fields["roles"] = forms.MultipleChoiceField(
            label=_("Roles you need"),
            choices=[(pk, role.label) for pk, role in self._roles.items()],
            widget=forms.CheckboxSelectMultiple,
            help_text=_("The company chooses on which of its profiles, and may give less."),
        )
        self.add_window()
        self.fields["message"] = message_field()

    @property
    def wishes(self) -> list[Share]:
        found = self.cleaned_data
        return [
            Share(self._roles[pk], None, found["starts_at"], found["expires_at"]) for pk in found["roles"]
        ]


class AssignForm(Window):
    """One role for several of one's own people on several of the profiles a brand shares."""

    def __init__(
        self,
        *args: Any,
        people: Sequence[User],
        grants: Sequence[Model],
        labels: Mapping[int, str],
        roles: Sequence[RoleFacts],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["people"] = ObjectsField(objects=people, label=_("People"))
        profiles = ObjectsField(objects=grants, label=_("Profiles"))
        profiles.choices = [(str(grant.pk), labels[grant.pk]) for grant in grants]
        self.fields["profiles"] = profiles
        self.fields["role"] = RoleField(
            label=_("Role"),
            roles=roles,
            help_text=_("It counts only as far as the role shared with you, and only as long."),
        )
        self.add_window()
        self.fields["reason"] = reason_field()


class SupportSessionForm(forms.Form):
    """Opening a support session."""

    customer = forms.CharField(
        label=_("Organization"),
        max_length=60,
        help_text=_("Its address (the part after /o/) or its business id."),
        widget=forms.TextInput(
            attrs={"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        ),
    )
    ticket = forms.CharField(label=_("Ticket"), max_length=60)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, help_text=_("The organization reads it, word for word.")
    )
    hours = forms.TypedChoiceField(
        label=_("How long"),
        coerce=int,
        initial=1,
        choices=[(hours, hours) for hours in range(1, SESSION_HOURS_MAX + 1)],
        help_text=_("In hours."),
    )
