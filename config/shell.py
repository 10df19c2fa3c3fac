"""What the frame around every page shows: where one is, where one may go. Hiding a link is courtesy; views decide."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from orgs.selectors import organizations_of
from orgs.selectors.requests import count_to_answer
from permissions.checker import Access


@dataclass(frozen=True)
class Link:
    icon: str
    label: str
    href: str
    is_current: bool
    count: int | None = None


@dataclass(frozen=True)
class Group:
    title: str
    links: list[Link] = field(default_factory=list)


def shell(request: HttpRequest) -> dict[str, Any]:
    return {"shell": SimpleLazyObject(lambda: _shell(request))}


def _shell(request: HttpRequest) -> dict[str, Any]:
    person = request.user if request.user.is_authenticated else None
    organization = getattr(request, "organization", None)
    access = getattr(request, "access", None)
    return {
        "organization": organization,
        "organizations": [
            {
                "name": found.name,
                "slug": found.slug,
                "url": reverse("organization_home", args=[found.slug]),
                "is_current": organization is not None and found.pk == organization.pk,
            }
            for found in (organizations_of(person.pk) if person else [])
        ],
        "nav": _nav(request, access) if organization and access else [],
        "person": person,
        "urls": {
            "settings": reverse("account_settings"),
            "sign_out": reverse("account_logout"),
            "create_organization": reverse("organization_new"),
        },
        "can_create_organization": person is not None,
    }


def _nav(request: HttpRequest, access: Access) -> list[Group]:
    organization = request.organization  # type: ignore[attr-defined]

    def link(icon: str, label: str, route: str, action: str = "", count: int | None = None) -> Link | None:
        if action and not access.can(action, organization):
            return None
        href = reverse(route, args=[organization.slug])
        is_current = request.path == href or (route != "organization_home" and request.path.startswith(href))
        return Link(icon, label, href, is_current, count)

    groups = [
        (
            "",
            [
                link("home", _("Home"), "organization_home"),
                link("calendar", _("Calendar"), "calendar"),
                link("edit", _("Compose"), "post_new"),
                link("checkbox", _("Approvals"), "approval_list"),
                link("key", _("My access"), "my_access"),
                link("api", _("API keys"), "api_key_list", "organization.manage_api_keys"),
            ],
        ),
        (
            _("Organization"),
            [
                link("users", _("Members"), "member_list", "organization.view_members"),
                _requests(link, access, organization),
                link("sitemap", _("Teams"), "team_list"),
                link("shield-check", _("Roles"), "role_matrix", "organization.view_roles"),
                link("plug-connected", _("Profiles"), "profile_list"),
                link("history", _("Audit log"), "audit_log", "organization.view_audit_log"),
                link(
                    "settings", _("Settings"), "organization_settings", "organization.update_name_and_image"
                ),
            ],
        ),
    ]
    if access.miss_before_scope() is not None:
        return []
    return [Group(title, found) for title, links in groups if (found := [one for one in links if one])]


def _requests(link: Any, access: Access, organization: Any) -> Link | None:
    """Return the link to the requests for access: for who answers them, and for whom one waits."""
    count = count_to_answer(access, organization)
    if not count and not access.can("organization.answer_access_requests", organization):
        return None
    found: Link = link("user-check", _("Requests"), "access_request_list", count=count)
    return found
