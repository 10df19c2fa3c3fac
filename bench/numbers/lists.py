"""Many objects for one person, and many people for one object."""

from __future__ import annotations

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import plan, stock
from bench.measuring import Claim, Number, in_turns
from bench.stage import Stage, select_one
from social_accounts.models import SocialProfile

PAGE = 50


def list_page(stage: Stage) -> Number:
    """Compare a page of the profiles on which a person may publish with the same page of all profiles.

    His rights are in memory, as they are in every request; stock guardian's shortcut asks the database for them.
    """
    number = Number("List page of 50", "the first 50 profiles, by handle")
    person = stage.person
    access = stage.access(person)

    def ours() -> list[SocialProfile]:
        return list(
            access.filter(SocialProfile.objects.all(), plan.MEASURED_ACTION).order_by("handle", "pk")[:PAGE]
        )

    def unfiltered() -> list[SocialProfile]:
        return list(SocialProfile.objects.order_by("handle", "pk")[:PAGE])

    right = {p.pk for p in stage.profiles if access.can(plan.MEASURED_ACTION, p)}
    everything = set(
        access.filter(SocialProfile.objects.all(), plan.MEASURED_ACTION).values_list("pk", flat=True)
    )
    by_handle = sorted((p for p in stage.profiles if p.pk in right), key=lambda p: (p.handle, p.pk))
    number.agrees = everything == right and ours() == by_handle[:PAGE]
    number.timings = in_turns(
        {
            "unfiltered": unfiltered,
            "ours": ours,
            "stock guardian": lambda: list(stock.objects(stage, person).order_by("handle", "pk")[:PAGE]),
        },
        seconds=stage.seconds,
    )
    times = number.timings
    number.claims = [
        Claim.exactly("complete" if number.agrees else "not complete", "complete", ""),
        Claim.at_most(times["ours"] / times["unfiltered"], 2, "the same page unfiltered"),
        Claim.faster_than(times["stock guardian"] / times["ours"], 3, "stock guardian"),
    ]
    number.notes.append(f"He may publish on {len(right)} of {len(stage.profiles):,} profiles.")
    return number


def people(stage: Stage) -> Number:
    """Compare asking who may publish on one profile, of everybody in the organization, with stock guardian."""
    number = Number("People who may", "who may publish on one profile, of everybody")
    profile = stage.measured
    found = stage.people_who_may(plan.MEASURED_ACTION, profile)
    accesses = stage.some_accesses()
    judged = {user.pk for user, access in accesses if access.can(plan.MEASURED_ACTION, profile)}
    number.agrees = judged == found & {user.pk for user, _access in accesses}
    with CaptureQueriesContext(connection) as queries:
        stage.people_who_may(plan.MEASURED_ACTION, profile)
    theirs = {user.pk for user in stock.people(stage, profile)}
    number.agrees = number.agrees and theirs <= found
    number.timings = in_turns(
        {"select 1": select_one, "ours": lambda: stage.people_who_may(plan.MEASURED_ACTION, profile)},
        seconds=stage.seconds,
    )
    # Apart: one answer takes it as long as hundreds of rounds of the others.
    number.timings |= in_turns(
        {"stock guardian": lambda: stock.people(stage, profile)}, seconds=stage.seconds
    )
    times = number.timings
    number.claims = [
        Claim.exactly(len(found), stage.size.may_publish, f"of {stage.size.people:,} people"),
        Claim.at_most(times["ours"] / times["select 1"], 30, "`select 1`"),
        Claim.faster_than(times["stock guardian"] / times["ours"], 250, "stock guardian"),
    ]
    number.notes.append(
        f"Ours asks {len(queries)} queries. Stock finds {len(theirs):,}: it knows no implied roles."
    )
    return number
