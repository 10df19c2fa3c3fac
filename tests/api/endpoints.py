"""Every endpoint there is, and a world in which each of its addresses names something."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from orgs.models import Membership
from permissions.guard import Guard
from tenancy.context import organization_open
from tests.test_routes import World

PREFIX = "api/v1/organizations/<slug:slug>"
METHODS = ("get", "post", "put", "patch", "delete")
_CONVERTED = re.compile(r"<\w+:(\w+)>")


@dataclass(frozen=True)
class Endpoint:
    """One method of one address inside an organization."""

    route: str
    view: type[Guard]
    method: str

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.route.removeprefix(PREFIX) or '/'}"


def _patterns(resolver: URLResolver | None = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for entry in (resolver or get_resolver()).url_patterns:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry, route)
        elif route.startswith("api/"):
            yield route, entry


def view_of(pattern: URLPattern) -> Any:
    return getattr(pattern.callback, "view_class", pattern.callback)


PATTERNS = list(_patterns())
ENDPOINTS = [
    Endpoint(route, view_of(pattern), method)
    for route, pattern in PATTERNS
    if route.startswith(PREFIX)
    for method in METHODS
    if hasattr(view_of(pattern), method)
]


class ApiWorld(World):
    """The world of the pages, whose things the API names too."""

    def __init__(self) -> None:
        super().__init__()
        with organization_open(self.acme.organization.pk):
            self.in_team = Membership.objects.get(user=self.acme.paul)

    def named(self) -> dict[str, Any]:
        """Return what each part of an address names; with ``#`` where it is another thing on one route."""
        assignments = "/partners/<int:pk>/assignments"
        return {
            "/members/<int:pk>": self.member.pk,
            "/invitations/<int:pk>": self.invitation.pk,
            "/teams/<int:pk>": self.acme.brand.pk,
            "/teams/<int:pk>/people/<int:member>": self.in_team.pk,
            "/teams/<int:pk>/profiles/<int:profile>": self.acme.sky.pk,
            "/workspaces/<int:pk>": self.workspace.pk,
            "/profiles/<int:pk>": self.acme.news.pk,
            "/grants/<int:pk>": self.grant.pk,
            "/api-keys/<int:pk>": self.api_key.pk,
            "/roles/<slug:scope>": "profile",
            "/roles/<slug:scope>/<str:key>": self.role.slug,
            "/partners/<int:pk>": self.partnership.pk,
            "/partners/<int:pk>/answer#pk": self.asked.pk,
            "/partners/<int:pk>/profiles/<int:profile>": self.acme.news.pk,
            f"{assignments}#pk": self.sharing.pk,
            f"{assignments}/<int:assignment>#pk": self.sharing.pk,
            f"{assignments}/<int:assignment>": self.assignment.pk,
            "/access-requests/<int:pk>": self.request.pk,
            "/guardrails/<int:pk>": self.assertion.pk,
            "/reviews/<int:pk>": self.review.pk,
            "/approvals/<int:pk>": self.approval.pk,
            "/reviews/<int:pk>/lines/<int:line>": self.line.pk,
        }

    def values(self, route: str) -> dict[str, Any]:
        """Return what fills the address of a route, by the names of its parts."""
        named, below = self.named(), route.removeprefix(PREFIX)
        found: dict[str, Any] = {"slug": "acme"}
        for part in _CONVERTED.finditer(below):
            exact = f"{below}#{part[1]}"
            found[part[1]] = named[exact] if exact in named else named[below[: part.end()]]
        return found

    def address(self, endpoint: Endpoint) -> str:
        values = self.values(endpoint.route)
        return "/" + _CONVERTED.sub(lambda part: str(values[part[1]]), endpoint.route)


def path_in_document(route: str) -> str:
    """Return how the document writes a route."""
    return "/" + _CONVERTED.sub(lambda part: "{id}" if part[1] == "pk" else f"{{{part[1]}}}", route)
