"""The addresses networks fetch files by: one file each, to an end, signed."""

from __future__ import annotations

import io
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings as configured
from django.core.files.base import ContentFile
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone
from PIL import Image

from publishing.content import content_for
from publishing.models import Post, PostMedia
from publishing.public_files import OPEN_FOR, SALT, public_address
from social_accounts.networks.base import PictureForm
from tenancy.context import organization_open
from tests.cast import Acme, make_organization, make_person

JPEG = b"\xff\xd8 a picture"


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def media(acme: Acme) -> PostMedia:
    with organization_open(acme.organization.pk):
        post = Post.objects.create(workspace=acme.main, author=acme.mina, text="Wheels")
        return PostMedia.objects.create(
            post=post, file=ContentFile(JPEG, name="n.jpg"), filename="n.jpg", content_type="image/jpeg",
            size_bytes=len(JPEG), width=1, height=1, digest="d",
        )  # fmt: skip


def status_of(signed: str) -> int:
    return status_at(f"/files/{signed}/")


def status_at(path: str) -> int:
    answer = Client().get(path)
    read(answer)
    return answer.status_code


def read(answer: Any) -> bytes:
    """Return the body. A file is closed here: closing the answer would close the test's connection as well."""
    if not answer.streaming:
        return bytes(answer.content)
    body = b"".join(answer.streaming_content)
    for close in answer._resource_closers:
        close()
    return body


def path_of(address: str) -> str:
    assert address.startswith(configured.BASE_URL)
    return urlsplit(address).path


def test_a_network_fetches_the_file_without_signing_in(media: PostMedia) -> None:
    answer = Client().get(path_of(public_address(media, timezone.now())))
    assert answer.status_code == 200
    assert read(answer) == JPEG
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer
    assert Client().post(path_of(public_address(media, timezone.now()))).status_code == 405


def test_an_adapter_is_handed_the_address_with_the_file(acme: Acme, media: PostMedia) -> None:
    assert media.post is not None
    with organization_open(acme.organization.pk):
        (handed,) = content_for(media.post, acme.news).media
    assert handed.address is not None
    assert status_at(path_of(handed.address(None))) == 200


def test_an_address_ends(media: PostMedia) -> None:
    now = timezone.now()
    assert status_at(path_of(public_address(media, now - OPEN_FOR + timedelta(minutes=1)))) == 200
    assert status_at(path_of(public_address(media, now - OPEN_FOR - timedelta(seconds=1)))) == 404


def test_an_address_that_was_changed_opens_nothing(media: PostMedia) -> None:
    signed = path_of(public_address(media, timezone.now())).split("/")[2]
    payload, _, signature = signed.rpartition(":")
    later = [media.organization_id, media.pk, int((timezone.now() + 2 * OPEN_FOR).timestamp())]
    lengthened = Signer(salt=SALT).sign_object(later).rpartition(":")[0]
    for changed in (
        payload,
        f"{payload}:{signature[:-1]}",
        f"{lengthened}:{signature}",
        Signer(salt="another use").sign_object(later),
        Signer(salt=SALT).sign("no list"),
        Signer(salt=SALT).sign_object([1, 2]),
        "x",
    ):
        assert status_of(changed) == 404, changed


def test_an_address_opens_no_file_of_another_organization(media: PostMedia) -> None:
    other = make_organization("other", "Other", make_person("Otto", "otto@other.test"))
    until = int((timezone.now() + OPEN_FOR).timestamp())
    assert status_of(Signer(salt=SALT).sign_object([media.organization_id, media.pk, until])) == 200
    assert status_of(Signer(salt=SALT).sign_object([other.pk, media.pk, until])) == 404
    assert status_of(Signer(salt=SALT).sign_object([media.organization_id, media.pk + 1, until])) == 404


@pytest.mark.parametrize("ending", ["deleted", "without a post"])
def test_a_file_that_is_nobody_s_any_more_is_not_handed_out(
    acme: Acme, media: PostMedia, ending: str
) -> None:
    path = path_of(public_address(media, timezone.now()))
    with organization_open(acme.organization.pk):
        if ending == "deleted":
            Post.objects.update(deleted_at=timezone.now())
        else:
            PostMedia.objects.update(post=None)
    assert status_at(path) == 404


def test_a_picture_is_handed_out_as_the_network_takes_it(media: PostMedia) -> None:
    with organization_open(media.organization_id):
        content = io.BytesIO()
        Image.new("RGB", (40, 20), "teal").save(content, "PNG")
        media.file.save("n.png", ContentFile(content.getvalue()), save=False)
        PostMedia.objects.update(content_type="image/png", file=media.file.name, width=40, height=20)
    form = PictureForm(types=("image/jpeg",), bytes_max=10_000, width_max=20)
    path = path_of(public_address(media, timezone.now(), form))
    answer = Client().get(path)
    assert answer["Content-Type"] == "image/jpeg"
    with Image.open(io.BytesIO(read(answer))) as made:
        assert (made.format, made.size) == ("JPEG", (20, 10))
    with organization_open(media.organization_id):
        media.file.save("n.png", ContentFile(b"no picture any more"), save=False)
        PostMedia.objects.update(file=media.file.name)
    assert status_at(path) == 404
