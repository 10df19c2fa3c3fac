"""What people are told before a post goes out: what becomes of their files, and what cannot work from here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from accounts.models import User
from social_accounts.models import SocialProfile
from tests.cast import Acme, give, make_profile
from tests.films import film
from tests.publishing.pages import in_days, press, publications, upload, words

SignIn = Callable[[User], Client]
UNREACHABLE = "Instagram fetches files from Chorus itself"


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


@pytest.fixture
def instagram(acme: Acme) -> SocialProfile:
    profile = make_profile(
        acme.organization, "acme-pictures", "instagram", server="https://www.instagram.com"
    )
    give(profile, acme.paul, "standard:editor")
    return profile


def composed(client: Client, profile: SocialProfile, *files: int) -> str:
    """Save a draft and return the words of its composer."""
    saved = press(client, "save", profile, media=list(files))
    return words(client.get(saved.url))


def test_composer_says_that_a_png_becomes_a_jpeg_and_schedules_it(
    acme: Acme, paul: Client, instagram: SocialProfile, settings: Any
) -> None:
    settings.BASE_URL = "https://chorus.example.org"
    text = composed(paul, instagram, upload(paul))
    assert "“bridge.png” goes out to Instagram as JPEG, white where it is see-through" in text
    assert UNREACHABLE not in text
    assert press(paul, "schedule", instagram, media=[upload(paul)], when=in_days(2)).status_code == 302
    assert {one.state for one in publications(acme)} >= {"scheduled"}


@pytest.mark.parametrize(
    "base_url",
    ["http://chorus.example.org", "https://localhost:8000", "https://chorus.internal", "https://10.0.0.7"],
)
def test_composer_says_at_once_that_instagram_could_not_fetch_the_picture(
    paul: Client, instagram: SocialProfile, settings: Any, base_url: str
) -> None:
    settings.BASE_URL = base_url
    assert UNREACHABLE in composed(paul, instagram, upload(paul))
    refused = press(paul, "schedule", instagram, media=[upload(paul)], when=in_days(2))
    assert refused.status_code == 422
    assert UNREACHABLE in words(refused)


def test_a_reel_is_brought_and_needs_no_public_address(
    paul: Client, instagram: SocialProfile, settings: Any
) -> None:
    settings.BASE_URL = "http://localhost:8000"
    reel = SimpleUploadedFile("ride.mp4", film(seconds=5, width=720, height=1280), content_type="video/mp4")
    text = composed(paul, instagram, upload(paul, reel))
    assert UNREACHABLE not in text
    assert "Instagram takes no description of a video." in text


def test_the_sandbox_fetches_from_anywhere(acme: Acme, paul: Client, settings: Any) -> None:
    settings.BASE_URL = "http://localhost:8000"
    profile = make_profile(
        acme.organization, "acme-play", "instagram", server="http://localhost:9000/-/instagram"
    )
    give(profile, acme.paul, "standard:editor")
    assert UNREACHABLE not in composed(paul, profile, upload(paul))
