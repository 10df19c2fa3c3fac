"""Two people at one post: what stands in it now beside what was typed, where they differ."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from publishing.forms import TypedPost
from publishing.models import Post
from publishing.organizing.difference import Piece, words_between
from social_accounts.connections import offered_networks


@dataclass(frozen=True)
class Differing:
    """One part of the post in both versions, as text."""

    label: str
    stored: str
    typed: str

    @property
    def pieces(self) -> list[Piece]:
        """Return the words of both: those of one only are marked."""
        return words_between(self.stored, self.typed)


def differences(post: Post, typed: TypedPost, files: list[str]) -> list[Differing]:
    """Return the parts that differ, in the order of the composer. ``files``: the names of the files typed."""
    return [one for one in _parts(post, typed, files) if one.stored.strip() != one.typed.strip()]


def _parts(post: Post, typed: TypedPost, files: list[str]) -> Iterator[Differing]:
    yield Differing(_("Text"), post.text, _plain(typed.said("text")))
    for network in offered_networks():
        yield Differing(
            _("Different text for %(network)s") % {"network": network.label},
            str(post.network_texts.get(network.name, "")),
            _plain(typed.network_texts.get(network.name, "")),
        )
    stored = [one.filename for one in post.media.order_by("position")]
    yield Differing(_("Pictures and videos"), "\n".join(stored), "\n".join(files))
    yield Differing(_("Link preview"), _card(post.link_card), _card(typed.link_card()))
    yield Differing(_("Internal note"), post.internal_note, typed.said("internal_note"))


def _card(card: dict[str, str] | None) -> str:
    return "\n".join(value for value in card.values() if value) if card else ""


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n")
