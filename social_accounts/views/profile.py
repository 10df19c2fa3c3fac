"""The page of one profile, and what is changed there."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

from orgs.models import Workspace
from permissions.guard import GuardedView, OrganizationRequest
from social_accounts import connections, selectors
from social_accounts.boards.asking import has_boards
from social_accounts.boards.rights import SEEING as SEEING_BOARDS
from social_accounts.forms import AppPasswordForm, MoveForm, ProfileNameForm, TimeZoneForm
from social_accounts.models import ProfilePause, SocialProfile
from social_accounts.networks.base import NetworkError
from social_accounts.networks.registry import UnknownNetwork
from social_accounts.outages.showing import outage_of
from social_accounts.sentences import shown
from social_accounts.services import connecting, health, profiles
from social_accounts.services.attempts import Destination
from social_accounts.services.errors import ConnectRefused
from social_accounts.services.pausing import PAUSE_PROFILE
from social_accounts.services.profiles import OutOfReach
from social_accounts.views.connecting import features_or_404, session_key
from social_accounts.views.pages import (
    NetworkView,
    organization_url,
    scope_object,
    scopes_of,
    see,
    sentence_of,
)
from tenancy.context import organization_open

SEEING = ("profile.view_profile", "profile.view_profile_access")


class ProfilePage(GuardedView):
    """Details, health, settings."""

    any_action = SEEING
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return draw_profile(request, scope_object(self))


class ProfileRename(GuardedView):
    action = "profile.manage_profile"
    model = SocialProfile

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        form = ProfileNameForm(request.POST)
        if not form.is_valid():
            return draw_profile(request, profile, name_form=form)
        profiles.rename_profile(
            actor=request.access, profile=profile, name=form.cleaned_data["name"], now=timezone.now()
        )
        messages.success(request, _("The profile is called %(name)s now.") % {"name": profile.name})
        return see(request, "profile", profile.pk)


class ProfileTimeZone(GuardedView):
    action = "profile.edit_publishing_time_zone"
    model = SocialProfile

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        form = TimeZoneForm(request.POST)
        if not form.is_valid():
            return draw_profile(request, profile, time_zone_form=form)
        profiles.set_time_zone(
            actor=request.access,
            profile=profile,
            time_zone=form.cleaned_data["time_zone"],
            now=timezone.now(),
        )
        messages.success(request, _("Posts are scheduled in %(zone)s time.") % {"zone": profile.time_zone})
        return see(request, "profile", profile.pk)


class ProfileMove(GuardedView):
    """Moving asks the organization's action, on a profile the person sees."""

    any_action = SEEING
    model = SocialProfile

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        form = MoveForm(request.POST, workspaces=list(selectors.reachable_workspaces(request.access)))
        if form.is_valid():
            workspace: Workspace = form.cleaned_data["workspace"]
            try:
                profiles.move_profile(
                    actor=request.access, profile=profile, workspace=workspace, now=timezone.now()
                )
            except OutOfReach as error:
                form.add_error("workspace", str(error))
            else:
                messages.success(request, _("Moved to %(workspace)s.") % {"workspace": workspace.name})
                return see(request, "profile", profile.pk)
        else:
            request.access.require("organization.move_social_profile", request.organization)
        return draw_profile(request, profile, move_form=form)


class ProfileCheck(NetworkView):
    """Ask the network now whether the connection is alive."""

    any_action = SEEING
    model = SocialProfile

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        status = health.check_profile_now(actor=request.access, profile_id=profile.pk, now=timezone.now())
        with organization_open(request.organization.pk):
            profile = SocialProfile.objects.get(pk=profile.pk)
        if status == SocialProfile.Status.CONNECTED and not profile.status_detail:
            messages.success(request, _("The connection works."))
        elif status == SocialProfile.Status.CONNECTED:
            detail = shown(profile.status_detail)
            messages.warning(request, _("The network gave no clear answer: %(detail)s") % {"detail": detail})
        else:
            messages.error(request, _("The network no longer accepts the connection. Connect it again."))
        return see(request, "profile", profile.pk)


class ProfileDisconnect(NetworkView):
    """Ends the connection; profile and history stay. GET is the confirmation without scripts."""

    action = "profile.disconnect_profile"
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return render(request, "social_accounts/disconnect.html", {"profile": scope_object(self)})

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        is_revoked = profiles.disconnect_profile(
            actor=request.access, profile_id=profile.pk, now=timezone.now()
        )
        if is_revoked:
            text = _("%(handle)s is disconnected. Nothing more goes out on it.")
            messages.success(request, text % {"handle": profile.handle})
        else:
            text = _(
                "%(handle)s is disconnected and Chorus deleted its keys, but the network did not answer. Take Chorus "
                "out of the authorized apps in the account's settings there as well."
            )
            messages.warning(request, text % {"handle": profile.handle})
        return see(request, "profile", profile.pk)


class ProfileReconnect(NetworkView):
    """Our page before the network's consent, for a profile that is known; or a new app password."""

    action = "profile.reconnect_profile"
    model = SocialProfile

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        return self.draw(scope_object(self), status=200)

    def post(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        form = AppPasswordForm(request.POST)
        if form.is_valid():
            destination = Destination(
                network=profile.network,
                typed_server=form.cleaned_data["password_server"],
                profile_id=profile.pk,
            )
            try:
                connecting.connect_with_password(
                    actor=request.access,
                    destination=destination,
                    identifier=form.cleaned_data["identifier"],
                    password=form.cleaned_data["app_password"],
                    now=timezone.now(),
                )
            except NetworkError as error:
                form.add_error(None, sentence_of(error))
            except ConnectRefused as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("%(handle)s is connected.") % {"handle": profile.handle})
                return see(request, "profile", profile.pk)
        return self.draw(profile, form=form, status=422)

    def draw(
        self, profile: SocialProfile, *, form: AppPasswordForm | None = None, error: str = "", status: int
    ) -> HttpResponse:
        features = features_or_404(profile.network)
        if form is None and features.has_app_password:
            initial = {"identifier": profile.handle.lstrip("@"), "password_server": profile.server}
            form = AppPasswordForm(initial=initial)
        context = {
            "profile": profile,
            "features": features,
            "scopes": scopes_of(features),
            "password_form": form,
            "error": error,
            "leave_url": organization_url(self.request, "profile_reconnect_leave", profile.pk),
        }
        return render(self.request, "social_accounts/reconnect.html", context, status=status)


class ProfileReconnectLeave(ProfileReconnect):
    """The plain link that starts OAuth for a known profile."""

    http_method_names = ["get", "head", "options"]

    def get(self, request: OrganizationRequest, **kwargs: Any) -> HttpResponse:
        profile = scope_object(self)
        features = features_or_404(profile.network)
        hint = "" if features.needs_server else profile.handle.lstrip("@")
        destination = Destination(
            network=profile.network,
            typed_server=profile.server,
            login_hint=hint,
            profile_id=profile.pk,
        )
        try:
            url = connecting.start_connection(
                actor=request.access,
                destination=destination,
                session_key=session_key(request),
                now=timezone.now(),
            )
        except NetworkError as error:
            return self.draw(profile, error=sentence_of(error), status=422)
        except ConnectRefused as error:
            return self.draw(profile, error=str(error), status=error.status)
        return HttpResponseRedirect(url)


def draw_profile(
    request: OrganizationRequest,
    profile: SocialProfile,
    *,
    name_form: ProfileNameForm | None = None,
    time_zone_form: TimeZoneForm | None = None,
    move_form: MoveForm | None = None,
) -> HttpResponse:
    """Draw the page of a profile; a form that is given came back with errors."""
    access = request.access
    workspaces = list(selectors.reachable_workspaces(access))
    may_move = access.can("organization.move_social_profile", request.organization) and len(workspaces) > 1
    try:
        network_label = connections.features(profile.network).label
        is_offered = True
    except UnknownNetwork:
        network_label, is_offered = profile.network, False
    context = {
        "profile": profile,
        "network_label": network_label,
        "is_offered": is_offered,
        "detail": shown(profile.status_detail),
        "tabs": profile_tabs(request, profile, "profile"),
        "teams": selectors.team_lines(profile, timezone.now()),
        "name_form": name_form or ProfileNameForm(initial={"name": profile.name}),
        "time_zone_form": time_zone_form or TimeZoneForm(initial={"time_zone": profile.time_zone}),
        "move_form": move_form
        or MoveForm(workspaces=workspaces, initial={"workspace": profile.workspace_id}),
        "may_move": may_move,
        "may_rename": access.serves("profile.manage_profile", profile),
        "may_set_time_zone": access.serves("profile.edit_publishing_time_zone", profile),
        "may_reconnect": is_offered and access.serves("profile.reconnect_profile", profile),
        "may_disconnect": access.serves("profile.disconnect_profile", profile),
        "may_pause": access.serves(PAUSE_PROFILE, profile),
        "profile_pause": ProfilePause.objects.filter(profile=profile).select_related("paused_by").first(),
        "outage": outage_of(profile) if profile.is_connected else None,
        "now": timezone.now(),
    }
    is_wrong = any(form is not None for form in (name_form, time_zone_form, move_form))
    return render(request, "social_accounts/profile.html", context, status=422 if is_wrong else 200)


def profile_tabs(request: OrganizationRequest, profile: SocialProfile, current: str) -> list[dict[str, Any]]:
    tabs = [("profile", _("Profile"))]
    if has_boards(profile) and any(request.access.can(action, profile) for action in SEEING_BOARDS):
        tabs.append(("board_list", _("Boards")))
    if request.access.serves("profile.view_profile_access", profile):
        tabs.append(("profile_access", _("Who has access")))
    return [
        {"href": organization_url(request, name, profile.pk), "label": label, "is_current": name == current}
        for name, label in tabs
    ]
