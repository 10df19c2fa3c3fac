"""What the composer shows: profiles to choose from, a part per network, previews, and the buttons that fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from orgs.models import Organization
from permissions.checker import Access
from publishing.forms import TypedPost
from publishing.models import Post, PostMedia
from publishing.rights import PUBLISH, may_compose
from publishing.times import offset_name
from social_accounts.connections import adapter, features, limits_of, offered_networks
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Content, Features, Option, TextCount
from social_accounts.networks.words import translated
from social_accounts.selectors import visible_profiles

PUBLISHES, ASKS, MIXED = "publish", "ask", "mixed"
# How the script in the page measures; the server counts again through the adapter.
MEASURES: Final[Mapping[str, str]] = {"mastodon": "mastodon"}
# A text field there counts against the limit as well.
COUNTED_OPTIONS: Final[Mapping[str, str]] = {"mastodon": "spoiler_text"}


@dataclass(frozen=True)
class ProfileChoice:
    """A profile as the composer offers it, or shows it blocked with the reason and the way out."""

    profile: SocialProfile
    is_on: bool
    may_publish: bool
    zone: str
    blocked: str = ""
    way_out: str = ""
    way_out_label: str = ""

    @property
    def way(self) -> str:
        return PUBLISHES if self.may_publish else ASKS


@dataclass(frozen=True)
class OptionField:
    """One of a network's own options as a form field."""

    field: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str
    max_length: int | None


@dataclass(frozen=True)
class NetworkPart:
    """What one network adds to the composer."""

    features: Features
    profile: SocialProfile  # whose post the preview pretends to be
    own_text: str
    shown_text: str
    is_on: bool
    options: Sequence[OptionField]
    measure: str
    count: TextCount
    counted_option: str

    @property
    def name(self) -> str:
        return self.features.name


@dataclass
class ComposerPage:
    post: Post | None
    typed: TypedPost
    choices: Sequence[ProfileChoice]
    networks: Sequence[NetworkPart]
    pictures: Sequence[PostMedia]
    zones: Sequence[str]
    problems: list[str] = field(default_factory=list)

    @property
    def offered(self) -> list[ProfileChoice]:
        return [choice for choice in self.choices if not choice.blocked]

    @property
    def way(self) -> str:
        """Say which buttons fit what is chosen (A5): publish, ask, or mixed; of everything when nothing is chosen."""
        chosen = [choice for choice in self.offered if choice.is_on] or self.offered
        ways = {choice.way for choice in chosen}
        if ways == {PUBLISHES, ASKS}:
            return MIXED if any(choice.is_on for choice in chosen) else PUBLISHES
        return ASKS if ways == {ASKS} else PUBLISHES

    @property
    def may_publish_somewhere(self) -> bool:
        return any(choice.may_publish for choice in self.offered)

    @property
    def is_any_on(self) -> bool:
        return any(choice.is_on for choice in self.offered)


def composer_page(
    *,
    access: Access,
    organization: Organization,
    post: Post | None,
    typed: TypedPost,
    problems: Sequence[str] = (),
    now: datetime,
) -> ComposerPage:
    """Return everything the composer shows of a post, saved or as it was just typed."""
    profiles = list(visible_profiles(access, organization).order_by("name", "pk"))
    standing = set(post.publications.values_list("profile_id", flat=True)) if post else set()
    known = {network.name for network in offered_networks()}
    choices = [
        _choice(access, organization, profile, typed.profile_ids, standing, now)
        for profile in profiles
        if profile.network in known
    ]
    return ComposerPage(
        post=post,
        typed=typed,
        choices=choices,
        networks=_networks(choices, typed),
        pictures=typed.pictures(access.user.pk, post),
        zones=list(dict.fromkeys(choice.zone for choice in choices if choice.is_on)),
        problems=list(problems),
    )


def _choice(
    access: Access,
    organization: Organization,
    profile: SocialProfile,
    chosen: Collection[int],
    standing: Collection[int],
    now: datetime,
) -> ProfileChoice:
    zone = f"{profile.time_zone.rsplit('/', 1)[-1].replace('_', ' ')} ({offset_name(now, profile.time_zone)})"
    is_on, may_publish = profile.pk in chosen, access.can(PUBLISH, profile)
    address = reverse("profile", args=[organization.slug, profile.pk])
    if not may_compose(access, profile):
        reason = _(
            "Your role on %(profile)s does not include writing posts. Somebody who manages the profile can give "
            "you one that does."
        ) % {"profile": profile}
        return ProfileChoice(profile, False, False, zone, reason, address, _("Who manages it"))
    if not profile.is_connected and profile.pk not in standing:
        reason = _("%(profile)s is not connected to its network, so nothing can go out there now.") % {
            "profile": profile
        }
        return ProfileChoice(profile, False, may_publish, zone, reason, address, _("Open the profile"))
    return ProfileChoice(profile, is_on, may_publish, zone)


def _networks(choices: Sequence[ProfileChoice], typed: TypedPost) -> list[NetworkPart]:
    """Return a part for each network: of its chosen profiles, or of all when none is chosen."""
    found: dict[str, list[ProfileChoice]] = {}
    for choice in choices:
        if not choice.blocked:
            found.setdefault(choice.profile.network, []).append(choice)
    parts = []
    for name, offered in found.items():
        chosen = [choice for choice in offered if choice.is_on]
        profiles = [choice.profile for choice in chosen or offered]
        parts.append(_network(features(name), profiles, bool(chosen), typed))
    return parts


def _network(
    network: Features, profiles: Sequence[SocialProfile], is_on: bool, typed: TypedPost
) -> NetworkPart:
    own_text = typed.network_texts.get(network.name, "")
    chosen = typed.network_options.get(network.name, {})
    text = own_text or str(typed.form["text"].value() or "")
    content = Content(text=text, options=chosen)
    counts = [adapter(network.name).count(content, limits_of(profile)) for profile in profiles]
    return NetworkPart(
        features=network,
        profile=profiles[0],
        own_text=own_text,
        shown_text=text,
        is_on=is_on,
        options=[_option(network.name, option, chosen) for option in network.options],
        measure=MEASURES.get(network.name, "graphemes"),
        count=min(counts, key=lambda count: count.limit),  # what fits the strictest server fits all
        counted_option=COUNTED_OPTIONS.get(network.name, ""),
    )


def _option(network: str, option: Option, chosen: Mapping[str, Any]) -> OptionField:
    return OptionField(
        field=f"option_{network}_{option.name}",
        label=_say(option.label),
        choices=[(value, _say(label)) for value, label in option.choices],
        value=str(chosen.get(option.name, option.default)),
        max_length=option.max_length,
    )


def _say(sentence: str) -> str:
    return translated(sentence, _)
