"""Which workflows a post takes, and whom they bind.

The steps of its campaign come first, then those of its profile: choosing a campaign never takes a step away.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from permissions.checker import Access
from publishing.models import Campaign, Publication, Workflow
from publishing.rights import PUBLISH
from social_accounts.models import SocialProfile

NEEDS_NO_APPROVAL: Final = frozenset({"pinterest:editor"})  # P12


def campaign_workflow(publication: Publication) -> Workflow | None:
    """Return the workflow of the post's campaign; None where there is none, or the network knows no approval (H10)."""
    campaign_id = publication.post.campaign_id
    if campaign_id is None or not publication.profile.has_approval:
        return None
    found: Workflow | None = Workflow.objects.standing().filter(campaigns=campaign_id).first()
    return found


def profile_workflow(publication: Publication) -> Workflow | None:
    """Return the workflow that posts on the publication's profile take."""
    taken = Workflow.objects.standing().filter(profile_links__profile=publication.profile_id)
    found: Workflow | None = taken.first()
    return found


def workflows_of(publication: Publication) -> list[Workflow]:
    """Return what a request for it takes now, each once, in order; empty: whoever may review answers."""
    found = (campaign_workflow(publication), profile_workflow(publication))
    return list({one.pk: one for one in found if one is not None}.values())


def publishes_alone(actor: Access, publication: Publication) -> bool:
    """Say whether the person lets it out without anybody's yes: he may publish there, and no workflow binds him."""
    if not actor.can(PUBLISH, publication.profile):
        return False
    binds = any(workflow.binds_publishers for workflow in workflows_of(publication))
    return not binds or _needs_no_approval(actor, publication.profile)


def profiles_that_bind(
    actor: Access, profiles: Iterable[SocialProfile], campaign: Campaign | None = None
) -> set[int]:
    """Return the ids of those profiles on which a workflow binds this person, who may publish there or not."""
    asked = [profile for profile in profiles if profile.has_approval]
    binding = Workflow.objects.standing().filter(binds_publishers=True)
    if campaign is not None and binding.filter(campaigns=campaign).exists():
        bound = {profile.pk for profile in asked}
    else:
        taken = binding.filter(profile_links__profile__in=asked)
        bound = set(taken.values_list("profile_links__profile", flat=True))
    return {one.pk for one in asked if one.pk in bound and not _needs_no_approval(actor, one)}


def _needs_no_approval(actor: Access, profile: SocialProfile) -> bool:
    return any(source.role.key in NEEDS_NO_APPROVAL for source in actor.profile_sources(profile))
