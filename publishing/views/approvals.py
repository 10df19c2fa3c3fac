"""What waits for somebody's yes, and the page on which it is given or not."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Model
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from publishing.forms import AnswerForm
from publishing.models import Approval, Publication, State
from publishing.rights import REVIEW
from publishing.selectors import approvals_asked_by, approvals_waiting_for
from publishing.services.approvals import CannotAnswer, approve, decline, may_answer
from publishing.states import StateError
from publishing.views.common import pause_context
from publishing.views.publication import preview_context

APPROVALS_PER_PAGE = 50
WAITING, ASKED = "waiting", "asked"


class ApprovalList(GuardedView):
    """What waits for this person's answer, or what he asked for (``?show=asked``)."""

    listing = "profile.view_approvals"

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        waiting = approvals_waiting_for(request.access)
        show = ASKED if request.GET.get("show") == ASKED else WAITING
        found = approvals_asked_by(request.access) if show == ASKED else waiting
        page = Paginator(found, APPROVALS_PER_PAGE).get_page(request.GET.get("page"))
        tabs = [
            {
                "href": "?show=waiting",
                "label": _("Waiting for you"),
                "is_current": show == WAITING,
                "count": waiting.count(),
            },
            {"href": "?show=asked", "label": _("Asked by you"), "is_current": show == ASKED, "count": None},
        ]
        context = {"page": page, "approvals": list(page.object_list), "tabs": tabs, "show": show}
        return render(request, "publishing/approval_list.html", context)


class ApprovalDetail(GuardedView):
    """A request with what would go out; answered by somebody else than who asked."""

    action = "profile.view_approvals"
    write_action = REVIEW

    def get_scope_object(self) -> Model | None:
        rows = Approval.objects.select_related("publication__profile", "requested_by", "answered_by")
        self.approval: Approval = get_object_or_404(rows, pk=self.kwargs["pk"])
        profile: Model = self.approval.publication.profile
        return profile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.show(request, AnswerForm())

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        form = AnswerForm(request.POST)
        if not form.is_valid():
            return self.show(request, form, status=422)
        values, now = form.cleaned_data, timezone.now()
        try:
            if values["answer"] == "approve":
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
            form.add_error("note" if values["answer"] == "decline" else None, str(problem))
            return self.show(request, form, status=422)
        messages.success(request, _answered(publication))
        return redirect("approval_list", request.organization.slug)

    def show(self, request: OrganizationRequest, form: AnswerForm, status: int = 200) -> HttpResponse:
        publication = Publication.objects.select_related("post__author", "profile").get(
            pk=self.approval.publication_id
        )
        context = {
            "approval": self.approval,
            "form": form,
            "publication": publication,
            "may_answer": may_answer(request.access, self.approval),
            "may_review": request.access.can(REVIEW, publication.profile),
            "is_own": self.approval.requested_by_id == request.user.pk,
            "is_open": not self.approval.answer and publication.state == State.WAITING,
            "is_late": publication.due_at is not None and publication.due_at < timezone.now(),
            **preview_context(publication),
            **pause_context(request),
        }
        return render(request, "publishing/approval_detail.html", context, status=status)


def _answered(publication: Publication) -> str:
    if publication.state == State.HELD:
        return _("Approved, but its time has passed, so it is held. Give it a new time to let it out.")
    if publication.state == State.SCHEDULED:
        return _("Approved. It goes out at its time.")
    return _("Not approved. Its author sees your note.")
