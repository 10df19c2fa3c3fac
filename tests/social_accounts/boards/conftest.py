from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings
from django.test import Client

from accounts.models import User
from social_accounts import connections, tasks
from social_accounts.boards.models import Board, BoardChange
from social_accounts.models import ProfileUserGrant, SocialProfile
from tenancy.context import organization_open
from tests.cast import LONG_AGO, Acme, give, make_own_role, make_profile
from tests.social_accounts.conftest import store
from tests.social_accounts.networks.contract import TOKEN
from tests.social_accounts.networks.fake_pinterest import FakePinterest

SignIn = Callable[[User], Client]


@pytest.fixture
def pinterest(monkeypatch: pytest.MonkeyPatch, settings: LazySettings) -> Iterator[FakePinterest]:
    """Pinterest, and this Chorus registered there."""
    settings.NETWORK_APPS = [("pinterest", "id-1", "secret-1")]
    fake = FakePinterest()
    with fake.client() as client:
        monkeypatch.setattr(connections, "http", lambda: client)
        yield fake


@pytest.fixture
def pins(acme: Acme, pinterest: FakePinterest) -> SocialProfile:
    """Acme's profile on Pinterest: Paul edits it."""
    profile = make_profile(
        acme.organization,
        "acme-pins",
        "pinterest",
        server="https://www.pinterest.com",
        remote_id=pinterest.account.remote_id,
        handle="@acme",
        url="https://www.pinterest.com/acme/",
    )
    give(profile, acme.paul, "standard:editor")
    store(profile, access_token=TOKEN)
    return profile


@pytest.fixture(autouse=True)
def sections_read_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Do what a worker would do, when it is sent for."""
    monkeypatch.setattr(tasks.read_sections, "delay", tasks.read_sections)


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The changes a turn was sent for."""
    found: list[int] = []
    monkeypatch.setattr(
        tasks.merge_boards, "delay", lambda organization_id, change_id: found.append(change_id)
    )
    return found


def give_actions(profile: SocialProfile, person: User, *actions: str) -> None:
    """Give a role of the organization's own that holds these actions, and sight of the profile."""
    with organization_open(profile.organization_id):
        organization = profile.workspace.organization
    names = ["profile.view_profile", *(f"profile.{action}" for action in actions)]
    role = make_own_role(organization, f"{person.name} {len(actions)}", names)
    with organization_open(profile.organization_id):
        ProfileUserGrant.objects.create(
            content_object=profile, user=person, permission_id=role.permission_id, granted_at=LONG_AGO
        )


def url(profile: SocialProfile, path: str = "") -> str:
    return f"/o/acme/profiles/{profile.pk}/boards/{path}"


def board_of(profile: SocialProfile, name: str) -> Board:
    with organization_open(profile.organization_id):
        return Board.objects.select_related("profile").get(profile=profile, name=name)


def names_of(profile: SocialProfile) -> list[str]:
    with organization_open(profile.organization_id):
        return list(Board.objects.filter(profile=profile).order_by("name").values_list("name", flat=True))


def last_change(profile: SocialProfile) -> BoardChange:
    with organization_open(profile.organization_id):
        return BoardChange.objects.filter(profile=profile).latest("pk")
