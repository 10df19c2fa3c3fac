"""Text to typed values. Nothing here saves, and nothing here decides who may."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from email.utils import parseaddr
from typing import Any, Final
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.core.validators import MaxLengthValidator, validate_email
from django.db.models import Model
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from audit.models import AuditEvent
from orgs.models import RESERVED_SLUGS, Membership, Organization, Workspace, slug_validator
from permissions.packs import PACKS
from permissions.roles import RoleFacts
from ui.addresses import ID_DIGITS_MAX
from ui.bounds import DAYS, MOMENTS

MAX_ADDRESSES: Final = 50
MAX_IMAGE_BYTES: Final = 2 * 1024 * 1024
MAX_IMAGE_PIXELS: Final = 25_000_000
IMAGE_FORMATS: Final = frozenset({"PNG", "JPEG", "WEBP", "GIF"})
fits_in_its_column = MaxLengthValidator(254)
BETWEEN_ADDRESSES = re.compile(r"[\n\r,;]+")


def time_zone_choices() -> list[tuple[str, str]]:
    return [
        (zone, zone.replace("_", " "))
        for zone in sorted(available_timezones())
        if "/" in zone or zone == "UTC"
    ]


def pack_choices() -> list[tuple[str, str]]:
    return [(pack.slug, f"{pack.label} – {pack.source}") for pack in PACKS.values()]


class RoleField(forms.ChoiceField):
    """A role of one scope. Offers what the person may give; anything else the organization offers is read too,
    so that the service can refuse it with its reason.
    """

    def __init__(
        self, *, roles: Sequence[RoleFacts], giveable: Sequence[RoleFacts] | None = None, **kwargs: Any
    ):
        self.roles = {str(role.permission_id): role for role in roles}
        shown = roles if giveable is None else giveable
        choices = [(str(role.permission_id), role.label) for role in shown]
        if not kwargs.get("required", True):
            choices.insert(0, ("", gettext("Later")))
        elif not kwargs.get("initial"):
            choices.insert(0, ("", gettext("Choose a role")))
        super().__init__(choices=choices, **kwargs)

    def valid_value(self, value: Any) -> bool:
        return str(value) in self.roles

    def clean(self, value: Any) -> RoleFacts | None:
        cleaned = super().clean(value)
        return self.roles.get(str(cleaned))


class ObjectField(forms.ChoiceField):
    """One of some objects, each shown by its name."""

    def __init__(self, *, objects: Sequence[Model], **kwargs: Any) -> None:
        self.objects = {str(found.pk): found for found in objects}
        super().__init__(
            choices=[("", "—"), *((pk, str(found)) for pk, found in self.objects.items())], **kwargs
        )

    def clean(self, value: Any) -> Any:
        return self.objects.get(super().clean(value))


class ObjectsField(forms.MultipleChoiceField):
    """Several of some objects, each shown by its name, or as ``named`` says."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, *, objects: Sequence[Model], named: Callable[[Any], str] = str, **kwargs: Any) -> None:
        self.objects = {str(found.pk): found for found in objects}
        super().__init__(choices=[(pk, named(found)) for pk, found in self.objects.items()], **kwargs)

    def clean(self, value: Any) -> Any:
        return [self.objects[pk] for pk in super().clean(value)]


class OrganizationForm(forms.Form):
    """Founding an organization."""

    name = forms.CharField(label=_("Name"), max_length=80)
    slug = forms.CharField(
        label=_("Address"),
        max_length=40,
        required=False,
        validators=[slug_validator],
        help_text=_("The part of the web address that is yours. Left empty, it is made from the name."),
    )
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices, initial="UTC")
    packs = forms.MultipleChoiceField(
        label=_("Roles"),
        choices=pack_choices,
        initial=["standard"],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The ready-made roles you start with. The owner's role is that of the first one chosen."),
    )

    def clean_slug(self) -> str:
        slug: str = self.cleaned_data["slug"].lower()
        if slug in RESERVED_SLUGS:
            raise ValidationError(gettext("“%(slug)s” is kept for Chorus itself.") % {"slug": slug})
        if slug and Organization.objects.filter(slug=slug).exists():
            raise ValidationError(gettext("“%(slug)s” is taken.") % {"slug": slug})
        return slug


class OrganizationSettingsForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zone_choices)
    image = forms.ImageField(
        label=_("Picture"),
        required=False,
        help_text=_("PNG, JPEG, WebP or GIF, at most 2 MB."),
        widget=forms.FileInput,
    )
    removes_image = forms.BooleanField(label=_("Remove the picture"), required=False)

    def clean_image(self) -> UploadedFile[Any] | None:
        image = self.cleaned_data["image"]
        if image is None:
            return None
        if image.size > MAX_IMAGE_BYTES:
            raise ValidationError(gettext("The picture is larger than 2 MB."))
        if image.image.format not in IMAGE_FORMATS:
            raise ValidationError(gettext("Choose a PNG, JPEG, WebP or GIF picture."))
        width, height = image.image.size
        if width * height > MAX_IMAGE_PIXELS:
            raise ValidationError(gettext("The picture has too many pixels. Choose a smaller one."))
        found: UploadedFile[Any] = image
        return found


class TwoFactorForm(forms.Form):
    policy = forms.ChoiceField(
        label=_("Who must sign in with a second step"),
        choices=Organization.TwoFactor.choices,
        widget=forms.RadioSelect,
    )


class WorkspaceForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)


class ReachForm(forms.Form):
    """Which workspaces a member reaches."""

    reach = forms.ChoiceField(
        label=_("Workspaces in reach"),
        choices=[("all", _("Every workspace")), ("some", _("Only these"))],
        widget=forms.RadioSelect,
        initial="all",
    )

    def __init__(self, *args: Any, workspaces: Sequence[Workspace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["workspaces"] = ObjectsField(objects=workspaces, label=_("Workspaces"), required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reach") == "some" and not cleaned.get("workspaces"):
            self.add_error("workspaces", gettext("Choose at least one workspace."))
        if cleaned.get("reach") == "all":
            cleaned["workspaces"] = []
        return cleaned


class InvitationForm(ReachForm):
    """Several people at once, with their roles."""

    def __init__(
        self,
        *args: Any,
        workspaces: Sequence[Workspace],
        roles: Sequence[RoleFacts],
        giveable: Sequence[RoleFacts],
        profile_roles: Sequence[RoleFacts],
        profiles: Sequence[Model],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, workspaces=workspaces, **kwargs)
        own = self.fields
        self.fields = {
            "emails": forms.CharField(
                label=_("E-mail addresses"),
                max_length=5_000,
                widget=forms.Textarea(attrs={"rows": 4}),
                help_text=_("One per line, or separated by commas. A list may be pasted."),
            ),
            "role": RoleField(
                label=_("Role in the organization"),
                roles=roles,
                giveable=giveable,
                initial=default_of(giveable),
            ),
            "reach": own["reach"],
            "workspaces": own["workspaces"],
        }
        if len(workspaces) < 2:
            del self.fields["reach"], self.fields["workspaces"]
        if profiles:
            self.fields["profile_role"] = RoleField(
                label=_("Role on profiles"),
                roles=profile_roles,
                required=False,
                help_text=_("Can also be given later, on the member's page."),
            )
            self.fields["profiles"] = ObjectsField(
                objects=profiles, label=_("On these profiles"), required=False
            )
        self.fields["language"] = forms.ChoiceField(
            label=_("Language of the e-mail"),
            choices=settings.LANGUAGES,
            help_text=_("People who have an account get it in their own language."),
        )
        self.fields["message"] = forms.CharField(
            label=_("Message"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2})
        )

        if "even_partners_people" in self.data:
            self.ask_about_partners_people()

    def ask_about_partners_people(self) -> None:
        """P8: let the person say that he means it. Asked only once the warning was shown."""
        self.fields["even_partners_people"] = forms.BooleanField(
            label=_("Invite them as own members all the same"), required=False
        )

    def clean_emails(self) -> list[str]:
        return read_addresses(self.cleaned_data["emails"])

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if cleaned.get("profile_role") and not cleaned.get("profiles"):
            self.add_error("profiles", gettext("Choose the profiles for this role, or choose “Later”."))
        if cleaned.get("profiles") and not cleaned.get("profile_role"):
            self.add_error("profile_role", gettext("Choose a role for these profiles."))
        return cleaned


def read_addresses(text: str) -> list[str]:
    """Return the addresses of a pasted list, each once, in small letters. A ValidationError names the wrong ones."""
    found: dict[str, None] = {}
    wrong = []
    for part in BETWEEN_ADDRESSES.split(text):
        written = part.strip()
        for word in [written] if "<" in written else written.split():
            address = parseaddr(word)[1].lower()
            try:
                validate_email(address)
                fits_in_its_column(address)
            except ValidationError:
                wrong.append(word)
            else:
                found[address] = None
    if wrong:
        message = ngettext(
            "This is not an e-mail address: %(list)s.",
            "These are not e-mail addresses: %(list)s.",
            len(wrong),
        )
        raise ValidationError(message % {"list": ", ".join(wrong[:10])})
    if not found:
        raise ValidationError(gettext("Write at least one e-mail address."))
    if len(found) > MAX_ADDRESSES:
        raise ValidationError(gettext("At most %(count)d people at once.") % {"count": MAX_ADDRESSES})
    return list(found)


def default_of(roles: Sequence[RoleFacts]) -> str | None:
    """Return the form value of the role a new member gets by himself (H4)."""
    found = next((role for role in roles if role.builtin and role.builtin.is_default), None)
    return str(found.permission_id) if found else None


class InvitedSignUpForm(forms.Form):
    """Signing up through an invitation: the address is given and proven by the link."""

    name = forms.CharField(
        label=_("Name"), max_length=120, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        help_text=_("At least 10 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def clean_name(self) -> str:
        return " ".join(self.cleaned_data["name"].split())

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


class OrganizationRoleForm(forms.Form):
    def __init__(
        self, *args: Any, roles: Sequence[RoleFacts], giveable: Sequence[RoleFacts], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = RoleField(label=_("Role in the organization"), roles=roles, giveable=giveable)
        self.fields["reason"] = reason_field()


class GrantForm(forms.Form):
    """One role on several profiles, for a while or for good. Times are in the zone of whoever writes them."""

    def __init__(
        self, *args: Any, roles: Sequence[RoleFacts], profiles: Sequence[Model], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = RoleField(label=_("Role"), roles=roles)
        self.fields["profiles"] = ObjectsField(objects=profiles, label=_("On these profiles"))
        self.fields["starts_at"] = moment_field(_("From"))
        self.fields["expires_at"] = moment_field(_("Until"))
        self.fields["reason"] = reason_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        starts_at: datetime | None = cleaned.get("starts_at")
        expires_at: datetime | None = cleaned.get("expires_at")
        if starts_at and expires_at and expires_at <= starts_at:
            self.add_error("expires_at", gettext("The end must come after the beginning."))
        return cleaned


class TeamForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(label=_("What it does"), max_length=200, required=False)


class TeamMemberForm(forms.Form):
    def __init__(
        self, *args: Any, members: Sequence[Membership], roles: Sequence[RoleFacts], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = ObjectsField(objects=members, label=_("People"))
        self.fields["role"] = RoleField(label=_("Role in the team"), roles=roles, initial=default_of(roles))


class TeamProfileForm(forms.Form):
    def __init__(
        self, *args: Any, profiles: Sequence[Model], roles: Sequence[RoleFacts], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"] = ObjectsField(objects=profiles, label=_("Profiles"))
        self.fields["role"] = RoleField(label=_("Role of the team's people"), roles=roles)


class OwnershipForm(forms.Form):
    def __init__(
        self, *args: Any, members: Sequence[Membership], roles: Sequence[RoleFacts], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["member"] = ObjectField(objects=members, label=_("New owner"))
        self.fields["role"] = RoleField(label=_("Your role afterwards"), roles=roles)


class AuditFilterForm(forms.Form):
    """The filters of the audit log; whatever is wrong in them is left out of the search."""

    q = forms.CharField(label=_("Search"), required=False, max_length=200)
    who = forms.CharField(label=_("Person"), required=False, max_length=120)
    person = forms.IntegerField(required=False, min_value=1, max_value=10**ID_DIGITS_MAX - 1)  # a link's
    object = forms.RegexField(r"^[a-z_]+\.[a-z]+:\w{1,64}$", required=False)  # a link's
    area = forms.CharField(label=_("Area"), required=False, max_length=40)
    action = forms.CharField(label=_("Action"), required=False, max_length=100)
    outcome = forms.ChoiceField(
        label=_("Outcome"), required=False, choices=[("", _("Any outcome")), *AuditEvent.Outcome.choices]
    )
    begin = forms.DateField(
        label=_("From"), required=False, validators=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )
    end = forms.DateField(
        label=_("To"), required=False, validators=DAYS, widget=forms.DateInput(attrs={"type": "date"})
    )


def reason_field() -> forms.CharField:
    return forms.CharField(
        label=_("Reason"), max_length=300, required=False, help_text=_("Kept in the audit log.")
    )


def moment_field(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        required=False,
        validators=MOMENTS,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
