"""Text to typed values. Nothing here saves, and nothing here decides who may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from governance.models import Assertion, Review
from orgs.forms import ObjectField, ObjectsField
from orgs.models import Membership, Partnership, Team, Workspace
from permissions import catalogue
from permissions.catalogue import AREAS, Scope
from permissions.roles import RoleFacts
from social_accounts.models import SocialProfile
from ui.bounds import DAYS

BETWEEN_ADDRESSES = re.compile(r"[\s,;]+")
PEOPLE_MAX: Final = 1000
DAYS_MAX: Final = 3650
USUAL_TIME: Final = timedelta(days=14)
WITH_ACTION: Final = frozenset(
    {
        Assertion.Kind.NO_PARTNER_MAY,
        Assertion.Kind.AT_LEAST,
        Assertion.Kind.NOT_BOTH,
        Assertion.Kind.ONLY,
        Assertion.Kind.SECOND_FACTOR,
    }
)
OF_PROFILES_ONLY: Final = frozenset({Assertion.Kind.NOT_BOTH, Assertion.Kind.NO_PARTNER_MAY})


def action_choices(*scopes: Scope) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the actions that are built, by the headings of the matrix."""
    found = []
    for area in AREAS:
        actions = [
            (action.name, str(action.label))
            for action in catalogue.ACTIONS.values()
            if action.area == area and action.scope in scopes and action.is_available
        ]
        if actions:
            found.append((str(area.label), actions))
    return found


class AssertionForm(forms.Form):
    """The blanks of one kind of rule."""

    name = forms.CharField(
        label=_("Name"), max_length=80, help_text=_("Whoever is refused because of it reads this name.")
    )

    def __init__(
        self,
        *args: Any,
        kind: str,
        workspaces: Sequence[Workspace],
        profiles: Sequence[SocialProfile],
        roles: Sequence[RoleFacts],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind in WITH_ACTION:
            scopes = (Scope.PROFILE,) if kind in OF_PROFILES_ONLY else (Scope.PROFILE, Scope.ORGANIZATION)
            choices = [("", gettext("Choose an action")), *action_choices(*scopes)]
            self.fields["action"] = forms.ChoiceField(label=_("Action"), choices=choices)
            if kind == Assertion.Kind.NOT_BOTH:
                self.fields["other_action"] = forms.ChoiceField(label=_("And not also"), choices=choices)
        if kind == Assertion.Kind.AT_LEAST:
            self.fields["number"] = forms.IntegerField(
                label=_("How many members"), min_value=1, max_value=PEOPLE_MAX, initial=2
            )
        if kind == Assertion.Kind.GRANTS_AT_MOST:
            self.fields["number"] = forms.IntegerField(
                label=_("How many days"), min_value=1, max_value=DAYS_MAX, initial=90
            )
        if kind == Assertion.Kind.ONLY:
            self.fields["roles"] = forms.MultipleChoiceField(
                label=_("Whoever has one of these organization roles"),
                choices=[(str(role.permission_id), role.label) for role in roles],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )
            self.fields["people"] = forms.CharField(
                label=_("And these people"),
                widget=forms.Textarea(attrs={"rows": 3}),
                required=False,
                help_text=_("By e-mail address, one to a line."),
            )
        self.fields["where"] = forms.ChoiceField(
            label=_("Where"), choices=Assertion.Where.choices, widget=forms.RadioSelect, initial="anywhere"
        )
        self.fields["workspaces"] = ObjectsField(objects=workspaces, label=_("Workspaces"), required=False)
        self.fields["profiles"] = ObjectsField(objects=profiles, label=_("Profiles"), required=False)
        _require_chosen(self, "where", ("workspaces", "profiles"))

    def clean_people(self) -> list[int]:
        addresses = {one.lower() for one in BETWEEN_ADDRESSES.split(self.cleaned_data["people"]) if one}
        if len(addresses) > PEOPLE_MAX:
            raise ValidationError(
                gettext("At most %(count)s people. Take a role instead.") % {"count": PEOPLE_MAX}
            )
        members = User.objects.filter(pk__in=Membership.objects.values("user"), email__in=addresses)
        found = dict(members.values_list("email", "pk"))
        if unknown := sorted(addresses - found.keys()):
            raise ValidationError(
                ngettext(
                    "Nobody here has the address %(unknown)s.",
                    "Nobody here has the addresses %(unknown)s.",
                    len(unknown),
                )
                % {"unknown": ", ".join(unknown)}
            )
        return sorted(found.values())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("action") and cleaned.get("action") == cleaned.get("other_action"):
            self.add_error("other_action", gettext("Choose another action."))
        names_somebody = cleaned.get("roles") or cleaned.get("people") or "people" in self.errors
        if self.kind == Assertion.Kind.ONLY and not names_somebody:
            self.add_error("roles", gettext("Choose who may."))
        return cleaned

    def fill(self, rule: Assertion) -> Assertion:
        """Put what was typed into the rule."""
        typed = self.cleaned_data
        rule.kind, rule.name, rule.where = self.kind, typed["name"], typed["where"]
        rule.action, rule.other_action = typed.get("action", ""), typed.get("other_action", "")
        rule.number = typed.get("number")
        rule.workspace_ids = (
            [row.pk for row in typed["workspaces"]] if rule.where == Assertion.Where.WORKSPACES else []
        )
        rule.profile_ids = (
            [row.pk for row in typed["profiles"]] if rule.where == Assertion.Where.PROFILES else []
        )
        rule.people_ids = typed.get("people", [])
        rule.role_ids = [int(pk) for pk in typed.get("roles", [])]
        return rule


def typed_of(rule: Assertion) -> dict[str, Any]:
    """Return what one would have typed to make this rule."""
    people = User.objects.filter(pk__in=rule.people_ids).order_by("email")
    return {
        "name": rule.name,
        "action": rule.action,
        "other_action": rule.other_action,
        "number": rule.number,
        "where": rule.where,
        "workspaces": [str(pk) for pk in rule.workspace_ids],
        "profiles": [str(pk) for pk in rule.profile_ids],
        "roles": [str(pk) for pk in rule.role_ids],
        "people": "\n".join(people.values_list("email", flat=True)),
    }


class ReviewForm(forms.Form):
    """What to look through, who does, and until when."""

    def __init__(
        self,
        *args: Any,
        profiles: Sequence[SocialProfile],
        teams: Sequence[Team],
        partnerships: Sequence[Partnership],
        reviewers: Sequence[User],
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["kind"] = forms.ChoiceField(
            label=_("What to look through"),
            choices=Review.Kind.choices,
            widget=forms.RadioSelect,
            initial="profile",
        )
        self.fields["profile"] = ObjectField(objects=profiles, label=_("Profile"), required=False)
        self.fields["team"] = ObjectField(objects=teams, label=_("Team"), required=False)
        self.fields["partner"] = forms.ChoiceField(
            label=_("Partner"),
            choices=[("", "—"), *((str(one.pk), str(one.partner)) for one in partnerships)],
            required=False,
        )
        self._partnerships = {str(one.pk): one for one in partnerships}
        self.fields["reviewers"] = ObjectsField(
            objects=reviewers,
            label=_("Reviewers"),
            help_text=_("Each of them may decide and sign off. Nobody decides about himself."),
        )
        self.fields["due_on"] = forms.DateField(
            label=_("Due on"),
            validators=DAYS,
            widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
            initial=lambda: timezone.localdate() + USUAL_TIME,
        )
        _require_chosen(self, "kind", ("profile", "team", "partner"))

    def clean_partner(self) -> Partnership | None:
        return self._partnerships.get(self.cleaned_data["partner"])

    def clean_due_on(self) -> Any:
        due_on = self.cleaned_data["due_on"]
        if due_on < timezone.localdate():
            raise ValidationError(gettext("This day is over. Choose a later one."))
        return due_on


def _require_chosen(form: forms.Form, choice: str, fields: Sequence[str]) -> None:
    """Of some fields, one of which a choice shows, require the one that is chosen; before that, say so of each."""
    for name in fields:
        form.fields[name].required = not form.is_bound or form.data.get(choice) == name


class DecisionForm(forms.Form):
    """One decision about one line, and the line as whoever decides saw it."""

    decision = forms.CharField(max_length=6)
    role = forms.CharField(required=False, max_length=18)
    note = forms.CharField(required=False, max_length=300)
    version = forms.IntegerField(min_value=1, max_value=2_000_000_000)
