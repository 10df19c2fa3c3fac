"""What people are told about approvals and comments; somebody outside, who has no account, by mail alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import Any, Final

from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from notifications.keeping import settle
from notifications.links import absolute
from notifications.telling import notify
from notifications.words import Moment, Said, Words, kept, said
from notifications.words import shown as shown_words
from publishing.models import (
    Approval,
    ApprovalStep,
    Comment,
    Outsider,
    Post,
    PostImport,
    Publication,
    Repetition,
)
from publishing.notice_kinds import (
    APPROVAL_ANSWERED,
    APPROVAL_ASKED,
    APPROVAL_OPEN,
    APPROVAL_REMINDED,
    COMMENT_COLLEAGUE,
    COMMENT_MENTION,
    COMMENT_OUTSIDE,
    IMPORT_FINISHED,
    POST_HELD,
    REPETITION_ENDED,
)
from social_accounts.sentences import as_said

QUOTED_MAX: Final = 600  # characters of a post in a mail
SOMEBODY: Final = _("Somebody")
NO_TEXT: Final = _("Post without text")


class Kind(StrEnum):
    """Why somebody is written to about a step that waits for him."""

    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"


_SUBJECTS: Final = {
    Kind.ASKED: _("Please approve: %(title)s"),
    Kind.REMINDED: _("Still waiting for your answer: %(title)s"),
    Kind.ESCALATED: _("Nobody has answered yet: %(title)s"),
}


def tell_mentioned(comment: Comment, person: User) -> None:
    """Tell somebody that a comment calls on him."""
    about = {"name": comment.author_name, "title": title_of(comment.post)}
    notify(
        [person],
        COMMENT_MENTION,
        subject=said(_("%(name)s mentions you"), **about),
        told=[said(_("%(name)s mentions you in a comment on “%(title)s”:"), **about), comment.text],
        gist=comment.text,
        link=_page_of_post(comment.post),
        about=comment,
    )


def tell_commented(comment: Comment, people: Iterable[User]) -> None:
    """Tell who looks after the post that somebody has said something about it."""
    about = {"name": comment.author_name, "title": title_of(comment.post)}
    notify(
        people,
        COMMENT_OUTSIDE if comment.is_from_outside else COMMENT_COLLEAGUE,
        subject=said(_("%(name)s comments on your post"), **about),
        told=[said(_("%(name)s wrote about “%(title)s”:"), **about), comment.text],
        gist=comment.text,
        link=_page_of_post(comment.post),
        about=comment,
    )


def tell_reviewer(approval: Approval, person: User, kind: Kind, step: ApprovalStep | None = None) -> None:
    """Ask a person for an answer, remind him, or turn to him because nobody answered."""
    tell_reviewers(approval, [person], kind, step)


def tell_reviewers(
    approval: Approval, people: Iterable[User], kind: Kind, step: ApprovalStep | None = None
) -> None:
    """As ``tell_reviewer``, several at once. Without a step it is no one's turn in particular: each of them may."""
    asked = APPROVAL_OPEN if step is None else APPROVAL_ASKED
    subject, told = _request_words(approval, kind, step)
    notify(
        people,
        asked if kind is Kind.ASKED else APPROVAL_REMINDED,
        subject=subject,
        told=told,
        link=reverse("approval_detail", args=[approval.organization.slug, approval.pk]),
        about=approval,
        topic=str(approval.publication.profile),
    )


def forget_question(approval: Approval) -> None:
    """Ask nobody any more: it was answered, or withdrawn."""
    settle(approval)


def tell_outsider(
    approval: Approval, outsider: Outsider, token: str, kind: Kind, step: ApprovalStep | None = None
) -> None:
    """Send somebody without an account the link by which he answers. The token is nowhere else."""
    subject, told = _request_words(approval, kind, step, is_outside=True)
    link = absolute(reverse("outside_approval", args=[token]))
    with translation.override(outsider.language):
        line = " ".join(shown_words(kept(subject)).split())  # names and first lines come from people
        greeting = gettext("Hello %(name)s,") % {"name": outsider.name}
        parts = [greeting, *(shown_words(kept(one)) for one in told), link, ""]

    # Afterwards, and robust: what happened stands whether or not a server takes the mail.
    def send() -> None:
        send_mail(subject=line, message="\n\n".join(parts), from_email=None, recipient_list=[outsider.email])

    transaction.on_commit(send, robust=True)


def tell_answered(approval: Approval, by: str) -> None:
    """Tell who asked, and the author, what became of the request. Who answered it himself knows."""
    about = {"name": by, "title": title_of(approval.publication.post)}
    if approval.answer == Approval.Answer.APPROVED:
        subject = _("Approved: %(title)s")
        sentence = (
            _("%(name)s approved it for everybody who was to be asked.")
            if approval.is_forced
            else _("%(name)s approved it.")
        )
    else:
        subject = _("Not approved: %(title)s")
        sentence = (
            _("%(name)s decided for everybody who was to be asked: it is not approved.")
            if approval.is_forced
            else _("%(name)s did not approve it.")
        )
    told = [said(sentence, **about)]
    if approval.answer_note:
        told.append(said(_("Note: %(note)s"), note=approval.answer_note))
    notify(
        [person for person in _who_cares(approval) if person.pk != approval.answered_by_id],
        APPROVAL_ANSWERED,
        subject=said(subject, **about),
        told=told,
        link=page_of(approval.publication),
        about=approval.publication,
        topic=str(approval.publication.profile),
    )


def tell_missed(approval: Approval, asked: Iterable[User]) -> None:
    """Tell everybody concerned that a post is held because nobody approved it in time; nobody is asked any more."""
    settle(approval)
    about = {"title": title_of(approval.publication.post), "profile": approval.publication.profile}
    notify(
        [*_who_cares(approval), *asked],
        POST_HELD,
        subject=said(_("Held, not approved in time: %(title)s"), **about),
        told=[
            said(_("Its time passed before it was approved, so it did not go out on %(profile)s."), **about),
            _("Give it a new time, and it is sent for approval again."),
        ],
        link=page_of(approval.publication),
        about=approval.publication,
        topic=str(approval.publication.profile),
    )


def tell_repetition_ended(repetition: Repetition) -> None:
    """Tell who let a post come again that it cannot any more, and why."""
    about = {"title": title_of(repetition.post)}
    notify(
        [repetition.created_by],
        REPETITION_ENDED,
        subject=said(_("Comes no more: %(title)s"), **about),
        told=[
            said(_("“%(title)s” was to come again, and cannot:"), **about),
            as_said(repetition.ended_because),
        ],
        link=reverse("post_repetition", args=[repetition.organization.slug, repetition.post_id]),
        about=repetition.post,
    )


def tell_imported(post_import: PostImport, *, made: int, left: int) -> None:
    """Tell who uploaded a file that all of it is worked through: he need not have waited."""
    notify(
        [post_import.created_by],
        IMPORT_FINISHED,
        subject=said(_("Imported: %(file)s"), file=post_import.filename),
        told=[
            said(_("Rows that became posts: %(made)s. Rows that did not: %(left)s."), made=made, left=left)
        ],
        link=reverse("post_import", args=[post_import.organization.slug, post_import.pk]),
        about=post_import,
    )


def title_of(post: Post) -> Words:
    return post.title or NO_TEXT


def _request_words(
    approval: Approval, kind: Kind, step: ApprovalStep | None, *, is_outside: bool = False
) -> tuple[Said, Sequence[Words]]:
    publication, about = approval.publication, _about_request(approval)
    told: list[Words] = [
        said(_("%(name)s of %(organization)s asks you to approve a post for %(profile)s."), **about)
    ]
    if kind is Kind.ESCALATED:
        told.append(_("Those who were asked have not answered in time. Your answer counts for them."))
    if approval.note and not is_outside:  # it is the post's internal note
        told.append(said(_("Note: %(note)s"), note=approval.note))
    text = str(approval.sealed.get("text", ""))
    told.append(text if len(text) <= QUOTED_MAX else text[: QUOTED_MAX - 1].rstrip() + "…")
    answer_by = step.answer_by if step else approval.due_at
    if answer_by is not None:
        moment = Moment(answer_by, publication.profile.time_zone)
        told.append(said(_("Please answer by %(moment)s."), moment=moment))
    return said(_SUBJECTS[kind], **about), told


def _about_request(approval: Approval) -> dict[str, Any]:
    return {
        "name": str(approval.requested_by) if approval.requested_by else SOMEBODY,
        "title": title_of(approval.publication.post),
        "profile": approval.publication.profile,
        "organization": approval.organization,
    }


def _who_cares(approval: Approval) -> list[User]:
    people = (approval.requested_by, approval.publication.post.author)
    return list({person.pk: person for person in people if person is not None}.values())


def page_of(publication: Publication) -> str:
    return reverse("publication_detail", args=[publication.organization.slug, publication.pk])


def _page_of_post(post: Post) -> str:
    """Return the page of the post's first publication, or of the draft that has none."""
    first = post.publications.order_by("pk").first()
    if first is not None:
        return page_of(first)
    return reverse("post_edit", args=[post.organization.slug, post.pk])
