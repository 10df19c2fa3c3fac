from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone

from accounts.sessions import has_second_factor, sign_in_first
from audit.services import acting_through
from orgs.models import Organization
from permissions.checker import Access, load_access
from tenancy.context import organization_open


class OrganizationMiddleware:
    """Turns ``/o/<slug>/`` into an organization this person may enter (else 404) and opens it for the request."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.organization = None  # type: ignore[attr-defined]
        try:
            match = resolve(request.path_info)
        except Resolver404:
            return self.get_response(request)
        slug = match.kwargs.get("organization_slug")
        if slug is None:
            return self.get_response(request)
        if not request.user.is_authenticated:
            return sign_in_first(request)
        organization = Organization.objects.filter(slug=slug).first()
        if organization is None:
            raise Http404
        view_class = getattr(match.func, "view_class", None)
        if getattr(view_class, "opens_organization", True):
            with organization_open(organization.pk):
                means = self._enter(request, organization)
                with acting_through(request.user, means):
                    return self.get_response(request)
        with organization_open(organization.pk):
            means = self._enter(request, organization)
        with acting_through(request.user, means):
            return self.get_response(request)

    def _enter(self, request: HttpRequest, organization: Organization) -> str:
        """Put organization and access on the request, and return what the person acts through (R10)."""
        access = load_access(
            user=request.user,  # type: ignore[arg-type]
            organization_id=organization.pk,
            at=timezone.now(),
            # Whoever looks as somebody else has shown his own; the other's session is not this one.
            has_second_factor=None if getattr(request, "view_as", None) else has_second_factor(request),
        )
        if not _is_known_here(access):
            raise Http404
        request.organization = organization  # type: ignore[attr-defined]
        request.access = access  # type: ignore[attr-defined]
        return access.means


def _is_known_here(access: Access) -> bool:
    """Say whether the organization exists for this person at all (P4, P10).

    For a partner's people it does while something is shared with them themselves, not for all of their colleagues.
    """
    if not access.is_partner:
        return access.snapshot.standing is not None
    places, pairs = access.affiliations(), access.snapshot.through_partners.values()
    return any(pair.partnership_id in places and pair.is_live(access.at) for found in pairs for pair in found)
