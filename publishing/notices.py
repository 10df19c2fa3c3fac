"""Mails about approvals and comments, in the language of who gets them, sent once the change is safe."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

from django.core.mail import send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import User
from orgs.mail import absolute
from publishing.models import Approval, ApprovalStep, Comment, Outsider, Post, Publication, Repetition
from social_accounts.sentences import shown

Words = Callable[[], tuple[str, list[str]]]
"""Returns subject and paragraphs; called in the language of the receiver."""

QUOTED_MAX: Final = 600  # characters of a post in a mail


class Kind(StrEnum):
    """Why somebody is written to about a step that waits for him."""

    ASKED = "asked"
    REMINDED = "reminded"
    ESCALATED = "escalated"


def tell_mentioned(comment: Comment, person: User) -> None:
    """Tell somebody that a comment calls on him."""

    def words() -> tuple[str, list[str]]:
        about = {"name": comment.author_name, "title": _title(comment.post)}
        return (
            _("%(name)s mentions you") % about,
            [_("%(name)s mentions you in a comment on “%(title)s”:") % about, comment.text],
        )

    _tell_person(person, words, _address_of(comment.post))


def tell_outside_comment(comment: Comment, people: Iterable[User]) -> None:
    """Tell who looks after the post that somebody outside has said something about it."""

    def words() -> tuple[str, list[str]]:
        about = {"name": comment.author_name, "title": _title(comment.post)}
        return (
            _("%(name)s comments on your post") % about,
            [_("%(name)s wrote about “%(title)s”:") % about, comment.text],
        )

    for person in people:
        _tell_person(person, words, _address_of(comment.post))


def tell_reviewer(approval: Approval, person: User, kind: Kind, step: ApprovalStep | None = None) -> None:
    """Ask a person for an answer, remind him, or turn to him because nobody answered."""
    path = reverse("approval_detail", args=[approval.organization.slug, approval.pk])
    _tell_person(person, lambda: _request_words(approval, kind, step), absolute(path))


def tell_outsider(
    approval: Approval, outsider: Outsider, token: str, kind: Kind, step: ApprovalStep | None = None
) -> None:
    """Send somebody without an account the link by which he answers. The token is nowhere else."""
    _tell(
        outsider.email,
        outsider.language,
        outsider.name,
        lambda: _request_words(approval, kind, step),
        absolute(reverse("outside_approval", args=[token])),
    )


def tell_answered(approval: Approval, by: str) -> None:
    """Tell who asked, and the author, what became of the request. Who answered it himself knows."""

    def words() -> tuple[str, list[str]]:
        about = {"name": by, "title": _title(approval.publication.post)}
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
        told = [sentence % about]
        if approval.answer_note:
            told.append(_("Note: %(note)s") % {"note": approval.answer_note})
        return subject % about, told

    for person in _who_cares(approval):
        if person.pk != approval.answered_by_id:
            _tell_person(person, words, page_of(approval.publication))


def tell_missed(approval: Approval, asked: Iterable[User]) -> None:
    """Tell everybody concerned that a post is held because nobody approved it in time."""

    def words() -> tuple[str, list[str]]:
        about = {"title": _title(approval.publication.post), "profile": approval.publication.profile}
        return (
            _("Held, not approved in time: %(title)s") % about,
            [
                _("Its time passed before it was approved, so it did not go out on %(profile)s.") % about,
                _("Give it a new time, and it is sent for approval again."),
            ],
        )

    people = {person.pk: person for person in (*_who_cares(approval), *asked)}
    for person in people.values():
        _tell_person(person, words, page_of(approval.publication))


def tell_repetition_ended(repetition: Repetition) -> None:
    """Tell who let a post come again that it cannot any more, and why."""

    def words() -> tuple[str, list[str]]:
        about = {"title": _title(repetition.post)}
        return (
            _("Comes no more: %(title)s") % about,
            [_("“%(title)s” was to come again, and cannot:") % about, shown(repetition.ended_because)],
        )

    if repetition.created_by is not None:
        path = reverse("post_repetition", args=[repetition.organization.slug, repetition.post_id])
        _tell_person(repetition.created_by, words, absolute(path))


def page_of(publication: Publication) -> str:
    return absolute(reverse("publication_detail", args=[publication.organization.slug, publication.pk]))


def _request_words(approval: Approval, kind: Kind, step: ApprovalStep | None) -> tuple[str, list[str]]:
    publication = approval.publication
    about = {
        "name": approval.requested_by or _("Somebody"),
        "title": _title(publication.post),
        "profile": publication.profile,
        "organization": approval.organization,
    }
    subjects = {
        Kind.ASKED: _("Please approve: %(title)s"),
        Kind.REMINDED: _("Still waiting for your answer: %(title)s"),
        Kind.ESCALATED: _("Nobody has answered yet: %(title)s"),
    }
    told = [_("%(name)s of %(organization)s asks you to approve a post for %(profile)s.") % about]
    if kind is Kind.ESCALATED:
        told.append(_("Those who were asked have not answered in time. Your answer counts for them."))
    if approval.note:
        told.append(_("Note: %(note)s") % {"note": approval.note})
    text = str(approval.sealed.get("text", ""))
    told.append(text if len(text) <= QUOTED_MAX else text[: QUOTED_MAX - 1].rstrip() + "…")
    answer_by = step.answer_by if step else approval.due_at
    if answer_by is not None:
        moment = answer_by.astimezone(ZoneInfo(publication.profile.time_zone))
        told.append(_("Please answer by %(moment)s.") % {"moment": f"{moment:%Y-%m-%d %H:%M %Z}"})
    return subjects[kind] % about, told


def _who_cares(approval: Approval) -> list[User]:
    people = (approval.requested_by, approval.publication.post.author)
    return list({person.pk: person for person in people if person is not None}.values())


def _address_of(post: Post) -> str:
    """Return the page of the post's first publication, or of the draft that has none."""
    first = post.publications.order_by("pk").first()
    if first is not None:
        return page_of(first)
    return absolute(reverse("post_edit", args=[post.organization.slug, post.pk]))


def _title(post: Post) -> str:
    return post.title or _("Post without text")


def _tell_person(person: User, words: Words, link: str) -> None:
    if person.is_active:
        _tell(person.email, person.language, person.get_short_name(), words, link)


def _tell(to: str, language: str, name: str, words: Words, link: str) -> None:
    with translation.override(language):
        subject, paragraphs = words()
        told = [_("Hello %(name)s,") % {"name": name}, *paragraphs, link, ""]
    subject = " ".join(subject.split())  # names and first lines come from people

    # Afterwards, and robust: what happened stands whether or not a server takes the mail.
    def send() -> None:
        send_mail(subject=subject, message="\n\n".join(told), from_email=None, recipient_list=[to])

    transaction.on_commit(send, robust=True)
