"""Who may answer a request for approval. Asked anew at every answer: what was so when it was made may be so no more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from accounts.models import User
from orgs.models import TeamUserGrant
from permissions.checker import Access, ids_of_people_who_may, load_accesses
from publishing.models import (
    Approval,
    ApprovalAnswer,
    ApprovalReviewer,
    ApprovalStep,
    Outsider,
    Post,
    StepRule,
)
from publishing.rights import REVIEW
from social_accounts.models import SocialProfile

# What a version says that goes out; labels, the note and the organization's own fields do not.
OF_CONTENT: Final = ("text", "network_texts", "network_options", "link_card", "tracking", "language", "media")


def writers_of(post: Post) -> set[int]:
    """Return the ids of everybody who wrote what would go out, or changed it at any time."""
    found = {post.author_id, post.updated_by_id}
    before: list[Any] | None = None
    for saved_by, content in post.versions.order_by("number").values_list("saved_by", "content"):
        says = [content.get(name) for name in OF_CONTENT]
        if says != before:
            found.add(saved_by)
        before = says
    return {pk for pk in found if pk is not None}


def is_own(approval: Approval, person_id: int) -> bool:
    """Say whether the person asked for it or had a hand in it: nobody approves his own, at any step."""
    post = approval.publication.post
    own = (approval.requested_by_id, post.author_id, post.updated_by_id, *approval.writers)
    return person_id in own


def is_own_outside(approval: Approval, outsider: Outsider) -> bool:
    """Say whether the address of somebody outside is that of a person whose own it is."""
    found = User.objects.filter(email__iexact=outsider.email).values_list("pk", flat=True)
    return any(is_own(approval, pk) for pk in found)


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

    With "all of them", a team or role has answered with one of its people, and an entry that names nobody but those
    whose own it is has no say. Whoever it was escalated to answers for all.
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
    left = [one for one in reviewers if not one.is_escalation and not has_answered(one)]
    able = (
        ids_of_people_who_may(REVIEW, profile, organization_id=step.organization_id, at=at) if left else set()
    )
    return all(_is_own_entry(one, able, step, at) for one in left)


def _is_own_entry(reviewer: ApprovalReviewer, able: set[int], step: ApprovalStep, at: datetime) -> bool:
    """Say whether the entry names only people whose own it is. Somebody who lost his right is no such one."""
    approval = step.approval
    if reviewer.outsider is not None:
        return is_own_outside(approval, reviewer.outsider)
    named = named_among(able, [reviewer], approval.publication.profile, step.organization_id, at)
    return bool(named) and all(is_own(approval, pk) for pk in named)


@dataclass(frozen=True)
class Standstill:
    """What an open step waits for in vain: these entries nobody may answer for today."""

    reviewers: Sequence[ApprovalReviewer]
    is_for_good: bool  # no answer that could come would finish the step


def standstill_of(step: ApprovalStep, at: datetime) -> Standstill:
    """Look for what keeps an open step from ever being finished: rights that were lost, or everybody's own words."""
    approval, profile = step.approval, step.approval.publication.profile
    able = ids_of_people_who_may(REVIEW, profile, organization_id=step.organization_id, at=at)
    others = {pk for pk in able if not is_own(approval, pk)}
    given = step.answers.values_list("person_id", "outsider_id")
    answered = {person for person, _outsider in given}, {outsider for _person, outsider in given}
    dead: list[ApprovalReviewer] = []
    living: list[ApprovalReviewer] = []
    for one in step.reviewers.all():
        if one.outsider is not None:
            is_dead = one.outsider_id not in answered[1] and is_own_outside(approval, one.outsider)
        else:
            named = named_among(others | answered[0], [one], profile, step.organization_id, at)
            is_dead = not named
        (dead if is_dead else living).append(one)
    needed = [one for one in dead if not one.is_escalation and not _is_own_entry(one, able, step, at)]
    is_needed = step.rule == StepRule.ALL and needed and not any(one.is_escalation for one in living)
    return Standstill(dead, bool(is_needed) or not living)


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


def answered_before(
    approval: Approval, *, person: User | None = None, outsider: Outsider | None = None
) -> ApprovalAnswer | None:
    """Return what this person said last about the publication, to an earlier request: he saw that one.

    None where he has never answered, or has answered this one.
    """
    answers = ApprovalAnswer.objects.filter(approval__publication=approval.publication_id)
    own = answers.filter(person=person) if person is not None else answers.filter(outsider=outsider)
    answer = own.select_related("approval").order_by("-answered_at", "-pk").first()
    if answer is None or answer.approval_id == approval.pk or not answer.approval.sealed:
        return None
    return answer
