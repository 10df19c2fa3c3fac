"""AP18: one person decides for everybody who was to be asked, with a reason that stays visible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from audit.models import AuditEvent
from permissions.errors import NotAllowed
from publishing.delivery.checks import has_voucher
from publishing.models import ApprovalAnswer, State
from publishing.services.approvals import CannotAnswer, force_approve, force_decline
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, make_own_role
from tests.publishing.approvals.making import ask, fresh, make_workflow, step
from tests.publishing.pages import url, words

SignIn = Callable[[User], Client]


def test_forced_yes_needs_a_reason_and_says_so_everywhere(acme: Acme, signed_in: SignIn) -> None:
    make_workflow(acme, step("Words", acme.paul), step("Last look", acme.olga))
    approval = ask(acme)
    marc = signed_in(acme.marc)
    address = url("forced_answer", approval.pk)
    answer = {"answer": "approve", "digest": approval.content_digest}
    refused = marc.post(address, answer | {"reason": "  "})
    assert refused.status_code == 422 and "Say why you decide" in words(refused)
    assert fresh(acme, approval.publication).state == State.WAITING
    assert marc.post(address, answer | {"reason": "The storm is today"}).status_code == 302
    publication = fresh(acme, approval.publication)
    assert (publication.state, publication.vouched_by) == (State.SCHEDULED, acme.marc)
    pages = [url("approval_detail", approval.pk), url("publication_detail", publication.pk)]
    for page in pages:
        seen = words(signed_in(acme.mina).get(page))
        assert "by force" in seen and "The storm is today" in seen
    assert "by force" in words(signed_in(acme.mina).get(url("approval_list") + "?show=asked"))
    with organization_open(acme.organization.pk):
        told = AuditEvent.objects.get(action="publication.force_approve")
    assert (told.actor_id, told.reason) == (acme.marc.pk, "The storm is today")


def test_forced_no_sends_it_back(inside: Acme) -> None:
    approval = ask(inside)
    publication = force_decline(
        actor=inside.access(inside.marc), approval=approval, now=timezone.now(), reason="Never again"
    )
    assert (publication.state, publication.detail) == (State.DECLINED, "Never again")
    assert ApprovalAnswer.objects.get().is_forced


def test_only_who_holds_the_action_may(acme: Acme, signed_in: SignIn) -> None:
    approval = ask(acme)
    answer = {"answer": "approve", "digest": approval.content_digest, "reason": "Because"}
    for person in (acme.paul, acme.mina, acme.gus):
        assert signed_in(person).post(url("forced_answer", approval.pk), answer).status_code == 403
        assert "Decide for everybody" not in words(
            signed_in(person).get(url("publication_detail", approval.publication_id))
        )
    assert fresh(acme, approval.publication).state == State.WAITING


def test_nobody_forces_his_own(inside: Acme) -> None:
    approval = ask(inside, inside.marc, asks_approval=True)
    with pytest.raises(CannotAnswer, match="own"):
        force_approve(
            actor=inside.access(inside.marc),
            approval=approval,
            digest=approval.content_digest,
            now=timezone.now(),
            reason="I am sure",
        )


def test_who_forced_it_vouches_as_long_as_he_may_force(inside: Acme) -> None:
    """A role may force without publishing or reviewing: then this right alone is asked at send time."""
    actions = ["profile.view_posts", "profile.view_approvals", "profile.force_approve_or_reject"]
    forcer = make_own_role(inside.organization, "Forcer", actions)
    grant = ProfileUserGrant.objects.get(user=inside.gus)
    ProfileUserGrant.objects.filter(pk=grant.pk).update(permission=forcer.permission_id)
    approval, now = ask(inside), timezone.now()
    publication = force_approve(
        actor=inside.access(inside.gus),
        approval=approval,
        digest=approval.content_digest,
        now=now,
        reason="Urgent",
    )
    assert has_voucher(publication, now)
    ProfileUserGrant.objects.filter(pk=grant.pk).delete()
    assert not has_voucher(publication, now)


def test_forcing_what_changed_is_refused(inside: Acme) -> None:
    approval = ask(inside)
    with pytest.raises(CannotAnswer, match="changed"):
        force_approve(
            actor=inside.access(inside.marc),
            approval=approval,
            digest="of something else",
            now=timezone.now(),
            reason="Urgent",
        )


def test_forcing_without_the_right_raises(inside: Acme) -> None:
    approval = ask(inside)
    with pytest.raises(NotAllowed):
        force_decline(actor=inside.access(inside.paul), approval=approval, now=timezone.now(), reason="No")
