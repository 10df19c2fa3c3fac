"""What people do about delivery: pause everything, settle what is unknown, answer for what was held."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from orgs.models import Organization
from permissions.checker import Access
from permissions.services import begin_act, begin_change
from publishing.delivery.checks import has_voucher
from publishing.delivery.requests import lost_since
from publishing.models import Approval, HoldReason, Publication, PublishingPause, State
from publishing.rights import PUBLISH, TAKE_OVER
from publishing.states import move
from publishing.taken_workflows import publishes_alone

PAUSE: Final = "organization.pause_publishing"
RESOLVE: Final = "profile.resolve_publications"
PERMALINK_MAX = 1000


class CannotResolve(Exception):
    """The outcome cannot be settled like this. The message is for the person."""


class CannotTakeOver(Exception):
    """The publication cannot be taken over. The message is for the person."""


class Finding(StrEnum):
    """What a person found when he looked at the profile for a post whose outcome is unknown."""

    THERE = "there"
    NOT_THERE_SEND_AGAIN = "send_again"
    NOT_THERE_CANCEL = "cancel"


@transaction.atomic
def pause_publishing(
    *, actor: Access, organization: Organization, now: datetime, reason: str = ""
) -> PublishingPause:
    """Stop everything of the organization: when this returns, no attempt begins any more. Again changes nothing.

    Publications stay scheduled and go out, late, when publishing is resumed. Raises NotAllowed.
    """
    # Those who are between their last look and their attempt hold this lock: wait for them.
    actor = begin_change(actor, now)
    actor.require(PAUSE, organization)
    pause, is_new = PublishingPause.objects.get_or_create(
        organization=organization,
        defaults={"paused_by": actor.user, "paused_at": now, "reason": reason[:300]},
    )
    if is_new:
        record_event(
            actor=actor.user, action="publishing.pause", obj=organization, at=now, reason=pause.reason
        )
    return pause


@transaction.atomic
def resume_publishing(*, actor: Access, organization: Organization, now: datetime) -> None:
    """Let publications go out again, those that became due meanwhile at once. Raises NotAllowed."""
    actor = begin_act(actor, now)
    actor.require(PAUSE, organization)
    deleted, _tables = PublishingPause.objects.filter(organization=organization).delete()
    if deleted:
        record_event(actor=actor.user, action="publishing.resume", obj=organization, at=now)


@transaction.atomic
def resolve_unconfirmed(
    *, actor: Access, publication: Publication, finding: Finding, now: datetime, permalink: str = ""
) -> Publication:
    """Settle a publication whose outcome only a person can tell.

    Sending again is publishing: the person vouches for the content as it is now, and only after our own looking
    ended. Raises NotAllowed, CannotResolve.
    """
    actor = begin_act(actor, now)
    publication = _locked(publication)
    actor.require(RESOLVE, publication.profile)
    if publication.state != State.UNCONFIRMED:
        raise CannotResolve(_("The outcome of this post is known already."))
    if finding is Finding.THERE:
        move(
            publication,
            State.PUBLISHED,
            permalink=_checked_link(permalink),
            published_at=lost_since(publication) or publication.first_sent_at or now,
            not_before=None,
            detail="",
        )
    else:
        if not publication.needs_answer:
            raise CannotResolve(_("We are still looking for it ourselves. Try again in a few minutes."))
        if finding is Finding.NOT_THERE_CANCEL:
            move(publication, State.CANCELED, not_before=None, detail="")
        else:
            _send_again(actor, publication, now)
    record_event(
        actor=actor.user,
        action="publication.resolve",
        obj=publication,
        at=now,
        before={"state": State.UNCONFIRMED},
        after={"finding": finding, "state": publication.state, "permalink": publication.permalink},
    )
    return publication


def _send_again(actor: Access, publication: Publication, now: datetime) -> None:
    actor.require(PUBLISH, publication.profile)
    move(
        publication,
        State.SCHEDULED,
        certainly_not_sent=True,  # by the person's word
        due_at=now,  # by the person's word: it is not late, whenever it was meant to go out
        not_before=None,
        read_back_count=0,
        detail="",
        vouched_by=actor.user,
        sealed_digest=publication.post.content_digest(publication.profile.network),
    )


@transaction.atomic
def take_over_held(
    *, actor: Access, publication: Publication, digest: str, now: datetime, due_at: datetime | None = None
) -> Publication:
    """Answer for a held publication and let it go out, at its own time or at ``due_at``.

    A time that is past becomes now: the person has decided, and it is not too late at once once more.
    ``digest`` is that of the content the person was shown. Raises NotAllowed, CannotTakeOver.
    """
    actor = begin_act(actor, now)
    publication = _locked(publication)
    actor.require(TAKE_OVER, publication.profile)
    actor.require(PUBLISH, publication.profile)
    if not is_left_alone(publication, now):
        raise CannotTakeOver(_("This post is not held any more."))
    if publication.hold_reason == HoldReason.RECONNECT:
        raise CannotTakeOver(_("Reconnect the profile: its posts go on by themselves then."))
    content = publication.post.content_digest(publication.profile.network)
    if digest != content:
        raise CannotTakeOver(_("The content changed after you opened it. Look at it again, then decide."))
    if not (publishes_alone(actor, publication) or _was_approved(publication, content)):
        raise CannotTakeOver(
            _("Its approval workflow binds you as well: give it a new time, and it is sent for approval.")
        )
    before = {"hold_reason": publication.hold_reason, "vouched_by": str(publication.vouched_by or "")}
    move(
        publication,
        State.SCHEDULED,
        due_at=max(due_at or publication.due_at or now, now),
        not_before=None,
        detail="",
        vouched_by=actor.user,
        sealed_digest=content,
    )
    record_event(
        actor=actor.user,
        action="publication.take_over",
        obj=publication,
        at=now,
        before=before,
        after={"vouched_by": str(actor.user), "due_at": publication.due_at},
    )
    return publication


def _was_approved(publication: Publication, content: str) -> bool:
    """Say whether somebody let exactly this content out before whoever vouched for it lost his right."""
    approved = publication.approvals.filter(answer=Approval.Answer.APPROVED)
    return approved.filter(content_digest=content).exists()


def is_left_alone(publication: Publication, now: datetime) -> bool:
    """Say whether somebody may take it over: it is held, or will be because nobody vouches for it when it goes out."""
    if publication.state == State.SCHEDULED:
        return not has_voucher(publication, max(now, publication.due_at or now))
    return bool(publication.state == State.HELD)


def _locked(publication: Publication) -> Publication:
    return (
        Publication.objects.select_for_update(of=("self",))
        .select_related("profile", "post", "vouched_by")
        .get(pk=publication.pk)
    )


def _checked_link(link: str) -> str:
    link = link.strip()
    parts = urlsplit(link)
    if link and (parts.scheme not in ("http", "https") or not parts.hostname or len(link) > PERMALINK_MAX):
        raise CannotResolve(_("That is not a link to a post. Copy it from the address bar, or leave it out."))
    return link
