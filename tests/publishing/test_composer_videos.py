"""Videos: measured when they come in, large ones in parts, and networks say at once what they refuse."""

from __future__ import annotations

import struct
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from accounts.models import User
from publishing import media as bounds
from publishing.content import content_for
from publishing.models import IncomingFile, PostMedia
from tenancy.context import organization_open
from tests.cast import Acme
from tests.films import UPRIGHT, film
from tests.publishing.pages import press, publications, upload, url, words

SignIn = Callable[[User], Client]
A_QUARTER_TURNED = struct.pack(">9i", 0, 0x10000, 0, -0x10000, 0, 0, 0, 0, 0x40000000)
SMALL_PART = 1000


@pytest.fixture(autouse=True)
def media_root(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def paul(acme: Acme, signed_in: SignIn) -> Client:
    return signed_in(acme.paul)


def video(content: bytes, name: str = "ride.mp4") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type="video/mp4")


def begin(client: Client, size: int, name: str = "ride.mp4") -> Any:
    return client.post(url("media_incoming"), {"filename": name, "size_bytes": size})


def send_part(client: Client, address: str, content: bytes, offset: int) -> Any:
    part = SimpleUploadedFile("part", content[offset : offset + SMALL_PART])
    return client.post(address, {"offset": offset, "part": part})


def only_file(acme: Acme) -> PostMedia:
    with organization_open(acme.organization.pk):
        return PostMedia.objects.get()


def test_video_is_measured_as_it_comes_in(acme: Acme, paul: Client) -> None:
    answer = paul.post(url("media_upload"), {"pictures": video(film(seconds=3, width=640, height=360))})
    assert answer.status_code == 201
    assert "0:03 · 640 × 360" in words(answer)
    found = only_file(acme)
    assert (found.content_type, found.width, found.height) == ("video/mp4", 640, 360)
    assert (found.seconds, found.frames_per_second, found.codecs) == (3.0, 25.0, "h264 aac")


@pytest.mark.parametrize(
    ("content", "content_type", "size", "codecs"),
    [
        (film(with_sound=False), "video/mp4", (320, 180), "h264"),
        (film().replace(b"isom", b"qt  ", 1), "video/quicktime", (320, 180), "h264 aac"),
        (film().replace(UPRIGHT, A_QUARTER_TURNED), "video/mp4", (180, 320), "h264 aac"),
    ],
    ids=["silent", "QuickTime", "held upright"],
)
def test_what_a_video_is_stands_in_its_content(
    acme: Acme, paul: Client, content: bytes, content_type: str, size: tuple[int, int], codecs: str
) -> None:
    upload(paul, video(content, "ride.mov"))
    found = only_file(acme)
    assert (found.content_type, (found.width, found.height), found.codecs) == (content_type, size, codecs)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"no film at all", "ride.mp4 is not a video we can read."),
        (b"\x00\x00\x00\x18ftypmp42" + bytes(200), "ride.mp4 is not a video we can read."),
        (b"\x1aE\xdf\xa3" + bytes(200), "ride.mp4 is not a video we can read."),
        (film()[:-300], "ride.mp4 is cut off"),
        (b"", "ride.mp4 is not a video we can read."),
    ],
    ids=["text", "a head and nothing else", "nothing of WebM but its mark", "cut off", "empty"],
)
def test_what_is_no_video_is_refused_in_words(
    acme: Acme, paul: Client, content: bytes, sentence: str
) -> None:
    refused = paul.post(url("media_upload"), {"pictures": video(content)})
    assert refused.status_code == 422
    assert sentence in refused.json()["problem"]
    with organization_open(acme.organization.pk):
        assert not PostMedia.objects.exists()


def test_adapters_are_told_what_was_measured(acme: Acme, paul: Client) -> None:
    media = upload(paul, video(film(seconds=4)))
    press(paul, "save", acme.news, media=media, **{f"alt_{media}": "A ride over the bridge"})
    (publication,) = publications(acme)
    with organization_open(acme.organization.pk):
        (given,) = content_for(publication.post, publication.profile).media
        with given.open() as stream:
            assert stream.read() == film(seconds=4)
    assert (given.is_video, given.seconds, given.frames_per_second) == (True, 4.0, 25.0)
    assert (given.codecs, given.width, given.alt_text) == (("h264", "aac"), 320, "A ride over the bridge")


def test_network_says_at_once_what_it_refuses(acme: Acme, paul: Client) -> None:
    media = upload(paul, video(film(seconds=200)))
    page = words(press(paul, "upload", acme.news, acme.sky, media=media))
    assert "Bluesky takes at most 180" in page
    assert "Mastodon takes" not in page
    refused = press(paul, "now", acme.sky, media=media)
    assert refused.status_code == 422 and not publications(acme)


# --- in parts --------------------------------------------------------------------------------------------------------


def test_large_video_comes_in_parts(acme: Acme, paul: Client) -> None:
    content = film(seconds=2)
    begun = begin(paul, len(content))
    assert begun.status_code == 201
    address, offset = begun.json()["address"], 0
    while offset + SMALL_PART < len(content):
        answer = send_part(paul, address, content, offset)
        assert answer.status_code == 200
        offset = answer.json()["received_bytes"]
    last = send_part(paul, address, content, offset)
    assert last.status_code == 201 and "ride.mp4" in words(last)
    with only_file(acme).file.open("rb") as stream:
        assert stream.read() == content
    assert send_part(paul, address, content, offset).status_code == 404


def test_part_sent_again_after_a_lost_answer_is_told_what_is_here(acme: Acme, paul: Client) -> None:
    content = film(seconds=2)
    address = begin(paul, len(content)).json()["address"]
    send_part(paul, address, content, 0)
    again = send_part(paul, address, content, 0)
    assert (again.status_code, again.json()) == (409, {"received_bytes": SMALL_PART})
    assert send_part(paul, address, content, SMALL_PART).status_code == 200


def test_parts_of_a_file_that_is_no_video_are_forgotten(
    acme: Acme, paul: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    content = b"\x00\x00\x00\x18ftypmp42" + bytes(500)
    address = begin(paul, len(content)).json()["address"]
    with django_capture_on_commit_callbacks(execute=True):
        refused = send_part(paul, address, content, 0)
    assert refused.status_code == 422 and "not a video we can read" in refused.json()["problem"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_file_too_large_is_refused_before_it_is_sent(acme: Acme, paul: Client) -> None:
    refused = begin(paul, bounds.VIDEO_BYTES_MAX + 1)
    assert refused.status_code == 422 and "too large" in refused.json()["problem"]
    assert begin(paul, 0).status_code == begin(paul, -1).status_code == 422


def test_nobody_goes_on_with_somebody_elses_upload(acme: Acme, paul: Client, signed_in: SignIn) -> None:
    content = film()
    address = begin(paul, len(content)).json()["address"]
    assert send_part(signed_in(acme.marc), address, content, 0).status_code == 404
    assert send_part(paul, address, content, 0).status_code == 200


def test_upload_that_stopped_half_way_is_forgotten_after_a_day(
    acme: Acme, paul: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    content = film()
    send_part(paul, begin(paul, len(content)).json()["address"], content, 0)
    with organization_open(acme.organization.pk):
        IncomingFile.objects.update(begun_at=timezone.now() - timedelta(days=2))
    with django_capture_on_commit_callbacks(execute=True):
        begin(paul, len(content))
    with organization_open(acme.organization.pk):
        assert IncomingFile.objects.get().received_bytes == 0
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_one_person_cannot_fill_the_storage_with_beginnings(acme: Acme, paul: Client) -> None:
    assert [begin(paul, 100).status_code for _number in range(11)] == [201] * 10 + [422]


# --- playing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("wanted", "first", "last"),
    [
        ("bytes=0-99", 0, 99),
        ("bytes=100-", 100, None),
        ("bytes=-50", -50, None),
        ("bytes=10-999999999", 10, None),
    ],
)
def test_player_gets_the_piece_it_asks_for(
    acme: Acme, paul: Client, wanted: str, first: int, last: int | None
) -> None:
    content = film()
    media = upload(paul, video(content))
    answer = paul.get(url("media_file", media), headers={"Range": wanted})
    expected = content[first:] if last is None else content[first : last + 1]
    assert answer.status_code == 206
    assert b"".join(answer) == expected
    begin_at = len(content) - 50 if first < 0 else first
    assert answer["Content-Range"] == f"bytes {begin_at}-{begin_at + len(expected) - 1}/{len(content)}"
    assert answer["Content-Type"] == "video/mp4"


@pytest.mark.parametrize("wanted", ["bytes=999999999-", "bytes=5-2", "lines=1-2", "bytes=-"])
def test_piece_that_does_not_exist_is_refused(acme: Acme, paul: Client, wanted: str) -> None:
    media = upload(paul, video(film()))
    assert paul.get(url("media_file", media), headers={"Range": wanted}).status_code == 416
