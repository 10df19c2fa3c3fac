"""A brand of the demo while it is being loaded: its people, its profiles, and posts as its people would write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from accounts.models import User
from config.demo_pictures import Light, bridge
from orgs.models import Organization
from permissions.checker import Access, load_access
from publishing.models import Post
from publishing.services.media import add_media
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft, create_post
from publishing.services.scheduling import schedule_post
from social_accounts.models import SocialProfile
from tenancy.context import organization_open


@dataclass
class Words:
    """What an organization has to sort its posts with, by name."""

    labels: dict[str, Any] = field(default_factory=dict)
    categories: dict[str, Any] = field(default_factory=dict)
    campaigns: dict[str, Any] = field(default_factory=dict)
    field: Any = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One post: who writes it for which profiles, and when it is to go out, ``day`` days from today."""

    who: str
    on: tuple[str, ...]
    text: str
    day: int = 0
    at: str = "09:15"
    labels: tuple[str, ...] = ()
    campaign: str = ""
    picture: Light | None = None
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class Brand:
    """Call its methods with no organization open, but ``write`` and ``plan``, which want its own."""

    organization: Organization
    people: Mapping[str, User]
    profiles: Mapping[str, SocialProfile]
    zone: str
    now: datetime
    words: Words = field(default_factory=Words)

    def access(self, who: str) -> Access:
        with organization_open(self.organization.pk):
            return load_access(user=self.people[who], organization_id=self.organization.pk, at=self.now)

    def moment(self, day: int, at: str) -> datetime:
        """Return that time of day on the brand's clock, so many days from today."""
        date = self.now.astimezone(ZoneInfo(self.zone)).date() + timedelta(days=day)
        return datetime.combine(date, time.fromisoformat(at), ZoneInfo(self.zone))

    def write(self, entry: Entry, **organizing: Any) -> Post:
        """Return the post as a draft. The organization must be open."""
        actor = self.access(entry.who)
        profiles = [self.profiles[name] for name in entry.on]
        media = []
        if entry.picture:
            stored = add_media(actor=actor, upload=bridge(entry.picture), now=self.now)
            media.append((stored.pk, entry.picture.words))
        return create_post(
            actor=actor,
            workspace=profiles[0].workspace,
            profiles=profiles,
            draft=Draft(
                text=entry.text,
                language="en",
                media=media,
                network_options=entry.options,
                organizing=Organizing(
                    campaign=self.words.campaigns.get(entry.campaign),
                    labels=[self.words.labels[name] for name in entry.labels],
                    **organizing,
                ),
            ),
            now=self.now,
        )

    def plan(self, entry: Entry) -> Post:
        """Write it and send it on its way: at its time, or to whoever approves it. The organization must be open."""
        post = self.write(entry)
        due_at = max(self.now, self.moment(entry.day, entry.at)) if entry.day else self.now
        due = {publication.pk: due_at for publication in post.publications.all()}
        schedule_post(actor=self.access(entry.who), post=post, due=due, now=self.now, note=entry.note)
        return post
