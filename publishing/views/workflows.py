"""Approval workflows: which there are, what they ask, and changing them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import Model
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.models import Workflow
from publishing.selectors.workflows import requests_on_their_way, shown, workflows_shown
from publishing.services.workflows import (
    CHANGE,
    CREATE,
    VIEW_WORKFLOWS,
    CannotPlan,
    create_workflow,
    delete_workflow,
    update_workflow,
)
from publishing.workflow_forms import WorkflowForm, rearranged

SAVE = "save"


class WorkflowList(GuardedView):
    action = VIEW_WORKFLOWS

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        context = {
            "workflows": workflows_shown(request.organization.pk, timezone.now()),
            "may_create": request.access.can(CREATE, request.organization),
        }
        return render(request, "publishing/workflows.html", context)


class _OneWorkflow(GuardedView):
    model: ClassVar[type[Model] | None] = Workflow

    def get_scope_object(self) -> Model | None:
        self.workflow: Workflow = get_object_or_404(
            Workflow.objects.standing().select_related("created_by"), pk=self.kwargs["pk"]
        )
        organization: Model = self.request.organization
        return organization


class WorkflowDetail(_OneWorkflow):
    action = VIEW_WORKFLOWS

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        context = {
            "row": shown(self.workflow, timezone.now()),
            "on_their_way": requests_on_their_way(self.workflow),
            "workflow": self.workflow,
            "may_change": request.access.can(CHANGE, request.organization),
        }
        return render(request, "publishing/workflow_detail.html", context)


class _Editor:
    """Steps come and go by buttons of the form; nothing is saved before "Save"."""

    def known(self) -> Workflow | None:
        """Return the workflow that is changed; None where a new one is made."""
        return None

    def form(self, request: OrganizationRequest, data: QueryDict | None = None) -> WorkflowForm:
        return WorkflowForm(
            data, access=request.access, organization=request.organization, workflow=self.known()
        )

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.page(request, self.form(request))

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        act = request.POST.get("act", SAVE)
        if act != SAVE:
            data = rearranged(request.POST, act)
            form = self.form(request, data)
            return self.page(request, form, is_unfinished=True)
        form = self.form(request, request.POST)
        if form.is_valid():
            try:
                workflow = self.save(request, form)
            except CannotPlan as problem:
                form.add_error(None, str(problem))
            else:
                messages.success(request, _("The workflow is saved. New requests take it."))
                return redirect("workflow_detail", request.organization.slug, workflow.pk)
        return self.page(request, form, status=422)

    def save(self, request: OrganizationRequest, form: WorkflowForm) -> Workflow:
        raise NotImplementedError

    def page(
        self,
        request: OrganizationRequest,
        form: WorkflowForm,
        *,
        is_unfinished: bool = False,
        status: int = 200,
    ) -> HttpResponse:
        context = {
            "form": form,
            "workflow": self.known(),
            "shows_errors": not is_unfinished,
            "on_their_way": requests_on_their_way(self.known()),
        }
        return render(request, "publishing/workflow_form.html", context, status=status)


class WorkflowNew(_Editor, GuardedView):
    action = CREATE

    def save(self, request: OrganizationRequest, form: WorkflowForm) -> Workflow:
        return create_workflow(
            actor=request.access,
            organization=request.organization,
            plan=form.plan(),
            now=timezone.now(),
        )


class WorkflowEdit(_Editor, _OneWorkflow):
    action = CHANGE

    def known(self) -> Workflow | None:
        return self.workflow

    def save(self, request: OrganizationRequest, form: WorkflowForm) -> Workflow:
        return update_workflow(
            actor=request.access, workflow=self.workflow, plan=form.plan(), now=timezone.now()
        )


class WorkflowDeletion(_OneWorkflow):
    action = CHANGE

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        delete_workflow(actor=request.access, workflow=self.workflow, now=timezone.now())
        messages.success(request, _("The workflow is deleted. What is on its way keeps its steps."))
        return redirect("workflow_list", request.organization.slug)
