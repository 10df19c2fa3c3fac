"""What people are told about the connections of profiles."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.kinds import Group, NotificationKind, register_kinds, register_sight
from notifications.telling import notify
from notifications.words import Words, said
from permissions.checker import Access
from social_accounts.models import SocialProfile
from social_accounts.nearest import nearest_who_may
from social_accounts.sentences import as_said

RECONNECT: Final = "profile.reconnect_profile"

PROFILE_RECONNECT = NotificationKind(
    "profile_reconnect",
    Group.CONNECTIONS,
    _("A profile must be reconnected"),
    "plug-connected-x",
    tone="bad",
)


def register() -> None:
    register_kinds(PROFILE_RECONNECT)
    register_sight(SocialProfile, _seen_profiles)


def who_may_reconnect(profile: SocialProfile, now: datetime) -> list[User]:
    return nearest_who_may(RECONNECT, profile, at=now)


def tell_needs_reconnect(profile: SocialProfile, now: datetime) -> None:
    """Tell those who can mend it that the network no longer takes a profile's connection."""
    told: list[Words] = [
        _("The network no longer accepts our connection. Everything scheduled there waits until then.")
    ]
    if profile.status_detail:
        told.append(said(_("What we know: %(detail)s"), detail=as_said(profile.status_detail)))
    notify(
        who_may_reconnect(profile, now),
        PROFILE_RECONNECT,
        subject=said(_("%(profile)s must be reconnected"), profile=profile),
        told=told,
        link=reverse("profile", args=[profile.organization.slug, profile.pk]),
        about=profile,
        topic=str(profile),
    )


def _seen_profiles(access: Access, ids: Collection[int]) -> set[int]:
    return {one.pk for one in SocialProfile.objects.filter(pk__in=ids) if access.sees(one)}
