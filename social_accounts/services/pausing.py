"""Holding back everything scheduled on one profile, and letting it go on."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act, begin_change
from social_accounts.models import ProfilePause, SocialProfile
from social_accounts.services.profiles import require_serving

PAUSE_PROFILE: Final = "profile.pause_profile"
REASON_MAX: Final = 300


@transaction.atomic
def pause_profile(*, actor: Access, profile: SocialProfile, now: datetime, reason: str = "") -> ProfilePause:
    """Stop everything of the profile: when this returns, no attempt begins on it. Again changes nothing.

    Its posts stay scheduled; posts that are out can still be deleted. Raises NotAllowed.
    """
    actor = begin_change(actor, now)  # waits for those between their last look and their attempt
    require_serving(actor, PAUSE_PROFILE, profile)
    pause, is_new = ProfilePause.objects.get_or_create(
        profile=profile,
        defaults={"paused_by": actor.user, "paused_at": now, "reason": reason.strip()[:REASON_MAX]},
    )
    if is_new:
        record_event(actor=actor.user, action="profile.pause", obj=profile, at=now, reason=pause.reason)
    return pause


@transaction.atomic
def resume_profile(*, actor: Access, profile: SocialProfile, now: datetime) -> None:
    """Let the profile's posts go out again, those that became due meanwhile at once. Raises NotAllowed."""
    actor = begin_act(actor, now)
    require_serving(actor, PAUSE_PROFILE, profile)
    deleted, _tables = ProfilePause.objects.filter(profile=profile).delete()
    if deleted:
        record_event(actor=actor.user, action="profile.resume", obj=profile, at=now)
