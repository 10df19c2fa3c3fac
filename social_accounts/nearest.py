"""Whom to turn to about a profile: not everybody who may, but who looks after it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from accounts.models import User
from permissions.checker import Access, ids_of_people_who_may, load_accesses
from social_accounts.models import SocialProfile


def nearest_who_may(
    action: str, profile: SocialProfile, *, at: datetime, but: Collection[int] = ()
) -> list[User]:
    """Return whose own role on the profile, or in a team of it, allows the action; by name.

    Only where there is nobody, whoever may by a role in the whole organization: a hundred managers are not told of
    every post. The profile's organization must be open.
    """
    able = ids_of_people_who_may(action, profile, organization_id=profile.organization_id, at=at) - set(but)
    people = list(User.objects.filter(pk__in=able, is_active=True).order_by("name", "pk"))
    accesses = load_accesses(users=people, organization_id=profile.organization_id, at=at)
    near = [person for person in people if _has_own_role(accesses[person.pk], action, profile)]
    return near or people


def _has_own_role(access: Access, action: str, profile: SocialProfile) -> bool:
    everywhere = access.organization_grant
    return any(
        action in source.role.actions and source.grant is not everywhere
        for source in access.profile_sources(profile)
    )
