"""Cropping: a new picture from numbers, the original beside it, and the way back."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import ExifTags, Image

from accounts.models import User
from publishing.cropping import ratio_of
from publishing.models import Post, PostMedia
from tenancy.context import organization_open
from tests.cast import Acme
from tests.publishing.pages import picture, press, upload, url

SignIn = Callable[[User], Client]
MIDDLE = {"left": 10, "top": 5, "right": 30, "bottom": 25}


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def crop(client: Client, media: int, **box: Any) -> int:
    answer = client.post(url("media_crop", media), box)
    assert answer.status_code == 201, answer.content
    found = re.search(r'name="media" value="(\d+)"', answer.content.decode())
    assert found
    return int(found[1])


def file(acme: Acme, pk: int) -> PostMedia:
    with organization_open(acme.organization.pk):
        return PostMedia.objects.select_related("original").get(pk=pk)


def turned_picture() -> SimpleUploadedFile:
    """A JPEG that cameras write when held upright: 60 wide and 40 high, to be shown 40 wide and 60 high."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    content = io.BytesIO()
    Image.new("RGB", (60, 40), "teal").save(content, "JPEG", exif=exif)
    return SimpleUploadedFile("upright.jpg", content.getvalue(), content_type="image/jpeg")


def test_crop_is_a_new_picture_beside_the_original(acme: Acme, paul: Client) -> None:
    whole = upload(paul)
    made = file(acme, crop(paul, whole, **MIDDLE, alt_text="A bridge"))
    assert (made.width, made.height, made.crop) == (20, 20, [10, 5, 30, 25])
    assert (made.original_id, made.filename, made.alt_text) == (whole, "bridge.png", "A bridge")
    with made.file.open("rb") as stream, Image.open(stream) as image:
        assert (image.format, image.size) == ("PNG", (20, 20))
    kept = file(acme, whole)
    assert (kept.width, kept.height) == (40, 30)


def test_crop_of_a_crop_is_cut_from_the_original(acme: Acme, paul: Client) -> None:
    whole = upload(paul)
    again = file(acme, crop(paul, crop(paul, whole, **MIDDLE), left=0, top=0, right=40, bottom=20))
    assert (again.original_id, again.width, again.height) == (whole, 40, 20)


def test_whole_picture_comes_back(acme: Acme, paul: Client) -> None:
    whole = upload(paul)
    assert crop(paul, crop(paul, whole, **MIDDLE)) == whole


def test_crop_can_be_undone_after_the_post_was_saved_also_by_a_colleague(
    acme: Acme, paul: Client, signed_in: SignIn
) -> None:
    whole = upload(paul)
    made = crop(paul, whole, **MIDDLE)
    press(paul, "save", acme.news, media=made)
    with organization_open(acme.organization.pk):
        post = Post.objects.get()
        assert [one.pk for one in post.media.all()] == [made]
    marc = signed_in(acme.marc)
    assert crop(marc, made) == whole
    assert b"".join(marc.get(url("media_file", whole))).startswith(b"\x89PNG")
    assert press(marc, "save", acme.news, post=post, version=1, media=whole).status_code == 302
    with organization_open(acme.organization.pk):
        assert [one.pk for one in post.media.all()] == [whole]


def test_numbers_are_those_of_the_picture_held_upright(acme: Acme, paul: Client) -> None:
    whole = upload(paul, turned_picture())
    assert (file(acme, whole).width, file(acme, whole).height) == (40, 60)
    made = file(acme, crop(paul, whole, left=0, top=0, right=40, bottom=50))
    with made.file.open("rb") as stream, Image.open(stream) as image:
        assert image.size == (40, 50)
        assert not image.getexif()  # nothing hidden goes along


@pytest.mark.parametrize(
    "box",
    [
        MIDDLE | {"right": 41},
        MIDDLE | {"bottom": 31},
        MIDDLE | {"right": 12},
        {"left": 30, "top": 5, "right": 10, "bottom": 25},
        {"left": 10, "top": 5, "right": 30},
        MIDDLE | {"left": "-1"},
        MIDDLE | {"left": "x"},
    ],
)
def test_part_outside_of_the_picture_is_refused_in_words(acme: Acme, paul: Client, box: Any) -> None:
    refused = paul.post(url("media_crop", upload(paul)), box)
    assert refused.status_code == 422
    assert "lies outside of the picture, or is too small" in refused.json()["problem"]


def test_picture_of_somebody_else_cannot_be_cropped(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    whole = upload(paul)
    assert signed_in(acme.marc).post(url("media_crop", whole), MIDDLE).status_code == 404
    assert signed_in(acme.mallory).post(url("media_crop", whole), MIDDLE).status_code == 404


def test_moving_picture_is_not_cropped(acme: Acme, paul: Client) -> None:
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "GIF")
    moving = SimpleUploadedFile("moving.gif", content.getvalue(), content_type="image/gif")
    refused = paul.post(url("media_crop", upload(paul, moving)), MIDDLE)
    assert refused.status_code == 422 and "Only JPEG, PNG and WebP" in refused.json()["problem"]


@pytest.mark.parametrize(
    ("network", "size", "is_taken"),
    [
        ("instagram", (1080, 1080), True),
        ("instagram", (1080, 1350), True),
        ("instagram", (900, 1600), False),
        ("instagram", (2000, 1000), False),
        ("pinterest", (900, 1600), True),  # 2:3 is only advised
    ],
)
def test_shapes_that_networks_take_are_those_of_the_limits(
    network: str, size: tuple[int, int], is_taken: bool
) -> None:
    ratio = ratio_of(network)
    assert ratio is not None and ratio.takes(*size) is is_taken


def test_networks_without_a_shape_ask_for_none() -> None:
    assert [ratio_of(network) for network in ("mastodon", "bluesky", "facebook", "unheard_of")] == [None] * 4


def test_ratios_are_said_as_people_say_them() -> None:
    instagram, pinterest = ratio_of("instagram"), ratio_of("pinterest")
    assert instagram and (instagram.low_words, instagram.high_words) == ("4:5", "1.91:1")
    assert pinterest and pinterest.advised_words == "2:3"


def test_crop_keeps_the_kind_of_the_picture(acme: Acme, paul: Client) -> None:
    made = file(acme, crop(paul, upload(paul, picture(size=(60, 60))), left=0, top=0, right=30, bottom=60))
    assert (made.content_type, made.width, made.height) == ("image/png", 30, 60)
