"""A publication's content as the network adapters take it, and what the network would say against it."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.utils.translation import gettext

from publishing.models import Post, PostMedia, Publication
from social_accounts.connections import adapter, limits_of
from social_accounts.networks.base import Content, LinkCard, Media
from social_accounts.networks.words import translated


def content_for(post: Post, network: str) -> Content:
    """Return what goes out of this post on this network."""
    card = post.link_card
    return Content(
        text=post.text_for(network),
        media=tuple(_media(media) for media in post.media.order_by("position")),
        link_card=LinkCard(**card) if card else None,
        language=post.language,
        options=post.network_options.get(network, {}),
    )


def problems_of(publication: Publication) -> list[str]:
    """Return plain sentences on why the network would refuse it; empty when it is fine."""
    network = publication.profile.network
    limits = limits_of(publication.profile)
    problems = adapter(network).problems(content_for(publication.post, network), limits)
    return [translated(problem, gettext) for problem in problems]


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
    )
