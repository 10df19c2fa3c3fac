"""Losing a right against using it, between two organizations too: none gets through after the loss returned.

Each race is run once with the lock and once without it, where something does get through: the proof that it can fail.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import IntegrityError

from orgs.models import Membership, OrganizationUserGrant, Partnership
from orgs.services import between, partner_people, partnerships
from orgs.services.members import set_organization_role, suspend_member
from orgs.services.partner_people import assign_profiles
from orgs.services.partnerships import PartnershipClosed, Share, end_partnership, share_profiles
from permissions import locks, services
from permissions.catalogue import Scope
from permissions.errors import NotAllowed
from publishing.delivery import claiming, sending
from publishing.models import Approval, Post, Publication, PublishAttempt, State
from publishing.services import approvals
from social_accounts.models import ProfileAssignment, ProfileGroupGrant
from tenancy.context import organization_open, unscoped
from tests.cast import Acme, Agency, access_of, assign, make_acme, make_agency, make_partnership, role
from tests.proof.racing import Race, race

pytestmark = [pytest.mark.proof, pytest.mark.django_db(transaction=True)]
Unlock = Callable[[], None]


@pytest.fixture
def no_lock(monkeypatch: pytest.MonkeyPatch) -> Unlock:
    """Return what takes every access lock away."""

    def take_away() -> None:
        for module in (services, sending):
            monkeypatch.setattr(module, "hold_access", lambda _organization_id: None)
        for module in (services, between):
            monkeypatch.setattr(module, "change_access", lambda _organization_id: None)

    return take_away


# -- demote against approve --------------------------------------------------------------------------------------------


def waiting_approval(acme: Acme) -> Approval:
    now = datetime.now(UTC)
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.mina, text="Doors open at nine.")
        digest = post.content_digest("mastodon")
        publication = Publication.objects.create(
            post=post,
            profile=acme.news,
            state=State.WAITING,
            due_at=now + timedelta(days=1),
            sealed_digest=digest,
        )
        return Approval.objects.create(
            publication=publication,
            requested_by=acme.mina,
            requested_at=now,
            content_digest=digest,
            due_at=publication.due_at,
        )


def demote_while_approving(acme: Acme, monkeypatch: pytest.MonkeyPatch) -> Race:
    approval = waiting_approval(acme)
    marc, olga = acme.access(acme.marc), acme.access(acme.olga)

    def act() -> None:
        with organization_open(acme.organization.pk):
            approvals.approve(
                actor=marc, approval=approval, digest=approval.content_digest, now=datetime.now(UTC)
            )

    def change() -> None:
        with organization_open(acme.organization.pk):
            set_organization_role(
                actor=olga,
                organization=acme.organization,
                membership=Membership.objects.get(user=acme.marc),
                role=role("standard:member", Scope.ORGANIZATION),
                now=datetime.now(UTC),
            )

    def count() -> int:
        with organization_open(acme.organization.pk):
            return Approval.objects.filter(answer=Approval.Answer.APPROVED).count()

    return race(monkeypatch, act=act, stopped_in=(approvals, "_open"), change=change, count=count)


def test_nothing_is_approved_after_a_demotion_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    found = demote_while_approving(make_acme(), monkeypatch)

    assert not found.refusals
    assert (found.when_change_returned, found.got_through_after) == (1, 0)


def test_without_the_lock_something_is_approved_after_a_demotion_returned(
    monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    no_lock()

    assert demote_while_approving(make_acme(), monkeypatch).got_through_after == 1


def test_who_was_demoted_while_his_page_was_open_approves_nothing() -> None:
    acme = make_acme()
    approval, marc = waiting_approval(acme), acme.access(acme.marc)
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(
            permission=role("standard:member", Scope.ORGANIZATION).permission_id
        )
        with pytest.raises(NotAllowed):
            approvals.approve(
                actor=marc, approval=approval, digest=approval.content_digest, now=datetime.now(UTC)
            )


# -- end of the partnership against assign and share ------------------------------------------------------------------


def shared_with_agency(acme: Acme, agency: Agency) -> Partnership:
    return make_partnership(acme.organization, agency.organization, {acme.news: "standard:editor"})


def end_it(acme: Acme, partnership: Partnership) -> None:
    olga = acme.access(acme.olga)
    with organization_open(acme.organization.pk):
        end_partnership(actor=olga, partnership=partnership, now=datetime.now(UTC))


def end_while_assigning(acme: Acme, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Race:
    partnership = shared_with_agency(acme, agency)
    with organization_open(acme.organization.pk):
        grants = list(ProfileGroupGrant.objects.filter(partnership=partnership))
    ada = agency.access(agency.ada)

    def act() -> None:
        with organization_open(agency.organization.pk):
            assign_profiles(
                actor=ada,
                partnership=partnership,
                people=[agency.abe],
                grants=grants,
                role=role("standard:editor"),
                now=datetime.now(UTC),
            )

    def count() -> int:
        with unscoped():  # wherever it was written
            return ProfileAssignment.objects.count()

    return race(
        monkeypatch,
        act=act,
        stopped_in=(partner_people, "refuse_assigning"),
        change=lambda: end_it(acme, partnership),
        count=count,
    )


def test_nothing_is_assigned_after_the_end_of_a_partnership_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    """The end waits: who assigns is told that he did, and what he assigned goes with all the rest."""
    found = end_while_assigning(make_acme(), make_agency(), monkeypatch)

    assert not found.refusals
    assert found.in_the_end == found.when_change_returned == 0


def test_without_the_locks_assigning_runs_into_a_partnership_that_is_gone(
    monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    """The second net: an assignment without its grant is refused by PostgreSQL, as an error instead of an answer."""
    no_lock()
    monkeypatch.setattr(partnerships, "locked", lambda partnership: partnership)

    found = end_while_assigning(make_acme(), make_agency(), monkeypatch)

    assert [type(refusal) for refusal in found.refusals] == [IntegrityError]
    assert found.got_through_after == 0


def end_while_sharing(acme: Acme, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Race:
    partnership = shared_with_agency(acme, agency)
    marc = acme.access(acme.marc)

    def act() -> None:
        with organization_open(acme.organization.pk):
            share = Share(profile=acme.quiet, role=role("standard:editor"))
            share_profiles(actor=marc, partnership=partnership, shares=[share], now=datetime.now(UTC))

    def count() -> int:
        with organization_open(acme.organization.pk):
            return ProfileGroupGrant.objects.filter(partnership=partnership).count()

    return race(
        monkeypatch,
        act=act,
        stopped_in=(partnerships, "refuse_share"),
        change=lambda: end_it(acme, partnership),
        count=count,
    )


def test_nothing_is_shared_after_the_end_of_a_partnership_returned(monkeypatch: pytest.MonkeyPatch) -> None:
    found = end_while_sharing(make_acme(), make_agency(), monkeypatch)

    assert not found.refusals
    assert found.in_the_end == found.when_change_returned == 0


def test_without_the_locks_something_is_shared_after_the_end_of_a_partnership_returned(
    monkeypatch: pytest.MonkeyPatch, no_lock: Unlock
) -> None:
    no_lock()
    monkeypatch.setattr(partnerships, "locked", lambda partnership: partnership)

    assert end_while_sharing(make_acme(), make_agency(), monkeypatch).got_through_after == 1


def test_who_assigns_after_the_end_is_told_so() -> None:
    acme, agency = make_acme(), make_agency()
    partnership = shared_with_agency(acme, agency)
    with organization_open(acme.organization.pk):
        grants = list(ProfileGroupGrant.objects.filter(partnership=partnership))
    ada = agency.access(agency.ada)
    end_it(acme, partnership)
    with organization_open(agency.organization.pk), pytest.raises(PartnershipClosed):
        assign_profiles(
            actor=ada,
            partnership=partnership,
            people=[agency.abe],
            grants=grants,
            role=role("standard:editor"),
            now=datetime.now(UTC),
        )


# -- suspended in the agency against publishing for the brand --------------------------------------------------------


def suspend_while_publishing(acme: Acme, agency: Agency, monkeypatch: pytest.MonkeyPatch) -> Race:
    partnership = shared_with_agency(acme, agency)
    assign(partnership, acme.news, agency.abe, "standard:editor")
    assert access_of(agency.abe, acme.organization).can("profile.publish_posts", acme.news)
    now = datetime.now(UTC)
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=agency.abe, text="Doors open at nine.")
        Publication.objects.create(
            post=post,
            profile=acme.news,
            state=State.SCHEDULED,
            due_at=now - timedelta(seconds=1),
            vouched_by=agency.abe,
            sealed_digest=post.content_digest("mastodon"),
        )
    [due] = claiming.claim_due(now=now)
    ada = agency.access(agency.ada)

    def act() -> None:
        sending.begin(
            organization_id=due.organization_id, publication_id=due.publication_id, now=datetime.now(UTC)
        )

    def change() -> None:
        with organization_open(agency.organization.pk):
            suspend_member(
                actor=ada,
                organization=agency.organization,
                membership=Membership.objects.get(user=agency.abe),
                now=datetime.now(UTC),
            )

    def count() -> int:
        with organization_open(acme.organization.pk):
            return PublishAttempt.objects.count()

    return race(monkeypatch, act=act, stopped_in=(sending, "reason_to_hold"), change=change, count=count)


def test_nothing_goes_out_for_the_brand_after_the_agency_suspended_its_author(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = suspend_while_publishing(make_acme(), make_agency(), monkeypatch)

    assert not found.refusals
    assert (found.when_change_returned, found.got_through_after) == (1, 0)


def test_without_the_partners_lock_something_goes_out_after_the_suspension(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The brand's own lock is not enough: what its partner's people may do rests on the partner's members."""
    monkeypatch.setattr(locks, "partners_of", lambda _organization_id: [])

    assert suspend_while_publishing(make_acme(), make_agency(), monkeypatch).got_through_after == 1
