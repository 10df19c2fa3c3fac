"""What a network offers and asks for, in words and numbers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class ServerLimits:
    """What one server allows, where servers of one network differ.

    Defaults of ``Features`` fill what it did not say.
    """

    text_limit: int
    url_length: int
    images_max: int
    image_bytes_max: int
    alt_text_max: int | None
    video_bytes_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Option:
    """A choice the composer offers for this network. ``choices`` empty means free text.

    ``is_asked``: the choices are the profile's own (its boards, its playlists) and come from ``Choices``.
    ``is_required``: without it the network takes no post. ``is_long``: text of several lines. ``help``: a sentence
    below the field.
    """

    name: str
    label: str
    choices: tuple[tuple[str, str], ...] = ()
    default: str = ""
    max_length: int | None = None
    is_asked: bool = False
    is_required: bool = False
    is_long: bool = False
    help: str = ""


# The option of networks that speak ``Comment``: delivery says it below the post once that is out.
FIRST_COMMENT = "first_comment"


@dataclass(frozen=True, kw_only=True)
class ScopeLine:
    """One permission we ask the network for, in plain words (translatable), for our page before its
    consent.
    """

    scope: str
    what: str
    used_for: str
    not_used: str = ""
    is_optional: bool = False  # asked for where the operator names it, and not otherwise


@dataclass(frozen=True, kw_only=True)
class PictureForm:
    """How a network takes a picture. One that comes otherwise is made so on its way; the original stays as it is."""

    types: tuple[str, ...]
    bytes_max: int
    width_max: int | None = None
    pixels_max: int | None = None


@dataclass(frozen=True, kw_only=True)
class Features:
    """What the composer, the checker (R6) and the connect page need to know.

    Numbers come from limits.json.
    """

    name: str
    label: str
    has_approval: bool
    needs_server: bool
    has_app_password: bool
    # Our application is registered there by the operator, by hand, and given to us in the settings.
    has_operator_app: bool = False
    # How long before its end a token is renewed; longer where it cannot be once it has ended.
    renews_before: timedelta = timedelta(minutes=20)
    # False: a post that is out is deleted in the network's own application alone.
    can_delete: bool = True
    text_limit: int
    images_max: int
    image_types: tuple[str, ...]
    image_bytes_max: int
    alt_text_max: int | None
    images_min: int = 0  # more than none where the network takes no post without a file
    video_types: tuple[str, ...] = ()  # empty: no videos
    video_bytes_max: int | None = None
    video_seconds_max: float | None = None
    # How pictures are made that do not come as the network takes them; None where they are refused.
    picture_form: PictureForm | None = None
    shows_video_alt_text: bool = True
    # Of these kinds ("image", "video") it takes an address, not the bytes: this Chorus must be reachable from outside.
    fetches: tuple[str, ...] = ()
    options: tuple[Option, ...] = ()
    scopes: tuple[ScopeLine, ...] = ()
    # What an operator must know before he counts on it: a review, a price. Shown on the network's card.
    conditions: str = ""
