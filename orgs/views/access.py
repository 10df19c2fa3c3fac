"""What one person may do, and why: of a member, and of oneself."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from orgs.models import Team, TeamUserGrant
from orgs.selectors import people_to_ask
from orgs.selectors.by_profile import profile_rows, reached_profiles
from orgs.selectors.effective import effective_access, ground_of, why
from orgs.selectors.endings import ends_soon
from orgs.selectors.members import PROFILES_SHOWN, three_levels
from orgs.selectors.partners import assigned_profiles, colleagues_to_ask
from orgs.selectors.requests import address_to_ask, requests_of
from orgs.services.view_as import why_not
from orgs.views.base import OrganizationView
from orgs.views.members import MemberView
from permissions.catalogue import UnknownAction
from permissions.checker import Access
from permissions.giving import may_manage_access

BY_PROFILE = "profile"
PROFILES_PER_PAGE = 50
TEAMS_OFFERED = 12
TEAMS_LOOKED_AT = 100
LISTED_MAX = 100  # profiles a list of choices is still of use for; more are found by name


def profile_meant(text: str, seen: Sequence[Any]) -> str:
    """Return the id of the profile that a choice or a typed name means, among those seen; empty for all."""
    if not text:
        return ""
    if any(str(profile.pk) == text for profile in seen):
        return text
    wanted = text.casefold()
    found = (str(one.pk) for one in seen if wanted in f"{one} {getattr(one, 'name', '')}".casefold())
    return next(found, "")


class EffectiveMixin(OrganizationView):
    """The list of effective access with its filters, and the answer to one Why."""

    def effective(self, access: Access, why_url: str) -> dict[str, Any]:
        chosen = {name: self.request.GET.get(name, "").strip() for name in ("on", "show", "q")}
        everything = ground_of(self.organization, self.access)
        if self.request.GET.get("by") == BY_PROFILE:
            reached = reached_profiles(access, everything.seen_profiles)
            page = Paginator(reached, PROFILES_PER_PAGE).get_page(self.request.GET.get("page"))
            return {
                "by": BY_PROFILE,
                "by_profile": page,
                "rows": profile_rows(access, list(page.object_list)),
            }
        profile_id = profile_meant(chosen["on"], everything.seen_profiles)
        ground = ground_of(self.organization, self.access, profile_id) if profile_id else everything
        return {
            "by": "action",
            "effective": effective_access(
                access,
                ground,
                show=chosen["show"],
                text=chosen["q"],
                only_profiles=bool(profile_id) or access.is_partner,
            ),
            "chosen": chosen,
            "profiles": everything.seen_profiles if len(everything.seen_profiles) <= LISTED_MAX else None,
            "on_profile": next((one for one in everything.seen_profiles if str(one.pk) == profile_id), None),
            "why_url": why_url,
        }

    def explain(self, access: Access) -> HttpResponse:
        ground = ground_of(self.organization, self.access, self.request.GET.get("on", ""))
        try:
            decision, verdict = why(access, self.request.GET.get("action", ""), ground)
        except UnknownAction as error:
            raise Http404(str(error)) from error
        context = {"decision": decision, "verdict": verdict, "organization": self.organization}
        if access is self.access and verdict != "yes":
            profile = ground.seen_profiles[0] if self.request.GET.get("on") and ground.seen_profiles else None
            asked_of = profile if decision.action.startswith("profile.") else None
            context["ask_url"] = address_to_ask(access, self.organization, decision.action, asked_of)
        if self.access.can("organization.view_roles", self.organization):
            codename = decision.action.partition(".")[2]
            context["matrix_url"] = f"{self.url('role_matrix')}?action={decision.action}#a-{codename}"
        is_fragment = bool(getattr(self.request, "htmx", False))
        template = "components/why.html" if is_fragment else "orgs/why.html"
        return render(self.request, template, context)


class MemberAccess(EffectiveMixin, MemberView):
    """H1: the three levels on one page, and beside them what they come to."""

    template_name = "orgs/member_access.html"

    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        levels = three_levels(
            member=self.member_access, viewer=self.access, now=timezone.now(), shown_max=PROFILES_SHOWN
        )
        return self.page(
            levels=levels,
            ends_soon=ends_soon(timezone.now(), user=self.membership.user),
            workspaces=self.membership.workspace_accesses.select_related("workspace"),
            can_grant=not self.is_oneself
            and levels.everywhere is None
            and may_manage_access(self.access, self.organization),
            **self.effective(self.member_access, self.url("member_why", pk)),
            can_view_as=self.can_view_as(),
            teams_to_add=self.teams_to_add(),
            **self.head("member_access"),
        )

    def teams_to_add(self) -> list[Team]:
        """Return the first teams this person is not in and may be put in by the one who looks."""
        if self.is_oneself:
            return []
        inside = TeamUserGrant.objects.filter(user=self.membership.user_id).values("content_object")
        others = Team.objects.exclude(pk__in=inside).order_by("name", "pk")[:TEAMS_LOOKED_AT]
        able = [team for team in others if self.access.serves("team.manage_team_members", team)]
        return able[:TEAMS_OFFERED]

    def can_view_as(self) -> bool:
        """Say whether the button is there: it would work, and there is something to see."""
        if self.is_oneself or not self.may("edit_member_permissions"):
            return False
        return not why_not(self.access, self.member_access, self.organization)


class MemberWhy(EffectiveMixin, MemberView):
    def get(self, request: HttpRequest, organization_slug: str, pk: int) -> HttpResponse:
        return self.explain(self.member_access)


class MyAccess(EffectiveMixin):
    """Everybody may know what his own roles are, what they come to, and whom to ask for more."""

    members_only = True
    template_name = "orgs/my_access.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        if not self.access.is_member:
            return self._of_visitor()
        return self.page(
            levels=three_levels(
                member=self.access, viewer=self.access, now=timezone.now(), shown_max=PROFILES_SHOWN
            ),
            people_to_ask=people_to_ask(self.organization),
            ends_soon=ends_soon(timezone.now(), user=self.request.user),
            requests=requests_of(self.request.user.pk, self.organization, timezone.now()),
            person=request.user,
            **self.effective(self.access, self.url("my_access_why")),
        )

    def _of_visitor(self) -> HttpResponse:
        """A partner's person or staff: no role of his own here, nothing to leave, and colleagues to ask for more."""
        context = {
            "organization": self.organization,
            "assigned": assigned_profiles(self.access),
            "visit": self.access.visit,
            "people_to_ask": colleagues_to_ask(self.access),
            "ends_soon": ends_soon(timezone.now(), user=self.request.user),
            **self.effective(self.access, self.url("my_access_why")),
        }
        return render(self.request, "orgs/my_access_visitor.html", context)


class MyAccessWhy(EffectiveMixin):
    members_only = True

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return self.explain(self.access)
