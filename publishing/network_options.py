"""The networks' own options of a post: how a form names them, how they are kept, and what one profile gets.

``Post.network_options`` holds, by network, the name of each option with its value. An option whose choices are the
profile's own (its boards, its playlists) is kept for each profile: ``"board:12"`` for the profile with the id 12.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from publishing.tracking import tracked_text
from social_accounts.networks.base import FIRST_COMMENT, Features, Option

OF_PROFILE: Final = ":"


def kept_name(option: Option, profile_id: int) -> str:
    return f"{option.name}{OF_PROFILE}{profile_id}" if option.is_asked else option.name


def field_name(network: str, kept: str) -> str:
    """Return the name of the form field of an option, as it is kept."""
    return f"option_{network}_{kept}"


def options_for(
    kept: Mapping[str, str], profile_id: int | None, tracking: Mapping[str, str]
) -> dict[str, str]:
    """Return the options one profile's publication gets, its own choices under the option's plain name."""
    own = f"{OF_PROFILE}{profile_id}"
    found = {}
    for name, value in tracked_options(kept, tracking).items():
        if OF_PROFILE not in name:
            found[name] = value
        elif name.endswith(own):
            found[name.removesuffix(own)] = value
    return found


def tracked_options(kept: Mapping[str, str], tracking: Mapping[str, str]) -> dict[str, str]:
    """Return the options as they go out: the links of the first comment with their tracking."""
    return {
        name: tracked_text(value, tracking) if name == FIRST_COMMENT else value
        for name, value in kept.items()
    }


def read_options(data: Mapping[str, str], features: Features, profile_ids: Iterable[int]) -> dict[str, str]:
    """Return what a form says of the network's options, cut to what an option may hold; unknown choices are left out.

    A default nobody changed is kept as well: it is what the person saw when the post was approved.
    """
    chosen = {}
    for option in features.options:
        names = [kept_name(option, pk) for pk in profile_ids] if option.is_asked else [option.name]
        for name in names:
            value = data.get(field_name(features.name, name), "").replace("\r\n", "\n")[: _room(option)]
            if value and (not option.choices or value in dict(option.choices)):
                chosen[name] = value
    return chosen


def _room(option: Option) -> int:
    """Return how much is kept: more than the network takes, so that what is too long is said and not cut."""
    return 2 * option.max_length + ROOM_MIN if option.max_length else ROOM_MAX


ROOM_MIN: Final = 500
ROOM_MAX: Final = 10_000
