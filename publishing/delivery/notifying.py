"""A mail to the author when a post of his needs a person. Entering a state sends one; staying in it none."""

from __future__ import annotations

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from publishing.models import FollowUp, HoldReason, Publication, State
from social_accounts.sentences import shown


def tell_author(publication: Publication) -> None:
    """Write to the author after this transaction. The publication is in its new state already.

    One mail tells of a profile that must be reconnected, however many of the author's posts it holds.
    """
    author = publication.post.author
    if author is None or not author.is_active or _was_told(publication, author):
        return

    # Afterwards, and robust: the outcome stands whether or not the mail can be written and a server takes it.
    def send() -> None:
        _send(publication, author)

    transaction.on_commit(send, robust=True)


def _send(publication: Publication, author: User) -> None:
    with translation.override(author.language):
        subject, sentence = _words(publication)
        lines = [
            _("Hello %(name)s,") % {"name": author.get_short_name()},
            "",
            sentence,
            "",
            _("Post: %(title)s") % {"title": publication.post.title},
            _("Profile: %(profile)s") % {"profile": publication.profile},
        ]
        if publication.detail:
            lines.append(_("What we know: %(detail)s") % {"detail": shown(publication.detail)})
        lines += ["", _link(publication), ""]
        send_mail(
            subject=" ".join(subject.split()),  # the profile's name comes from the network
            message="\n".join(lines),
            from_email=None,
            recipient_list=[author.email],
        )


def _was_told(publication: Publication, author: User) -> bool:
    if publication.hold_reason != HoldReason.RECONNECT:
        return False
    others = Publication.objects.filter(
        profile=publication.profile_id,
        post__author=author,
        state=State.HELD,
        hold_reason=HoldReason.RECONNECT,
    )
    return others.exclude(pk=publication.pk).exists()


def _words(publication: Publication) -> tuple[str, str]:
    profile = {"profile": publication.profile}
    if publication.state == State.REJECTED:
        return (
            _("%(profile)s: your post did not go out") % profile,
            _("The network did not take your post. Change it and schedule it again, or cancel it."),
        )
    if publication.state == State.UNCONFIRMED:
        return (
            _("%(profile)s: is your post out?") % profile,
            _(
                "The network gave no clear answer, and we looked for your post without finding it. "
                "Please look at the profile and tell us whether it is there. We do not send it again by ourselves."
            ),
        )
    if publication.hold_reason == HoldReason.RECONNECT:
        return (
            _("%(profile)s must be reconnected") % profile,
            _("The network no longer accepts our connection. Everything scheduled there waits until then."),
        )
    return (
        _("%(profile)s: your post is held") % profile,
        _("Your post was not sent: %(reason)s") % {"reason": HoldReason(publication.hold_reason).label},
    )


def _link(publication: Publication) -> str:
    path = reverse("publication_detail", args=[publication.organization.slug, publication.pk])
    return f"{settings.BASE_URL}{path}"


def tell_of_follow_up(row: FollowUp) -> None:
    """Write to who asked for it, after this transaction, that something about a post that is out did not work."""
    person = row.asked_by or row.publication.post.author
    if person is None or not person.is_active:
        return

    def send() -> None:
        with translation.override(person.language):
            publication = row.publication
            subject = _FOLLOW_UP_SUBJECTS[FollowUp.Kind(row.kind)] % {"profile": publication.profile}
            lines = [
                _("Hello %(name)s,") % {"name": person.get_short_name()},
                "",
                _("The post itself is out; this about it did not work."),
                "",
                _("Post: %(title)s") % {"title": publication.post.title},
                _("Profile: %(profile)s") % {"profile": publication.profile},
                _("What we know: %(detail)s") % {"detail": shown(row.detail)},
                "",
                _link(publication),
                "",
            ]
            send_mail(
                subject=" ".join(subject.split()),  # the profile's name comes from the network
                message="\n".join(lines),
                from_email=None,
                recipient_list=[person.email],
            )

    transaction.on_commit(send, robust=True)


_FOLLOW_UP_SUBJECTS = {
    FollowUp.Kind.COMMENT: gettext_lazy("%(profile)s: the first comment was not said"),
    FollowUp.Kind.EDIT: gettext_lazy("%(profile)s: your change was not made"),
    FollowUp.Kind.DELETION: gettext_lazy("%(profile)s: the post was not deleted"),
}
