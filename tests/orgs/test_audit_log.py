from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from audit.models import AuditHead
from audit.services import record_event
from orgs.models import Membership
from orgs.selectors.audit_log import readable
from tenancy.context import organization_open
from tests.cast import Acme

SignIn = Callable[[User], Client]
URL = "/o/acme/audit-log/"
QUERIES_OF_AUDIT_LOG = 22


def record(acme: Acme, actor: User, action: str, *, days_ago: int = 0, **more: Any) -> None:
    with organization_open(acme.organization.pk):
        record_event(
            actor=actor,
            action=action,
            obj=acme.organization,
            at=datetime.now(UTC) - timedelta(days=days_ago),
            **more,
        )


def test_audit_log_filters_by_person_action_outcome_day_and_words(acme: Acme, signed_in: SignIn) -> None:
    record(acme, acme.olga, "team.create", days_ago=9)
    record(acme, acme.marc, "team.update", before={"name": "Old"}, after={"name": "New"}, reason="Typo")
    signed_in(acme.mina).get(URL)
    client = signed_in(acme.olga)

    def labels(query: str) -> list[str]:
        return [row.label for row in client.get(f"{URL}?{query}").context["rows"]]

    assert labels("") == ["See the audit log", "Team changed", "Team created"]
    assert labels(f"person={acme.marc.pk}") == ["Team changed"]
    assert labels("action=team.create") == ["Team created"]
    assert labels("outcome=refused") == ["See the audit log"]
    assert labels("q=typo") == ["Team changed"]
    week_ago = f"{datetime.now(UTC) - timedelta(days=7):%Y-%m-%d}"
    assert labels(f"end={week_ago}") == ["Team created"]
    assert labels(f"begin={week_ago}") == ["See the audit log", "Team changed"]
    assert len(labels("person=nobody&begin=rubbish&outcome=strange")) == 3, "what makes no sense is left out"
    text = client.get(URL).content.decode()
    assert "Old" in text and "New" in text and "Reason: Typo" in text


def test_audit_log_asks_the_same_number_of_queries_whatever_its_length(
    acme: Acme, signed_in: SignIn, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(acme.marc)
    record(acme, acme.olga, "team.create")
    client.get(URL)
    with django_assert_num_queries(QUERIES_OF_AUDIT_LOG):
        client.get(URL)
    for number in range(60):
        record(acme, acme.olga, f"team.create{number}")
    with django_assert_num_queries(QUERIES_OF_AUDIT_LOG):
        client.get(URL)


def test_verify_tells_whether_the_chain_holds(acme: Acme, signed_in: SignIn) -> None:
    record(acme, acme.olga, "team.create")
    client = signed_in(acme.marc)
    assert "The chain holds: 1 entry" in client.get(f"{URL}verify/").content.decode()
    with organization_open(acme.organization.pk):
        AuditHead.objects.update(sequence=5)
    fragment = client.get(f"{URL}verify/", headers={"HX-Request": "true"}).content.decode()
    assert "The chain is broken in 1 place." in fragment
    assert "<html" not in fragment


def test_stored_values_are_told_in_words(db: None) -> None:
    assert readable("standard:team_admin") == "Team admin"
    assert readable("Brand: standard:team_admin") == "Brand: Team admin"
    assert readable(["a", "b"]) == "a, b"
    assert readable(True) == "yes"
    assert "2026" in readable("2026-11-21T10:00:00+00:00")
    assert readable(None) == ""


def test_audit_log_of_a_member_shows_only_his_organization(acme: Acme, signed_in: SignIn) -> None:
    with organization_open(acme.elsewhere.pk):
        record_event(actor=acme.mallory, action="team.create", obj=acme.elsewhere, at=datetime.now(UTC))
        stranger = Membership.objects.get()
    assert b"Mallory" not in signed_in(acme.olga).get(URL).content
    url = reverse("member_activity", args=["acme", stranger.pk])
    assert signed_in(acme.olga).get(url).status_code == 404
