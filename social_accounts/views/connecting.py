"""Choose a network, see what is asked of it and why, leave for its consent page. And the way back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.sessions import has_second_factor
from orgs.models import Workspace
from permissions.checker import load_access
from permissions.guard import GuardedView, OrganizationRequest
from social_accounts import connections, registrations, selectors
from social_accounts.forms import AppPasswordForm, ConnectForm
from social_accounts.networks.base import Features, NetworkError
from social_accounts.networks.registry import UnknownNetwork
from social_accounts.services import choosing, connecting
from social_accounts.services.attempts import Destination, claim_attempt
from social_accounts.services.connecting import ADD, Several, StartAgain
from social_accounts.services.errors import ConnectRefused
from social_accounts.views.cards import card_of
from social_accounts.views.pages import NetworkView, organization_url, scopes_of, see, sentence_of
from tenancy.context import organization_open

PASSWORD_WAY = "password"  # noqa: S105 - the name of a way to connect


def features_or_404(network: str) -> Features:
    try:
        return connections.features(network)
    except UnknownNetwork:
        raise Http404 from None


def session_key(request: HttpRequest) -> str:
    key = request.session.session_key
    assert key is not None, "a signed-in person has a session"
    return key


class ConnectChoose(GuardedView):
    """Which network? The sandbox stands beside the real ones where it runs."""

    action = ADD

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        offered = connections.offered_networks()
        sandbox = {"mastodon": settings.SANDBOX_MASTODON_URL, "bluesky": settings.SANDBOX_BLUESKY_URL}
        sandbox |= {
            features.name: connections.sandbox_url(features.name)
            for features in offered
            if features.has_operator_app
        }
        return render(
            request,
            "social_accounts/connect_choose.html",
            {
                "cards": [card_of(features) for features in offered],
                "sandboxes": [
                    (features, urlencode({"server": sandbox[features.name]}))
                    for features in offered
                    if sandbox.get(features.name)
                ],
                "has_workspace": selectors.reachable_workspaces(request.access).exists(),
            },
        )


class ConnectForms(NetworkView):
    """What the pages of one connect share: the network's forms, drawn again with what was typed."""

    action = ADD

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        super().setup(request, *args, **kwargs)
        self.features = features_or_404(kwargs["network"])

    def workspaces(self) -> list[Workspace]:
        with organization_open(self.request.organization.pk):
            return list(selectors.reachable_workspaces(self.request.access))

    def draw(self, form: ConnectForm, password_form: AppPasswordForm | None, status: int) -> HttpResponse:
        context = {"features": self.features, "form": form, "password_form": password_form}
        return render(self.request, "social_accounts/connect_network.html", context, status=status)

    def field_of_the_server(self, form: ConnectForm) -> str | None:
        """Return the field an error of the network belongs to; None where the person typed none."""
        if self.features.has_operator_app:
            return None
        return "handle" if form.cleaned_data.get("handle") else "server"

    def password_form(self, workspaces: list[Workspace], data: Any = None) -> AppPasswordForm | None:
        if not self.features.has_app_password:
            return None
        initial = {"password_server": self.request.GET.get("server", "")}
        return AppPasswordForm(data, workspaces=workspaces, initial=initial)


class ConnectNetwork(ConnectForms):
    """Where the account lives; for Bluesky also an app password in place of the network's page."""

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        workspaces = self.workspaces()
        initial = {
            name: request.GET[name] for name in ("server", "handle", "workspace") if name in request.GET
        }
        form = ConnectForm(initial=initial, features=self.features, workspaces=workspaces)
        return self.draw(form, self.password_form(workspaces), 200)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        workspaces = self.workspaces()
        if request.POST.get("way") == PASSWORD_WAY and self.features.has_app_password:
            return self.sign_in(request, workspaces)
        form = ConnectForm(request.POST, features=self.features, workspaces=workspaces)
        if form.is_valid():
            destination = form.destination()
            try:
                registrations.registration_at(destination.network, destination.typed_server)
            except NetworkError as error:
                form.add_error(self.field_of_the_server(form), sentence_of(error))
            else:
                return see(request, "connect_consent", self.features.name, query=_query(destination))
        return self.draw(form, self.password_form(workspaces), 422)

    def sign_in(self, request: OrganizationRequest, workspaces: list[Workspace]) -> HttpResponse:
        form = self.password_form(workspaces, request.POST)
        assert form is not None
        if form.is_valid():
            found = form.cleaned_data
            destination = Destination(
                network=self.features.name,
                typed_server=found["password_server"],
                workspace_id=found["workspace"].pk,
            )
            try:
                profile = connecting.connect_with_password(
                    actor=request.access,
                    destination=destination,
                    identifier=found["identifier"],
                    password=found["app_password"],
                    now=timezone.now(),
                )
            except NetworkError as error:
                form.add_error(None, sentence_of(error))
            except ConnectRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("%(handle)s is connected.") % {"handle": profile.handle})
                return see(request, "profile", profile.pk)
        other = ConnectForm(features=self.features, workspaces=workspaces)
        return self.draw(other, form, 422)


class ConnectConsent(ConnectForms):
    """Our page before the network's: each scope in plain words, what it is used for and what not (M3)."""

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        workspaces = self.workspaces()
        form = ConnectForm(request.GET, features=self.features, workspaces=workspaces)
        if not form.is_valid():
            return self.draw(form, self.password_form(workspaces), 422)
        destination = form.destination()
        query = _query(destination)
        context = {
            "features": self.features,
            "scopes": scopes_of(self.features),
            "workspace": form.cleaned_data["workspace"],
            "where": destination.login_hint or _host_of(destination.typed_server) or self.features.label,
            "leave_url": organization_url(request, "connect_leave", self.features.name) + "?" + query,
            "back_url": organization_url(request, "connect_network", self.features.name) + "?" + query,
        }
        return render(request, "social_accounts/connect_consent.html", context)


class ConnectLeave(ConnectForms):
    """The plain link that starts OAuth: a form that posts could not lead to another site (form-action 'self')."""

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        workspaces = self.workspaces()
        form = ConnectForm(request.GET, features=self.features, workspaces=workspaces)
        if form.is_valid():
            try:
                url = connecting.start_connection(
                    actor=request.access,
                    destination=form.destination(),
                    session_key=session_key(request),
                    now=timezone.now(),
                )
            except NetworkError as error:
                form.add_error(self.field_of_the_server(form), sentence_of(error))
            except ConnectRefused as error:
                form.add_error(None, str(error))
            else:
                return HttpResponseRedirect(url)
        return self.draw(form, self.password_form(workspaces), 422)


class ConnectCallback(GuardedView):
    """The way back from a network. The state says for which organization; it is bound to person and session."""

    signed_in_only = True
    opens_organization = False

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        home = urlsplit(settings.BASE_URL)
        given = urlsplit(connections.callback_url(kwargs["network"])).netloc
        if request.get_host() == given != home.netloc:
            # Bluesky knows a trial installation by its address only; the session lives under its name.
            onward = settings.BASE_URL + request.get_full_path()
            return render(request, "social_accounts/connect_hop.html", {"onward": onward})
        return super().dispatch(request, *args, **kwargs)

    def get(self, request: OrganizationRequest, network: str) -> HttpResponse:
        features = features_or_404(network)
        now = timezone.now()
        try:
            claimed = claim_attempt(
                user=request.user,
                session_key=session_key(request),
                network=network,
                state=request.GET.get("state", ""),
                now=now,
            )
        except ConnectRefused as error:
            return self.refuse(features, str(error), error.status)
        organization = claimed.organization
        with organization_open(organization.pk):
            request.access = load_access(
                user=request.user,
                organization_id=organization.pk,
                at=now,
                has_second_factor=has_second_factor(request),
            )
        if request.access.snapshot.standing is None:
            raise Http404
        request.organization = organization  # the page stands inside the organization from here on
        again = self.way_to_start_again(claimed.destination)
        try:
            profile = connecting.finish_connection(
                actor=request.access,
                claimed=claimed,
                callback={name: request.GET[name] for name in request.GET},
                session_key=session_key(request),
                now=now,
            )
        except StartAgain as restart:
            return HttpResponseRedirect(restart.url)
        except ConnectRefused as error:
            return self.refuse(features, str(error), error.status, again)
        except NetworkError as error:
            return self.refuse(features, sentence_of(error), HTTPStatus.UNPROCESSABLE_ENTITY, again)
        if isinstance(profile, Several):
            with organization_open(organization.pk):
                choice = choosing.keep_choice(
                    user=request.user,
                    session_key=session_key(request),
                    destination=profile.destination,
                    registration=profile.registration,
                    found=profile.found,
                    now=now,
                )
            return see(request, "connect_accounts", choice.pk)
        messages.success(request, _("%(handle)s is connected.") % {"handle": profile.handle})
        return see(request, "profile", profile.pk)

    def way_to_start_again(self, destination: Destination) -> str:
        if destination.profile_id is not None:
            return organization_url(self.request, "profile_reconnect", destination.profile_id)
        url = organization_url(self.request, "connect_network", destination.network)
        return url + "?" + _query(destination)

    def refuse(self, features: Features, reason: str, status: int, again_url: str = "") -> HttpResponse:
        context = {"features": features, "reason": reason, "again_url": again_url}
        return render(self.request, "social_accounts/connect_refused.html", context, status=status)


def _query(destination: Destination) -> str:
    values = {"server": destination.typed_server, "handle": destination.login_hint}
    found = {name: value for name, value in values.items() if value}
    return urlencode(found | {"workspace": destination.workspace_id or ""})


def _host_of(typed: str) -> str:
    return typed.partition("://")[2].rstrip("/") if "://" in typed else typed.rpartition("@")[2]
