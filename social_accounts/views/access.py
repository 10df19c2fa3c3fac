"""Who may do what on a profile, and why; giving and ending roles."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from audit.services import record_refusal
from permissions import catalogue
from permissions.catalogue import Scope, UnknownAction
from permissions.checker import load_access
from permissions.errors import WouldEscalate
from permissions.giving import may_manage_access
from permissions.guard import GuardedView, OrganizationRequest
from permissions.services import InvalidWindow, NotAMember, end_grant
from social_accounts import selectors
from social_accounts.forms import PEOPLE_SHOWN_MAX, GiveAccessForm
from social_accounts.models import ProfileUserGrant, SocialProfile
from social_accounts.services.access import give_access
from social_accounts.views.pages import scope_object, see
from social_accounts.views.profile import profile_tabs

PEOPLE_PER_PAGE = 50
VIEW, MANAGE = "profile.view_profile_access", "profile.manage_profile_access"


class ProfileAccess(GuardedView):
    """The people and teams with a role on the profile, and where each role comes from."""

    action = VIEW
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, now = scope_object(self), timezone.now()
        q = request.GET.get("q", "").strip()
        page = Paginator(selectors.people_on(profile, now, matching=q), PEOPLE_PER_PAGE).get_page(
            request.GET.get("page")
        )
        context = {
            "profile": profile,
            "tabs": profile_tabs(request, profile, "profile_access"),
            "q": q,
            "page": page,
            "lines": selectors.person_lines(profile, list(page.object_list), now),
            "teams": selectors.team_lines(profile, now),
            "may_manage": may_manage_access(request.access, profile),
        }
        return render(request, "social_accounts/access.html", context)


class ProfileAccessGive(GuardedView):
    """One role for several people at once, with a window (P9)."""

    action = MANAGE
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        q = request.GET.get("q", "").strip()
        initial = {"people": request.GET.getlist("person")}
        return self.draw(request, profile, self.form(request, profile, q, initial=initial), q, 200)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        form = self.form(request, profile, "", data=request.POST)
        if form.is_valid():
            people, role = form.chosen_people, form.chosen_role
            try:
                give_access(
                    actor=request.access,
                    profile=profile,
                    people=people,
                    role=role,
                    now=timezone.now(),
                    starts_at=form.cleaned_data["starts_at"],
                    expires_at=form.cleaned_data["expires_at"],
                    reason=form.cleaned_data["reason"],
                )
            except (WouldEscalate, NotAMember) as error:
                if isinstance(error, WouldEscalate):  # said in the form, and kept as every refusal is
                    record_refusal(
                        actor=request.user, action=MANAGE, obj=profile, at=timezone.now(), reason=str(error)
                    )
                form.add_error(None, str(error))
            except InvalidWindow as error:
                form.add_error("expires_at", str(error))
            else:
                text = ngettext(
                    "%(count)s person has the role %(role)s now.",
                    "%(count)s people have the role %(role)s now.",
                    len(people),
                )
                messages.success(request, text % {"count": len(people), "role": role.label})
                return see(request, "profile_access", profile.pk)
        return self.draw(request, profile, form, "", 422)

    def form(
        self,
        request: OrganizationRequest,
        profile: SocialProfile,
        q: str,
        *,
        data: Any = None,
        initial: Any = None,
    ) -> GiveAccessForm:
        people = selectors.members(matching=q).exclude(pk=request.user.pk)
        return GiveAccessForm(
            data,
            initial=initial,
            people=people if data is not None else people[:PEOPLE_SHOWN_MAX],
            roles=selectors.roles_to_give(request.access, profile, request.organization),
        )

    def draw(
        self, request: OrganizationRequest, profile: SocialProfile, form: GiveAccessForm, q: str, status: int
    ) -> HttpResponse:
        context = {
            "profile": profile,
            "form": form,
            "q": q,
            "shown_max": PEOPLE_SHOWN_MAX,
            "time_zone": timezone.get_current_timezone_name(),
        }
        return render(request, "social_accounts/access_give.html", context, status=status)


class ProfileAccessEnd(GuardedView):
    """Ends one direct role."""

    action = MANAGE
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, grant = scope_object(self), self.grant()
        line = selectors.person_lines(profile, [grant.user], timezone.now())[0]
        role = next(role for role in line.roles if role.grant == grant)
        context = {"profile": profile, "person": grant.user, "line": role}
        return render(request, "social_accounts/access_end.html", context)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, grant = scope_object(self), self.grant()
        person = grant.user
        end_grant(
            actor=request.access,
            grant=grant,
            now=timezone.now(),
            reason=request.POST.get("reason", "").strip()[:300],
        )
        messages.success(request, _("The role of %(person)s is ended.") % {"person": person})
        return see(request, "profile_access", profile.pk)

    def grant(self) -> ProfileUserGrant:
        grants = ProfileUserGrant.objects.select_related("user", "content_object")
        found: ProfileUserGrant = get_object_or_404(
            grants, pk=self.kwargs["grant_pk"], content_object=scope_object(self)
        )
        return found


class ProfileAccessPerson(GuardedView):
    """Every action on the profile for one person; "Why?" explains one of them."""

    action = VIEW
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, now = scope_object(self), timezone.now()
        person = get_object_or_404(selectors.members(), pk=self.kwargs["user_pk"])
        access = load_access(user=person, organization_id=request.organization.pk, at=now)
        decision = None
        if asked := request.GET.get("action"):
            try:
                if catalogue.get(asked).scope is Scope.PROFILE:
                    decision = access.decide(asked, profile)
            except UnknownAction:
                decision = None
        context = {
            "profile": profile,
            "person": person,
            "may_manage": may_manage_access(request.access, profile),
            "areas": selectors.verdicts(access, profile),
            "decision": decision,
            "line": selectors.person_lines(profile, [person], now)[0],
        }
        return render(request, "social_accounts/access_person.html", context)
