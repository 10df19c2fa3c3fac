"""Making, renaming, editing and deleting an organization's own roles, one at a time and without JavaScript."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from audit.services import record_refusal
from orgs.role_forms import ReplacementForm, RoleActionsForm, RoleNewForm, RoleWordsForm
from orgs.selectors.roles.in_use import RoleInUse, version_of
from orgs.services.role_edits import RolesChangedMeanwhile, WantedActions, edit_actions
from orgs.views.base import FormView, see_other
from orgs.views.previewing import PreviewedFormView
from orgs.views.roles.base import SCOPE_LABELS, OwnRoleView, RolesView
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.custom_roles import create_role, delete_role, edit_role, new_actions, uses_of_role
from permissions.errors import Refused, WouldEscalate
from permissions.roles import RoleFacts, roles_offered


class RoleNew(RolesView, FormView):
    """A role of the organization's own: empty, or a copy of another one."""

    action = "organization.manage_roles"
    template_name = "orgs/roles/new.html"
    mendable = (Refused, WouldEscalate)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        asked = self.request.GET
        form = RoleNewForm(data, roles=self.roles_by_level())
        start = asked.get("copy") if asked.get("copy") in form.roles else None
        form.initial["start"] = start or self.asked_scope(Scope.PROFILE).value
        if start is not None:
            form.initial["name"] = _("Copy of %(role)s") % {"role": form.roles[start].label}
            form.initial["description"] = form.roles[start].description
        return form

    def save(self, form: forms.Form) -> HttpResponse:
        start: RoleInUse | Scope = form.cleaned_data["start"]
        source = start.facts if isinstance(start, RoleInUse) else None
        scope = source.scope if source else Scope(str(start))
        try:
            role = create_role(
                actor=self.access,
                organization=self.organization,
                scope=scope,
                name=form.cleaned_data["name"],
                description=form.cleaned_data["description"],
                actions=source.actions if source else (),
                copied_from=source,
                now=timezone.now(),
            )
        except WouldEscalate as refusal:
            self.record_refusal(str(refusal))
            raise
        self.say(_("The role %(role)s is ready. Tick what it shall allow.") % {"role": role.name})
        return see_other(f"{self.url('role_matrix')}?scope={scope}&role={role.pk}")

    def record_refusal(self, reason: str) -> None:
        record_refusal(
            actor=self.request.user,
            action="access.refused",
            obj=self.organization,
            at=timezone.now(),
            reason=reason,
        )


class RoleRename(OwnRoleView, FormView):
    """Another name or description. What the role allows stays."""

    template_name = "orgs/roles/rename.html"
    mendable = (Refused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        row = self.row
        return RoleWordsForm(data, initial={"name": row.name, "description": row.description})

    def save(self, form: forms.Form) -> HttpResponse:
        role = edit_role(
            actor=self.access,
            organization=self.organization,
            role=self.row,
            name=form.cleaned_data["name"],
            description=form.cleaned_data["description"],
            now=timezone.now(),
        )
        self.say(_("The role is called %(role)s.") % {"role": role.name})
        return self.go("role_detail", role.pk)

    def context(self) -> dict[str, Any]:
        return {"role": self.role}


class RoleActions(OwnRoleView, PreviewedFormView):
    """What one role allows, box by box, with what a change does to whom before it is saved."""

    template_name = "orgs/roles/actions.html"
    mendable = (RolesChangedMeanwhile,)
    confirm = gettext_lazy("Save changes")

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        held = self.row.actions
        if data is not None and "fresh" in data:  # the page of the role asks to add some to what there is
            data = data.copy()
            data.setlist("actions", [*held, *data.getlist("actions")])
        form = RoleActionsForm(data, scope=Scope(self.row.scope), initial={"actions": held})
        self.form = form
        return form

    def make_change(self, form: forms.Form, now: datetime) -> None:
        role = self.read_anew()
        gone = {name for name in role.actions if name not in catalogue.ACTIONS}  # no box stands for these
        wanted = WantedActions(role, {*form.cleaned_data["actions"], *gone}, form.cleaned_data["seen"])
        edit_actions(
            actor=self.access,
            organization=self.organization,
            wanted=[wanted],
            reason=form.cleaned_data["reason"],
            now=now,
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        self.say(
            _("The role %(role)s is saved. Its change counts from everybody's next page on.")
            % {"role": self.row.name}
        )
        return self.go("role_detail", self.row.pk)

    def context(self) -> dict[str, Any]:
        row = self.row
        return {
            "role": self.role,
            "scope_label": SCOPE_LABELS[Scope(row.scope)],
            "areas": self.form.ticks(new_actions(row)),
            "version": version_of(row),
        }


class RoleDelete(OwnRoleView, PreviewedFormView):
    """The end of a role: who has it gets another one, and what that changes is shown before."""

    template_name = "orgs/roles/delete.html"
    mendable = (Refused,)
    confirm = gettext_lazy("Delete role")

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return ReplacementForm(
            data, roles=self._others(), is_used=bool(uses_of_role(self.row, timezone.now()))
        )

    def _others(self) -> list[RoleFacts]:
        offered = roles_offered(
            packs=self.organization.packs,
            organization_id=self.organization.pk,
            scope=Scope(self.row.scope),
        )
        return [role for role in offered if role.permission_id != self.row.permission_id]

    def told_at_first(self, form: forms.Form) -> Any:
        if "replacement" in form.fields:
            return None
        form.cleaned_data = {"reason": ""}
        return self.told(form)

    def make_change(self, form: forms.Form, now: datetime) -> None:
        delete_role(
            actor=self.access,
            organization=self.organization,
            role=self.read_anew(),
            replacement=form.cleaned_data.get("replacement"),
            reason=form.cleaned_data["reason"],
            now=now,
        )

    def done_with(self, form: forms.Form) -> HttpResponse:
        self.say(_("The role %(role)s is gone.") % {"role": self.row.name})
        return self.go("role_list")

    def context(self) -> dict[str, Any]:
        return {"role": self.role, "uses": uses_of_role(self.row, timezone.now())}
