from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing.models import PostMedia
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import (
    picture,
    press,
    publications,
    typed,
    upload,
    url,
    words,
)

SignIn = Callable[[User], Client]


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


@pytest.fixture
def mina(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.mina)


def test_picture_comes_with_the_form_when_there_is_no_script(acme: Acme, paul: Client) -> None:
    page = paul.post(url("post_new"), typed(acme.news, act="upload", pictures=picture()))
    assert page.status_code == 200
    assert "bridge.png" in words(page)
    assert "Hello, world" in words(page)
    with organization_open(acme.organization.pk):
        media = PostMedia.objects.get()
    without = paul.post(url("post_new"), typed(acme.news, media=media.pk, remove=media.pk))
    assert "bridge.png" not in words(without)


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("photo.jpg", b"<html><script>alert(1)</script>", "photo.jpg is not a picture we can read."),
        ("photo.png", b"\x89PNG\r\n\x1a\n broken", "photo.png is not a picture we can read."),
        ("huge.jpg", b"\xff" * (50 * 1024 * 1024), "huge.jpg is too large"),
        ("empty.png", b"", "empty.png is not a picture we can read."),
    ],
)
def test_file_that_is_no_usable_picture_is_refused_in_words(
    acme: Acme, paul: Client, name: str, content: bytes, sentence: str
) -> None:
    file = SimpleUploadedFile(name, content, content_type="image/jpeg")
    refused = paul.post(url("media_upload"), {"pictures": file})
    assert refused.status_code == 422
    assert sentence in refused.json()["problem"]
    file.seek(0)
    kept = upload(paul)
    refused = paul.post(
        url("post_new"), typed(acme.news, text="Still here", media=kept, act="schedule", pictures=file)
    )
    assert refused.status_code == 422
    assert sentence in words(refused)
    assert "Still here" in words(refused)
    assert f'name="media" value="{kept}"' in words(refused)


def test_upload_without_a_file_is_refused_in_words(acme: Acme, paul: Client) -> None:
    assert paul.post(url("media_upload")).json() == {"problem": "Choose a picture or a video."}


def test_picture_is_shown_to_those_who_see_the_post_and_to_nobody_else(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    media = upload(paul)
    address = url("media_file", media)
    own = paul.get(address)
    assert (own["Content-Type"], own["X-Content-Type-Options"]) == ("image/png", "nosniff")
    assert own.getvalue()[:4] == b"\x89PNG"
    assert signed_in(acme.gus).get(address).status_code == 404  # belongs to no post yet
    press(paul, "save", acme.news, media=media)
    assert signed_in(acme.gus).get(address).getvalue()[:4] == b"\x89PNG"
    assert signed_in(acme.emil).get(address).status_code == 404
    assert signed_in(acme.mallory).get(address).status_code == 404
    assert Client().get(address).status_code == 302


def test_nobody_takes_somebody_elses_unattached_picture(acme: Acme, paul: Client, mina: Client) -> None:
    media = upload(paul)
    refused = press(mina, "save", acme.news, media=media)
    assert refused.status_code == 422
    assert "One of the pictures is gone" in words(refused)
    assert not publications(acme)


def test_pictures_left_over_are_forgotten_with_their_files_and_those_of_versions_with_the_post(
    acme: Acme, paul: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    def files() -> int:
        return sum(path.is_file() for path in tmp_path.rglob("*"))

    left_over, used = upload(paul), upload(paul)
    press(paul, "save", acme.news, media=used)
    with organization_open(acme.organization.pk):
        PostMedia.objects.filter(pk=left_over).update(created_at=timezone.now() - timedelta(days=8))
    assert files() == 2
    with django_capture_on_commit_callbacks(execute=True):
        kept = upload(paul)
    assert files() == 2
    (publication,) = publications(acme)
    with django_capture_on_commit_callbacks(execute=True):
        press(paul, "save", acme.news, post=publication.post, version=1)
    with organization_open(acme.organization.pk):
        assert {one.pk for one in PostMedia.objects.all()} == {kept, used}
        assert not publication.post.media.exists()
    with django_capture_on_commit_callbacks(execute=True):
        paul.post(url("post_deletion", publication.post_id))
    with organization_open(acme.organization.pk):
        assert [one.pk for one in PostMedia.objects.all()] == [kept]
    assert files() == 1
