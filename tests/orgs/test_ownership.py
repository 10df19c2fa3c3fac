from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Membership, OrganizationUserGrant, OwnershipTransfer
from permissions.catalogue import Scope
from tenancy.context import organization_open
from tests.cast import PASSWORD, Acme, make_acme, role

SignIn = Callable[[User], Client]
Send = Callable[..., Any]
OWNERSHIP = "/o/acme/settings/ownership/"


def owners(acme: Acme) -> list[User]:
    with organization_open(acme.organization.pk):
        return [grant.user for grant in OrganizationUserGrant.objects.filter(is_owner=True)]


def proven(client: Client) -> Client:
    """Prove once more who is at the keyboard, as the offer asks."""
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD}).status_code == 302
    return client


def offer(acme: Acme, signed_in: SignIn, send: Send, to: User | None = None) -> OwnershipTransfer:
    with organization_open(acme.organization.pk):
        membership = Membership.objects.get(user=to or acme.marc)
    data = {
        "member": membership.pk,
        "role": role("standard:co_owner", Scope.ORGANIZATION).permission_id,
    }
    response = send(proven(signed_in(acme.olga)), f"{OWNERSHIP}offer/", data)
    assert response.status_code == 303, response.content.decode()
    with organization_open(acme.organization.pk):
        return OwnershipTransfer.objects.latest("offered_at")


def test_offer_asks_the_owner_to_prove_who_he_is(acme: Acme, signed_in: SignIn) -> None:
    response = signed_in(acme.olga).get(f"{OWNERSHIP}offer/")
    assert response.status_code == 302
    assert reverse("account_reauthenticate") in response["Location"]
    assert signed_in(acme.marc).get(f"{OWNERSHIP}offer/").status_code == 403


def test_ownership_moves_when_the_new_owner_accepts(acme: Acme, signed_in: SignIn, send: Send) -> None:
    transfer = offer(acme, signed_in, send)
    assert owners(acme) == [acme.olga], "nothing changes before he accepts"
    assert mail.outbox[-1].to == ["marc@acme.test"]
    accept = f"{OWNERSHIP}{transfer.pk}/accept/"
    for person in (acme.olga, acme.mina):
        assert send(signed_in(person), accept).status_code == 404
    assert "Accept ownership" in signed_in(acme.marc).get(OWNERSHIP).content.decode()
    assert send(signed_in(acme.marc), accept).status_code == 303
    assert owners(acme) == [acme.marc]
    former = acme.access(acme.olga).organization_role
    assert former is not None and former.key == "standard:co_owner"
    assert mail.outbox[-1].to == ["olga@acme.test"]
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="ownership.accept").count() == 1
        connection.check_constraints()
    send(signed_in(acme.marc), accept)
    assert owners(acme) == [acme.marc]


def test_offer_can_be_declined_and_withdrawn(acme: Acme, signed_in: SignIn, send: Send) -> None:
    transfer = offer(acme, signed_in, send)
    assert send(signed_in(acme.marc), f"{OWNERSHIP}{transfer.pk}/decline/").status_code == 303
    assert mail.outbox[-1].subject == "Marc Manager declined the ownership of Acme"
    transfer = offer(acme, signed_in, send)
    assert send(signed_in(acme.marc), f"{OWNERSHIP}{transfer.pk}/withdraw/").status_code == 403
    assert send(signed_in(acme.olga), f"{OWNERSHIP}{transfer.pk}/withdraw/").status_code == 303
    send(signed_in(acme.marc), f"{OWNERSHIP}{transfer.pk}/accept/")
    assert owners(acme) == [acme.olga]


def test_offer_runs_out_and_another_can_be_made(acme: Acme, signed_in: SignIn, send: Send) -> None:
    transfer = offer(acme, signed_in, send)
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        send(signed_in(acme.marc), f"{OWNERSHIP}{transfer.pk}/accept/")
        assert owners(acme) == [acme.olga]
        offer(acme, signed_in, send, to=acme.paul)


def test_second_offer_beside_an_open_one_is_refused(acme: Acme, signed_in: SignIn, send: Send) -> None:
    offer(acme, signed_in, send)
    with organization_open(acme.organization.pk):
        paul = Membership.objects.get(user=acme.paul)
    data = {"member": paul.pk, "role": role("standard:member", Scope.ORGANIZATION).permission_id}
    response = send(proven(signed_in(acme.olga)), f"{OWNERSHIP}offer/", data)
    assert response.status_code == 422
    assert "An offer is open already" in response.content.decode()


def test_suspended_person_does_not_become_owner(acme: Acme, signed_in: SignIn, send: Send) -> None:
    transfer = offer(acme, signed_in, send)
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.marc).update(status=Membership.Status.SUSPENDED)
    assert send(signed_in(acme.marc), f"{OWNERSHIP}{transfer.pk}/accept/").status_code == 403
    assert owners(acme) == [acme.olga]


@pytest.mark.django_db(transaction=True)
def test_database_refuses_a_commit_without_an_owner_or_with_two() -> None:
    acme = make_acme()

    def of(user: User) -> Any:
        return OrganizationUserGrant.objects.filter(content_object=acme.organization, user=user)

    with pytest.raises(IntegrityError, match="no owner"), organization_open(acme.organization.pk):
        of(acme.olga).update(is_owner=False)
    with pytest.raises(IntegrityError, match="no owner"), organization_open(acme.organization.pk):
        of(acme.olga).delete()
    with pytest.raises(IntegrityError, match="orgs_one_owner"), organization_open(acme.organization.pk):
        of(acme.marc).update(is_owner=True)
    with transaction.atomic(), organization_open(acme.organization.pk):
        of(acme.olga).update(is_owner=False)
        of(acme.marc).update(is_owner=True)
    assert owners(acme) == [acme.marc]
