"""What one press of a button in the composer does: saving the post and, in the same step, sending it on its way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from orgs.models import Workspace
from permissions.checker import Access
from publishing.models import Campaign, Post, Publication, State
from publishing.rights import PUBLISH, may_compose
from publishing.services.posts import Draft, create_post, update_post
from publishing.services.queues import add_to_queue
from publishing.services.scheduling import CannotSchedule, reschedule, schedule_post
from publishing.taken_workflows import profiles_that_bind
from social_accounts.models import SocialProfile


@dataclass(frozen=True, kw_only=True)
class Plan:
    """When it goes out, by profile id, and whether approval is asked for even where one may publish."""

    due: Mapping[int, datetime]
    asks_approval: bool = False
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class InQueue:
    """It goes out at the next free time of each profile's queue."""

    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Times:
    """The time typed for a post that is only saved, by profile id (empty: none), and whether it was changed."""

    due: Mapping[int, datetime]
    is_changed: bool


@transaction.atomic
def compose(
    *,
    actor: Access,
    post: Post | None,
    version: int,
    workspace: Workspace,
    profiles: Sequence[SocialProfile],
    draft: Draft,
    plan: Plan | InQueue | Times,
    now: datetime,
    submission: str = "",
) -> Post:
    """Save a new or known post; with a plan or in the queue, schedule it or ask for approval. All of it or nothing.

    With times only, drafts remember them and what is scheduled moves where they were changed.

    Raises NotAllowed, CannotChange, CannotSchedule, and AlreadySubmitted when the new post's form came before.
    """
    if post is None:
        post = create_post(
            actor=actor,
            workspace=workspace,
            profiles=profiles,
            draft=draft,
            now=now,
            submission=submission,
        )
    else:
        post = update_post(actor=actor, post=post, profiles=profiles, draft=draft, version=version, now=now)
    if isinstance(plan, Times):
        _keep(actor, post, plan, now)
    elif isinstance(plan, InQueue):
        publications = post.publications.exclude(state=State.CANCELED).select_related("profile", "post")
        add_to_queue(actor=actor, post=post, publications=list(publications), now=now, note=plan.note)
    else:
        due = {
            publication.pk: plan.due[publication.profile_id]
            for publication in post.publications.all()
            if publication.profile_id in plan.due
        }
        schedule_post(
            actor=actor, post=post, due=due, now=now, asks_approval=plan.asks_approval, note=plan.note
        )
    return post


def _keep(actor: Access, post: Post, times: Times, now: datetime) -> None:
    for publication in post.publications.select_related("profile", "post").order_by("pk"):
        due_at = times.due.get(publication.profile_id)
        if publication.state == State.DRAFT:
            if times.is_changed or publication.due_at is None:
                Publication.objects.filter(pk=publication.pk, state=State.DRAFT).update(due_at=due_at)
        elif not times.is_changed or due_at is None or due_at == publication.due_at:
            continue
        elif publication.state in (State.WAITING, State.SCHEDULED):
            reschedule(actor=actor, publication=publication, due_at=due_at, now=now)
        else:
            raise CannotSchedule(
                _("%(profile)s: schedule it again to give it a new time; saving alone does not.")
                % {"profile": publication.profile}
            )


def plan_now(
    *, actor: Access, profiles: Sequence[SocialProfile], now: datetime, campaign: Campaign | None = None
) -> Plan:
    """Return the plan of publishing at once: only where one may publish without approval (A5).

    A workflow of a profile or of the post's campaign may bind whoever may publish as well.

    Raises NotAllowed when that is nowhere, CannotSchedule when it is not everywhere.
    """
    bound = [profile for profile in profiles if not actor.can(PUBLISH, profile)]
    if bound and (len(bound) == len(profiles) or not all(may_compose(actor, one) for one in bound)):
        actor.require(PUBLISH, bound[0])
    if bound:
        raise CannotSchedule(
            _("You may not publish without approval on %(profiles)s. Send it for approval, or leave it out.")
            % {"profiles": ", ".join(str(profile) for profile in bound)}
        )
    if held_to := profiles_that_bind(actor, profiles, campaign):
        raise CannotSchedule(
            _("Approval binds you as well on %(profiles)s. Send it for approval, or leave it out.")
            % {"profiles": ", ".join(str(one) for one in profiles if one.pk in held_to)}
        )
    return Plan(due={profile.pk: now for profile in profiles})
