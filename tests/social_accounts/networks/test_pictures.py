"""Pictures that do not come as a network takes them are made so on their way, and people are told."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from PIL import Image

from social_accounts.networks.base import Content, Media, Notes, PictureForm, Rejected, RejectionReason
from social_accounts.networks.images import fitted, is_made_to_fit
from social_accounts.networks.meta.containers import fetchable_address
from social_accounts.networks.meta.graph import Call
from social_accounts.networks.notes import notes_on
from social_accounts.networks.registry import FACTORIES, NetworksConfig

from .cast import NOW, clock, media, picture, prepared, request_for
from .contract import FakeNetwork
from .fake_facebook import FakeFacebook
from .fake_linkedin import FakeLinkedIn
from .fake_x import FakeX

JPEG_ONLY = PictureForm(types=("image/jpeg",), bytes_max=100_000, width_max=100)
ANY = PictureForm(types=("image/jpeg", "image/png", "image/gif"), bytes_max=20_000, pixels_max=10_000)


def measured(made: Media) -> Media:
    return replace(made, **dict(zip(("width", "height"), opened(made).size, strict=True)))


def opened(made: Media) -> Image.Image:
    with made.open() as stream:
        image = Image.open(io.BytesIO(stream.read()))
        image.load()
        return image


def see_through() -> Media:
    out = io.BytesIO()
    image = Image.new("RGBA", (60, 40), (0, 0, 0, 0))
    image.paste((200, 0, 0, 255), (0, 0, 30, 40))
    image.save(out, "PNG")
    return media(out.getvalue(), content_type="image/png", alt_text="Half", filename="half.png")


def test_a_picture_that_fits_goes_out_byte_for_byte() -> None:
    for kind in ("JPEG", "GIF"):
        file = measured(picture(file_format=kind))
        assert fitted(file, ANY) is file


def test_a_png_becomes_a_jpeg_with_white_where_it_was_see_through() -> None:
    original = see_through()
    made = fitted(original, JPEG_ONLY)
    assert (made.content_type, made.filename, made.alt_text) == ("image/jpeg", "half.jpg", "Half")
    image = opened(made)
    assert image.format == "JPEG"
    assert image.size == (made.width, made.height) == (60, 40)
    assert min(image.getpixel((55, 20))) > 250  # type: ignore[type-var, arg-type]
    red, green, blue = image.getpixel((5, 20))  # type: ignore[misc]
    assert red > 190
    assert green + blue < 20
    with made.open() as once, made.open() as again:
        data = once.read()
        assert data == again.read()
    assert len(data) == made.size_bytes
    assert fitted(original, JPEG_ONLY).size_bytes == made.size_bytes
    assert opened(original).format == "PNG"  # what was given stays


def test_a_webp_stays_see_through_where_the_network_takes_png() -> None:
    out = io.BytesIO()
    opened(see_through()).save(out, "WEBP", lossless=True)
    made = fitted(media(out.getvalue(), content_type="image/webp", filename="half.webp"), ANY)
    assert made.content_type == "image/png"
    assert opened(made).getchannel("A").getextrema() == (0, 255)


@pytest.mark.parametrize(
    ("form", "size", "expected"),
    [
        (JPEG_ONLY, (300, 150), (100, 50)),
        (ANY, (400, 100), (200, 50)),
        (ANY, (333, 101), None),
    ],
)
def test_a_picture_that_is_too_large_is_made_smaller_in_its_proportions(
    form: PictureForm, size: tuple[int, int], expected: tuple[int, int] | None
) -> None:
    made = fitted(measured(picture(size=size, file_format="JPEG")), form)
    width, height = opened(made).size
    assert expected is None or (width, height) == expected
    assert width <= (form.width_max or width)
    assert width * height <= (form.pixels_max or width * height)
    assert abs(width / height - size[0] / size[1]) < 0.1


def test_a_picture_with_too_many_bytes_keeps_its_pixels_while_it_can() -> None:
    out = io.BytesIO()
    Image.effect_noise((90, 90), 90).convert("RGB").save(out, "PNG")
    noisy = measured(media(out.getvalue(), content_type="image/png", filename="noise.png"))
    assert noisy.size_bytes > ANY.bytes_max
    made = fitted(noisy, ANY)
    assert made.size_bytes <= ANY.bytes_max
    assert (made.content_type, made.width, made.height) == ("image/jpeg", 90, 90)


def test_a_picture_that_moves_is_not_made_to_stand_still() -> None:
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    frames[0].save(out, "WEBP", save_all=True, append_images=frames[1:], duration=100)
    moving = media(out.getvalue(), content_type="image/webp", filename="moving.webp")
    with pytest.raises(Rejected) as caught:
        fitted(moving, JPEG_ONLY)
    assert caught.value.reason is RejectionReason.MEDIA_INVALID
    gif = media(b"GIF89a", content_type="image/gif")
    assert not is_made_to_fit(gif, JPEG_ONLY)
    assert fitted(gif, JPEG_ONLY) is gif  # refused before, and left alone


def test_what_is_no_picture_is_refused() -> None:
    with pytest.raises(Rejected) as caught:
        fitted(media(b"no picture", content_type="image/png"), JPEG_ONLY)
    assert caught.value.reason is RejectionReason.MEDIA_INVALID


@pytest.mark.parametrize("network", FACTORIES)
def test_what_is_made_to_fit_is_no_problem_and_is_said(network: str) -> None:
    """For each network: what its form makes fit is not refused, and people are told of it."""
    adapter = FACTORIES[network](NetworksConfig())
    form = adapter.features.picture_form
    if form is None:
        assert notes_on(Content(text="x", media=(picture(),)), adapter.features) == []
        return
    foreign = next(
        kind for kind in ("webp", "png", "jpeg") if f"image/{kind}" not in form.types or kind == "jpeg"
    )
    file = measured(picture(size=(400, 400), file_format=foreign.upper()))
    if f"image/{foreign}" in form.types:
        file = replace(file, size_bytes=form.bytes_max + 1)
    content = Content(text="x", media=(file,))
    assert not [problem for problem in adapter.problems(content) if file.filename in problem]
    (note,) = notes_on(content, adapter.features)
    assert file.filename in note
    assert "The original stays" in note
    gif = replace(picture(file_format="GIF"), size_bytes=form.bytes_max * 10)
    assert [
        problem for problem in adapter.problems(replace(content, media=(gif,))) if gif.filename in problem
    ]


@pytest.mark.parametrize("network", FACTORIES)
def test_a_network_without_descriptions_of_videos_says_so(network: str) -> None:
    features = FACTORIES[network](NetworksConfig()).features
    film = media(b"film", content_type="video/mp4", alt_text="A ride", filename="ride.mp4")
    notes = notes_on(Content(text="x", media=(film,)), features)
    is_said = any("no description of a video" in note for note in notes)
    assert is_said == (network in {"facebook", "instagram", "youtube", "tiktok"})


@pytest.mark.parametrize(
    ("network", "kind"), [(FakeFacebook, "WEBP"), (FakeLinkedIn, "WEBP"), (FakeX, "JPEG")]
)
def test_what_goes_up_is_what_was_made(network: Callable[[], FakeNetwork], kind: str) -> None:
    fake = network()
    sent: list[bytes] = []
    take = fake.answer
    fake.answer = lambda request: (sent.append(request.content), take(request))[1]  # type: ignore[method-assign]
    file = picture(size=(200, 200), file_format=kind)
    if kind == "JPEG":  # of a kind it takes, but claimed too large
        file = replace(file, size_bytes=6_000_000)
    with fake.client() as http:
        prepared(
            fake.adapter,
            http=http,
            clock=clock,
            credentials=fake.credentials,
            request=request_for(fake.account, Content(text="x", media=(file,))),
        )
    assert not any(b"WEBP" in body for body in sent)
    assert any(magic in body for body in sent for magic in (b"\xff\xd8\xff", b"\x89PNG"))


def test_a_network_that_fetches_is_given_the_address_of_what_is_made() -> None:
    asked: list[PictureForm | None] = []

    def address(form: PictureForm | None) -> str:
        asked.append(form)
        return "https://chorus.example/files/x/"

    call = Call(http=httpx.Client(), api="", now=NOW, label="Instagram")
    for kind in ("PNG", "JPEG"):
        fetchable_address(
            replace(picture(file_format=kind), address=address), call, JPEG_ONLY, needs_https=True
        )
    assert asked == [JPEG_ONLY, None]


@pytest.mark.parametrize(
    ("text", "comment", "is_said"),
    [
        ("Look: https://example.com/x", "", True),
        ("Look: example.com/x", "", True),
        ("No link", "But here: https://example.com", True),
        ("No link. At all", "Nor here", False),
    ],
)
def test_x_says_what_a_link_costs(text: str, comment: str, is_said: bool) -> None:
    adapter = FACTORIES["x"](NetworksConfig())
    assert isinstance(adapter, Notes)
    notes = adapter.notes(Content(text=text, options={"first_comment": comment}))
    assert bool(notes) == is_said
    assert all("0.20 US dollars" in note for note in notes)


def test_instagram_says_that_a_story_has_no_text() -> None:
    adapter = FACTORIES["instagram"](NetworksConfig())
    assert isinstance(adapter, Notes)
    story = Content(text="Words", media=(picture(file_format="JPEG"),), options={"place": "story"})
    assert "left out" in adapter.notes(story)[0]
    assert adapter.notes(replace(story, options={})) == []
    assert adapter.notes(replace(story, text="", media=(picture(file_format="JPEG", alt_text=""),))) == []
