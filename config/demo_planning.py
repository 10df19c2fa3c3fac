"""The demo's order: labels, campaigns, hashtags, own fields and drawers, and ideas for later that use them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from config.demo_brand import Brand, Entry, Words
from config.demo_pictures import DUSK
from orgs.models import Workspace
from publishing.models import Color, CustomField, DraftStatus
from publishing.services.vocabulary import (
    CAMPAIGNS,
    CUSTOM_FIELDS,
    DRAFT_CATEGORIES,
    HASHTAG_LISTS,
    LABELS,
    Kind,
    create_named,
)
from tenancy.context import organization_open

WINTER: Final = "Ride through winter"
GIFTS: Final = "Gifts that roll"
STARTED_DAYS: Final = 12  # before today
CAMPAIGN_DAYS: Final = 45
GIFT_DAYS: Final = 24
LABELS_OF_NORTHWIND: Final = (
    ("Winter", Color.SKY),
    ("People", Color.PURPLE),
    ("Events", Color.GREEN),
    ("Product", Color.ORANGE),
    ("Needs legal", Color.PINK),
)


def load_words(brand: Brand, who: str) -> None:
    """Give the organization the words its posts are sorted with, and fill ``brand.words``."""
    with organization_open(brand.organization.pk):
        actor, words, today = brand.access(who), brand.words, brand.now.date()

        def add(what: Kind, **fields: Any) -> Any:
            return create_named(actor=actor, kind=what, fields=fields, now=brand.now)

        add(HASHTAG_LISTS, name="Everyday cycling", hashtags=["BikeToWork", "NorthwindBikes", "CycleCity"])
        add(HASHTAG_LISTS, name="Workshop", hashtags=["BehindTheWeld", "SteelIsReal", "NorthwindBikes"])
        words.labels |= {name: add(LABELS, name=name, color=color) for name, color in LABELS_OF_NORTHWIND}
        words.categories |= {name: add(DRAFT_CATEGORIES, name=name) for name in ("Ideas", "Service")}
        words.campaigns[WINTER] = add(
            CAMPAIGNS,
            name=WINTER,
            workspace=Workspace.objects.get(),
            description="Keeping commuters on their bikes until spring.",
            start_date=today - timedelta(days=STARTED_DAYS),
            end_date=today + timedelta(days=CAMPAIGN_DAYS),
            utm_source="social",
            utm_medium="post",
            utm_campaign="ride-through-winter",
        )
        words.campaigns[GIFTS] = add(
            CAMPAIGNS,
            name=GIFTS,
            workspace=Workspace.objects.get(),
            description="Lights, bags and bells for people who have a bike already.",
            start_date=today + timedelta(days=4),
            end_date=today + timedelta(days=GIFT_DAYS),
            utm_source="social",
            utm_medium="post",
            utm_campaign="gifts-that-roll",
        )
        words.field = add(
            CUSTOM_FIELDS,
            name="Product line",
            kind=CustomField.Kind.CHOICE,
            choices=["Bikes", "Cargo", "Accessories"],
        )


def load_drafts(brand: Brand, words: Words) -> None:
    """Write down ideas: in drawers, each so far along as it is, one without a drawer."""
    for entry, drawer, status, line in (
        (
            Entry(who="paul", on=("mastodon",), text="Unboxing: what is in the winter kit?", labels=("Winter",),
                  campaign=WINTER, picture=DUSK),
            "Ideas", DraftStatus.IDEA, "Accessories",
        ),
        (
            Entry(who="paul", on=("mastodon",), text="Five rides under an hour from the station"),
            "Ideas", DraftStatus.IN_WORK, "",
        ),
        (
            Entry(who="marc", on=("bluesky", "mastodon"), text="What our welders listen to, in twelve songs",
                  labels=("People",)),
            "Ideas", DraftStatus.IDEA, "",
        ),
        (
            Entry(who="mina", on=("mastodon",), text="Lights check: free in every shop until Friday",
                  labels=("Winter", "Events"), campaign=WINTER),
            "Service", DraftStatus.READY, "Accessories",
        ),
        (
            Entry(who="marc", on=("instagram",), text="Warranty in one picture: what it covers, what it does not",
                  labels=("Needs legal",)),
            "Service", DraftStatus.IN_WORK, "Bikes",
        ),
        (
            Entry(who="paul", on=("mastodon",), text="Cargo trailer teaser: what would you carry?",
                  labels=("Product",)),
            "", DraftStatus.OFF, "Cargo",
        ),
    ):  # fmt: skip
        with organization_open(brand.organization.pk):
            brand.write(
                entry,
                category=words.categories.get(drawer),
                status=status,
                values={words.field.pk: line} if line else {},
            )
