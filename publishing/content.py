"""A publication's content as the network adapters take it, and what the network would say against it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import BinaryIO, cast

from django.utils.translation import gettext

from publishing.models import Post, PostMedia, Publication
from publishing.network_options import options_for
from publishing.public_files import public_address
from publishing.tracking import tracked_card, tracked_text, tracking_of
from social_accounts import connections
from social_accounts.connections import has_public_address, limits_of
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Content, Features, LinkCard, Media, Notes
from social_accounts.networks.notes import notes_on
from social_accounts.networks.words import mark, translated


def content_for(post: Post, profile: SocialProfile) -> Content:
    """Return what goes out of this post on this profile."""
    network = profile.network
    return assembled(
        text=post.text_for(network),
        media=post.files,
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
        media=tuple(map(file_of, media)),
        link_card=_card(card) if card else None,
        language=language,
        options=options_for(options, profile_id, tracking),
    )


def problems_of(publication: Publication) -> list[str]:
    """Return plain sentences on why the network would refuse it; empty when it is fine."""
    return problems_in(content_for(publication.post, publication.profile), publication.profile)


def problems_in(content: Content, profile: SocialProfile) -> list[str]:
    """Return plain sentences on why the profile's network would refuse this content."""
    speaks = connections.adapter(profile.network)
    found = [*_unreachable(content, profile, speaks.features), *speaks.problems(content, limits_of(profile))]
    return [translated(problem, gettext) for problem in found]


def notes_in(content: Content, profile: SocialProfile) -> list[str]:
    """Return plain sentences on what becomes of this content on its way to the profile's network."""
    speaks = connections.adapter(profile.network)
    more = speaks.notes(content) if isinstance(speaks, Notes) else ()
    return [translated(note, gettext) for note in (*notes_on(content, speaks.features), *more)]


def _unreachable(content: Content, profile: SocialProfile, features: Features) -> Iterable[str]:
    """Say that a network on the internet could not fetch the files from here; the sandbox can."""
    is_elsewhere = profile.server.startswith("https://")
    is_fetched = any(media.content_type.startswith(features.fetches) for media in content.media)
    if is_fetched and is_elsewhere and not has_public_address():
        yield mark(
            "%(network)s fetches files from Chorus itself, which has no public https address here.",
            network=features.label,
        )


def _card(card: Mapping[str, str]) -> LinkCard:
    return LinkCard(url=card["url"], title=card["title"], description=card.get("description", ""))


def file_of(media: PostMedia) -> Media:
    """Return one file as the adapters take it."""

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
        address=lambda form: public_address(media, connections.clock(), form),
    )
