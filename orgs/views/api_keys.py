"""API keys: one's own, and everybody's for who manages them (R11)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from api.keys import (
    MANAGE_OTHERS,
    MANAGE_OWN,
    KeyRefused,
    issue_key,
    live_keys,
    offered_actions,
    offered_profiles,
    revoke_key,
)
from orgs.key_forms import SOME, ApiKeyForm
from orgs.views.base import ActView, FormView, OrganizationView
from permissions import catalogue
from permissions.catalogue import Scope
from permissions.scopes import tables_of

KEYS_PER_PAGE = 50
CREATED = 201


@dataclass(frozen=True)
class KeyRow:
    """One key as the page tells it."""

    key: ApiKey
    actions: list[str]
    profiles: list[str] | None  # None: every one


class ApiKeys(OrganizationView):
    """What every page about keys needs."""

    any_action = (MANAGE_OWN, MANAGE_OTHERS)
    is_personal = True

    def keys(self) -> QuerySet[ApiKey]:
        """Return the keys this person may see and revoke: his own, or everybody's."""
        keys: QuerySet[ApiKey] = ApiKey.objects.select_related("user")
        return keys if self.may("manage_member_api_keys") else keys.filter(user=self.request.user)


class ApiKeyList(ApiKeys):
    template_name = "orgs/api_keys.html"

    def get(self, request: HttpRequest, organization_slug: str) -> HttpResponse:
        live = live_keys(timezone.now())
        own = self.keys().filter(live, user=self.request.user).order_by("-created_at", "-pk")
        others = self.keys().filter(live).exclude(user=self.request.user).order_by("user__name", "pk")
        page = Paginator(others, KEYS_PER_PAGE).get_page(request.GET.get("page"))
        names = _profile_names([*own, *page.object_list])
        return self.page(
            own=_rows(own, names),
            others=_rows(page.object_list, names),
            others_page=page,
            can_issue=self.may("manage_api_keys"),
            sees_others=self.may("manage_member_api_keys"),
        )


class ApiKeyNew(FormView):
    """Issue a key. Its secret is in this one answer and nowhere else."""

    action = MANAGE_OWN
    is_personal = True
    template_name = "orgs/api_key_new.html"
    mendable = (KeyRefused,)

    def make_form(self, data: Any = None, files: Any = None) -> forms.Form:
        return ApiKeyForm(
            data, actions=offered_actions(self.access), offered_profiles=offered_profiles(self.access)
        )

    def save(self, form: forms.Form) -> HttpResponse:
        chosen = form.cleaned_data
        key, secret = issue_key(
            actor=self.access,
            organization=self.organization,
            name=chosen["name"],
            actions=set(chosen["actions"]),
            profiles=chosen["profiles"] if chosen["reach"] == SOME else None,
            expires_at=chosen["expires_at"],
            now=timezone.now(),
        )
        context = {"organization": self.organization, "key": key, "secret": secret}
        return render(self.request, "orgs/api_key_issued.html", context, status=CREATED)


class ApiKeyRevoke(ApiKeys, ActView):
    def act(self) -> HttpResponse:
        key = get_object_or_404(self.keys(), pk=self.kwargs["pk"])
        revoke_key(actor=self.access, organization=self.organization, key=key, now=timezone.now())
        self.say(_("The key “%(key)s” no longer works.") % {"key": key})
        return self.go("api_key_list")


def _profile_names(keys: Iterable[ApiKey]) -> Mapping[int, str]:
    wanted = {pk for key in keys for pk in key.profile_ids or ()}
    profiles: Iterable[Model] = tables_of(Scope.PROFILE).model._default_manager.filter(pk__in=wanted)
    return {profile.pk: str(profile) for profile in profiles}


def _rows(keys: Iterable[ApiKey], names: Mapping[int, str]) -> list[KeyRow]:
    return [
        KeyRow(
            key=key,
            actions=[str(catalogue.get(name).label) for name in key.actions if name in catalogue.ACTIONS],
            profiles=None
            if key.profile_ids is None
            else [names[pk] for pk in key.profile_ids if pk in names],
        )
        for key in keys
    ]
