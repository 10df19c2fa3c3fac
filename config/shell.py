"""What the frame around every page shows: where one is, where one may go. Hiding a link is courtesy; views decide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from orgs.models import Organization
from orgs.selectors.partners import Places, count_waiting, places_of
from orgs.selectors.requests import count_to_answer
from permissions.checker import Access
from permissions.scopes import SupportVisit
from publishing.rights import IMPORT, TAKE_OVER
from tenancy.context import open_organization_id, organization_open


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
    is_looking = (
        getattr(request, "view_as", None) is not None
    )  # where else the other person belongs is his own
    places = Places((), ())
    if person and not is_looking:
        places = getattr(request, "places", None) or places_of(person.pk)  # a page may have asked already
    return {
        "organization": organization,
        "organizations": [_place(found, organization) for found in places.own],
        "shared_with_person": [_place(found, organization) for found in places.shared],
        "support": _support(access),
        "nav": _nav_inside(request, access) if organization and access else _nav_of_person(request, places),
        "person": person,
        "unread": None if is_looking else places.unread,
        "urls": {
            "settings": reverse("account_settings"),
            "sign_out": reverse("account_logout"),
            "create_organization": reverse("organization_new"),
            "support": reverse("support_desk") if person and person.support_role else "",
        },
        "can_create_organization": person is not None and not is_looking,
        "imports": _imports(organization, access),
    }


def _place(found: Organization, current: Organization | None) -> dict[str, Any]:
    return {
        "name": found.name,
        "slug": found.slug,
        "url": reverse("organization_home", args=[found.slug]),
        "is_current": current is not None and found.pk == current.pk,
    }


def _support(access: Access | None) -> SupportVisit | None:
    """Return the support session this page is opened in, for the bar that says so on every one (R10)."""
    standing = access.snapshot.standing if access else None
    return standing.visit if standing and standing.visit and access.miss_before_scope() is None else None  # type: ignore[union-attr]


def _nav_of_person(request: HttpRequest, places: Places) -> list[Group]:
    """Return the way back from a page that is the person's own: to the organizations he can go to."""
    if not places.all:
        return []

    def link(icon: str, label: str, href: str) -> Link:
        return Link(icon, label, href, is_current=request.path == href)

    def homes(found: Sequence[Organization]) -> list[Link]:
        return [link("building", one.name, reverse("organization_home", args=[one.slug])) for one in found]

    groups = [
        Group(
            "",
            [
                link("bell", _("Notifications"), reverse("notification_list")),
                link("settings", _("Your settings"), reverse("account_settings")),
            ],
        ),
        Group(_("Your organizations"), homes(places.own)),
        Group(_("Shared with you"), homes(places.shared)),
    ]
    return [group for group in groups if group.links]


def _nav_inside(request: HttpRequest, access: Access) -> list[Group]:
    """Count what waits inside the organization, on pages too that talk to a network and open it only at times."""
    if open_organization_id() == access.organization_id:
        return _nav(request, access)
    with organization_open(access.organization_id):
        return _nav(request, access)


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
                _held(link, access),
                link("key", _("My access"), "my_access"),
                link("api", _("API keys"), "api_key_list", "organization.manage_api_keys"),
            ],
        ),
        (
            _("Planning"),
            [
                link("folder", _("Drafts"), "draft_list"),
                link("clock", _("Queues"), "queue_list"),
                link("flag", _("Campaigns"), "campaign_list"),
                link("tag", _("Labels and lists"), "label_list", "organization.view_labels"),
            ],
        ),
        (
            _("Organization"),
            [
                link("users", _("Members"), "member_list", "organization.view_members"),
                _requests(link, access, organization),
                None if access.is_partner else link("sitemap", _("Teams"), "team_list"),
                _partners(link, access, organization),
                link("shield-lock", _("Roles"), "role_matrix", "organization.view_roles"),
                link("plug-connected", _("Profiles"), "profile_list"),
                link("clipboard-check", _("Reviews"), "review_list", "organization.run_access_reviews"),
                link("shield-check", _("Guardrails"), "assertion_list", "organization.manage_assertions"),
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


def _imports(organization: Organization | None, access: Access | None) -> str:
    """Return where posts are imported from files, for who may on some profile; empty for everybody else."""
    if organization is None or access is None:
        return ""
    reach = access.reach(IMPORT)
    may = reach.is_everywhere or reach.ids or reach.ids_with_approval
    return reverse("post_import_list", args=[organization.slug]) if may else ""


def _held(link: Any, access: Access) -> Link | None:
    """Return the link to the posts nobody answers for any more, for who may take over on some profile."""
    reach = access.reach(TAKE_OVER)
    may = reach.is_everywhere or reach.ids or reach.ids_with_approval
    found: Link | None = link("hand-stop", _("Held posts"), "handover") if may else None
    return found


def _partners(link: Any, access: Access, organization: Organization) -> Link | None:
    """Return the link to the partners, with the number of proposals that wait for whoever answers them."""
    if not access.can("organization.view_partners", organization):
        return None
    may_answer = access.can("organization.answer_partner_requests", organization)
    count = count_waiting(organization, access.at) if may_answer else None
    found: Link = link("heart-handshake", _("Partners"), "partner_list", count=count)
    return found


def _requests(link: Any, access: Access, organization: Any) -> Link | None:
    """Return the link to the requests for access: for who answers them, and for whom one waits."""
    count = count_to_answer(access, organization)
    if not count and not access.can("organization.answer_access_requests", organization):
        return None
    found: Link = link("user-check", _("Requests"), "access_request_list", count=count)
    return found
