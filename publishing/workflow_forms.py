"""A workflow as a person types it: any number of steps, each in a form of its own."""

from __future__ import annotations

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db.models import QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from orgs.models import Membership, Organization, Team
from permissions.catalogue import Scope
from permissions.checker import Access
from permissions.models import Role
from permissions.roles import roles_by_permission, roles_offered
from publishing.models import Campaign, StepRule, Workflow
from publishing.rights import REVIEW
from publishing.selectors.organizing import visible_campaigns
from publishing.services.workflows import STEPS_MAX, Plan, PlannedStep
from social_accounts.connections import named_in_full
from social_accounts.models import NETWORKS_WITHOUT_APPROVAL, SocialProfile

HOURS_MAX: Final = 24 * 90
ADDRESS = re.compile(r"^(?P<name>.*?)\s*<(?P<email>[^<>]+)>$")
ADD, REMOVE, UP = "add", "remove", "up"


class OutsidersField(forms.CharField):
    """People without an account, one on each line: ``Name <address>``."""

    widget = forms.Textarea

    def clean(self, value: Any) -> list[tuple[str, str]]:  # type: ignore[override]
        text = super().clean(value)
        return [self._read(line.strip()) for line in text.splitlines() if line.strip()]

    def _read(self, line: str) -> tuple[str, str]:
        found = ADDRESS.match(line)
        name, email = (found["name"].strip(' "'), found["email"].strip()) if found else ("", line)
        try:
            validate_email(email)
        except ValidationError:
            raise ValidationError(
                _("“%(line)s” is no address. Write one person on each line: Name <name@example.com>."),
                params={"line": line},
            ) from None
        return name or email.partition("@")[0], email


class RoleChoices(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Roles that let people review posts."""

    def label_from_instance(self, obj: Any) -> str:
        return role_label(obj)


class ProfileField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Profiles, each with its network."""

    def label_from_instance(self, obj: Any) -> str:
        return named_in_full(obj)


class StepForm(forms.Form):
    """One step."""

    name = forms.CharField(label=_("Name of the step"), max_length=80, required=False)
    rule = forms.ChoiceField(label=_("The step is done when"), choices=StepRule.choices)
    people: forms.ModelMultipleChoiceField[User] = forms.ModelMultipleChoiceField(
        label=_("People"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    teams: forms.ModelMultipleChoiceField[Team] = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=None, required=False, widget=forms.CheckboxSelectMultiple
    )
    roles = RoleChoices(
        label=_("Roles on the profile"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    outsiders = OutsidersField(
        label=_("People outside, without an account"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "placeholder": "Claire Client <claire@example.com>"}),
        help_text=_("One on each line. They get a mail with a link and answer in two clicks."),
    )
    answer_within_hours = forms.IntegerField(
        label=_("Answer within (hours)"), required=False, min_value=1, max_value=HOURS_MAX
    )
    remind_after_hours = forms.IntegerField(
        label=_("Remind after (hours)"), required=False, min_value=1, max_value=HOURS_MAX
    )
    escalate_after_hours = forms.IntegerField(
        label=_("Pass on after (hours)"), required=False, min_value=1, max_value=HOURS_MAX
    )
    escalate_to: forms.ModelChoiceField[User] = forms.ModelChoiceField(
        label=_("Pass on to"), queryset=None, required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = members()
        self.fields["people"].queryset = people  # type: ignore[attr-defined]
        self.fields["escalate_to"].queryset = people  # type: ignore[attr-defined]
        self.fields["teams"].queryset = Team.objects.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["roles"].queryset = reviewing_roles(organization)  # type: ignore[attr-defined]

    @property
    def asked_fields(self) -> list[forms.BoundField]:
        return [self["people"], self["teams"], self["roles"]]

    @property
    def time_fields(self) -> list[forms.BoundField]:
        names = ("answer_within_hours", "remind_after_hours", "escalate_after_hours", "escalate_to")
        return [self[name] for name in names]

    @property
    def has_times(self) -> bool:
        return any(field.value() for field in self.time_fields)

    def planned(self) -> PlannedStep:
        values = self.cleaned_data
        return PlannedStep(**{name: values[name] for name in values})


class WorkflowForm(forms.Form):
    """Name, profiles and campaigns of a workflow, and whom it binds; its steps are ``steps``."""

    name = forms.CharField(
        label=_("Name"), max_length=80, error_messages={"required": _("Give the workflow a name.")}
    )
    profiles: forms.ModelMultipleChoiceField[SocialProfile] = ProfileField(
        label=_("Posts on these profiles take it"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    campaigns: forms.ModelMultipleChoiceField[Campaign] = forms.ModelMultipleChoiceField(
        label=_("Posts in these campaigns take it"),
        queryset=None,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Ahead of the steps of their profiles: choosing a campaign never takes a step away from a post."
        ),
    )
    binds_publishers = forms.BooleanField(
        label=_("Also binds those who may publish"),
        required=False,
        help_text=_(
            "Without it, whoever may publish there can let posts out alone. With it, somebody else approves those "
            "posts as well, unless somebody who may forces the approval, with a reason."
        ),
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        access: Access,
        organization: Organization,
        workflow: Workflow | None = None,
    ) -> None:
        super().__init__(data, initial=_initial(workflow))
        present = Campaign.objects.filter(workflow=workflow) if workflow else Campaign.objects.none()
        reachable = visible_campaigns(access)
        # What lies in workspaces this person does not reach is neither shown to him nor taken out by him.
        self.out_of_reach = list(present.exclude(pk__in=reachable.values("pk")))
        self.fields["campaigns"].queryset = reachable.order_by("name", "pk")  # type: ignore[attr-defined]
        self.fields["profiles"].queryset = SocialProfile.objects.exclude(  # type: ignore[attr-defined]
            network__in=NETWORKS_WITHOUT_APPROVAL
        ).order_by("name", "pk")
        if data is not None:
            self.keys = _keys(data)
            self.steps = [StepForm(data, prefix=key, organization=organization) for key in self.keys]
        else:
            planned = _planned(workflow) if workflow else [{"rule": StepRule.ANY}]
            self.keys = [f"s{number}" for number in range(len(planned))]
            self.steps = [
                StepForm(initial=values, prefix=key, organization=organization)
                for key, values in zip(self.keys, planned, strict=True)
            ]

    @property
    def rows(self) -> list[tuple[str, StepForm]]:
        return list(zip(self.keys, self.steps, strict=True))

    def is_valid(self) -> bool:
        return all([super().is_valid(), *(step.is_valid() for step in self.steps)])

    def plan(self) -> Plan:
        return Plan(
            name=self.cleaned_data["name"],
            profiles=list(self.cleaned_data["profiles"]),
            campaigns=[*self.cleaned_data["campaigns"], *self.out_of_reach],
            binds_publishers=self.cleaned_data["binds_publishers"],
            steps=[step.planned() for step in self.steps],
        )


def rearranged(data: QueryDict, act: str) -> QueryDict:
    """Return what was typed with a step more, a step less, or one moved up."""
    verb, _colon, key = act.partition(":")
    keys = _keys(data)
    if verb == ADD and len(keys) < STEPS_MAX:
        keys.append(f"s{1 + max((int(one[1:]) for one in keys), default=-1)}")
    elif verb == REMOVE and key in keys and len(keys) > 1:
        keys.remove(key)
    elif verb == UP and key in keys[1:]:
        at = keys.index(key)
        keys[at - 1], keys[at] = keys[at], keys[at - 1]
    changed = data.copy()
    changed.setlist("step", keys)
    return changed


def role_label(role: Role) -> str:
    """Return the name of a role as people know it."""
    return roles_by_permission({role.permission_id})[role.permission_id].label


def members() -> QuerySet[User]:
    """Return the active members, by name."""
    active = Membership.objects.filter(status=Membership.Status.ACTIVE).values("user")
    return User.objects.filter(pk__in=active, is_active=True).order_by("name", "pk")


def reviewing_roles(organization: Organization) -> QuerySet[Role]:
    """Return the roles on profiles that let people review: of the packs in use, and the organization's own."""
    offered = roles_offered(packs=organization.packs, organization_id=organization.pk, scope=Scope.PROFILE)
    return Role.objects.filter(pk__in=[role.id for role in offered if REVIEW in role.actions]).order_by("pk")


def _keys(data: QueryDict) -> list[str]:
    """Return the names of the steps in their order; what is no such name is left out."""
    keys = [key for key in data.getlist("step") if re.fullmatch(r"s\d{1,4}", key)]
    return list(dict.fromkeys(keys))[:STEPS_MAX]


def _initial(workflow: Workflow | None) -> dict[str, Any]:
    if workflow is None:
        return {}
    return {
        "name": workflow.name,
        "profiles": list(workflow.profile_links.values_list("profile", flat=True)),
        "campaigns": list(workflow.campaigns.values_list("pk", flat=True)),
        "binds_publishers": workflow.binds_publishers,
    }


def _planned(workflow: Workflow) -> list[dict[str, Any]]:
    steps = workflow.steps.order_by("position").prefetch_related("reviewers__outsider")
    return [
        {
            "name": step.name,
            "rule": step.rule,
            "people": [one.person_id for one in step.reviewers.all() if one.person_id],
            "teams": [one.team_id for one in step.reviewers.all() if one.team_id],
            "roles": [one.role_id for one in step.reviewers.all() if one.role_id],
            "outsiders": "\n".join(
                f"{one.outsider.name} <{one.outsider.email}>" for one in step.reviewers.all() if one.outsider
            ),
            "answer_within_hours": step.answer_within_hours,
            "remind_after_hours": step.remind_after_hours,
            "escalate_after_hours": step.escalate_after_hours,
            "escalate_to": step.escalate_to_id,
        }
        for step in steps
    ]
