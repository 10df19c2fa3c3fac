"""API keys: issuing, revoking, finding by the secret (R11).

The secret is shown once and kept only as a digest. What a key may do is asked anew at every use: what its issuer may do
now, within the actions and profiles it was issued for.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import ApiKey
from audit.services import record_event
from permissions import catalogue
from permissions.catalogue import Action, Scope
from permissions.checker import Access
from permissions.errors import WouldEscalate
from permissions.scopes import tables_of
from permissions.services import begin_act

MARK: Final = "chorus"
PREFIX_BYTES: Final = 4
SECRET_BYTES: Final = 32
LONGEST_NAME: Final = 80
TOUCHED_EVERY: Final = timedelta(minutes=1)
MANAGE_OWN: Final = "organization.manage_api_keys"
MANAGE_OTHERS: Final = "organization.manage_member_api_keys"
# A key that could issue keys would outlive its own end.
NEVER_IN_A_KEY: Final = frozenset({MANAGE_OWN, MANAGE_OTHERS})


class KeyRefused(ValueError):
    """The key cannot be issued like this. The message is for the person."""


def digest_of_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def live_keys(now: datetime) -> Q:
    """Return the condition for keys that are neither revoked nor expired."""
    return Q(revoked_at=None) & (Q(expires_at=None) | Q(expires_at__gt=now))


def find_key(secret: str, *, now: datetime, hold: bool = False) -> ApiKey | None:
    """Return the live key of this secret in the open organization.

    ``hold``: until the transaction ends, revoking it waits; so nothing is done with it after a revoke has returned.
    """
    found = ApiKey.objects.filter(live_keys(now), digest=digest_of_secret(secret), user__is_active=True)
    key: ApiKey | None = found.select_related("user").first()
    if key is None or not hold:
        return key
    held = ApiKey.objects.raw("select * from accounts_apikey where id = %s for share", [key.pk])
    is_live = any(one.revoked_at is None for one in held)
    return key if is_live else None


def note_use(key: ApiKey, *, now: datetime) -> None:
    """Remember when the key was last used, to the minute; never waits for another request of the same key."""
    if key.last_used_at is not None and now - key.last_used_at < TOUCHED_EVERY:
        return
    with transaction.atomic():
        rows = ApiKey.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=key.pk)
        for row in rows:
            ApiKey.objects.filter(pk=row.pk).update(last_used_at=now)


def offered_actions(actor: Access) -> list[Action]:
    """Return the actions this person holds somewhere in the organization, which a key of his may be issued for."""
    return [
        action
        for action in catalogue.ACTIONS.values()
        if action.is_available and action.name not in NEVER_IN_A_KEY and _holds(actor, action)
    ]


def offered_profiles(actor: Access) -> list[Any]:
    """Return the profiles on which this person has any role."""
    every: QuerySet[Any] = tables_of(Scope.PROFILE).model._default_manager.order_by("network", "handle", "pk")
    return [profile for profile in every if actor.sources(profile)]


def _holds(actor: Access, action: Action) -> bool:
    if action.scope is Scope.ORGANIZATION:
        role = actor.organization_role
        return role is not None and action.name in role.actions
    reach = actor.reach(action.name)
    return reach.is_everywhere or bool(reach.ids or reach.ids_with_approval)


@transaction.atomic
def issue_key(
    *,
    actor: Access,
    organization: Model,
    name: str,
    actions: Collection[str],
    profiles: Collection[Model] | None,
    expires_at: datetime | None,
    now: datetime,
) -> tuple[ApiKey, str]:
    """Issue a key for oneself and return it with its secret, which nothing keeps.

    ``profiles`` None: every one the issuer reaches, whenever that is asked. Raises NotAllowed, WouldEscalate for what
    the issuer does not hold himself (R9), UnknownAction, and KeyRefused.
    """
    actor = begin_act(actor, now)
    actor.require(MANAGE_OWN, organization)
    if not actions:
        raise KeyRefused(_("Choose at least one action: a key without any could do nothing."))
    if profiles is not None and not profiles:
        raise KeyRefused(_("Choose at least one profile, or all of them."))
    if expires_at is not None and expires_at <= now:
        raise KeyRefused(_("The end lies in the past. Choose a later one, or leave it out."))
    _refuse_what_is_not_held(actor, actions, profiles)
    prefix = f"{MARK}_{secrets.token_hex(PREFIX_BYTES)}"
    secret = f"{prefix}_{secrets.token_urlsafe(SECRET_BYTES)}"
    key = ApiKey.objects.create(
        user=actor.user,
        name=name,
        prefix=prefix,
        digest=digest_of_secret(secret),
        actions=sorted(actions),
        profile_ids=None if profiles is None else sorted(profile.pk for profile in profiles),
        created_at=now,
        expires_at=expires_at,
    )
    record_event(actor=actor.user, action="api_key.issue", obj=key, at=now, after=_described(key, profiles))
    return key, secret


def _refuse_what_is_not_held(
    actor: Access, actions: Collection[str], profiles: Collection[Model] | None
) -> None:
    held = {action.name for action in offered_actions(actor)}
    for name in sorted(actions):
        if catalogue.get(name).name not in held:
            raise WouldEscalate(
                _(
                    "A key cannot be issued for “%(action)s”: you do not hold it yourself, or no key may have it."
                )
                % {"action": catalogue.get(name).label}
            )
    for profile in profiles or ():
        if not actor.sources(profile):
            raise WouldEscalate(
                _("A key cannot be issued for %(profile)s: you have no role there.") % {"profile": profile}
            )


@transaction.atomic
def revoke_key(*, actor: Access, organization: Model, key: ApiKey, now: datetime) -> None:
    """End a key at once: when this returns, nothing more is done with it. Revoking twice changes nothing."""
    actor = begin_act(actor, now)
    if key.user_id != actor.user.pk:
        actor.require(MANAGE_OTHERS, organization)
    else:
        actor.require(MANAGE_OWN, organization)
    if not ApiKey.objects.filter(pk=key.pk, revoked_at=None).update(revoked_at=now):
        return
    record_event(
        actor=actor.user,
        action="api_key.revoke",
        obj=key,
        at=now,
        before={"name": key.name, "prefix": key.prefix, "person": str(key.user), "person_id": key.user_id},
    )


def revoke_keys_of(*, user_id: int, now: datetime) -> int:
    """End every key of somebody who leaves the open organization: should he come back, they do not."""
    return int(ApiKey.objects.filter(user=user_id, revoked_at=None).update(revoked_at=now))


def _described(key: ApiKey, profiles: Collection[Model] | None) -> dict[str, Any]:
    return {
        "name": key.name,
        "prefix": key.prefix,
        "actions": key.actions,
        "profiles": _("Every profile") if profiles is None else [str(profile) for profile in profiles],
        "expires_at": key.expires_at,
    }
