from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.core import mail
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import User
from audit.models import AuditEvent
from orgs.models import Invitation, Membership, OrganizationUserGrant, Workspace
from orgs.services.invitations import InvitationGone, Offer, accept_invitation, invite_members
from permissions.catalogue import Scope
from permissions.errors import WouldEscalate
from social_accounts.models import ProfileUserGrant
from tenancy.context import organization_open
from tests.cast import Acme, access_of, add_member, make_acme, make_person, role
from tests.orgs.conftest import link_in

SignIn = Callable[[User], Client]
MEMBER = ("standard:member", Scope.ORGANIZATION)
MANAGER = ("standard:manager", Scope.ORGANIZATION)
PASSWORD = "a long enough secret 7"


def url(acme: Acme) -> str:
    return reverse("invitation_new", args=[acme.organization.slug])


def is_member(acme: Acme, user: User) -> bool:
    with organization_open(acme.organization.pk):
        return Membership.objects.filter(user=user).exists()


def test_invite_sends_one_link_each_and_keeps_only_a_digest(
    acme: Acme, signed_in: SignIn, send: Callable[..., Any]
) -> None:
    pasted = "new@one.test, Two <TWO@two.test>\nnew@one.test;three@three.test"
    data = {"emails": pasted, "role": role(*MEMBER).permission_id, "language": "en", "message": "Hello <you>"}
    response = send(signed_in(acme.marc), url(acme), data)
    assert response.status_code == 303
    assert sorted(m.to[0] for m in mail.outbox) == ["new@one.test", "three@three.test", "two@two.test"]
    assert "Hello <you>" in mail.outbox[0].body
    assert mail.outbox[0].subject == "Marc Manager invites you to Acme"
    token = link_in(mail.outbox[0].body).split("/")[2]
    with organization_open(acme.organization.pk):
        assert Invitation.objects.count() == 3
        assert not Invitation.objects.filter(token_digest=token).exists()
        assert AuditEvent.objects.filter(action="invitation.send").count() == 3


@pytest.mark.parametrize(
    ("pasted", "sentence"),
    [
        ("fine@x.test, nonsense", "This is not an e-mail address: nonsense."),
        ("", "This field is required."),
        ("emil@acme.test", "Already in the organization: emil@acme.test."),
        (",".join(f"p{n}@x.test" for n in range(51)), "At most 50 people at once."),
    ],
)
def test_invite_refuses_wrong_addresses_and_keeps_what_was_typed(
    pasted: str, sentence: str, acme: Acme, signed_in: SignIn, send: Callable[..., Any]
) -> None:
    data = {
        "emails": pasted,
        "role": role(*MEMBER).permission_id,
        "language": "en",
        "message": "typed long",
    }
    response = send(signed_in(acme.marc), url(acme), data)
    text = response.content.decode()
    assert response.status_code == 422
    assert sentence in text
    assert "typed long" in text
    assert not mail.outbox


def test_invite_refuses_an_address_that_is_invited_already(
    acme: Acme, signed_in: SignIn, send: Callable[..., Any], invite: Callable[..., str]
) -> None:
    invite("new@one.test", role=role(*MEMBER))
    data = {"emails": "NEW@one.test", "role": role(*MEMBER).permission_id, "language": "en"}
    response = send(signed_in(acme.olga), url(acme), data)
    assert response.status_code == 422
    assert "Already invited: new@one.test." in response.content.decode()


def test_invite_refuses_a_role_beyond_ones_own(
    acme: Acme, signed_in: SignIn, send: Callable[..., Any]
) -> None:
    for key in ("standard:co_owner", "standard:owner"):
        facts = role(key, Scope.ORGANIZATION)
        data = {"emails": "new@one.test", "role": facts.permission_id, "language": "en"}
        response = send(signed_in(acme.marc), url(acme), data)
        assert response.status_code in (403, 422)
    with organization_open(acme.organization.pk):
        assert not Invitation.objects.exists()
    shown = signed_in(acme.marc).get(url(acme)).content.decode()
    assert "Manager" in shown and "Co-owner" not in shown


def test_new_person_signs_up_with_the_invited_address_and_is_a_member(
    acme: Acme, invite: Callable[..., str], send: Callable[..., Any]
) -> None:
    link = invite(
        "nina@new.test",
        role=role(*MEMBER),
        profile_role=role("standard:editor").permission_id,
        profiles=[acme.news.pk, acme.quiet.pk],
    )
    client = Client()
    page = client.get(link)
    assert page.status_code == 200
    assert "Marc Manager invites you to Acme" in page.content.decode()
    assert "@acme-news@sandbox.test" in page.content.decode()
    sent = send(client, link, {"name": "Nina New", "password": PASSWORD, "email": "other@new.test"})
    assert sent.status_code == 303
    nina = User.objects.get(email="nina@new.test")
    assert EmailAddress.objects.get(user=nina).verified
    assert not User.objects.filter(email="other@new.test").exists()
    assert client.get(sent["Location"]).status_code == 200
    access = access_of(nina, acme.organization)
    assert access.organization_role is not None and access.organization_role.slug == "member"
    assert access.can("profile.publish_posts", acme.quiet)
    told = mail.outbox[-1]
    assert told.to == ["marc@acme.test"]
    assert told.subject == "Nina New has joined Acme"


def test_sign_up_with_a_weak_password_changes_nothing(
    acme: Acme, invite: Callable[..., str], send: Callable[..., Any]
) -> None:
    link = invite("nina@new.test", role=role(*MEMBER))
    response = send(Client(), link, {"name": "Nina New", "password": "short"})
    assert response.status_code == 422
    assert "Nina New" in response.content.decode()
    assert not User.objects.filter(email="nina@new.test").exists()


def test_signed_in_person_accepts_with_a_confirmed_address_of_his(
    acme: Acme, invite: Callable[..., str], signed_in: SignIn, send: Callable[..., Any]
) -> None:
    ada = make_person("Ada Agency", "ada@agency.test")
    EmailAddress.objects.create(user=ada, email="ada@private.test", verified=True)
    link = invite("Ada@Private.test", role=role(*MEMBER))
    assert "Accept invitation" in signed_in(ada).get(link).content.decode()
    assert send(signed_in(ada), link).status_code == 303
    assert is_member(acme, ada)


def test_signed_in_person_is_refused_another_persons_invitation(
    acme: Acme, invite: Callable[..., str], signed_in: SignIn, send: Callable[..., Any]
) -> None:
    link = invite("nina@new.test", role=role(*MEMBER))
    response = send(signed_in(acme.mallory), link)
    assert response.status_code == 403
    assert "which is not a confirmed address of yours" in response.content.decode()
    EmailAddress.objects.create(user=acme.mallory, email="nina@new.test", verified=False)
    assert send(signed_in(acme.mallory), link).status_code == 403
    assert not is_member(acme, acme.mallory)


def test_person_with_an_account_is_asked_to_sign_in(
    acme: Acme, invite: Callable[..., str], send: Callable[..., Any]
) -> None:
    link = invite("mallory@elsewhere.test", role=role(*MEMBER))
    text = Client().get(link).content.decode()
    assert "Sign in to accept" in text
    assert "Create account" not in text
    response = send(Client(), link, {"name": "Somebody", "password": PASSWORD})
    assert response.status_code == 422
    assert not is_member(acme, acme.mallory)


def test_used_withdrawn_expired_and_unknown_links_say_so(
    acme: Acme, invite: Callable[..., str], signed_in: SignIn, send: Callable[..., Any]
) -> None:
    used = invite("nina@new.test", role=role(*MEMBER))
    assert send(Client(), used, {"name": "Nina New", "password": PASSWORD}).status_code == 303
    withdrawn = invite("wim@new.test", role=role(*MEMBER))
    with organization_open(acme.organization.pk):
        invitation = Invitation.objects.get(email="wim@new.test")
    send(signed_in(acme.marc), reverse("invitation_withdraw", args=["acme", invitation.pk]))
    old = invite("otto@new.test", role=role(*MEMBER))
    for link, sentence in [(used, "was used already"), (withdrawn, "was withdrawn")]:
        for response in (Client().get(link), send(Client(), link, {"name": "X", "password": PASSWORD})):
            assert response.status_code == 410
            assert sentence in response.content.decode()
    with time_machine.travel(datetime.now(UTC) + timedelta(days=8)):
        assert "has run out" in Client().get(old).content.decode()
        assert send(Client(), old, {"name": "X", "password": PASSWORD}).status_code == 410
    assert Client().get("/invitations/not-a-real-token/").status_code == 410
    assert not User.objects.filter(email__in=["wim@new.test", "otto@new.test"]).exists()


def test_sending_again_makes_a_new_link_and_ends_the_old_one(
    acme: Acme, invite: Callable[..., str], signed_in: SignIn, send: Callable[..., Any]
) -> None:
    first = invite("nina@new.test", role=role(*MEMBER))
    with organization_open(acme.organization.pk):
        invitation = Invitation.objects.get()
    again = reverse("invitation_resend", args=["acme", invitation.pk])
    assert send(signed_in(acme.mina), again).status_code == 403
    assert send(signed_in(acme.olga), again).status_code == 303
    second = link_in(mail.outbox[-1].body)
    assert Client().get(first).status_code == 410
    assert Client().get(second).status_code == 200


def test_inviter_who_lost_the_right_cannot_give_it_any_more(
    acme: Acme, invite: Callable[..., str], send: Callable[..., Any]
) -> None:
    link = invite("nina@new.test", role=role(*MANAGER))
    with organization_open(acme.organization.pk):
        OrganizationUserGrant.objects.filter(user=acme.marc).update(permission=role(*MEMBER).permission_id)
    response = send(Client(), link, {"name": "Nina New", "password": PASSWORD})
    assert response.status_code == 410
    assert "may no longer give" in response.content.decode()
    assert not User.objects.filter(email="nina@new.test").exists()
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="invitation.accept", outcome="refused").exists()


def test_suspended_inviter_gives_nothing_to_an_existing_person_and_the_refusal_is_recorded(
    acme: Acme, invite: Callable[..., str], signed_in: SignIn, send: Callable[..., Any]
) -> None:
    link = invite("mallory@elsewhere.test", role=role(*MEMBER))
    with organization_open(acme.organization.pk):
        Membership.objects.filter(user=acme.marc).update(status=Membership.Status.SUSPENDED)
    assert send(signed_in(acme.mallory), link).status_code == 410
    assert not is_member(acme, acme.mallory)
    with organization_open(acme.organization.pk):
        assert AuditEvent.objects.filter(action="invitation.accept", outcome="refused").exists()


def test_invitation_of_one_who_reaches_one_workspace_reaches_no_other(
    acme: Acme, signed_in: SignIn, send: Callable[..., Any]
) -> None:
    with organization_open(acme.organization.pk):
        us = Workspace.objects.create(slug="us", name="United States")
    uma = make_person("Uma Us")
    add_member(acme.organization, uma, "standard:manager", workspaces=[us])
    data = {"emails": "nina@new.test", "role": role(*MEMBER).permission_id, "language": "en"}
    assert send(signed_in(uma), url(acme), data).status_code == 303
    link = link_in(mail.outbox[-1].body)
    assert send(Client(), link, {"name": "Nina New", "password": PASSWORD}).status_code == 303
    nina = User.objects.get(email="nina@new.test")
    assert access_of(nina, acme.organization).workspace_ids == {us.pk}


def test_invitation_gives_no_profile_role_the_inviter_lost(acme: Acme, invite: Callable[..., str]) -> None:
    with organization_open(acme.organization.pk), pytest.raises(WouldEscalate):
        invite_members(
            actor=acme.access(acme.marc),
            organization=acme.organization,
            emails=["x@new.test"],
            offer=Offer(role=role("standard:co_owner", Scope.ORGANIZATION)),
            language="en",
            message="",
            now=datetime.now(UTC),
        )
    with organization_open(acme.organization.pk):
        assert not ProfileUserGrant.objects.filter(user__email="x@new.test").exists()


def test_page_speaks_the_language_of_the_invitation_until_another_is_chosen(
    acme: Acme, invite: Callable[..., str]
) -> None:
    link = invite("nina@new.test", role=role(*MEMBER), language="fr")
    client = Client()
    assert 'lang="fr"' in client.get(link).content.decode()
    client.cookies["django_language"] = "pt-br"
    assert '<html lang="pt-br"' in client.get(link).content.decode()


@pytest.mark.django_db(transaction=True)
def test_link_used_twice_at_once_joins_once() -> None:
    acme = make_acme()
    with organization_open(acme.organization.pk):
        invite_members(
            actor=acme.access(acme.marc),
            organization=acme.organization,
            emails=["mallory@elsewhere.test"],
            offer=Offer(role=role(*MEMBER)),
            language="en",
            message="",
            now=datetime.now(UTC),
        )
        invitation = Invitation.objects.select_related("organization", "invited_by").get()

    def accept() -> str:
        try:
            accept_invitation(user=acme.mallory, invitation=invitation, now=datetime.now(UTC))
        except InvitationGone:
            return "gone"
        finally:
            connection.close()
        return "joined"

    with ThreadPoolExecutor(4) as pool:
        answers = [future.result() for future in [pool.submit(accept) for _number in range(4)]]
    assert sorted(answers) == ["gone", "gone", "gone", "joined"]


def test_e_mail_is_in_the_language_of_who_gets_it(acme: Acme, invite: Callable[..., str]) -> None:
    make_person("Flora French", "flora@new.test", language="fr")
    invite("flora@new.test", role=role(*MEMBER), language="pt-br")
    with organization_open(acme.organization.pk):
        assert Invitation.objects.get().language == "fr"
    invite("novo@new.test", role=role(*MEMBER), language="pt-br")
    with organization_open(acme.organization.pk):
        assert Invitation.objects.get(email="novo@new.test").language == "pt-br"
