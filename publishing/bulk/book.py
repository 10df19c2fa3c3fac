"""What an import looks things up in: what its person may name, and what was fetched for it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from orgs.models import Organization
from permissions.checker import Access
from publishing.bulk.cells import names_in
from publishing.bulk.columns import Headers, folded
from publishing.label_rights import LABEL_SCHEDULED, WRITE_LABELS
from publishing.models import (
    Campaign,
    CustomField,
    ImportAddress,
    Label,
    PostImport,
    Publication,
    QueueSlot,
    State,
)
from publishing.rights import IMPORT, PUBLISH, SEND, may_compose
from publishing.selectors.organizing import fields_offered, labels_offered, visible_campaigns
from publishing.taken_workflows import profiles_that_bind
from social_accounts.boards.choosing import seen_choices
from social_accounts.connections import offered_networks
from social_accounts.models import SocialProfile
from social_accounts.networks.base import Features, Option
from social_accounts.selectors import visible_profiles

STANDING: Final = frozenset({State.WAITING, State.SCHEDULED, State.HELD})


def importable_profiles(access: Access) -> QuerySet[SocialProfile]:
    """Return the profiles the person may import posts for (AP12)."""
    return access.filter(SocialProfile.objects.order_by("name", "pk"), IMPORT)


def choices_key(profile_id: int, option: str) -> str:
    """Return under which key an import keeps the choices a network gave for one profile."""
    return f"{profile_id}:{option}"


@dataclass
class Names:
    """The profiles a cell may name: by name, handle, address, and name with the network where two share one."""

    profiles: Sequence[SocialProfile]
    labels: Mapping[str, str]  # of the networks
    _found: dict[str, list[SocialProfile]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        for profile in self.profiles:
            handle = profile.handle.strip()
            names = {profile.name, handle, handle.removeprefix("@"), profile.slug, profile.url}
            named = {self.full(profile), f"{handle} ({self.labels.get(profile.network, profile.network)})"}
            for name in {folded(name) for name in names | named if name}:
                self._found.setdefault(name, []).append(profile)

    def full(self, profile: SocialProfile) -> str:
        """Return the name with its network: "Northwind (LinkedIn)"."""
        return f"{profile.name} ({self.labels.get(profile.network, profile.network)})"

    def written(self, profile: SocialProfile) -> str:
        """Return the shortest name that means this profile alone."""
        for name in (profile.name, self.full(profile)):
            if self._found.get(folded(name)) == [profile]:
                return name
        return profile.handle

    def called(self, name: str) -> list[SocialProfile]:
        return self._found.get(folded(name), [])

    def read(self, cell: str) -> tuple[list[SocialProfile], list[str]]:
        """Return the profiles a cell names, and sentences about names that mean none or several."""
        found: dict[int, SocialProfile] = {}
        problems = []
        for name in names_in(cell):
            for piece in [name] if self.called(name) else name.split(","):
                if not (piece := piece.strip()):
                    continue
                called = self.called(piece)
                if len(called) == 1:
                    found[called[0].pk] = called[0]
                elif called:
                    problems.append(
                        _("“%(name)s” is the name of several profiles. Write which: %(names)s.")
                        % {"name": piece, "names": "; ".join(self.written(one) for one in called)}
                    )
                else:
                    problems.append(_("You have no profile called “%(name)s”.") % {"name": piece})
        return list(found.values()), problems


@dataclass
class Book:
    """Everything a row may name, as its person sees it at one moment."""

    access: Access
    organization: Organization
    post_import: PostImport
    now: datetime
    # What stands in the schedule already, looked up for some texts at once: (profile, text) → when.
    scheduled: dict[tuple[int, str], datetime] = field(default_factory=dict)
    # By campaign, the profiles where a workflow binds this person.
    _binding: dict[int | None, set[int]] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        networks = {one.name: one for one in offered_networks()}
        visible = visible_profiles(self.access, self.organization).select_related("workspace")
        self.networks: Mapping[str, Features] = networks
        self.names = Names(
            [one for one in visible.order_by("name", "pk") if one.network in networks],
            {name: features.label for name, features in networks.items()},
        )
        self.labels: dict[str, Label] = {
            folded(label.name): label for label in labels_offered(self.access, self.organization)
        }
        self.campaigns: dict[str, Campaign] = {
            folded(campaign.name): campaign for campaign in visible_campaigns(self.access)
        }
        fields: Iterable[CustomField] = fields_offered(self.access, self.organization)
        self.headers = Headers(fields, networks.values())
        self.queues = set(QueueSlot.objects.values_list("profile", flat=True).distinct())
        self.addresses = {
            (one.kind, one.address): one
            for one in ImportAddress.objects.filter(post_import=self.post_import).select_related("media")
        }
        self.columns: list[str] = list(self.post_import.layout)

    def may_import(self, profile: SocialProfile) -> bool:
        return self.access.can(IMPORT, profile)

    def may_compose(self, profile: SocialProfile) -> bool:
        return may_compose(self.access, profile)

    def publishes_alone(self, profile: SocialProfile, campaign: Campaign | None) -> bool:
        """Say whether the person lets posts out there without anybody's yes."""
        if not self.access.can(PUBLISH, profile):
            return False
        key = campaign.pk if campaign else None
        if key not in self._binding:
            self._binding[key] = profiles_that_bind(self.access, self.names.profiles, campaign)
        return profile.pk not in self._binding[key]

    def may_send(self, profile: SocialProfile) -> bool:
        return self.access.can(SEND, profile)

    def may_label(self, profiles: Sequence[SocialProfile]) -> bool:
        if self.access.can(WRITE_LABELS, self.organization):
            return True
        return all(self.access.can(LABEL_SCHEDULED, profile) for profile in profiles)

    def choices(self, profile: SocialProfile, option: Option) -> tuple[list[Sequence[str]], str]:
        """Return the choices the network gave for a profile that this person sees, or why there are none."""
        kept = self.post_import.choices.get(choices_key(profile.pk, option.name), {})
        offered = [(value, label) for value, label in kept.get("choices", ())]
        return list(seen_choices(self.access, profile, option.name, offered)), kept.get("problem", "")

    def look_up_scheduled(self, texts: Iterable[str]) -> None:
        """Find out which of these texts wait to go out already."""
        wanted = {text for text in texts if text.strip()}
        rows = Publication.objects.filter(
            post__text__in=wanted, profile__in=[one.pk for one in self.names.profiles], state__in=STANDING
        )
        self.scheduled = {
            (profile, text): due_at
            for profile, text, due_at in rows.values_list("profile", "post__text", "due_at")
            if due_at is not None
        }
