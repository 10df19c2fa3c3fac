"""Stock guardian, asked on the same rows: our grant tables are guardian's direct-foreign-key tables.

There is one permission per role, so it is asked whether somebody has a role that may publish. It knows no implied
roles, no windows, no None, no workspaces and no second factor: it answers a smaller question.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from guardian.backends import ObjectPermissionBackend
from guardian.core import ObjectPermissionChecker
from guardian.shortcuts import get_objects_for_user, get_users_with_perms

from accounts.models import User
from bench.stage import Stage
from social_accounts.models import SocialProfile


def has_perm(person: User, profile: SocialProfile, codename: str) -> bool:
    return bool(ObjectPermissionBackend().has_perm(person, f"social_accounts.{codename}", profile))


def cold_check(person: User, profile: SocialProfile, codenames: Iterable[str]) -> bool:
    """Ask a checker that has read nothing yet, as a request does first."""
    checker = ObjectPermissionChecker(person)
    return any(checker.has_perm(codename, profile) for codename in codenames)


def prefetched_checks(person: User, profiles: list[SocialProfile], codenames: Iterable[str]) -> list[bool]:
    """Ask many at once, prefetched, as guardian's own documentation advises."""
    checker = ObjectPermissionChecker(person)
    checker.prefetch_perms(profiles)  # type: ignore[arg-type]  # a list does as well
    wanted = set(codenames)
    return [any(checker.has_perm(codename, profile) for codename in wanted) for profile in profiles]


def objects(stage: Stage, person: User) -> QuerySet[SocialProfile]:
    names = [f"social_accounts.{codename}" for codename in stage.publishing_permissions.values()]
    found: Any = get_objects_for_user(
        person, names, SocialProfile.objects.all(), any_perm=True, accept_global_perms=False
    )
    return found  # type: ignore[no-any-return]


def people(stage: Stage, profile: SocialProfile) -> list[User]:
    found: Any = get_users_with_perms(
        profile,
        only_with_perms_in=list(stage.publishing_permissions.values()),
        with_group_users=True,
        with_superusers=False,
    )
    return list(found)
