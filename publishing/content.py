"""A publication's content as the network adapters take it, and what the network would say against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO, cast

from django.utils.translation import gettext

from publishing.models import Post, PostMedia, Publication
from publishing.network_options import options_for
from publishing.public_files import public_address
from publishing.tracking import tracked_card, tracked_text, tracking_of
from social_accounts.connections import adapter, clock, limits_of
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Content, LinkCard, Media
from social_accounts.networks.words import translated


def content_for(post: Post, profile: SocialProfile) -> Content:
    """Return what goes out of this post on this profile."""
    network = profile.network
    return assembled(
        text=post.text_for(network),
        media=post.media.order_by("position"),
        link_card=post.link_card,
        language=post.language,
        options=post.network_options.get(network, {}),
        profile_id=profile.pk,
        tracking=tracking_of(post, network),
    )


def assembled(
    *,
    text: str,
    media: Iterable[PostMedia],
    link_card: Mapping[str, str] | None,
    language: str,
    options: Mapping[str, str],
    profile_id: int,
    tracking: Mapping[str, str],
) -> Content:
    """Return a content from what is stored, or from what was just typed: the same on both ways."""
    card = tracked_card(link_card, tracking)
    return Content(
        text=tracked_text(text, tracking),
        media=tuple(map(_media, media)),
        link_card=_card(card) if card else None,
        language=language,
        options=options_for(options, profile_id, tracking),
    )


def problems_of(publication: Publication) -> list[str]:
    """Return plain sentences on why the network would refuse it; empty when it is fine."""
    return problems_in(content_for(publication.post, publication.profile), publication.profile)


def problems_in(content: Content, profile: SocialProfile) -> list[str]:
    """Return plain sentences on why the profile's network would refuse this content."""
    found = adapter(profile.network).problems(content, limits_of(profile))
    return [translated(problem, gettext) for problem in found]


def _card(card: Mapping[str, str]) -> LinkCard:
    return LinkCard(url=card["url"], title=card["title"], description=card.get("description", ""))


def _media(media: PostMedia) -> Media:
    def open_file() -> BinaryIO:
        return cast(BinaryIO, media.file.storage.open(str(media.file.name), "rb"))

    return Media(
        content_type=media.content_type,
        size_bytes=media.size_bytes,
        open=open_file,
        alt_text=media.alt_text,
        width=media.width,
        height=media.height,
        filename=media.filename,
        seconds=media.seconds,
        frames_per_second=media.frames_per_second,
        codecs=tuple(media.codecs.split()),
        address=lambda: public_address(media, clock()),
    )
