"""The pages for 403, 404 and 500. A refusal inside an organization is explained and goes to the audit log."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views import defaults

from accounts.typed import sendable_fields
from api.problems import PROBLEM_JSON, Problem
from audit.services import record_refusal
from orgs.models import Organization
from orgs.selectors import people_to_ask
from orgs.selectors.partners import colleagues_to_ask
from orgs.selectors.requests import address_to_ask
from permissions.catalogue import Scope
from permissions.errors import NotAllowed
from permissions.explanation import Decision
from tenancy.context import organization_open
from ui.headers import set_reason

RETRY_AFTER_SECONDS = 60


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_program(request):
        return problem(400, _("The request holds something no request may hold."))
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    decision = exception.decision if isinstance(exception, NotAllowed) else None
    reason = decision.summary if decision else str(exception) or _("You may not do this.")
    organization = getattr(request, "organization", None)
    people: list[str] = []
    roles: list[str] = []
    ask_url = ""
    if organization is not None and request.user.is_authenticated:
        with organization_open(organization.pk):
            if not getattr(request, "view_as", None):  # the other person has tried nothing
                record_refusal(
                    actor=request.user,
                    action=decision.action if decision else "access.refused",
                    obj=organization,
                    at=timezone.now(),
                    reason=reason,
                )
            people = _people_to_ask(request, organization, decision)
            roles = _roles_of(request)
            ask_url = _ask_url(request, exception)
    context = {
        "decision": decision,
        "reason": reason,
        "people_to_ask": people,
        "roles": roles,
        "ask_url": ask_url,
        "is_guest": _is_guest(request),
    }
    response = render(request, "403.html", context, status=403)
    set_reason(response, reason)
    return response


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    if is_for_program(request):
        return problem(404, _("There is nothing here, or nothing you can see."))
    return render(request, "404.html", status=404)


def too_many(request: HttpRequest) -> HttpResponse:
    """allauth's rate limits lead here. What was typed, secrets apart, is sent again by the page's own button."""
    response = render(request, "429.html", {"fields": sendable_fields(request)}, status=429)
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return set_reason(response, _("Too many attempts. Wait a minute, then try again."))


def broken(request: HttpRequest) -> HttpResponse:
    if is_for_program(request):
        return problem(500, _("Something broke on our side. It is in our logs."))
    # No context processor here: whatever broke may break them too.
    return HttpResponse(render_to_string("500.html"), status=500)


def is_for_program(request: HttpRequest) -> bool:
    """Say whether a program asks, which is told a problem instead of shown a page."""
    return request.path.startswith("/api/v")


def problem(status: int, detail: str) -> HttpResponse:
    return JsonResponse(Problem(status, detail).body(), status=status, content_type=PROBLEM_JSON)


def _people_to_ask(request: HttpRequest, organization: Organization, decision: Decision | None) -> list[str]:
    """Return who can give more: here, or of a shared profile at his own company; guests are given nothing else."""
    if not _is_guest(request):
        return people_to_ask(organization)
    is_shared_at_all = decision is not None and decision.action.startswith(f"{Scope.PROFILE}.")
    return colleagues_to_ask(request.access) if is_shared_at_all else []  # type: ignore[attr-defined]


def _is_guest(request: HttpRequest) -> bool:
    """Say whether he is here without belonging here: as a partner's person, or as staff."""
    access = getattr(request, "access", None)
    return access is not None and not access.is_member


def _roles_of(request: HttpRequest) -> list[str]:
    """Return the person's role in the organization, for the page that says what is missing."""
    access = getattr(request, "access", None)
    role = access.organization_role if access else None
    return [role.label] if role else []


def _ask_url(request: HttpRequest, refusal: Exception) -> str:
    """Return where to ask for what was refused; empty where no role that can be asked for would give it."""
    access = getattr(request, "access", None)
    if access is None or not isinstance(refusal, NotAllowed):
        return ""
    return address_to_ask(access, request.organization, refusal.decision.action, refusal.obj)  # type: ignore[attr-defined]
