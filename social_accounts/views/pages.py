"""What the views of this app share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from permissions.guard import GuardedView, OrganizationRequest
from social_accounts import connections
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Features, LimitLevel, NetworkError, RateLimited
from social_accounts.sentences import shown
from tenancy.context import organization_open


class NetworkView(GuardedView):
    """A view that talks to a network: no transaction is held meanwhile, so it opens the organization itself."""

    opens_organization: ClassVar[bool] = False

    def check(self, request: OrganizationRequest) -> None:
        with organization_open(request.organization.pk):
            super().check(request)


class SeeOther(HttpResponseRedirect):
    """The answer to a POST that worked: 303, so that the browser fetches the next page."""

    status_code = 303


def see(request: OrganizationRequest, name: str, *args: Any, query: str = "") -> SeeOther:
    """Answer a POST that worked by a page of this organization."""
    return SeeOther(organization_url(request, name, *args) + (f"?{query}" if query else ""))


def organization_url(request: OrganizationRequest, name: str, *args: Any) -> str:
    return reverse(name, args=[request.organization.slug, *args])


def sentence_of(error: NetworkError) -> str:
    """Return what went wrong at a network, for the person."""
    if isinstance(error, RateLimited) and error.level is not LimitLevel.PROFILE:
        return _("The network has had too many requests from here. Try again in a few minutes.")
    if isinstance(error, RateLimited):
        return _("The network has had too many requests for this account. Try again in a few minutes.")
    return shown(error)


@dataclass(frozen=True)
class ShownScope:
    """One permission we ask a network for, in the reader's language."""

    scope: str
    what: str
    used_for: str
    not_used: str


def scopes_of(features: Features) -> list[ShownScope]:
    """Return what this installation asks the network for: an operator may have named fewer permissions, or more."""
    named = set(connections.named_scopes(features.name))
    return [
        ShownScope(line.scope, shown(line.what), shown(line.used_for), shown(line.not_used))
        for line in features.scopes
        if (named & set(line.scope.replace(",", " ").split()) if named else not line.is_optional)
    ]


def scope_object(view: GuardedView) -> SocialProfile:
    """Return the profile the guard has loaded and checked."""
    profile = view.scope_object
    assert isinstance(profile, SocialProfile)
    return profile
