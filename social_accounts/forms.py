"""Text to typed values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orgs.models import Workspace
from permissions.roles import RoleFacts
from social_accounts.networks.base import Features
from social_accounts.services.attempts import Destination
from ui.bounds import MOMENTS

PEOPLE_SHOWN_MAX = 100


class WorkspaceField(forms.TypedChoiceField):
    """A choice among workspaces read already: these forms are also drawn while no organization is open."""

    def __init__(self, workspaces: list[Workspace], **more: Any) -> None:
        by_key = {str(workspace.pk): workspace for workspace in workspaces}
        super().__init__(
            choices=[(key, workspace.name) for key, workspace in by_key.items()],
            coerce=by_key.__getitem__,
            error_messages={"invalid_choice": _("Choose a workspace you can reach.")},
            **more,
        )


class ConnectForm(forms.Form):
    """Where a new profile comes from and where it goes. Which fields there are follows from the network."""

    server = forms.CharField(
        label=_("Server"),
        max_length=255,
        strip=True,
        error_messages={"required": _("Type the name of your server, such as mastodon.social.")},
    )
    handle = forms.CharField(label=_("Handle"), max_length=253, required=False, strip=True)

    def __init__(self, *args: Any, features: Features, workspaces: list[Workspace], **more: Any) -> None:
        super().__init__(*args, **more)
        self.features = features
        server, handle = self.fields["server"], self.fields["handle"]
        if features.has_operator_app:
            del self.fields["handle"]
            server.required, server.widget = False, forms.HiddenInput()
        elif features.needs_server:
            del self.fields["handle"]
            server.help_text = _(
                "Where the account lives, such as mastodon.social. Your handle works as well."
            )
        else:
            server.required = False
            handle.help_text = _(
                "Such as anna.bsky.social. Leave it out to choose the account on the next page."
            )
            server.help_text = _("Only where the account lives on a server of its own.")
            self.order_fields(["handle", "server"])
        for field in self.fields.values():
            field.widget.attrs |= {"autocapitalize": "none", "autocomplete": "off", "spellcheck": "false"}
        self.fields["workspace"] = WorkspaceField(
            workspaces,
            label=_("Workspace"),
            initial=workspaces[0].pk if workspaces else None,
            widget=forms.Select if len(workspaces) > 1 else forms.HiddenInput,
            help_text=_("Only people who can reach this workspace can reach the profile."),
        )

    def destination(self) -> Destination:
        found = self.cleaned_data
        return Destination(
            network=self.features.name,
            typed_server=found["server"],
            login_hint=found.get("handle", ""),
            workspace_id=found["workspace"].pk,
        )


class AppPasswordForm(forms.Form):
    """A handle with a password made for this application alone."""

    identifier = forms.CharField(
        label=_("Handle"), max_length=253, strip=True, help_text=_("Such as anna.bsky.social.")
    )
    app_password = forms.CharField(
        label=_("App password"),
        max_length=100,
        help_text=_("Make one on the network, under Settings, Privacy and security, App passwords."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
    )
    password_server = forms.CharField(
        label=_("Server"),
        max_length=255,
        required=False,
        help_text=_("Only where the account lives on a server of its own."),
    )

    def __init__(self, *args: Any, workspaces: list[Workspace] | None = None, **more: Any) -> None:
        super().__init__(*args, **more)
        for field in self.fields.values():
            field.widget.attrs |= {"autocapitalize": "none", "spellcheck": "false"}
        if workspaces is not None:
            self.fields["workspace"] = WorkspaceField(
                workspaces,
                label=_("Workspace"),
                initial=workspaces[0].pk if workspaces else None,
                widget=forms.Select if len(workspaces) > 1 else forms.HiddenInput,
            )


class ProfileNameForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)


class ProfilePauseForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), required=False, max_length=300)


class TimeZoneForm(forms.Form):
    time_zone = forms.ChoiceField(
        label=_("Publishing time zone"),
        choices=lambda: [(name, name) for name in sorted(available_timezones())],
    )


class MoveForm(forms.Form):
    def __init__(self, *args: Any, workspaces: list[Workspace], **more: Any) -> None:
        super().__init__(*args, **more)
        self.fields["workspace"] = WorkspaceField(workspaces, label=_("Workspace"))


class GiveAccessForm(forms.Form):
    """One role for several people at once, with a window (P9)."""

    people = forms.MultipleChoiceField(
        label=_("People"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one person.")},
    )
    role = forms.ChoiceField(label=_("Role"))
    starts_at = forms.DateTimeField(label=_("From"), required=False, validators=MOMENTS)
    expires_at = forms.DateTimeField(label=_("Until"), required=False, validators=MOMENTS)
    reason = forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("It stands in the audit log.")
    )

    def __init__(self, *args: Any, people: Iterable[User], roles: list[RoleFacts], **more: Any) -> None:
        super().__init__(*args, **more)
        self._people = {str(person.pk): person for person in people}
        self._roles = {str(role.id): role for role in roles}
        self.fields["people"].choices = [(pk, str(p)) for pk, p in self._people.items()]  # type: ignore[attr-defined]
        choose = ("", _("Choose a role"))  # none is given by overlooking the field
        self.fields["role"].choices = [choose] + [(pk, role.label) for pk, role in self._roles.items()]  # type: ignore[attr-defined]
        for name in ("starts_at", "expires_at"):
            self.fields[name].widget = forms.DateTimeInput(
                attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"
            )

    def clean(self) -> dict[str, Any]:
        found: dict[str, Any] = super().clean() or {}
        starts_at: datetime | None = found.get("starts_at")
        expires_at: datetime | None = found.get("expires_at")
        if starts_at and expires_at and expires_at <= starts_at:
            self.add_error("expires_at", _("The end must come after the beginning."))
        return found

    @property
    def chosen_people(self) -> list[User]:
        return [self._people[pk] for pk in self.cleaned_data["people"]]

    @property
    def chosen_role(self) -> RoleFacts:
        return self._roles[self.cleaned_data["role"]]
