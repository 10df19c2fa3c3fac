"""Signing a review off: what was decided is done through the services that everybody uses, all of it or nothing."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.db import transaction
from django.utils.translation import gettext as _

from audit.services import record_event
from governance.models import Decision, Review, ReviewLine
from governance.report import canonical, digest_of
from governance.selectors.now import Now, as_they_are
from governance.services.reviews import RUN, ReviewError, locked, require_reviewer
from orgs.models import (
    Membership,
    Organization,
    OrganizationUserGrant,
    Partnership,
    Team,
    TeamUserGrant,
)
from orgs.services.members import remove_member, set_organization_role
from orgs.services.partnerships import Share, end_share, share_profiles
from orgs.services.teams import (
    put_profile_in_team,
    remove_from_team,
    set_team_role,
    take_profile_out_of_team,
)
from permissions.checker import Access
from permissions.errors import NotAllowed, Refused, WouldEscalate
from permissions.locks import change_access
from permissions.roles import RoleFacts, roles_by_permission
from permissions.services import InvalidWindow, NotAMember, begin_change, end_grant, grant_role

REFUSALS = (NotAllowed, WouldEscalate, Refused, NotAMember, InvalidWindow)
Source = ReviewLine.Source


class NotCarriedOut(ReviewError):
    """Some decisions were refused, so nothing was done. ``problems``: the reason, by the line's id."""

    def __init__(self, problems: dict[int, str]) -> None:
        super().__init__(
            _("Some decisions cannot be carried out. Nothing was changed: decide these lines anew.")
        )
        self.problems = problems


class NotSettled(ReviewError):
    """Lines are undecided, or changed since they were decided."""


@transaction.atomic
def sign_review(*, actor: Access, organization: Organization, review: Review, now: datetime) -> Review:
    """Carry every decision out and seal the report. Raises NotAllowed, NotSettled, NotCarriedOut and ReviewError."""
    for organization_id in sorted({organization.pk, *_partners_in(review)}):
        change_access(organization_id)  # in the order in which every change between companies locks both
    actor = begin_change(actor, now)
    actor.require(RUN, organization)
    review = locked(review)
    require_reviewer(actor, review)
    lines = list(ReviewLine.objects.filter(review=review).order_by("position"))
    present = as_they_are([line for line in lines if not line.is_gone], now)
    moved = [line for line in lines if not line.is_gone and not _stands(line, present[line.pk])]
    if moved or not all(line.is_settled for line in lines):
        raise NotSettled(_("Some lines are not decided yet, or changed since. Decide them first."))
    problems = _carry_out(actor, organization, review, lines, present, now)
    if problems:
        raise NotCarriedOut(problems)
    review.signed_by, review.signed_at = actor.user, now
    review.report = canonical(review, organization, lines)
    review.report_digest = digest_of(review.report)
    event = record_event(
        actor=actor.user,
        action="review.sign",
        obj=review,
        at=now,
        after={
            "kept": sum(line.decision == Decision.KEEP for line in lines),
            "reduced": sum(line.decision == Decision.REDUCE for line in lines),
            "removed": sum(line.decision == Decision.REMOVE for line in lines),
            "fingerprint": review.report_digest,
        },
    )
    review.event_sequence, review.event_digest = event.sequence, event.digest
    review.save()
    return review


@transaction.atomic
def note_problems(*, review: Review, problems: dict[int, str]) -> None:
    """Keep on the lines why their decisions were refused, for whoever decides anew."""
    for line in ReviewLine.objects.filter(review=review, pk__in=problems):
        line.problem = problems[line.pk][:300]
        line.decision, line.new_permission_id, line.new_role = "", None, ""
        line.version += 1
        line.save()


def _partners_in(review: Review) -> set[int]:
    """Return the companies whose people a decision of the review may touch."""
    shared = ReviewLine.objects.filter(review=review, source=Source.PARTNER).values("grant_id")
    partners = Partnership.objects.filter(profilegroupgrants__in=shared)
    return set(partners.values_list("partner_id", flat=True))


def _stands(line: ReviewLine, is_now: Now | None) -> bool:
    return is_now is not None and is_now.is_as(line)


def _carry_out(
    actor: Access,
    organization: Organization,
    review: Review,
    lines: list[ReviewLine],
    present: dict[int, Now | None],
    now: datetime,
) -> dict[int, str]:
    problems: dict[int, str] = {}
    reason = _("Access review: %(review)s") % {"review": review.subject}
    for line in lines:
        if line.is_gone or line.decision not in (Decision.REDUCE, Decision.REMOVE):
            continue
        found = present[line.pk]
        assert found is not None, "what has ended is not carried out"
        told = f"{reason}. {line.note}".strip()[:300]
        try:
            with transaction.atomic():
                if line.decision == Decision.REMOVE:
                    _remove(actor, organization, review, line, found.grant, now, told)
                else:
                    assert line.new_permission_id is not None
                    role = roles_by_permission([line.new_permission_id])[line.new_permission_id]
                    _reduce(actor, organization, review, line, found.grant, role, now, told)
        except REFUSALS as refusal:
            problems[line.pk] = str(refusal)
    return problems


def _remove(
    actor: Access,
    organization: Organization,
    review: Review,
    line: ReviewLine,
    grant: Any,
    now: datetime,
    reason: str,
) -> None:
    if line.source == Source.DIRECT:
        end_grant(actor=actor, grant=grant, now=now, reason=reason)
    elif line.source in (Source.TEAM, Source.PLACE):
        place = cast(TeamUserGrant, grant)
        remove_from_team(actor=actor, team=place.content_object, membership=_membership(place), now=now)
    elif line.source == Source.LINK:
        take_profile_out_of_team(actor=actor, team=_team(review), link=grant, now=now)
    elif line.source == Source.PARTNER:
        end_share(actor=actor, partnership=grant.partnership, grant=grant, now=now, reason=reason)
    else:
        remove_member(
            actor=actor,
            organization=organization,
            membership=_membership(grant),
            now=now,
            reason=reason,
        )


def _reduce(
    actor: Access,
    organization: Organization,
    review: Review,
    line: ReviewLine,
    grant: Any,
    role: RoleFacts,
    now: datetime,
    reason: str,
) -> None:
    if line.source == Source.DIRECT:
        # The lesser one first: between the two he must not fall back on what his teams have.
        grant_role(
            actor=actor,
            receiver=grant.user,
            role=role,
            obj=grant.content_object,
            now=now,
            starts_at=grant.starts_at,
            expires_at=grant.expires_at,
            reason=reason,
        )
        end_grant(actor=actor, grant=grant, now=now, reason=reason)
    elif line.source == Source.PLACE:
        set_team_role(actor=actor, team=_team(review), membership=_membership(grant), role=role, now=now)
    elif line.source == Source.LINK:
        put_profile_in_team(actor=actor, team=_team(review), profile=grant.content_object, role=role, now=now)
    elif line.source == Source.PARTNER:
        share = Share(
            role=role, profile=grant.content_object, starts_at=grant.starts_at, expires_at=grant.expires_at
        )
        share_profiles(actor=actor, partnership=grant.partnership, shares=[share], now=now, reason=reason)
    else:
        set_organization_role(
            actor=actor,
            organization=organization,
            membership=_membership(grant),
            role=role,
            now=now,
            reason=reason,
        )


def _membership(grant: TeamUserGrant | OrganizationUserGrant) -> Membership:
    return Membership.objects.select_related("user").get(user=grant.user_id)


def _team(review: Review) -> Team:
    assert review.team is not None, "a team's lines are under a team's review"
    return review.team
