"""What people do with a post that is out: change it, delete it, say its first comment once more.

Each leaves a row; a task carries it out at the network (``publishing.delivery.following``).
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Final

from django.db import transaction
from django.utils.translation import gettext

from audit.services import record_event
from permissions.checker import Access
from permissions.services import begin_act
from publishing.content import content_for
from publishing.delivery.follow_outcomes import move_follow_up
from publishing.models import FollowUp, FollowUpState, Publication, State
from publishing.rights import MANAGE, PUBLISH
from publishing.selectors.followups import text_out
from publishing.taken_workflows import publishes_alone
from social_accounts import connections
from social_accounts.connections import features, limits_of
from social_accounts.networks.base import Comment, Edit
from social_accounts.networks.words import translated

DELETE: Final = "profile.delete_published_posts"
REASON_MAX: Final = 300


class CannotFollowUp(Exception):
    """This cannot be done with the post. The message is for the person."""


@transaction.atomic
def edit_published(*, actor: Access, publication: Publication, text: str, now: datetime) -> FollowUp:
    """Ask for a post that is out to say something else. Changing in public asks for the right to publish as well,
    without a workflow that binds who has it.

    The post's own text stays: other profiles may say it still. Raises NotAllowed, CannotFollowUp.
    """
    actor = begin_act(actor, now)
    publication = _locked(publication)
    actor.require(MANAGE, publication.profile)
    actor.require(PUBLISH, publication.profile)
    _require_out(publication)
    if not publishes_alone(actor, publication):
        raise CannotFollowUp(
            gettext("Its approval workflow binds you as well: delete it, and send a new post for approval.")
        )
    before, text = text_out(publication), text.strip()
    if text == before:
        raise CannotFollowUp(gettext("The text is as it was."))
    problems = edit_problems(publication, text)
    if problems:
        raise CannotFollowUp(" ".join(problems))
    row = _asked(actor, publication, FollowUp.Kind.EDIT, now, text=text, text_before=before)
    record_event(
        actor=actor.user,
        action="publication.edit",
        obj=publication,
        at=now,
        before={"text": before},
        after={"text": text},
    )
    return row


def edit_problems(publication: Publication, text: str) -> list[str]:
    """Return plain sentences on why the network would not take this change; empty when it would."""
    network = publication.profile.network
    speaks = connections.adapter(network)
    if not isinstance(speaks, Edit):
        return [
            gettext("%(network)s lets nobody change a post that is out.")
            % {"network": features(network).label}
        ]
    content = content_for(publication.post, publication.profile)
    before, after = replace(content, text=text_out(publication)), replace(content, text=text)
    found = [*speaks.problems(after, limits_of(publication.profile)), *speaks.edit_problems(before, after)]
    return [translated(problem, gettext) for problem in found]


@transaction.atomic
def delete_published(*, actor: Access, publication: Publication, now: datetime, reason: str = "") -> FollowUp:
    """Ask for a post that is out to be deleted at the network. Raises NotAllowed, CannotFollowUp."""
    actor = begin_act(actor, now)
    publication = _locked(publication)
    actor.require(DELETE, publication.profile)
    _require_out(publication)
    network = features(publication.profile.network)
    if not network.can_delete:
        raise CannotFollowUp(
            gettext("%(network)s lets no other application delete a post that is out: delete it there.")
            % {"network": network.label}
        )
    waiting = FollowUp.objects.filter(publication=publication, state=FollowUpState.PENDING)
    waiting.exclude(kind=FollowUp.Kind.DELETION).update(state=FollowUpState.CANCELED, not_before=None)
    row = _asked(actor, publication, FollowUp.Kind.DELETION, now, reason=reason.strip()[:REASON_MAX])
    record_event(
        actor=actor.user,
        action="publication.delete",
        obj=publication,
        at=now,
        before={"permalink": publication.permalink},
        reason=row.reason,
    )
    return row


@transaction.atomic
def say_comment_again(*, actor: Access, publication: Publication, now: datetime) -> FollowUp:
    """Let a first comment that failed be said once more: the person has looked, and vouches for it.

    Raises NotAllowed, CannotFollowUp.
    """
    actor = begin_act(actor, now)
    publication = _locked(publication)
    actor.require(PUBLISH, publication.profile)
    _require_out(publication)
    row = (
        FollowUp.objects.select_for_update()
        .filter(publication=publication, kind=FollowUp.Kind.COMMENT, state=FollowUpState.FAILED)
        .first()
    )
    if row is None or not isinstance(connections.adapter(publication.profile.network), Comment):
        raise CannotFollowUp(gettext("There is no first comment to be said again."))
    move_follow_up(row, FollowUpState.PENDING, not_before=None, detail="", look_count=0, asked_by=actor.user)
    record_event(actor=actor.user, action="publication.comment_again", obj=publication, at=now)
    return row


def _asked(
    actor: Access, publication: Publication, kind: FollowUp.Kind, now: datetime, **fields: str
) -> FollowUp:
    if FollowUp.objects.open().filter(publication=publication, kind=kind).exists():
        raise CannotFollowUp(gettext("Somebody asked for that already; it is under way."))
    return FollowUp.objects.create(
        publication=publication, kind=kind, asked_by=actor.user, created_at=now, **fields
    )


def _require_out(publication: Publication) -> None:
    if publication.state != State.PUBLISHED:
        raise CannotFollowUp(gettext("This post is not out."))
    if publication.gone_at is not None:
        raise CannotFollowUp(gettext("The network does not show this post any more."))
    if not publication.remote_id:
        raise CannotFollowUp(
            gettext("Chorus does not know where at the network this post is; do it there yourself.")
        )
    deleting = FollowUp.objects.open().filter(publication=publication, kind=FollowUp.Kind.DELETION)
    if deleting.exists():
        raise CannotFollowUp(gettext("This post is being deleted."))


def _locked(publication: Publication) -> Publication:
    return (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post")
        .get(pk=publication.pk)
    )
