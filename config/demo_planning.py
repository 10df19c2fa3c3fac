"""The demo's order: labels, a campaign, hashtags, own fields and drawers, and a few posts that use them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from accounts.models import User
from orgs.models import Organization, Workspace
from permissions.checker import Access
from publishing.models import Color, CustomField, DraftStatus, Post
from publishing.services.organizing import Organizing
from publishing.services.posts import Draft, create_post, update_post
from publishing.services.vocabulary import (
    CAMPAIGNS,
    CUSTOM_FIELDS,
    DRAFT_CATEGORIES,
    HASHTAG_LISTS,
    LABELS,
    Kind,
    create_named,
)
from social_accounts.models import SocialProfile
from tenancy.context import organization_open

AccessOf = Callable[[User], Access]
CAMPAIGN_DAYS: Final = 45


@dataclass
class Words:
    """What the demo's organization has, by name."""

    labels: dict[str, Any] = field(default_factory=dict)
    categories: dict[str, Any] = field(default_factory=dict)
    campaign: Any = None
    field: Any = None


def load_planning(
    *,
    organization: Organization,
    people: Mapping[str, User],
    profile: SocialProfile,
    access_of: AccessOf,
    now: datetime,
) -> None:
    """Add the words and use them: on posts that are scheduled, and on ideas for later."""
    with organization_open(organization.pk):
        words = _words(access_of(people["olga"]), now)
        for begin, labels in (
            ("Meet Lina", ["People"]),
            ("Repair café", ["Events"]),
            ("Why belt", ["Winter"]),
        ):
            _sort(access_of(people["olga"]), words, begin, labels, now)
        for who, text, labels, drawer, status in (
            ("paul", "Unboxing: what is in the winter kit?", ["Winter"], "Ideas", DraftStatus.IDEA),
            ("paul", "Five rides under an hour from the station", [], "Ideas", DraftStatus.IN_WORK),
            ("mina", "Lights check: free in every shop until Friday", ["Winter", "Events"], "Service",
             DraftStatus.READY),
        ):  # fmt: skip
            create_post(
                actor=access_of(people[who]),
                workspace=profile.workspace,
                profiles=[profile],
                draft=Draft(
                    text=text,
                    language="en",
                    organizing=Organizing(
                        campaign=words.campaign if "Winter" in labels else None,
                        category=words.categories[drawer],
                        labels=[words.labels[name] for name in labels],
                        status=status,
                        values={words.field.pk: "Bikes"} if labels else {},
                    ),
                ),
                now=now,
            )


def _words(actor: Access, now: datetime) -> Words:
    def add(what: Kind, **fields: Any) -> Any:
        return create_named(actor=actor, kind=what, fields=fields, now=now)

    today = now.date()
    add(HASHTAG_LISTS, name="Everyday cycling", hashtags=["BikeToWork", "NorthwindBikes", "CycleCity"])
    return Words(
        labels={
            name: add(LABELS, name=name, color=color)
            for name, color in (("Winter", Color.SKY), ("People", Color.PURPLE), ("Events", Color.GREEN))
        },
        categories={name: add(DRAFT_CATEGORIES, name=name) for name in ("Ideas", "Service")},
        campaign=add(
            CAMPAIGNS,
            name="Ride through winter",
            workspace=Workspace.objects.get(),
            description="Keeping commuters on their bikes until spring.",
            start_date=today,
            end_date=today + timedelta(days=CAMPAIGN_DAYS),
            utm_source="social",
            utm_medium="post",
            utm_campaign="ride-through-winter",
        ),
        field=add(
            CUSTOM_FIELDS,
            name="Product line",
            kind=CustomField.Kind.CHOICE,
            choices=["Bikes", "Cargo", "Accessories"],
        ),
    )


def _sort(actor: Access, words: Words, begin: str, labels: list[str], now: datetime) -> None:
    """Put a scheduled post in order, by an edit that leaves what it says and when as it is."""
    post = Post.objects.get(text__startswith=begin)
    update_post(
        actor=actor,
        post=post,
        profiles=[one.profile for one in post.publications.select_related("profile")],
        draft=Draft(
            text=post.text,
            language=post.language,
            media=[(media.pk, media.alt_text) for media in post.media.order_by("position")],
            organizing=Organizing(
                campaign=words.campaign if "Winter" in labels else None,
                labels=[words.labels[name] for name in labels],
            ),
        ),
        version=post.version,
        now=now,
    )
