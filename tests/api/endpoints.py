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

    def names(self) -> dict[str, Any]:
        """Return what fills an address: ``pk`` by the word before it, everything else by its own name."""
        return {
            "members/pk": self.member.pk,
            "invitations/pk": self.invitation.pk,
            "teams/pk": self.acme.brand.pk,
            "workspaces/pk": self.workspace.pk,
            "profiles/pk": self.acme.news.pk,
            "grants/pk": self.grant.pk,
            "api-keys/pk": self.api_key.pk,
            "people/member": self.in_team.pk,
            "profiles/profile": self.acme.sky.pk,
            "roles/scope": "profile",
            "scope/key": "standard:editor",
        }

    def address(self, endpoint: Endpoint) -> str:
        names = self.names()

        def fill(found: re.Match[str]) -> str:
            if found[1] == "slug":
                return "acme"
            before = re.sub(r".*<\w+:", "", endpoint.route[: found.start()]).strip("/>")
            word = before.rsplit("/", 1)[-1]
            return str(names[f"{word}/{found[1]}"])

        return "/" + _CONVERTED.sub(fill, endpoint.route)
