"""Requests for approval a person may answer, has asked for, or may see; and how one stands."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from orgs.models import TeamUserGrant
from permissions.checker import Access
from publishing.models import (
    Approval,
    ApprovalAnswer,
    ApprovalReviewer,
    ApprovalStep,
    Mention,
    Publication,
    State,
)
from publishing.reviewers import open_step_of, roles_on
from publishing.rights import REVIEW, VIEW
from social_accounts.models import SocialProfile

VIEW_APPROVALS = "profile.view_approvals"


def approvals_waiting_for(access: Access) -> QuerySet[Approval]:
    """Return the open requests this person may answer now, the earliest publication first."""
    reviewable = access.filter(_open(), REVIEW, path="publication__profile")
    steps = ApprovalStep.objects.filter(approval=OuterRef("pk"))
    asks_him = ApprovalStep.objects.open().filter(
        Exists(ApprovalReviewer.objects.filter(_names(access), step=OuterRef("pk"))),
        ~Exists(ApprovalAnswer.objects.filter(step=OuterRef("pk"), person=access.user)),
        approval=OuterRef("pk"),
    )
    return (
        reviewable.filter(~Exists(steps) | Exists(asks_him))
        .exclude(requested_by=access.user)
        .exclude(publication__post__author=access.user)
        .exclude(publication__post__updated_by=access.user)
        .exclude(writers__contains=[access.user.pk])
        .order_by("due_at", "pk")
    )


def approvals_asked_by(access: Access) -> QuerySet[Approval]:
    return _shown(Approval.objects.filter(requested_by=access.user)).order_by("-requested_at", "-pk")


def open_approvals(access: Access) -> QuerySet[Approval]:
    """Return every open request on profiles whose approvals the person may view."""
    return access.filter(_open(), VIEW_APPROVALS, path="publication__profile").order_by("due_at", "pk")


@dataclass(frozen=True)
class MentionWaiting:
    """A comment that calls on somebody, and the publication on whose page he reads it."""

    mention: Mention
    publication_id: int


def mentions_waiting_for(access: Access, limit: int) -> list[MentionWaiting]:
    """Return the comments that call on the person and that he has not seen, of posts he may see, the latest first."""
    seen = access.filter(Publication.objects.filter(post=OuterRef("comment__post")), VIEW, path="profile")
    found = (
        Mention.objects.unseen_by(access.user)
        .annotate(publication_id=Subquery(seen.order_by("pk").values("pk")[:1]))
        .filter(publication_id__isnull=False)
        .select_related("comment__post")
        .order_by("-comment__created_at", "-pk")
    )
    return [MentionWaiting(one, one.publication_id) for one in found[:limit]]  # type: ignore[attr-defined]


def _open() -> QuerySet[Approval]:
    return _shown(Approval.objects.filter(answer="", publication__state=State.WAITING))


def _names(access: Access) -> Q:
    """Return the condition that an entry of a step names this person: himself, by a team of his, by a role there."""
    teams = TeamUserGrant.objects.live(access.at).filter(user=access.user).values("content_object")
    named = Q(person=access.user) | Q(team__in=teams)
    # Few profiles have open steps that ask a role; whether he holds it there is not a question for SQL.
    asked = (
        ApprovalReviewer.objects.filter(role__isnull=False, step__in=ApprovalStep.objects.open())
        .values_list("role_id", "step__approval__publication__profile_id")
        .distinct()
    )
    pairs = list(asked)
    profiles = SocialProfile.objects.in_bulk({profile for _role, profile in pairs}) if pairs else {}
    held = {pk: roles_on(access, profile) for pk, profile in profiles.items()}
    for role, profile in pairs:
        if role in held[profile]:
            named |= Q(role=role, step__approval__publication__profile=profile)
    return named


def _shown(approvals: QuerySet[Approval]) -> QuerySet[Approval]:
    return approvals.select_related(
        "publication__post", "publication__profile", "requested_by", "answered_by", "workflow"
    )


@dataclass(frozen=True)
class StepShown:
    """A step of a request as a page shows it."""

    step: ApprovalStep
    reviewers: list[ApprovalReviewer]
    answers: list[ApprovalAnswer]
    is_open: bool

    @property
    def is_finished(self) -> bool:
        return self.step.finished_at is not None

    @property
    def waiting_outside(self) -> list[ApprovalReviewer]:
        """Return the people outside who have not answered."""
        answered = {answer.outsider_id for answer in self.answers}
        return [one for one in self.reviewers if one.outsider_id and one.outsider_id not in answered]


def steps_shown(approval: Approval) -> list[StepShown]:
    """Return the steps of a request in their order, with whom they ask and what was answered."""
    current = open_step_of(approval) if not approval.answer else None
    steps = approval.steps.order_by("position").prefetch_related(
        "reviewers__person", "reviewers__team", "reviewers__role", "reviewers__outsider", "answers"
    )
    return [
        StepShown(
            step,
            list(step.reviewers.all()),
            sorted(step.answers.all(), key=lambda answer: (answer.answered_at, answer.pk)),
            current is not None and current.pk == step.pk,
        )
        for step in steps
    ]
