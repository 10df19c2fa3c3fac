"""The demo's month: what is out, what is planned, what waits for somebody, and what went wrong."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import httpx
from django.conf import settings

from config.demo_brand import Brand, Entry
from config.demo_pictures import DAWN, DUSK, FJORD
from config.demo_planning import GIFTS, WINTER
from orgs.models import Membership, OrganizationUserGrant
from orgs.services.members import grant_profile_roles, remove_member
from permissions.catalogue import Scope
from permissions.roles import builtin_role
from publishing.delivery.sending import deliver
from publishing.models import Approval, Post, PostVersion, Publication, PublishAttempt, State
from publishing.services.approvals import approve, decline
from publishing.services.comments import write_comment
from publishing.states import move
from tenancy.context import organization_open

BOTH: Final = ("mastodon", "bluesky")
STEPS_MAX: Final = 10  # of one delivery: a picture goes up before its post
SENT_AFTER: Final = timedelta(seconds=3)
WRITTEN_BEFORE: Final = timedelta(days=2)
REFUSED_TEXT: Final = "Half price on lights, today only: https://bit.test/lights"

OUT: Final = (
    Entry(who="marc", on=BOTH, day=-18, at="09:15", labels=("People",),
          text="Twenty years ago today Rosa sold the first Northwind, from the back of a van."),
    Entry(who="paul", on=("mastodon",), day=-14, at="12:10", labels=("Events",),
          text="Thank you, Porto. 86 bikes repaired in one afternoon, and nobody went home on foot."),
    Entry(who="paul", on=BOTH, day=-11, at="08:30", labels=("Winter",), campaign=WINTER,
          text="Ride through winter begins. Tip one: mudguards, long ones. https://northwind.test/winter"),
    Entry(who="marc", on=("bluesky",), day=-8, at="17:45", labels=("Product",),
          text="The Cargo 3 carries 180 kg. We know because Emil sat in it with four tires and a fridge."),
    Entry(who="paul", on=("mastodon",), day=-6, at="08:30", labels=("Winter",), campaign=WINTER,
          text="Tip two: lights are for being seen first, and for seeing second. #BikeToWork"),
    Entry(who="ada", on=("mastodon",), day=-4, at="12:10", labels=("People",),
          text="Ghent, Lisbon, Malmö: three riders, one question. Why do you ride when it rains?"),
    Entry(who="paul", on=BOTH, day=-2, at="17:45", labels=("Product",),
          text="New in the workshop: wheels built while you wait, on Tuesdays and Thursdays."),
)  # fmt: skip

AHEAD: Final = (
    Entry(who="paul", on=BOTH, labels=("Winter",), campaign=WINTER, picture=DAWN,
          text="Riding to work all winter? Seven small fixes keep you dry. https://northwind.test/winter"),
    Entry(who="marc", on=("instagram", "threads"), picture=DAWN,
          text="Sunrise on the river bridge. Who else was out this early? #RideToWork"),
    Entry(who="paul", on=("mastodon",), day=1, labels=("People",),
          text="Meet Lina, who welds every one of our frames. #BehindTheWeld"),
    Entry(who="marc", on=BOTH, day=2, labels=("Events",),
          text="Repair café in Lisbon this Saturday: bring your bike, we bring the tools. #BikeToWork"),
    Entry(who="marc", on=("threads",), day=2, at="18:30", labels=("Events",),
          text="Saturday, Lisbon, your bike and our tools. Coffee is on us."),
    Entry(who="mina", on=("mastodon",), day=3, labels=("Product",), picture=FJORD, note="For Thursday?",
          text="New color: Fjord. In the shops from Thursday."),
    Entry(who="paul", on=BOTH, day=4, labels=("Winter", "Product"), campaign=WINTER,
          text="Why belt drives win: no oil, no rust, no noise. https://northwind.test/belt"),
    Entry(who="marc", on=("instagram",), day=4, at="17:00", labels=("Product",), picture=FJORD,
          text="Fjord. The color of six in the morning, an hour north of Bergen."),
    Entry(who="ada", on=("bluesky",), day=5,
          text="Three routes along the river, none with a hill worth the name."),
    Entry(who="marc", on=("mastodon",), day=6, labels=("People",),
          text="Ride-to-work month in numbers: 412 riders, 18,000 km, one lost glove."),
    Entry(who="marc", on=BOTH, day=8, at="08:30", labels=("Product",), campaign=GIFTS,
          text="Gifts that roll, no. 1: a bell that sounds like a bell. https://northwind.test/bell"),
    Entry(who="mina", on=("mastodon",), day=9, at="12:10", labels=("Events",),
          text="Dealers: the spring order opens on Monday at nine. Your list is in the portal."),
    Entry(who="ada", on=("mastodon",), day=9, at="17:45", labels=("People",), campaign=WINTER,
          text="Jonas delivers bread by bike, at four in the morning, since 2011. We rode along."),
    Entry(who="marc", on=BOTH, day=11, at="08:30", labels=("Product",), campaign=GIFTS,
          text="Gifts that roll, no. 2: the bag that stays dry inside. https://northwind.test/bag"),
    Entry(who="paul", on=("bluesky",), day=12, at="12:10", labels=("Winter",), campaign=WINTER,
          text="Ice in the morning? Less air, wider lines, both hands. Tip five of seven."),
    Entry(who="marc", on=("instagram", "threads"), day=13, at="18:00", picture=DUSK,
          text="Home before the streetlights. Almost. #RideToWork"),
    Entry(who="marc", on=BOTH, day=15, at="08:30", labels=("Product",), campaign=GIFTS,
          text="Gifts that roll, no. 3: lights that find their own way home. https://northwind.test/lights"),
    Entry(who="mina", on=("mastodon",), day=16, at="09:15", labels=("Needs legal",),
          text="Win a Cargo 3: tell us what you would carry, and where to."),
    Entry(who="ada", on=("mastodon",), day=18, at="12:10", labels=("People",), campaign=WINTER,
          text="A night with the people who clear the cycle paths, before anybody else is up."),
    Entry(who="paul", on=BOTH, day=20, at="17:45", labels=("Events",),
          text="Longest night, shortest ride: meet us at the bridge at six. Lights on. #CycleCity"),
)  # fmt: skip


def load_month(brand: Brand) -> None:
    """Let things go out, go wrong and wait, and plan the weeks to come."""
    _go_wrong(brand)
    for entry in OUT:
        went_out(brand, entry)
    _leave_posts_behind(brand)
    for entry in AHEAD:
        with organization_open(brand.organization.pk):
            brand.plan(entry)
    _answer_requests(brand)


def went_out(brand: Brand, entry: Entry) -> None:
    """Send the post to the sandbox now, and say that it was sent when it was to be: a month needs a past."""
    at = brand.moment(entry.day, entry.at)
    post = _send(brand, entry)
    with organization_open(brand.organization.pk):
        rows = Publication.objects.filter(post=post)
        rows.update(due_at=at, first_sent_at=at, claimed_at=at)
        rows.filter(state=State.PUBLISHED).update(published_at=at + SENT_AFTER)
        PublishAttempt.objects.filter(publication__post=post).update(
            started_at=at, finished_at=at + SENT_AFTER
        )
        written = at - WRITTEN_BEFORE
        Post.objects.filter(pk=post.pk).update(created_at=written, updated_at=written)
        PostVersion.objects.filter(post=post).update(saved_at=written)


def _send(brand: Brand, entry: Entry) -> Post:
    """Write the post and deliver it, as a worker would at its minute."""
    with organization_open(brand.organization.pk):
        post = brand.plan(Entry(**{**vars(entry), "day": 0}))
        publications = list(post.publications.order_by("pk"))
        for publication in publications:  # before any worker sees that it is due
            move(publication, State.PUBLISHING, claimed_at=brand.now)
    for publication in publications:
        _deliver(publication)
    return post


def _deliver(publication: Publication) -> None:
    for _step in range(STEPS_MAX):
        if not deliver(organization_id=publication.organization_id, publication_id=publication.pk):
            return


def _go_wrong(brand: Brand) -> None:
    """One post the network refuses, and one whose answer is lost on the way."""
    statuses = {"network": "mastodon", "account": "northwind", "endpoint": "POST /api/v1/statuses"}
    _misbehave(**statuses, kind="reject", message="Links of this shortener are blocked here.")
    went_out(brand, Entry(who="marc", on=("mastodon",), day=-1, at="17:45", text=REFUSED_TEXT,
                          labels=("Product",)))  # fmt: skip
    _misbehave(**statuses, kind="drop", after=False)
    _send(brand, Entry(who="marc", on=("mastodon",), labels=("Events",),
                       text="Doors open at ten, the first cyclist gets the first coffee."))  # fmt: skip


def _misbehave(**fault: object) -> None:
    httpx.post(f"{settings.SANDBOX_MASTODON_URL}/_control/faults", json=fault, timeout=10).raise_for_status()


def _leave_posts_behind(brand: Brand) -> None:
    """Rita planned two posts and left: one was due meanwhile and is held, the other will be at its time."""
    olga = brand.access("olga")
    with organization_open(brand.organization.pk):
        rita = Membership.objects.create(
            user=brand.people["rita"], joined_at=brand.now, invited_by=brand.people["olga"]
        )
        OrganizationUserGrant.objects.create(
            content_object=brand.organization,
            user=rita.user,
            permission_id=builtin_role("standard:member", Scope.ORGANIZATION).permission_id,
            granted_by=brand.people["olga"],
            granted_at=brand.now,
        )
        grant_profile_roles(
            actor=olga,
            membership=rita,
            role=builtin_role("standard:editor", Scope.PROFILE),
            profiles=[brand.profiles["threads"]],
            now=brand.now,
        )
    with organization_open(brand.organization.pk):
        brand.plan(
            Entry(who="rita", on=("threads",), day=7, at="18:30", labels=("Events",),
                  text="Night ride on Sunday: reflective everything, please.")
        )  # fmt: skip
        due = brand.plan(
            Entry(who="rita", on=("threads",), labels=("Winter",),
                  text="Rain jacket or poncho? Wrong answers only.")
        ).publications.get()  # fmt: skip
        move(due, State.PUBLISHING, claimed_at=brand.now)
        remove_member(
            actor=olga,
            organization=brand.organization,
            membership=rita,
            now=brand.now,
            reason="Her internship ended.",
        )
    _deliver(due)


def _answer_requests(brand: Brand) -> None:
    """Some of what waits was looked at: one has its first yes, one was sent back, one is talked about."""
    with organization_open(brand.organization.pk):
        paul = brand.access("paul")
        dealers, contest = (_asked("Dealers: the spring"), _asked("Win a Cargo 3"))
        digest = dealers.publication.post.content_digest(dealers.publication.profile.network)
        approve(actor=paul, approval=dealers, digest=digest, now=brand.now, note="Clara has the last word.")
        decline(
            actor=paul,
            approval=contest,
            now=brand.now,
            note="A prize draw needs its terms linked. Ask legal for the page, then send it again.",
        )
        write_comment(
            actor=brand.access("mina"),
            post=_asked("New color: Fjord").publication.post,
            text="@Paul Reis is Thursday still right, or do the shops need a day more?",
            now=brand.now,
        )


def _asked(begin: str) -> Approval:
    found: Approval = Approval.objects.select_related("publication__post", "publication__profile").get(
        publication__post__text__startswith=begin
    )
    return found
