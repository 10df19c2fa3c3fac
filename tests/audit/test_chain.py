from __future__ import annotations

import os
from io import StringIO

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.utils import timezone

from audit.models import AuditEvent, AuditHead
from audit.services import record_event, record_refusal, verify_chain
from tenancy.context import organization_open
from tests.cast import Acme


def write_three(acme: Acme) -> None:
    now = timezone.now()
    record_event(
        actor=acme.olga, action="test.one", obj=acme.news, at=now, after={"when": now, "role": "editor"}
    )
    record_event(actor=None, action="test.two", obj=acme.news, at=now, before={"a": 1}, after={"a": 2})
    record_refusal(actor=acme.gus, action="profile.publish_posts", obj=acme.news, at=now, reason="no role")


def test_events_form_an_unbroken_chain(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        write_three(acme)
        assert list(verify_chain()) == []
        last = AuditEvent.objects.latest("sequence")
        assert (last.actor_label, last.outcome, last.reason) == ("Gus Guest", "refused", "no role")


def test_application_cannot_change_or_delete_an_event(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        write_three(acme)
        for change in (
            lambda: AuditEvent.objects.update(actor_label="Nobody"),
            lambda: AuditEvent.objects.filter(sequence=2).delete(),
        ):
            with pytest.raises(DatabaseError), transaction.atomic():
                change()


def test_chains_of_two_organizations_are_apart(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        write_three(acme)
    with organization_open(acme.elsewhere.pk):
        record_event(actor=acme.mallory, action="test", obj=acme.elsewhere, at=timezone.now())
        assert AuditEvent.objects.get().sequence == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("update audit_auditevent set actor_label = 'Nobody' where sequence = 2", "event 2 was altered"),
        ("delete from audit_auditevent where sequence = 2", "event 2 events 2 to 2 are missing"),
        ("delete from audit_auditevent where sequence = 3", "the newest events are missing"),
    ],
)
def test_command_finds_what_a_superuser_did_to_the_log(damage: str, said: str) -> None:
    from tests.cast import make_acme

    acme = make_acme()
    with organization_open(acme.organization.pk):
        write_three(acme)
    out = StringIO()
    call_command("verify_audit", "acme", stdout=out)
    assert "no break" in out.getvalue()
    with psycopg.connect(os.environ["CHORUS_TEST_ADMIN_URL"], autocommit=True) as superuser:
        superuser.execute("set session_replication_role = replica")  # past the trigger
        superuser.execute(damage)
    with pytest.raises(CommandError):
        call_command("verify_audit", "acme", stdout=(out := StringIO()))
    assert said in out.getvalue()


def test_command_names_an_unknown_organization(db: None) -> None:
    with pytest.raises(CommandError, match="nowhere"):
        call_command("verify_audit", "nowhere")


def test_head_is_one_per_organization(acme: Acme) -> None:
    with organization_open(acme.organization.pk):
        write_three(acme)
        assert AuditHead.objects.count() == 1
