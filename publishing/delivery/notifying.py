"""What the author is told when a post of his needs a person. Entering a state tells; staying in it does not."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.choices import wants_to_know
from notifications.kinds import NotificationKind
from notifications.telling import notify
from notifications.words import Moment, Words, said
from orgs.models import Organization
from permissions.checker import ids_of_people_who_may
from publishing.models import FollowUp, HoldReason, Publication, State
from publishing.notice_kinds import (
    POST_FOLLOW_UP,
    POST_HELD,
    POST_LATE,
    POST_PUBLISHED,
    POST_REJECTED,
    POST_TO_TAKE_OVER,
    POST_UNCONFIRMED,
    SERVER_DOWN,
)
from publishing.notices import page_of, title_of
from publishing.rights import PUBLISH, TAKE_OVER
from social_accounts.nearest import nearest_who_may
from social_accounts.notices import PROFILE_RECONNECT, who_may_reconnect
from social_accounts.outages.showing import Outage
from social_accounts.sentences import as_said

MANAGE_PROFILES: Final = "organization.manage_social_profiles"
LATE: Final = timedelta(minutes=15)
"""What goes out later than this after its time is told as late."""


def tell_author(publication: Publication) -> None:
    """Tell the author that a post needs him. The publication is in its new state already.

    He is told once of a profile that must be reconnected, however many of his posts it holds.
    """
    author = publication.post.author
    if author is None or _was_told(publication, author):
        return
    kind, subject, sentence = _words(publication)
    told: list[Words] = [sentence, *_about(publication)]
    if publication.detail:
        told.append(said(_("What we know: %(detail)s"), detail=as_said(publication.detail)))
    _tell(author, kind, subject, told, publication)


def tell_who_may_take_over(publication: Publication, now: datetime) -> None:
    """Tell everybody but the author who may decide about a post that is held, in one mail for all of a profile."""
    profile, author = publication.profile, publication.post.author_id
    able = ids_of_people_who_may(PUBLISH, profile, organization_id=publication.organization_id, at=now)
    people = nearest_who_may(TAKE_OVER, profile, at=now, but=[author] if author else [])
    notify(
        [person for person in people if person.pk in able],
        POST_TO_TAKE_OVER,
        subject=said(_("%(profile)s: a post is too late and held"), profile=profile),
        told=[
            _("It could not go out in time. Send it now, give it a new time, or cancel it."),
            *_about(publication),
        ],
        link=reverse("handover", args=[publication.organization.slug]),
        about=publication,
        topic=str(profile),
    )


def tell_of_outage(outage: Outage, organization: Organization, now: datetime) -> None:
    """Tell those who look after the organization's profiles that a network does not answer and posts wait for it."""
    people = ids_of_people_who_may(MANAGE_PROFILES, organization, organization_id=organization.pk, at=now)
    notify(
        User.objects.filter(pk__in=people),
        SERVER_DOWN,
        subject=said(_("%(network)s does not answer"), network=outage),
        told=[
            said(
                _(
                    "%(network)s has not answered since %(moment)s, and posts of %(organization)s wait for it."
                ),
                network=outage,
                moment=Moment(outage.since),
                organization=organization,
            ),
            _("Nothing is lost: Chorus tries again by itself, and sends what waits once it answers."),
        ],
        link=reverse("calendar", args=[organization.slug]),
        topic=str(outage),
    )


def tell_published(publication: Publication) -> None:
    """Tell the author that his post is out: that it came late, or, where he wants to know it, that it is."""
    author = publication.post.author
    due_at, published_at = publication.due_at, publication.published_at
    if author is None or due_at is None or published_at is None:
        return
    if published_at - due_at > LATE:
        zone = publication.profile.time_zone
        times = {"due": Moment(due_at, zone), "moment": Moment(published_at, zone)}
        sentence = said(_("It was due %(due)s and went out %(moment)s."), **times)
        told = [sentence, *_about(publication)]
        _tell(author, POST_LATE, _("%(profile)s: your post went out late"), told, publication)
        return
    if wants_to_know(author, POST_PUBLISHED, publication.organization_id):
        _tell(author, POST_PUBLISHED, _("%(profile)s: your post is out"), _about(publication), publication)


def tell_of_follow_up(row: FollowUp) -> None:
    """Tell who asked for it that something about a post that is out did not work."""
    publication = row.publication
    told: list[Words] = [
        _("The post itself is out; this about it did not work."),
        *_about(publication),
        said(_("What we know: %(detail)s"), detail=as_said(row.detail)),
    ]
    person = row.asked_by or publication.post.author
    _tell(person, POST_FOLLOW_UP, _FOLLOW_UP_SUBJECTS[FollowUp.Kind(row.kind)], told, publication)


def _tell(
    person: User | None, kind: NotificationKind, subject: Promise, told: list[Words], publication: Publication
) -> None:
    notify(
        [person],
        kind,
        subject=said(subject, profile=publication.profile),
        told=told,
        gist=title_of(publication.post),
        link=page_of(publication),
        about=publication,
        topic=str(publication.profile),
    )


def _about(publication: Publication) -> list[Words]:
    return [
        said(_("Post: %(title)s"), title=title_of(publication.post)),
        said(_("Profile: %(profile)s"), profile=publication.profile),
    ]


def _was_told(publication: Publication, author: User) -> bool:
    if publication.hold_reason != HoldReason.RECONNECT:
        return False
    others = Publication.objects.filter(
        profile=publication.profile_id,
        post__author=author,
        state=State.HELD,
        hold_reason=HoldReason.RECONNECT,
    )
    if others.exclude(pk=publication.pk).exists():
        return True
    return author in who_may_reconnect(publication.profile, timezone.now())  # told as one who can mend it


def _words(publication: Publication) -> tuple[NotificationKind, Promise, Words]:
    if publication.state == State.REJECTED:
        return (
            POST_REJECTED,
            _("%(profile)s: your post did not go out"),
            _("The network did not take your post. Change it and schedule it again, or cancel it."),
        )
    if publication.state == State.UNCONFIRMED:
        return (
            POST_UNCONFIRMED,
            _("%(profile)s: is your post out?"),
            _(
                "The network gave no clear answer, and we looked for your post without finding it. "
                "Please look at the profile and tell us whether it is there. We do not send it again by ourselves."
            ),
        )
    if publication.hold_reason == HoldReason.RECONNECT:
        return (
            PROFILE_RECONNECT,
            _("%(profile)s must be reconnected"),
            _("The network no longer accepts our connection. Everything scheduled there waits until then."),
        )
    reason = HoldReason(publication.hold_reason).label
    return (
        POST_HELD,
        _("%(profile)s: your post is held"),
        said(_("Your post was not sent: %(reason)s"), reason=reason),
    )


_FOLLOW_UP_SUBJECTS = {
    FollowUp.Kind.COMMENT: _("%(profile)s: the first comment was not said"),
    FollowUp.Kind.EDIT: _("%(profile)s: your change was not made"),
    FollowUp.Kind.DELETION: _("%(profile)s: the post was not deleted"),
}
