"""Who may do what on a profile, and why; giving and ending roles, of several people at once."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from audit.services import record_refusal
from orgs.views.previewing import PreviewedActView, PreviewedFormView
from permissions import catalogue
from permissions.catalogue import Scope, UnknownAction
from permissions.checker import load_access
from permissions.errors import WouldEscalate
from permissions.giving import may_manage_access
from permissions.guard import GuardedView, OrganizationRequest
from permissions.roles import roles_by_permission
from permissions.services import InvalidWindow, NotAMember
from social_accounts import selectors, who_may
from social_accounts.forms import PEOPLE_SHOWN_MAX, GiveAccessForm
from social_accounts.models import ProfileUserGrant, SocialProfile
from social_accounts.services.access import end_access, give_access
from social_accounts.views.pages import scope_object
from social_accounts.views.profile import profile_tabs
from ui.addresses import id_in

PEOPLE_PER_PAGE = 50
ENDED_AT_ONCE_MAX = 100
VIEW, MANAGE = "profile.view_profile_access", "profile.manage_profile_access"


class ProfileAccess(GuardedView):
    """The people, teams and partners with a role on the profile, and where each role comes from (P9).

    ``?action=`` leaves those who may do one thing: "who may publish?".
    """

    action = VIEW
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, now = scope_object(self), timezone.now()
        q = request.GET.get("q", "").strip()
        asked = catalogue.ACTIONS.get(request.GET.get("action", ""))
        if asked is not None and asked.scope is not Scope.PROFILE:
            asked = None
        people: Any = (
            who_may.people_who(profile, asked.name, now, matching=q)
            if asked
            else selectors.people_on(profile, now, matching=q)
        )
        page = Paginator(people, PEOPLE_PER_PAGE).get_page(request.GET.get("page"))
        may_manage = may_manage_access(request.access, profile)
        lines = selectors.person_lines(profile, list(page.object_list), now)
        context = {
            "profile": profile,
            "tabs": profile_tabs(request, profile, "profile_access"),
            "q": q,
            "asked": asked,
            "actions": who_may.actions_to_ask_about(),
            "page": page,
            "lines": lines,
            "teams": selectors.team_lines(profile, now),
            "partners": who_may.partner_lines(profile, now),
            "may_manage": may_manage,
            "can_end_several": may_manage
            and sum(role.is_direct for line in lines for role in line.roles if line.person != request.user)
            > 1,
        }
        return render(request, "social_accounts/access.html", context)


class ProfileAccessGive(PreviewedFormView):
    """One role for several people at once, with a window (P9)."""

    action = MANAGE
    model = SocialProfile
    template_name = "social_accounts/access_give.html"
    confirm = gettext_lazy("Give the role")
    mendable = (NotAMember,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return GiveAccessForm(
            data,
            initial={"people": self.request.GET.getlist("person")},
            people=self.shown(),
            roles=selectors.roles_to_give(self.access, scope_object(self), self.organization),
        )

    @property
    def text(self) -> str:
        return self.request.GET.get("q", "").strip()

    def shown(self) -> Any:
        """Return the first people who match, and those chosen already."""
        others = selectors.members(matching=self.text).exclude(pk=self.request.user.pk)
        chosen = _ids([*self.request.GET.getlist("person"), *self.request.POST.getlist("people")])
        ids = [*others.values_list("pk", flat=True)[:PEOPLE_SHOWN_MAX], *chosen]
        return selectors.members().exclude(pk=self.request.user.pk).filter(pk__in=ids)

    def save(self, form: forms.Form) -> HttpResponse:
        try:
            return super().save(form)
        except WouldEscalate as refusal:  # said in the form, and kept as every refusal is
            record_refusal(
                actor=self.request.user,
                action=MANAGE,
                obj=scope_object(self),
                at=timezone.now(),
                reason=str(refusal),
            )
            raise NotAMember(str(refusal)) from refusal
        except InvalidWindow as problem:
            form.add_error("expires_at", str(problem))
            return self.page(status=422, form=form, told=None, **self.panel(), **self.context())

    def make_change(self, form: forms.Form, now: datetime) -> None:
        assert isinstance(form, GiveAccessForm)
        give_access(
            actor=self.access,
            profile=scope_object(self),
            people=form.chosen_people,
            role=form.chosen_role,
            now=now,
            starts_at=form.cleaned_data["starts_at"],
            expires_at=form.cleaned_data["expires_at"],
            reason=form.cleaned_data["reason"],
        )

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        assert isinstance(form, GiveAccessForm)
        return [person.pk for person in form.chosen_people]

    def done_with(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, GiveAccessForm)
        count = len(form.chosen_people)
        text = ngettext(
            "%(count)s person has the role %(role)s now.",
            "%(count)s people have the role %(role)s now.",
            count,
        )
        self.say(text % {"count": count, "role": form.chosen_role.label})
        return self.go("profile_access", self.kwargs["pk"])

    def context(self) -> dict[str, Any]:
        others = selectors.members(matching=self.text).exclude(pk=self.request.user.pk)
        return {
            "profile": scope_object(self),
            "q": self.text,
            "is_long": bool(self.text) or others.count() > PEOPLE_SHOWN_MAX,
            "shown_max": PEOPLE_SHOWN_MAX,
            "time_zone": timezone.get_current_timezone_name(),
        }


class EndView(PreviewedActView):
    """Ends direct roles on the profile; what it changes is shown before."""

    action = MANAGE
    model = SocialProfile
    template_name = "social_accounts/access_end.html"

    def grants(self) -> list[ProfileUserGrant]:
        raise NotImplementedError

    def make_change(self, now: datetime, reason: str) -> None:
        end_access(actor=self.access, grants=self.grants(), now=now, reason=reason)

    def people_touched(self) -> Collection[int] | None:
        return {grant.user_id for grant in self.grants()}

    def crumbs(self) -> list[tuple[str, str]]:
        profile = scope_object(self)
        return [
            (str(_("Profiles")), self.url("profile_list")),
            (profile.name, self.url("profile_access", profile.pk)),
        ]

    def back(self) -> HttpResponse:
        return self.go("profile_access", self.kwargs["pk"])


class ProfileAccessEnd(EndView):
    """One role of one person."""

    confirm = gettext_lazy("End the role")

    def grants(self) -> list[ProfileUserGrant]:
        rows = ProfileUserGrant.objects.select_related("user", "content_object")
        return [get_object_or_404(rows, pk=self.kwargs["grant_pk"], content_object=scope_object(self))]

    def words(self) -> dict[str, Any]:
        [grant] = self.grants()
        role = roles_by_permission([grant.permission_id])[grant.permission_id]
        names = {"person": grant.user, "role": role.label, "name": scope_object(self).name}
        if role.is_none:
            lead = _("None closes %(name)s for this person. Without it, what teams give counts again.")
        else:
            lead = _("It ends at once on %(name)s. Roles through the organization or a team stay.")
        return {
            "heading": _("End the role %(role)s of %(person)s?") % names,
            "lead": lead % names,
            "done": _("The role of %(person)s is ended.") % names,
            "crumbs": self.crumbs(),
            "ended": [],
        }


class ProfileAccessEndSeveral(EndView):
    """Several roles at once: all of them or, when one may not be ended, none."""

    confirm = gettext_lazy("End these roles")

    def grants(self) -> list[ProfileUserGrant]:
        typed = self.request.POST.getlist("grant") or self.request.GET.getlist("grant")
        ids = _ids(typed[:ENDED_AT_ONCE_MAX])
        rows = ProfileUserGrant.objects.select_related("user", "content_object").order_by("user__name", "pk")
        return list(rows.filter(pk__in=ids, content_object=scope_object(self)))

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.grants():
            return self.none_chosen()
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.grants():
            return self.none_chosen()
        return super().post(request, *args, **kwargs)

    def none_chosen(self) -> HttpResponse:
        self.say(_("Choose the roles that shall end first."))
        return self.back()

    def words(self) -> dict[str, Any]:
        grants = self.grants()
        if not grants:
            raise Http404
        roles = roles_by_permission({grant.permission_id for grant in grants})
        count = len(grants)
        names = {"count": count, "name": scope_object(self).name}
        return {
            "heading": ngettext("End %(count)d role on %(name)s?", "End %(count)d roles on %(name)s?", count)
            % names,
            "lead": _("They end at once. Roles through the organization or a team stay."),
            "done": ngettext("%(count)d role is ended.", "%(count)d roles are ended.", count) % names,
            "crumbs": self.crumbs(),
            "ended": [(grant, roles[grant.permission_id]) for grant in grants],
        }


class ProfileAccessPerson(GuardedView):
    """Every action on the profile for one person; "Why?" explains one of them."""

    action = VIEW
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile, now = scope_object(self), timezone.now()
        known = selectors.members() | who_may.people_of_partners(profile, now)
        person = get_object_or_404(known, pk=self.kwargs["user_pk"])
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


def _ids(typed: Collection[str]) -> list[int]:
    return [pk for value in typed if (pk := id_in(value)) is not None]
