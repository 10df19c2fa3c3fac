"""Asking for access, and answering those who ask."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from orgs.access_forms import AskForm, DeclineForm, GiveForm
from orgs.models import AccessRequest
from orgs.selectors.requests import (
    ANSWERS,
    ELSEWHERE,
    PLACES_SHOWN,
    Place,
    Waiting,
    described,
    may_answer,
    people_who_may_answer,
    place_of,
    places_to_ask,
    requests_to_answer,
    roles_that_would_do,
)
from orgs.services.requests import (
    CannotAsk,
    RequestDecided,
    Wanted,
    action_named,
    decline_request,
    give_what_was_asked,
    request_access,
    withdraw_request,
)
from orgs.views.base import UNPROCESSABLE, ActView, FormView, OrganizationView
from orgs.views.previewing import PreviewedFormView
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.giving import can_give, may_manage_access
from permissions.guard import OrganizationRequest
from permissions.scopes import tables_of
from permissions.services import InvalidWindow
from permissions.what_if_words import Told


class AskForAccess(FormView):
    """First where, then what and why; both known already when one comes from a refusal."""

    members_only = True
    template_name = "orgs/ask.html"
    mendable = (CannotAsk,)

    def check(self, request: OrganizationRequest) -> None:
        """Leave out who visits: his own company assigns to him, or his ticket ends."""
        super().check(request)
        if not request.access.is_member:
            raise Http404

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.place is None:
            return self.where()
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.place is None:
            return self.where(UNPROCESSABLE)
        return super().post(request, *args, **kwargs)

    def where(self, status: int = 200) -> HttpResponse:
        action = action_named(self.request.GET.get("action", ""))
        text = self.request.GET.get("q", "").strip()
        places = places_to_ask(self.access, self.organization, action.name if action else "", matching=text)
        needs_profile = action is None or action.scope is Scope.PROFILE
        context = {
            "organization": self.organization,
            "wanted": action,
            "q": text,
            "places": [(scope, [place for place in places if place.scope is scope]) for scope in Scope],
            "elsewhere": ELSEWHERE if needs_profile else "",
            "shown_max": PLACES_SHOWN,
        }
        return render(self.request, "orgs/ask_where.html", context, status=status)

    @property
    def place(self) -> Place | None:
        named = self.request.POST.get("on") or self.request.GET.get("on", "")
        return place_of(named, self.access, self.organization)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        place = self.place
        assert place is not None, "the form is asked for a place"
        action = action_named(self.request.GET.get("action", ""))
        lacking = [
            one
            for one in catalogue.of_scope(place.scope)
            if one.is_available and (place.obj is None or not self.access.can(one.name, place.obj))
        ]
        roles = roles_that_would_do(self.organization, place.scope)
        asked = self.request.GET.get("role", "")
        return AskForm(
            data,
            roles=roles,
            actions=lacking,
            is_described=place.obj is None,
            can_end=place.scope is Scope.PROFILE,
            initial={"what": action.name if action else asked},
        )

    def save(self, form: forms.Form) -> HttpResponse:
        assert isinstance(form, AskForm) and self.place is not None
        request_access(
            actor=self.access,
            organization=self.organization,
            wanted=Wanted(
                scope=self.place.scope,
                obj=self.place.obj,
                description=form.cleaned_data.get("name", ""),
                role=form.role,
                action=form.action,
            ),
            reason=form.cleaned_data["reason"],
            expires_at=form.expires_at,
            now=timezone.now(),
        )
        self.say(_("Asked. You get an e-mail as soon as somebody has answered."))
        return self.go("my_access")

    def context(self) -> dict[str, Any]:
        return {"place": self.place, "time_zone": timezone.get_current_timezone_name()}


class RequestList(OrganizationView):
    """What waits for this person's answer: only what he could give exactly as it is asked."""

    listing = ANSWERS
    template_name = "orgs/request_list.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        return self.page(waiting=requests_to_answer(self.access, self.organization))


class AnswerView(OrganizationView):
    """A view about one request of somebody else; who may not answer it gets 404."""

    listing = ANSWERS

    _waiting: Waiting | None = None

    @property
    def waiting(self) -> Waiting:
        """Return the open request, or one that is answered already: whoever may answer is told by whom."""
        if self._waiting is None:
            row = get_object_or_404(
                AccessRequest.objects.select_related("membership__user", "decided_by"), pk=self.kwargs["pk"]
            )
            found = described([row], self.organization)
            if not found or not may_answer(self.access, found[0]):
                raise Http404
            self._waiting = found[0]
        return self._waiting


class RequestAnswer(AnswerView, PreviewedFormView):
    """Give what is asked, or another role, for as long as needed; what it changes is shown before."""

    template_name = "orgs/request_answer.html"
    confirm = gettext_lazy("Give access")
    mendable = (CannotAsk, InvalidWindow)

    def get(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if not self.waiting.request.is_open:
            return self.page(form=None, told=None, **self.context())
        return super().get(request, *args, **kwargs)

    def post(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return super().post(request, *args, **kwargs)
        except RequestDecided as told:
            messages.warning(request, str(told))
            return self.go("access_request", self.kwargs["pk"])

    @property
    def scope(self) -> Scope:
        return Scope(self.waiting.request.scope)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        waiting = self.waiting
        profiles = None
        if waiting.obj is None:
            every: Any = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
            profiles = [found for found in every if may_manage_access(self.access, found)]
        grounds = [waiting.obj] if waiting.obj is not None else profiles or []
        offered = roles_that_would_do(self.organization, self.scope)
        roles = [
            role
            for role in offered
            if any(can_give(giver=self.access, receiver=waiting.asker, role=role, obj=one) for one in grounds)
        ]
        wanted = waiting.role or next(
            (
                role
                for role in sorted(roles, key=lambda role: len(role.actions))
                if waiting.request.action in role.actions
            ),
            None,
        )
        until = waiting.request.expires_at
        initial = {
            "role": str(wanted.permission_id) if wanted else "",
            "expires_at": until if until is not None and until > timezone.now() else None,
        }
        return GiveForm(
            data,
            roles=offered,
            giveable=roles,
            profiles=profiles,
            can_end=self.scope is Scope.PROFILE,
            initial=initial,
        )

    def told_at_first(self, form: forms.Form) -> Told | None:
        """Return what giving exactly what is asked would change."""
        filled = self.make_form({name: form[name].value() or "" for name in form.fields})
        return self.told(filled) if filled.is_valid() else None

    def make_change(self, form: forms.Form, now: datetime) -> None:
        chosen = form.cleaned_data
        give_what_was_asked(
            actor=self.access,
            organization=self.organization,
            request=self.waiting.request,
            role=chosen["role"],
            obj=chosen.get("profile"),
            expires_at=chosen.get("expires_at"),
            note=chosen["note"],
            now=now,
        )

    def people_touched(self, form: forms.Form) -> Collection[int] | None:
        return [self.waiting.asker.pk]

    def done_with(self, form: forms.Form) -> HttpResponse:
        self.say(
            _("%(person)s has the role %(role)s.")
            % {"person": self.waiting.asker, "role": form.cleaned_data["role"].label}
        )
        return self.go("access_request_list")

    def context(self) -> dict[str, Any]:
        waiting = self.waiting
        return {
            "waiting": waiting,
            "others": [
                person
                for person in people_who_may_answer(waiting, self.organization, timezone.now())
                if person.pk != self.request.user.pk
            ],
            "time_zone": timezone.get_current_timezone_name(),
            "can_open_members": self.may("view_member_permissions"),
        }


class RequestDecline(AnswerView, ActView):
    mendable = (RequestDecided,)

    def act(self) -> HttpResponse:
        form = DeclineForm(self.request.POST)
        note = form.cleaned_data["note"] if form.is_valid() else self.request.POST.get("note", "")[:300]
        decline_request(
            actor=self.access,
            organization=self.organization,
            request=self.waiting.request,
            note=note,
            now=timezone.now(),
        )
        self.say(_("Declined. %(person)s gets an e-mail with your note.") % {"person": self.waiting.asker})
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("access_request_list")


class RequestWithdraw(ActView):
    """One's own request; anybody else's is not found."""

    members_only = True
    mendable = (RequestDecided,)

    def act(self) -> HttpResponse:
        request = get_object_or_404(
            AccessRequest.objects.select_related("membership__user"),
            pk=self.kwargs["pk"],
            membership__user=self.request.user.pk,
        )
        withdraw_request(actor=self.access, request=request, now=timezone.now())
        self.say(_("Your request is withdrawn."))
        return self.back()

    def back(self) -> HttpResponse:
        return self.go("my_access")
