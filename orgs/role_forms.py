"""Roles and packs as text typed by people, made typed values. Nothing here saves, and nothing here decides who may."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from orgs.forms import RoleField, reason_field
from orgs.selectors.roles.in_use import RoleInUse
from permissions import catalogue
from permissions.catalogue import AREAS, Action, Area, Scope, UnknownAction
from permissions.models import Role
from permissions.roles import RoleFacts

CHANGE = re.compile(r"(\d{1,18})\.([a-z_]{1,100})([+-])")
CHANGES_MAX: Final = 200_000  # characters: some thousand changes


@dataclass(frozen=True)
class EditLine:
    action: Action
    is_added: bool


@dataclass(frozen=True)
class RoleEdit:
    """What somebody wants changed in one role, and the state of the role he saw when he did it."""

    role: RoleInUse
    added: frozenset[str]
    removed: frozenset[str]
    seen_version: str

    @property
    def row(self) -> Role:
        assert self.role.row is not None, "only an organization's own roles are edited"
        return self.role.row

    @property
    def actions(self) -> frozenset[str]:
        """Return the actions the role shall have."""
        return (self.role.facts.actions | self.added) - self.removed

    @property
    def lines(self) -> list[EditLine]:
        """Return the changes in the catalogue's order."""
        return [
            EditLine(action, action.name in self.added)
            for action in catalogue.of_scope(self.role.facts.scope)
            if action.name in self.added or action.name in self.removed
        ]


class MatrixForm(forms.Form):
    """The ticks of the matrix that differ from what was saved: ``12.publish_posts+ 12.view_posts-``.

    ``versions`` says for each role which state of it was on the screen: ``12@2026-11-22T10:00:00+00:00``.
    """

    changes = forms.CharField(max_length=CHANGES_MAX, required=False, widget=forms.HiddenInput)
    versions = forms.CharField(max_length=CHANGES_MAX, required=False, widget=forms.HiddenInput)
    reason = reason_field()

    def __init__(self, *args: Any, roles: Sequence[RoleInUse], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {str(role.pk): role for role in roles}

    def clean_changes(self) -> Mapping[str, Mapping[str, bool]]:
        """Return what is wanted: by role, whether it shall allow an action. Raises for what cannot be meant."""
        wanted: dict[str, dict[str, bool]] = {}
        for word in self.cleaned_data["changes"].split():
            read = CHANGE.fullmatch(word)
            if read is None:
                raise ValidationError(gettext("“%(word)s” is no change of a role.") % {"word": word[:60]})
            pk, codename, sign = read.groups()
            wanted.setdefault(pk, {})[self._action(pk, codename).name] = sign == "+"
        return wanted

    def _action(self, pk: str, codename: str) -> Action:
        role = self.roles.get(pk)
        if role is None:
            raise ValidationError(gettext("One of these roles is not there any more. Load the page anew."))
        if not role.is_own:
            raise ValidationError(
                gettext("The role %(role)s is built in and cannot be changed. Copy it first.")
                % {"role": role.label}
            )
        try:
            return catalogue.get(f"{role.facts.scope}.{codename}")
        except UnknownAction as problem:
            raise ValidationError(str(problem)) from problem

    def edits(self) -> list[RoleEdit]:
        """Return what would really change, role by role in the order of the screen."""
        seen = dict(word.split("@", 1) for word in self.cleaned_data["versions"].split() if "@" in word)
        edits = []
        for pk, role in self.roles.items():
            wanted = self.cleaned_data["changes"].get(pk, {})
            held = role.facts.actions
            added = frozenset(name for name, is_on in wanted.items() if is_on and name not in held)
            removed = frozenset(name for name, is_on in wanted.items() if not is_on and name in held)
            if added or removed:
                edits.append(RoleEdit(role, added, removed, seen.get(pk, "")))
        return edits


@dataclass(frozen=True)
class Tick:
    """One action as a box of the plain form. ``is_new``: it came to the catalogue since the role was last edited."""

    action: Action
    is_on: bool
    is_new: bool


class RoleActionsForm(forms.Form):
    """The actions of one role, box by box: the matrix for who has no JavaScript, or looks at one role only."""

    def __init__(self, *args: Any, scope: Scope, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.scope = scope
        self.fields["actions"] = forms.MultipleChoiceField(
            choices=[(action.name, action.label) for action in catalogue.of_scope(scope)], required=False
        )
        self.fields["seen"] = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
        self.fields["reason"] = reason_field()

    def ticks(self, fresh: Iterable[Action]) -> list[tuple[Area, list[Tick]]]:
        """Return the boxes by area, as typed or as they were."""
        on, new = set(self["actions"].value() or ()), set(fresh)
        boxes = [Tick(action, action.name in on, action in new) for action in catalogue.of_scope(self.scope)]
        areas = ((area, [box for box in boxes if box.action.area is area]) for area in AREAS)
        return [(area, found) for area, found in areas if found]


class RoleWordsForm(forms.Form):
    """What a role is called, and what it is for."""

    name = forms.CharField(label=_("Name"), max_length=80)
    description = forms.CharField(
        label=_("Description"),
        max_length=200,
        required=False,
        help_text=_("One sentence: whom it is for, what it lets them do."),
    )


class RoleNewForm(RoleWordsForm):
    """A new role: its words, and where it starts: empty at one level, or with what another role allows."""

    start = forms.ChoiceField(label=_("Start from"))
    field_order = ("start", "name", "description")

    def __init__(self, *args: Any, roles: Mapping[Any, Sequence[RoleInUse]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.roles = {str(role.pk): role for found in roles.values() for role in found}
        empty = [
            (Scope.ORGANIZATION.value, gettext("A role in the organization")),
            (Scope.TEAM.value, gettext("A role in teams")),
            (Scope.PROFILE.value, gettext("A role on profiles")),
        ]
        copies = [(title, [(str(role.pk), role.label) for role in found]) for title, found in roles.items()]
        field: Any = self.fields["start"]
        field.choices = [(gettext("Empty"), empty), *copies]

    def clean_start(self) -> RoleInUse | Scope:
        """Return the role to copy, or the level of an empty one."""
        start = self.cleaned_data["start"]
        return self.roles[start] if start in self.roles else Scope(start)


class ReplacementForm(forms.Form):
    """Which role people get instead of one that is deleted; not asked where nobody has it."""

    def __init__(self, *args: Any, roles: Sequence[RoleFacts], is_used: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if is_used:
            self.fields["replacement"] = RoleField(label=_("Role instead"), roles=roles)
        self.fields["reason"] = reason_field()


class PackReasonForm(forms.Form):
    reason = reason_field()
