"""What one network adds to the composer: its options, how it counts, what it would say against the post."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext

from permissions.checker import Access
from publishing.asked_choices import known_choices
from publishing.content import assembled, notes_in, problems_in
from publishing.forms import TypedPost
from publishing.models import PostMedia
from publishing.network_options import field_name, kept_name
from publishing.tracking import links_in, tracked_url, values_for
from social_accounts import connections
from social_accounts.boards.choosing import seen_choices
from social_accounts.connections import limits_of
from social_accounts.models import SocialProfile
from social_accounts.networks.base import FIRST_COMMENT, Content, Features, Option, TextCount
from social_accounts.networks.words import translated

# How the script in the page measures; the server counts again through the adapter.
MEASURES: Final[Mapping[str, str]] = {
    "mastodon": "mastodon",
    "x": "x",
    "threads": "threads",
    "tiktok": "chars",
}
# A text field there counts against the limit as well.
COUNTED_OPTIONS: Final[Mapping[str, str]] = {"mastodon": "spoiler_text"}


@dataclass(frozen=True)
class OptionField:
    """One of a network's own options as a form field. ``profile``: whose choices it has, where they are its own."""

    name: str
    field: str
    label: str
    choices: Sequence[tuple[str, str]]
    value: str
    max_length: int | None
    is_required: bool
    is_long: bool
    profile: SocialProfile | None = None
    is_known: bool = True  # False: its choices are still to be fetched from the network
    help: str = ""


@dataclass(frozen=True)
class TrackedLink:
    """A link of the post, as typed and as it goes out."""

    typed: str
    sent: str


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
    problems: Sequence[str]
    notes: Sequence[str]
    links: Sequence[TrackedLink]

    @property
    def name(self) -> str:
        return self.features.name

    @property
    def title(self) -> str:
        return self._value("title")

    @property
    def first_comment(self) -> str:
        return self._value(FIRST_COMMENT)

    def _value(self, option: str) -> str:
        return next((field.value for field in self.options if field.name == option), "")


@dataclass(frozen=True)
class NetworkOfPost:
    """One network and what was typed: everything that has to be worked out for its part of the page."""

    features: Features
    profiles: Sequence[SocialProfile]  # those chosen, or all when none is
    offered: Sequence[SocialProfile]
    typed: TypedPost
    files: Sequence[PostMedia]
    campaign: Mapping[str, str]
    access: Access  # the author's: choices he may not see are not offered

    def part(self, *, is_on: bool) -> NetworkPart:
        name = self.features.name
        contents = {profile.pk: self._content(profile) for profile in self.profiles}
        counts = [
            connections.adapter(name).count(contents[profile.pk], limits_of(profile))
            for profile in self.profiles
        ]
        return NetworkPart(
            features=self.features,
            profile=self.profiles[0],
            own_text=self.typed.network_texts.get(name, ""),
            shown_text=self._text,
            is_on=is_on,
            options=self._options(),
            measure=MEASURES.get(name, "graphemes"),
            count=min(counts, key=lambda count: count.limit),  # what fits the strictest server fits all
            counted_option=COUNTED_OPTIONS.get(name, ""),
            problems=self._problems(contents) if is_on and (self._text.strip() or self.files) else [],
            notes=notes_in(contents[self.profiles[0].pk], self.profiles[0]) if is_on else [],
            links=self._links(),
        )

    @property
    def _text(self) -> str:
        return self.typed.network_texts.get(self.features.name) or self.typed.said("text")

    @property
    def _chosen(self) -> Mapping[str, str]:
        return self.typed.network_options.get(self.features.name, {})

    @property
    def _tracking(self) -> Mapping[str, str]:
        return values_for(self.typed.tracking(), self.campaign, self.features.name)

    def _content(self, profile: SocialProfile) -> Content:
        return assembled(
            text=self._text.replace("\r\n", "\n"),
            media=self.files,
            link_card=self.typed.link_card(),
            language=self.typed.said("language"),
            options=self._chosen,
            profile_id=profile.pk,
            tracking=self._tracking,
        )

    def _problems(self, contents: Mapping[int, Content]) -> list[str]:
        """Return what the network would say; of several profiles the one that differs is named."""
        said: dict[str, list[SocialProfile]] = {}
        for profile in self.profiles:
            for sentence in problems_in(contents[profile.pk], profile):
                said.setdefault(sentence, []).append(profile)
        return [
            sentence
            if len(profiles) == len(self.profiles)
            else f"{', '.join(one.handle for one in profiles)}: {sentence}"
            for sentence, profiles in said.items()
        ]

    def _links(self) -> list[TrackedLink]:
        values = self._tracking
        if not values:
            return []
        card = self.typed.link_card()
        text = self._text
        typed = [text[start:end] for start, end in links_in(text)] + ([card["url"]] if card else [])
        return [TrackedLink(link, tracked_url(link, values)) for link in dict.fromkeys(typed)]

    def _options(self) -> list[OptionField]:
        """Return a field for each option; of one with choices of the profile's own, a field for each profile."""
        found = []
        for option in self.features.options:
            profiles = self.offered if option.is_asked else [None]
            found += [self._option(option, profile) for profile in profiles]
        return found

    def _option(self, option: Option, profile: SocialProfile | None) -> OptionField:
        kept = kept_name(option, profile.pk) if profile else option.name
        value = str(self._chosen.get(kept, option.default))
        known = known_choices(profile, option.name) if profile else None
        if profile and known is not None:
            known = seen_choices(self.access, profile, option.name, known)
        choices = [(given, translated(label, gettext)) for given, label in known or option.choices]
        if profile and value and value not in dict(choices):
            choices.append((value, value))
        return OptionField(
            name=option.name,
            field=field_name(self.features.name, kept),
            label=translated(option.label, gettext),
            choices=choices,
            value=value,
            max_length=option.max_length
            or (self.features.text_limit if option.name == FIRST_COMMENT else None),
            is_required=option.is_required,
            is_long=option.is_long,
            profile=profile,
            is_known=profile is None or known is not None,
            help=translated(option.help, gettext),
        )
