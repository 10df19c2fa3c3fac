"""The demo people see first: two brands in the middle of a month, in every state a post can be in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from config.demo import SLUG, load_demo
from config.demo_alder import SLUG as SECOND_SLUG
from orgs.models import Organization
from publishing.models import Approval, HoldReason, Publication, QueueEntry, Repetition, State
from sandbox.testing import SandboxServer
from tenancy.context import organization_open

pytestmark = pytest.mark.django_db(transaction=True)
SHOWN = {
    State.DRAFT,
    State.WAITING,
    State.DECLINED,
    State.SCHEDULED,
    State.PUBLISHED,
    State.REJECTED,
    State.HELD,
    State.UNCONFIRMED,
}


@pytest.fixture
def sandbox(settings: Any, tmp_path: Path) -> Iterator[SandboxServer]:
    with SandboxServer() as server:
        settings.MEDIA_ROOT = tmp_path
        settings.SANDBOX_MASTODON_URL = server.mastodon_origin
        settings.SANDBOX_NETWORKS_URL = f"{server.mastodon_origin}/-"
        settings.SANDBOX_BLUESKY_URL = server.bluesky_origin
        settings.TRUSTED_NETWORK_ORIGINS = [server.mastodon_origin, server.bluesky_origin]
        yield server


def test_demo_shows_two_brands_with_posts_in_every_state_and_loads_once(
    sandbox: SandboxServer, client: Client, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("demo")
    said = capsys.readouterr().out
    northwind, alder = (Organization.objects.get(slug=slug) for slug in (SLUG, SECOND_SLUG))
    with organization_open(northwind.pk):
        publications = Publication.objects.all()
        assert {State(one.state) for one in publications} == SHOWN
        assert publications.get(state=State.REJECTED).detail
        assert publications.get(state=State.HELD).hold_reason == HoldReason.RIGHT_LOST
        assert Approval.objects.filter(answer="").count() > 1
        assert publications.filter(QueueEntry.is_live(), state=State.SCHEDULED).count() > 1
        assert {one.rhythm for one in Repetition.objects.all()} == {"weekly", "queue"}
        out = publications.filter(state=State.PUBLISHED)
        assert all(one.permalink for one in out)
    with organization_open(alder.pk):
        assert {State(one.state) for one in Publication.objects.all()} >= {State.WAITING, State.PUBLISHED}
    path = said.strip().rpartition("localhost:8000")[2]
    assert "Clara Costa" in client.get(path).content.decode()
    assert not any(fault["remaining"] for fault in sandbox.faults())  # a person's own posts go right
    assert load_demo(timezone.now()) is None
