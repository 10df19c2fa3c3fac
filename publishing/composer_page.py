"""What the composer shows: profiles to choose from, a part per network, previews, and the buttons that fit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.forms import BoundField
from django.urls import reverse
from django.utils.translation import gettext as _

from orgs.models import Organization
from permissions.checker import Access
from publishing.composer_networks import NetworkOfPost, NetworkPart
from publishing.cropping import Ratio, ratios
from publishing.forms import TypedPost
from publishing.mentions import can_suggest
from publishing.models import Post, PostMedia
from publishing.rights import PUBLISH, may_compose
from publishing.taken_workflows import profiles_that_bind
from publishing.times import offset_name
from publishing.tracking import MEDIUM, PARAMETERS
from social_accounts.connections import features, offered_networks
from social_accounts.models import SocialProfile
from social_accounts.selectors import visible_profiles

PUBLISHES, ASKS, MIXED = "publish", "ask", "mixed"


@dataclass(frozen=True)
class ProfileChoice:
    """A profile as the composer offers it, or shows it blocked with the reason and the way out."""

    profile: SocialProfile
    is_on: bool
    may_publish: bool
    zone: str
    can_suggest: bool = False  # its network looks up accounts to mention
    blocked: str = ""
    way_out: str = ""
    way_out_label: str = ""

    @property
    def way(self) -> str:
        return PUBLISHES if self.may_publish else ASKS


@dataclass(frozen=True)
class TrackingField:
    """One value of tracking in the form; ``default`` is what stands for an empty one."""

    bound: BoundField
    short: str
    default: str


def tracking_fields(typed: TypedPost) -> list[TrackingField]:
    defaults = {"source": _("the network"), "medium": MEDIUM}
    return [TrackingField(typed.form[f"utm_{name}"], name, defaults.get(name, "")) for name in PARAMETERS]


@dataclass
class ComposerPage:
    post: Post | None
    typed: TypedPost
    choices: Sequence[ProfileChoice]
    networks: Sequence[NetworkPart]
    files: Sequence[PostMedia]
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
    def has_links(self) -> bool:
        """Say whether links of the post go out otherwise than they were typed."""
        return any(network.links for network in self.networks if network.is_on)

    @property
    def crop_ratios(self) -> list[Ratio]:
        """Return the shapes of pictures that the networks ask for."""
        return ratios(network.name for network in self.networks)

    @property
    def is_any_on(self) -> bool:
        return any(choice.is_on for choice in self.offered)


def composer_page(
    *,
    access: Access,
    organization: Organization,
    post: Post | None,
    typed: TypedPost,
    campaign: Mapping[str, str] | None = None,
    problems: Sequence[str] = (),
    now: datetime,
) -> ComposerPage:
    """Return everything the composer shows of a post, saved or as it was just typed.

    ``campaign``: what the campaign chosen says of tracking.
    """
    profiles = list(visible_profiles(access, organization).order_by("name", "pk"))
    standing = set(post.publications.values_list("profile_id", flat=True)) if post else set()
    known = {network.name for network in offered_networks()}
    bound = profiles_that_bind(access, profiles, post.campaign if post else None)
    choices = [
        _choice(access, organization, profile, typed.profile_ids, standing, bound, now)
        for profile in profiles
        if profile.network in known
    ]
    files = typed.files(access.user.pk, post)
    return ComposerPage(
        post=post,
        typed=typed,
        choices=choices,
        networks=_networks(access, choices, typed, files, campaign or {}),
        files=files,
        zones=list(dict.fromkeys(choice.zone for choice in choices if choice.is_on)),
        problems=list(problems),
    )


def _choice(
    access: Access,
    organization: Organization,
    profile: SocialProfile,
    chosen: Collection[int],
    standing: Collection[int],
    bound: Collection[int],
    now: datetime,
) -> ProfileChoice:
    zone = f"{profile.time_zone.rsplit('/', 1)[-1].replace('_', ' ')} ({offset_name(now, profile.time_zone)})"
    is_on, may_publish = profile.pk in chosen, access.can(PUBLISH, profile) and profile.pk not in bound
    address = reverse("profile", args=[organization.slug, profile.pk])
    if not may_compose(access, profile):
        reason = _(
            "Your role on %(profile)s does not include writing posts. Somebody who manages the profile can give "
            "you one that does."
        ) % {"profile": profile}
        return ProfileChoice(profile, False, False, zone, False, reason, address, _("Who manages it"))
    if not profile.is_connected and profile.pk not in standing:
        reason = _("%(profile)s is not connected to its network, so nothing can go out there now.") % {
            "profile": profile
        }
        return ProfileChoice(profile, False, may_publish, zone, False, reason, address, _("Open the profile"))
    return ProfileChoice(profile, is_on, may_publish, zone, can_suggest(profile.network))


def _networks(
    access: Access,
    choices: Sequence[ProfileChoice],
    typed: TypedPost,
    files: Sequence[PostMedia],
    campaign: Mapping[str, str],
) -> list[NetworkPart]:
    """Return a part for each network: of its chosen profiles, or of all when none is chosen."""
    found: dict[str, list[ProfileChoice]] = {}
    for choice in choices:
        if not choice.blocked:
            found.setdefault(choice.profile.network, []).append(choice)
    parts = []
    for name, offered in found.items():
        chosen = [choice for choice in offered if choice.is_on]
        profiles = [choice.profile for choice in chosen or offered]
        network = NetworkOfPost(
            features(name), profiles, [choice.profile for choice in offered], typed, files, campaign, access
        )
        parts.append(network.part(is_on=bool(chosen)))
    return parts
