from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from api.operations import operation
from api.pagination import Page
from api.views import GuardedAPIView
from social_accounts import selectors
from social_accounts.api.serializers import (
    PersonOnProfileSerializer,
    ProfileEditSerializer,
    ProfileQuery,
    ProfileSerializer,
    TeamOnProfileSerializer,
)
from social_accounts.models import SocialProfile
from social_accounts.services.profiles import OutOfReach, move_profile, rename_profile, set_time_zone


class ProfileList(GuardedAPIView):
    tag = "Profiles"
    listing = "profile.view_profile"

    @operation("List the profiles you see", query=ProfileQuery, pages=ProfileSerializer)
    def get(self) -> Page:
        asked = self.query
        found = selectors.visible_profiles(self.access, self.organization).select_related("workspace")
        if asked["q"]:
            words = asked["q"].lstrip("@")
            found = found.filter(Q(name__icontains=words) | Q(handle__icontains=words))
        for field in ("network", "status", "workspace"):
            if asked[field]:
                found = found.filter(**{field: asked[field]})
        return self.page(found)


class ProfileView(GuardedAPIView):
    tag = "Profiles"
    action = "profile.view_profile"
    model = SocialProfile

    @property
    def profile(self) -> SocialProfile:
        profile = self.scope_object
        assert isinstance(profile, SocialProfile)
        return profile


class ProfileDetail(ProfileView):
    mendable = (OutOfReach,)

    @operation("Read a profile", answers=ProfileSerializer)
    def get(self, pk: int) -> SocialProfile:
        return self.profile

    @operation(
        "Rename a profile, or change its time zone or workspace",
        takes=ProfileEditSerializer,
        answers=ProfileSerializer,
    )
    def patch(self, pk: int) -> SocialProfile:
        actor, profile, now, given = self.access, self.profile, timezone.now(), self.given
        if "name" in given:
            rename_profile(actor=actor, profile=profile, name=given["name"], now=now)
        if "time_zone" in given:
            set_time_zone(actor=actor, profile=profile, time_zone=given["time_zone"], now=now)
        if "workspace" in given:
            move_profile(actor=actor, profile=profile, workspace=given["workspace"], now=now)
        return profile


class ProfilePeople(ProfileView):
    """Who has, had or will have a role on the profile."""

    action = "profile.view_profile_access"

    @operation("List the people with a role on a profile", pages=PersonOnProfileSerializer)
    def get(self, pk: int) -> Page:
        now = timezone.now()

        def lines(people: Sequence[User]) -> Sequence[Any]:
            return selectors.person_lines(self.profile, people, now)

        return self.page(selectors.people_on(self.profile, now), shown=lines)


class ProfileTeams(ProfileView):
    action = "profile.view_profile_access"

    @operation("List the teams a profile is in", lists=TeamOnProfileSerializer)
    def get(self, pk: int) -> list[selectors.TeamLine]:
        return selectors.team_lines(self.profile, timezone.now())
