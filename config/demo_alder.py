"""The demo's second brand: a small roaster without people for it, whose posts the agency writes."""

from __future__ import annotations

from typing import Final

from config.demo_brand import Brand, Entry
from config.demo_month import went_out
from config.demo_pictures import COFFEE
from publishing.models import Color, Repetition
from publishing.services.queues import add_to_queue, set_slots
from publishing.services.repeating import Plan, repeat_post
from publishing.services.vocabulary import LABELS, create_named
from publishing.slots import WEEKDAYS, WeeklyTime
from tenancy.context import organization_open

SLUG: Final = "alder"
BOTH: Final = ("mastodon", "bluesky")
MORNING: Final = 7 * 60 + 30
OUT: Final = (
    Entry(who="nils", on=BOTH, day=-9, at="07:30", labels=("Origin",),
          text="The new Huila is in. Red apple first, cocoa later, gone by Friday."),
    Entry(who="ada", on=("mastodon",), day=-3, at="07:30", labels=("Shop",),
          text="Our mill at the corner turns ten. Ten cups on the house for the first ten of you."),
)  # fmt: skip
AHEAD: Final = (
    Entry(who="ada", on=BOTH, day=1, at="12:00", labels=("Shop",), picture=COFFEE,
          text="First cup, first light. We open at half past six now."),
    Entry(who="nils", on=("mastodon",), day=3, at="12:00", labels=("Origin",),
          text="How we taste: slurp, spit, argue, write it down."),
    Entry(who="beto", on=("bluesky",), day=5, at="12:00", labels=("Shop",), note="Is the price final?",
          text="Subscription, small: two bags a month, brought by bike."),
    Entry(who="ada", on=BOTH, day=10, at="12:00", labels=("Origin",),
          text="Washed, natural, honey: three words on every bag, and what they mean."),
    Entry(who="nils", on=("mastodon",), day=17, at="12:00", labels=("Shop",),
          text="Christmas hours, so that nobody stands outside without coffee."),
)  # fmt: skip
QUEUED: Final = (
    Entry(who="ada", on=BOTH, text="A clean filter tastes of nothing. Rinse it first."),
    Entry(who="ada", on=("mastodon",), text="Grind for a kettle, not for the clock."),
)
EVERGREEN: Final = Entry(who="nils", on=("mastodon",), text="Water just off the boil, 60 g to the liter.")


def load_alder(brand: Brand) -> None:
    """Give the roaster a past, a plan, a queue for every morning and a post that comes again."""
    with organization_open(brand.organization.pk):
        for name, color in (("Origin", Color.TEAL), ("Shop", Color.ORANGE)):
            brand.words.labels[name] = create_named(
                actor=brand.access("nils"), kind=LABELS, fields={"name": name, "color": color}, now=brand.now
            )
        for profile in brand.profiles.values():
            times = [WeeklyTime(weekday, MORNING) for weekday in range(WEEKDAYS)]
            set_slots(actor=brand.access("nils"), profile=profile, times=times, now=brand.now)
    for entry in OUT:
        went_out(brand, entry)
    with organization_open(brand.organization.pk):
        for entry in AHEAD:
            brand.plan(entry)
        for entry in (*QUEUED, EVERGREEN):
            post = brand.write(entry)
            publications = list(post.publications.select_related("profile"))
            add_to_queue(actor=brand.access(entry.who), post=post, publications=publications, now=brand.now)
        again = Plan(rhythm=Repetition.Rhythm.QUEUE, every=7, times_max=12)
        repeat_post(actor=brand.access("nils"), post=post, plan=again, now=brand.now)
