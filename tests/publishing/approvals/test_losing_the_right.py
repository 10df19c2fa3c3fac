"""Whoever vouches loses the right, by whatever door: the post is held, and offered on one screen before and after."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from orgs.models import Membership, Partnership
from orgs.services.members import remove_member, suspend_member
from orgs.services.partnerships import end_partnership
from orgs.services.teams import remove_from_team
from publishing.delivery.checks import reason_to_hold
from publishing.models import Approval, HoldReason, Publication, State
from social_accounts.models import ProfileAssignment, ProfileGroupGrant, ProfileUserGrant
from social_accounts.services.access import end_access
from tenancy.context import organization_open
from tests.cast import Acme, Agency, assign, give, make_partnership, role
from tests.publishing.approvals.making import fresh, say_yes
from tests.publishing.approvals.test_handover import hold, state, ticked
from tests.publishing.pages import send, url, words

SignIn = Callable[[User], Client]
Lose = Callable[[Acme, User], None]
NOW = timezone.now


def membership(person: User) -> Membership:
    return Membership.objects.get(user=person)


def is_suspended(acme: Acme, person: User) -> None:
    suspend_member(
        actor=acme.access(acme.olga),
        organization=acme.organization,
        membership=membership(person),
        now=NOW(),
    )


def is_removed(acme: Acme, person: User) -> None:
    remove_member(
        actor=acme.access(acme.olga),
        organization=acme.organization,
        membership=membership(person),
        now=NOW(),
    )


def leaves_the_team(acme: Acme, person: User) -> None:
    remove_from_team(actor=acme.access(acme.olga), team=acme.brand, membership=membership(person), now=NOW())


def profile_leaves_the_team(acme: Acme, person: User) -> None:
    ProfileGroupGrant.objects.filter(group=acme.brand.members_group, content_object=acme.sky).delete()


def own_role_ends(acme: Acme, person: User) -> None:
    grants = list(ProfileUserGrant.objects.filter(user=person, content_object=acme.sky))
    end_access(actor=acme.access(acme.olga), grants=grants, now=NOW())


def own_role_expires_before(acme: Acme, person: User) -> None:
    ProfileUserGrant.objects.filter(user=person, content_object=acme.sky).update(
        expires_at=NOW() + timedelta(hours=1)
    )


def given_himself(acme: Acme) -> User:
    give(acme.sky, acme.emil, "standard:editor")
    return acme.emil


def through_the_team(acme: Acme) -> User:
    return acme.paul


WAYS = [
    (given_himself, is_suspended),
    (given_himself, is_removed),
    (given_himself, own_role_ends),
    (given_himself, own_role_expires_before),
    (through_the_team, leaves_the_team),
    (through_the_team, profile_leaves_the_team),
    (through_the_team, is_suspended),
]


@pytest.mark.parametrize("vouches", ["schedules", "approves"])
@pytest.mark.parametrize(("holds", "loses"), WAYS, ids=lambda one: one.__name__)
def test_post_is_held_and_offered_whoever_vouched_and_however_he_lost_it(
    holds: Callable[[Acme], User], loses: Lose, vouches: str, acme: Acme, signed_in: SignIn
) -> None:
    person = holds(acme)
    if vouches == "schedules":
        publication = send(acme, person, acme.sky, text="Left behind")
    else:
        give(acme.sky, acme.mina, "standard:moderator")
        asked = send(acme, acme.mina, acme.sky, text="Left behind")
        with organization_open(acme.organization.pk):
            approval = Approval.objects.get(publication=asked)
        publication = say_yes(acme, person, approval)
    assert state(acme, publication) == (State.SCHEDULED, person)
    marc = signed_in(acme.marc)
    assert "Left behind" not in words(marc.get(url("handover")))
    with organization_open(acme.organization.pk):
        loses(acme, person)
    _is_held_and_handed_over(acme, publication, marc)


@pytest.mark.parametrize("loses", ["end", "unassign", "shrink"])
def test_post_of_a_partner_is_held_and_offered_when_the_partner_loses_the_right(
    loses: str, acme: Acme, agency: Agency, signed_in: SignIn
) -> None:
    partnership = make_partnership(acme.organization, agency.organization, {acme.sky: "standard:editor"})
    assign(partnership, acme.sky, agency.abe, "standard:editor")
    publication = send(acme, agency.abe, acme.sky, text="Left behind")
    assert state(acme, publication) == (State.SCHEDULED, agency.abe)
    _take_from_partner(loses, acme, agency, partnership)
    _is_held_and_handed_over(acme, publication, signed_in(acme.marc))


def _take_from_partner(loses: str, acme: Acme, agency: Agency, partnership: Partnership) -> None:
    if loses == "end":
        with organization_open(acme.organization.pk):
            end_partnership(actor=acme.access(acme.olga), partnership=partnership, now=NOW())
    elif loses == "unassign":
        with organization_open(acme.organization.pk):
            ProfileAssignment.objects.filter(user=agency.abe).delete()
    else:
        with organization_open(acme.organization.pk):
            ProfileGroupGrant.objects.filter(partnership=partnership).update(
                permission=role("standard:moderator").permission_id
            )


def _is_held_and_handed_over(acme: Acme, publication: Publication, marc: Client) -> None:
    """It is offered at once, held at its time, offered still, and goes on when somebody answers for it."""
    assert "Left behind" in words(marc.get(url("handover")))
    with organization_open(acme.organization.pk):
        assert reason_to_hold(fresh(acme, publication), publication.due_at) == HoldReason.RIGHT_LOST
    hold(acme, publication)
    assert "Left behind" in words(marc.get(url("handover")))
    answer: Any = marc.post(url("handover"), ticked(publication))
    assert answer.status_code == 302
    assert state(acme, publication) == (State.SCHEDULED, acme.marc)
