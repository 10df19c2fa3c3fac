"""What waits for somebody's yes, and the page on which it is given or not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.approval_forms import APPROVE, ForcedAnswerForm
from publishing.forms import AnswerForm
from publishing.models import Approval, Publication, State
from publishing.reviewers import Standstill, answered_before, is_own, may_answer, open_step_of, standstill_of
from publishing.rights import FORCE, REVIEW, SEND
from publishing.sealing import sealed_content
from publishing.selectors.approvals import (
    approvals_asked_by,
    approvals_waiting_for,
    open_approvals,
    steps_shown,
)
from publishing.selectors.differences import difference
from publishing.services.approval_links import may_handle_links, send_link_again, shut_link
from publishing.services.approvals import CannotAnswer, approve, decline, force_approve, force_decline
from publishing.services.workflows import VIEW_WORKFLOWS
from publishing.states import StateError
from publishing.views.common import pause_context
from publishing.views.publication import preview_context
from publishing.views.threads import comments_context, note_mentions_seen
from ui.addresses import id_in

APPROVALS_PER_PAGE = 50
SHUT = "shut"
WAITING, ASKED, OPEN = "waiting", "asked", "open"


class ApprovalList(GuardedView):
    """What waits for this person's answer, what he asked for, and what waits for anybody (``?show=``)."""

    listing = "profile.view_approvals"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        waiting = approvals_waiting_for(request.access)
        found = {
            WAITING: waiting,
            ASKED: approvals_asked_by(request.access),
            OPEN: open_approvals(request.access),
        }
        show = request.GET.get("show", WAITING)
        show = show if show in found else WAITING
        page = Paginator(found[show], APPROVALS_PER_PAGE).get_page(request.GET.get("page"))
        labels = {WAITING: _("Waiting for you"), ASKED: _("Asked by you"), OPEN: _("All that wait")}
        tabs = [
            {
                "href": f"?show={name}",
                "label": label,
                "is_current": show == name,
                "count": waiting.count() if name == WAITING else None,
            }
            for name, label in labels.items()
        ]
        context = {
            "page": page,
            "approvals": list(page.object_list),
            "tabs": tabs,
            "show": show,
            "may_see_workflows": request.access.can(VIEW_WORKFLOWS, request.organization),
        }
        return render(request, "publishing/approval_list.html", context)


class _OneApproval(GuardedView):
    """A request, asked of the profile it is for."""

    def get_scope_object(self) -> Model | None:
        rows = Approval.objects.select_related(
            "publication__profile",
            "publication__post",
            "requested_by",
            "answered_by",
            "workflow",
            "campaign_workflow",
        )
        self.approval: Approval = get_object_or_404(rows, pk=self.kwargs["pk"])
        profile: Model = self.approval.publication.profile
        return profile

    def show(
        self,
        request: OrganizationRequest,
        form: Form,
        forced_form: Form | None = None,
        status: int = 200,
    ) -> HttpResponse:
        publication = Publication.objects.select_related("post__author", "profile").get(
            pk=self.approval.publication_id
        )
        self.approval.publication = publication
        is_open = not self.approval.answer and publication.state == State.WAITING
        own = is_own(self.approval, request.user.pk)
        context = {
            "approval": self.approval,
            "form": form,
            "forced_form": forced_form or ForcedAnswerForm(),
            "publication": publication,
            "steps": steps_shown(self.approval),
            "standstill": self.standstill() if is_open else None,
            "may_answer": may_answer(request.access, self.approval),
            "may_handle_links": is_open and may_handle_links(request.access, self.approval),
            "may_force": is_open and not own and request.access.can(FORCE, publication.profile),
            "is_own": own,
            "is_open": is_open,
            "is_late": publication.due_at is not None and publication.due_at < timezone.now(),
            **self.changes(request, publication),
            **preview_context(publication, request.access),
            **comments_context(request, publication),
            **pause_context(request),
        }
        return render(request, "publishing/approval_detail.html", context, status=status)

    def standstill(self) -> Standstill | None:
        """Return what the open step waits for in vain."""
        step = open_step_of(self.approval)
        if step is None:
            return None
        step.approval = self.approval
        return standstill_of(step, timezone.now())

    def changes(self, request: OrganizationRequest, publication: Publication) -> Mapping[str, Any]:
        """Return what changed since this person last answered about the publication, where he ever did."""
        before = answered_before(self.approval, person=request.user)
        if before is None:
            return {"answered_before": None, "changes": []}
        now_shown = self.approval.sealed or sealed_content(publication)
        return {"answered_before": before, "changes": difference(before.approval.sealed, now_shown)}


class ApprovalDetail(_OneApproval):
    """A request with what would go out; answered by somebody else than who asked."""

    action = "profile.view_approvals"
    write_action = REVIEW

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        note_mentions_seen(request, self.approval.publication)
        return self.show(request, AnswerForm())

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, status=422)
        values, now = form.cleaned_data, timezone.now()
        try:
            if values["answer"] == APPROVE:
                publication = approve(
                    actor=request.access,
                    approval=self.approval,
                    digest=values["digest"],
                    now=now,
                    note=values["note"],
                )
            else:
                publication = decline(
                    actor=request.access, approval=self.approval, now=now, note=values["note"]
                )
        except (CannotAnswer, StateError) as problem:
            self.approval.refresh_from_db()
            form.add_error(None if values["answer"] == APPROVE else "note", str(problem))
            return self.show(request, form, status=422)
        messages.success(request, answered(publication))
        return redirect("approval_list", request.organization.slug)


class ForcedAnswer(_OneApproval):
    """One person decides for everybody who was to be asked (AP18)."""

    action = FORCE

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = ForcedAnswerForm(request.POST)
        if not form.is_valid():
            return self.show(request, AnswerForm(), form, status=422)
        values, now = form.cleaned_data, timezone.now()
        try:
            if values["answer"] == APPROVE:
                publication = force_approve(
                    actor=request.access,
                    approval=self.approval,
                    digest=values["digest"],
                    now=now,
                    reason=values["reason"],
                )
            else:
                publication = force_decline(
                    actor=request.access, approval=self.approval, now=now, reason=values["reason"]
                )
        except (CannotAnswer, StateError) as problem:
            self.approval.refresh_from_db()
            form.add_error(None, str(problem))
            return self.show(request, AnswerForm(), form, status=422)
        messages.success(request, answered(publication))
        return redirect("approval_detail", request.organization.slug, self.approval.pk)


class ApprovalLinks(_OneApproval):
    """The links of people outside whom the open step asks: sent again, or shut."""

    any_action = (REVIEW, SEND)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        act = shut_link if request.POST.get("act") == SHUT else send_link_again
        outsider_id = id_in(request.POST.get("outsider", "")) or 0
        try:
            outsider = act(
                actor=request.access,
                approval=self.approval,
                outsider_id=outsider_id,
                now=timezone.now(),
            )
        except CannotAnswer as problem:
            form = AnswerForm({})
            form.errors.clear()
            form.add_error(None, str(problem))
            return self.show(request, form, status=422)
        sentence = (
            _("The link of %(name)s is shut.") if act is shut_link else _("%(name)s gets a new link by mail.")
        )
        messages.success(request, sentence % {"name": outsider.name})
        return redirect("approval_detail", request.organization.slug, self.approval.pk)


def answered(publication: Publication) -> str:
    """Return the sentence that tells who answered what became of the publication."""
    if publication.state == State.WAITING:
        return _("Your answer is noted. It goes out when the others have approved it as well.")
    if publication.state == State.SCHEDULED:
        return _("Approved. It goes out at its time.")
    if publication.state == State.HELD and publication.vouched_by_id is None:
        return _("Approved, but nobody of the team answers for it any more, so it is held.")
    if publication.state == State.HELD:
        return _("Approved, but its time has passed, so it is held. Give it a new time to let it out.")
    return _("Not approved. Its author sees your note.")
