"""Who may answer a request for approval. Asked anew at every answer: what was so when it was made may be so no more."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts.models import User
from orgs.models import TeamUserGrant
from permissions.checker import Access, ids_of_people_who_may, load_accesses
from publishing.models import Approval, ApprovalAnswer, ApprovalReviewer, ApprovalStep, StepRule
from publishing.rights import REVIEW
from social_accounts.models import SocialProfile


def is_own(approval: Approval, person_id: int) -> bool:
    """Say whether the person asked for it, wrote the post or changed it last: nobody approves his own, at any step."""
    post = approval.publication.post
    return person_id in (approval.requested_by_id, post.author_id, post.updated_by_id)


def open_step_of(approval: Approval) -> ApprovalStep | None:
    """Return the step that waits for its answer; None where the request has no steps, or none is open."""
    return approval.steps.filter(opened_at__isnull=False, finished_at=None).first()


def may_answer(access: Access, approval: Approval) -> bool:
    """Say whether the person may answer the request now, at the step that is open."""
    if is_own(approval, access.user.pk) or not access.can(REVIEW, approval.publication.profile):
        return False
    step = open_step_of(approval)
    if step is None:
        return not approval.steps.exists()
    return is_named(access, step) and not step.answers.filter(person=access.user).exists()


def is_named(access: Access, step: ApprovalStep) -> bool:
    """Say whether the step asks this person: himself, through a team of his, or through a role on the profile."""
    return any(speaks_for(access, one, step.approval.publication.profile) for one in step.reviewers.all())


def speaks_for(access: Access, reviewer: ApprovalReviewer, profile: SocialProfile) -> bool:
    """Say whether the person's answer counts as the answer of this entry of a step."""
    if reviewer.person_id is not None:
        return reviewer.person_id == access.user.pk
    if reviewer.team_id is not None:
        return reviewer.team_id in teams_of(access.user, access.at)
    if reviewer.role_id is not None:
        return reviewer.role_id in roles_on(access, profile)
    return False


def teams_of(person: User, at: datetime) -> set[int]:
    return set(TeamUserGrant.objects.live(at).filter(user=person).values_list("content_object_id", flat=True))


def roles_on(access: Access, profile: SocialProfile) -> set[int]:
    """Return the ids of the roles that count for the person on the profile."""
    return {source.role.id for source in access.profile_sources(profile)}


def is_done(step: ApprovalStep, at: datetime) -> bool:
    """Say whether the approving answers that were given finish the step.

    With "all of them", a team or role has answered with one of its people. Whoever it was escalated to answers for all.
    """
    answers = list(step.answers.filter(is_approved=True).select_related("person"))
    reviewers = list(step.reviewers.all())
    profile = step.approval.publication.profile
    people = [answer.person for answer in answers if answer.person]
    accesses = load_accesses(users=people, organization_id=step.organization_id, at=at) if people else {}

    def has_answered(reviewer: ApprovalReviewer) -> bool:
        if reviewer.outsider_id is not None:
            return any(answer.outsider_id == reviewer.outsider_id for answer in answers)
        return any(speaks_for(accesses[person.pk], reviewer, profile) for person in people)

    if step.rule == StepRule.ANY:
        return bool(answers)
    if any(has_answered(one) for one in reviewers if one.is_escalation):
        return True
    return all(has_answered(one) for one in reviewers if not one.is_escalation)


def people_asked(approval: Approval, step: ApprovalStep | None, at: datetime) -> set[int]:
    """Return the ids of everybody who could answer now: at this step, or without steps all who may review."""
    profile = approval.publication.profile
    able = ids_of_people_who_may(REVIEW, profile, organization_id=approval.organization_id, at=at)
    able = {pk for pk in able if not is_own(approval, pk)}
    if step is None:
        return able
    return named_among(able, step.reviewers.all(), profile, step.organization_id, at)


def named_among(
    people: set[int], reviewers: Iterable[Any], profile: SocialProfile, organization_id: int, at: datetime
) -> set[int]:
    """Return those of the people whom the entries name."""
    entries = list(reviewers)
    named = {one.person_id for one in entries if one.person_id is not None}
    teams = [one.team_id for one in entries if one.team_id is not None]
    if teams:
        grants = TeamUserGrant.objects.live(at).filter(content_object__in=teams)
        named |= set(grants.values_list("user_id", flat=True))
    roles = {one.role_id for one in entries if one.role_id is not None}
    if roles and people - named:
        users = User.objects.filter(pk__in=people - named)
        accesses = load_accesses(users=list(users), organization_id=organization_id, at=at)
        named |= {pk for pk, access in accesses.items() if roles & roles_on(access, profile)}
    return people & named


def approved_before(publication_id: int, person_id: int) -> Approval | None:
    """Return the latest request about the publication that the person approved, whatever became of it."""
    answer = (
        ApprovalAnswer.objects.filter(
            approval__publication=publication_id, person=person_id, is_approved=True
        )
        .select_related("approval")
        .order_by("-answered_at", "-pk")
        .first()
    )
    return answer.approval if answer else None
