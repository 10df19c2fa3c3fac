"""The vendor's staff: their own page, and what an organization's administrators see and decide (T5, T6)."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, OuterRef, Subquery
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from audit.models import AuditEvent
from orgs.models import SupportSession
from orgs.partner_forms import SupportSessionForm
from orgs.services.support import (
    end_own_session,
    end_session,
    find_customer,
    open_session,
    set_support_access,
)
from orgs.views.base import UNPROCESSABLE, ActView, OrganizationView, see_other
from orgs.views.organizations import settings_tabs
from permissions.errors import Refused
from permissions.guard import GuardedView
from tenancy.context import unscoped

SESSIONS_PER_PAGE = 30
OWN_SHOWN = 20


class StaffView(GuardedView):
    """A page of the vendor's staff; for everybody else it does not exist."""

    signed_in_only = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.user.is_authenticated and not request.user.support_role:  # type: ignore[union-attr]
            raise Http404
        return super().dispatch(request, *args, **kwargs)

    def own_sessions(self) -> Any:
        return SupportSession.objects.filter(user=self.request.user.pk).select_related("organization")


class SupportDesk(StaffView):
    """Open a session in a customer's organization, and see one's own."""

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._page(SupportSessionForm(initial={"customer": request.GET.get("customer", "")}))

    def post(self, request: HttpRequest) -> HttpResponse:
        form = SupportSessionForm(request.POST)
        if not form.is_valid():
            return self._page(form, UNPROCESSABLE)
        chosen = form.cleaned_data
        organization = find_customer(chosen["customer"])
        if organization is None:
            form.add_error("customer", _("No organization has this address or business id."))
            return self._page(form, UNPROCESSABLE)
        try:
            open_session(
                user=self.request.user,
                organization=organization,
                ticket=chosen["ticket"],
                reason=chosen["reason"],
                hours=chosen["hours"],
                now=timezone.now(),
            )
        except Refused as problem:
            form.add_error(None, str(problem))
            return self._page(form, UNPROCESSABLE)
        messages.success(
            request,
            _("You are in %(organization)s now. Its owner has been told.") % {"organization": organization},
        )
        return see_other(reverse("organization_home", args=[organization.slug]))

    def _page(self, form: SupportSessionForm, status: int = 200) -> HttpResponse:
        now = timezone.now()
        with unscoped():  # one's own sessions lie across tenants
            sessions = list(self.own_sessions().order_by("-starts_at")[:OWN_SHOWN])
        context = {
            "form": form,
            "running": [one for one in sessions if one.ended_at is None and one.expires_at > now],
            "earlier": [one for one in sessions if one.ended_at is not None or one.expires_at <= now],
        }
        return render(self.request, "orgs/support_desk.html", context, status=status)


class SupportSessionEnd(StaffView):
    """End one's own session before its time."""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        with unscoped():  # one's own sessions lie across tenants
            session = get_object_or_404(self.own_sessions(), pk=pk)
        try:
            end_own_session(user=self.request.user, session=session, now=timezone.now())
        except Refused as problem:
            messages.error(request, str(problem))
        else:
            messages.success(
                request,
                _("Your session in %(organization)s has ended.") % {"organization": session.organization},
            )
        return see_other(reverse("support_desk"))


class SupportAccess(OrganizationView):
    """T6: every session for the administrators, with what was done in it; and the switch."""

    action = "organization.view_support_sessions"
    write_action = "organization.manage_support_access"
    template_name = "orgs/support_access.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        acts = (
            AuditEvent.objects.filter(
                actor=OuterRef("user"), at__gte=OuterRef("starts_at"), at__lte=OuterRef("expires_at")
            )
            .exclude(action__in=("support.open", "support.end"))
            .order_by()
            .values("actor")
            .annotate(total=Count("pk"))
            .values("total")
        )
        found = (
            SupportSession.objects.select_related("user")
            .annotate(act_count=Subquery(acts))
            .order_by("-starts_at", "-pk")
        )
        page = Paginator(found, SESSIONS_PER_PAGE).get_page(request.GET.get("page"))
        now = timezone.now()
        return self.page(
            sessions=page,
            rows=[(one, one.ended_at is None and one.expires_at > now) for one in page],
            running=SupportSession.objects.live(now).count(),
            can_change=self.may("manage_support_access"),
            can_see_log=self.may("view_audit_log"),
            **settings_tabs(self, "support_access"),
        )

    def post(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        allows = request.POST.get("allows_support") == "yes"
        set_support_access(
            actor=self.access,
            organization=self.organization,
            allows_support=allows,
            now=timezone.now(),
        )
        if allows:
            self.say(_("Support may sign in again, with a ticket and a reason each time."))
        else:
            self.say(_("Support can no longer sign in. Whatever session was running has ended."))
        return self.go("support_access")


class SupportSessionStop(ActView):
    """An administrator sends a member of staff away."""

    action = "organization.manage_support_access"
    mendable = (Refused,)

    def act(self) -> HttpResponse:
        rows = SupportSession.objects.select_related("user", "organization")
        session = get_object_or_404(rows, pk=self.kwargs["pk"])
        end_session(actor=self.access, session=session, now=timezone.now())
        self.say(_("The session of %(person)s has ended.") % {"person": session.user})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("support_access")
