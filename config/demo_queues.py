"""The demo's queues, posts that come again, and a calendar shared with people outside."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from config.demo_brand import Brand, Entry
from config.demo_planning import WINTER
from publishing.models import Repetition, State
from publishing.services.queues import add_to_queue, set_slots
from publishing.services.repeating import Plan, repeat_post
from publishing.services.sharing import Selection, Wish, create_shared_calendar, make_calendar_link
from publishing.slots import WeeklyTime
from tenancy.context import organization_open

MONDAY, TUESDAY, WEDNESDAY, THURSDAY, FRIDAY, SATURDAY = range(6)
TIMES: Final = {
    "mastodon": ((MONDAY, "08:00"), (WEDNESDAY, "08:00"), (FRIDAY, "08:00"), (TUESDAY, "17:00"),
                 (THURSDAY, "17:00")),
    "bluesky": ((TUESDAY, "12:30"), (THURSDAY, "12:30"), (SATURDAY, "10:00")),
    "threads": ((WEDNESDAY, "19:00"), (SATURDAY, "11:00")),
}  # fmt: skip
QUEUED: Final = (
    Entry(who="paul", on=("mastodon", "bluesky"), labels=("People",),
          text="Reader's question: is a basket on the front a bad idea? (It is not.)"),
    Entry(who="paul", on=("mastodon",), labels=("Winter",), campaign=WINTER,
          text="Tip three: carry gloves in pairs, and one pair more. https://northwind.test/winter"),
    Entry(who="paul", on=("mastodon",), text="One picture from the archive: the workshop, 1998."),
    Entry(who="marc", on=("bluesky",), labels=("Product",),
          text="We are asked a lot: yes, the Cargo 3 fits in the lift. Measure the lift first."),
)  # fmt: skip
TUNE_UP: Final = Entry(
    who="paul", on=("mastodon",), day=3, at="12:10", labels=("Product",),
    text="Tune-up: squeaks, clicks, wobbles? Ask us anything, we answer until five.",
)  # fmt: skip
EVERGREEN: Final = Entry(
    who="paul", on=("mastodon", "bluesky"), labels=("Winter",),
    text="How to lock a bike so that it is there tomorrow: https://northwind.test/lock",
)  # fmt: skip
LINK_DAYS: Final = 60


def load_queues(brand: Brand) -> None:
    """Give three profiles their times, fill two queues, and let two posts come again: one weekly, one evergreen."""
    with organization_open(brand.organization.pk):
        for name, times in TIMES.items():
            set_slots(
                actor=brand.access("olga"),
                profile=brand.profiles[name],
                times=[_weekly(weekday, at) for weekday, at in times],
                now=brand.now,
            )
        for entry in (*QUEUED, EVERGREEN):
            post = brand.write(entry)
            publications = list(post.publications.select_related("profile"))
            add_to_queue(actor=brand.access(entry.who), post=post, publications=publications, now=brand.now)
        weekly = Plan(rhythm=Repetition.Rhythm.WEEKLY, every=1, times_max=8)
        repeat_post(actor=brand.access("paul"), post=brand.plan(TUNE_UP), plan=weekly, now=brand.now)
        evergreen = Plan(rhythm=Repetition.Rhythm.QUEUE, every=10, times_max=6)
        repeat_post(actor=brand.access("paul"), post=post, plan=evergreen, now=brand.now)


def load_shared_calendar(brand: Brand) -> str:
    """Share what waits and is planned with the dealers; return the token of Clara's link."""
    with organization_open(brand.organization.pk):
        calendar = create_shared_calendar(
            actor=brand.access("olga"),
            organization=brand.organization,
            selection=Selection(
                name="For the dealers",
                profiles=[brand.profiles["mastodon"], brand.profiles["bluesky"]],
                states=[State.WAITING, State.SCHEDULED, State.PUBLISHED],
            ),
            now=brand.now,
        )
        _link, token = make_calendar_link(
            actor=brand.access("olga"),
            calendar=calendar,
            wish=Wish(
                name="Clara Costa",
                email="clara@dealers.test",
                expires_at=brand.now + timedelta(days=LINK_DAYS),
                may_comment=True,
                may_approve=True,
            ),
            now=brand.now,
        )
        make_calendar_link(
            actor=brand.access("olga"),
            calendar=calendar,
            wish=Wish(name="Shop in Porto", expires_at=brand.now + timedelta(days=LINK_DAYS)),
            now=brand.now,
        )
        return token


def _weekly(weekday: int, at: str) -> WeeklyTime:
    hour, minute = at.split(":")
    return WeeklyTime(weekday, int(hour) * 60 + int(minute))
