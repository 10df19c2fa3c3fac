"""Single checks: warm, through ``has_perm``, cold, many, and with their derivation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bench import plan, stock
from bench.measuring import Claim, Number, in_turns
from bench.peers import Build, available
from bench.stage import Grants, Stage, own_roles_are_read, select_one

ACTION: Final = plan.MEASURED_ACTION
SPELLED: Final = "social_accounts.publish_posts"
OTHERS: Final = 100  # people whose grants the peers hold beside the person's, the second time
SAMPLE: Final = 60  # profiles on which everybody's answers are compared


def warm_check(stage: Stage) -> Number:
    """Compare ``access.can`` once the person's rights are in memory with a dictionary that holds the ready answers.

    The dictionary is asked by person, action and profile, as any cache of answers would be. The peers have the
    person's own slice of the grants loaded and parsed, and are asked about the same profiles; and once more with the
    slices of others beside it, because they are made to hold everybody's.
    """
    number = Number("Warm check", "one check, everything in memory")
    person, profile, access = stage.person, stage.allowed, stage.access(stage.person)
    answers = {(person.pk, ACTION, p.pk): access.can(ACTION, p) for p in stage.profiles}
    assert access.can(ACTION, profile) and access.can(ACTION, profile)
    names: dict[str, Any] = {"access": access, "answers": answers, "person": person, "profile": profile}
    names["action"] = ACTION
    acts: dict[str, Any] = {
        "dict": ("answers[person.id, action, profile.id]", names),
        "ours": ("access.can(action, profile)", names),
    }
    grants = stage.grants_of(person)
    sample = _sample(stage)
    builders, missing = available()
    number.notes += missing
    for name, build in builders.items():
        ask = build([grants])
        differing = [p.pk for p in sample if ask(ACTION, p.pk) != access.can(ACTION, p)]
        if differing:
            number.agrees = False
            number.notes.append(f"{name} answers otherwise on {len(differing)} of {len(sample)} profiles.")
        acts[name] = ("ask(action, number)", {"ask": ask, "action": ACTION, "number": profile.pk})
    # Apart from the peers, whose work throws everything out of the processor's own memory.
    number.timings = in_turns({name: acts.pop(name) for name in ("dict", "ours")}, seconds=stage.seconds)
    number.timings |= in_turns(acts, seconds=stage.seconds) if acts else {}
    ours = number.timings["ours"]
    number.claims.append(Claim.at_most(ours / number.timings["dict"], 2, "a dict lookup"))
    for name, factor in (("cedarpy", 300), ("oso", 3000), ("pycasbin", 3000)):
        if name in number.timings:
            number.claims.append(Claim.faster_than(number.timings[name] / ours, factor, name))
    number.notes.append(
        f"The peers hold this person's {len(grants)} grants and places in teams, nobody else's."
    )
    _beside_others(stage, number, builders, grants)
    return number


def _beside_others(stage: Stage, number: Number, builders: Mapping[str, Build], grants: Grants) -> None:
    """Ask the peers once more with the grants of others in their memory: told, not judged."""
    others = [Grants.of(access, stage.at) for _person, access in stage.some_accesses()[:OTHERS]]
    slices = [grants, *(other for other in others if other.person != grants.person)]
    acts: dict[str, Any] = {}
    for name, build in builders.items():
        ask = build(slices)
        number.agrees &= ask(ACTION, stage.allowed.pk)
        names = {"ask": ask, "action": ACTION, "number": stage.allowed.pk}
        acts[name] = ("ask(action, number)", names)
    held = sum(len(one) for one in slices)
    for name, timing in (in_turns(acts, seconds=stage.seconds) if acts else {}).items():
        factor = f"{timing / number.timings['ours']:,.0f}x faster than {name}"
        number.claims.append(Claim.told(f"with the grants of {len(slices)} people", factor))
        number.timings[f"{name}, {held:,} grants"] = timing


def _sample(stage: Stage) -> list[Any]:
    """Return profiles of which the person may publish on some and not on others."""
    access = stage.access(stage.person)
    able = [p for p in stage.profiles if access.can(ACTION, p)]
    unable = [p for p in stage.profiles if not access.can(ACTION, p)]
    return able[: SAMPLE // 2] + unable[: SAMPLE // 2]


def has_perm(stage: Stage) -> Number:
    """Compare ``user.has_perm`` of a person who was asked about before with stock guardian's backend.

    Ours asks PostgreSQL whether anything changed since; stock reads the person's grants on the object each time.
    """
    number = Number("`user.has_perm`, warm", "one call, the person asked about before")
    person, profile = stage.person, stage.allowed
    codename = _role_there(stage)
    assert person.has_perm(SPELLED, profile) and person.has_perm(SPELLED, profile)
    number.agrees = stock.has_perm(person, profile, codename) is True
    number.timings = in_turns(
        {
            "select 1": select_one,
            "ours": lambda: person.has_perm(SPELLED, profile),
            "stock guardian": lambda: stock.has_perm(person, profile, codename),
        },
        seconds=stage.seconds,
    )
    number.claims = [
        Claim.faster_than(number.timings["stock guardian"] / number.timings["ours"], 10, "stock guardian"),
        Claim.told("beside", f"{number.timings['ours'] / number.timings['select 1']:.1f}x `select 1`"),
    ]
    return number


def _role_there(stage: Stage) -> str:
    """Return the codename of the role that lets the person publish on the profile: all that stock is asked for."""
    grants = stage.access(stage.person).snapshot.direct[stage.allowed.pk]
    granted = {grant.role.permission_id for grant in grants}
    return next(name for pk, name in stage.publishing_permissions.items() if pk in granted)


def cold_check(stage: Stage) -> Number:
    """Compare one check of a person of whom nothing is in memory with ``select 1`` and a fresh stock checker."""
    number = Number("Cold check", "one check, nothing read before")
    own_roles_are_read(stage)
    person, profile = stage.person, stage.allowed
    codename = _role_there(stage)

    def ours() -> bool:
        return stage.ask_cold(person, ACTION, profile)

    number.agrees = ours() is stock.cold_check(person, profile, [codename]) is True
    with CaptureQueriesContext(connection) as queries:
        ours()
    number.timings = in_turns(
        {
            "select 1": select_one,
            "ours": ours,
            "stock guardian": lambda: stock.cold_check(person, profile, [codename]),
        },
        seconds=stage.seconds,
    )
    times = number.timings
    number.claims = [
        Claim.exactly(len(queries), 1, "query"),
        Claim.at_most(times["ours"] / times["select 1"], 5, "`select 1`"),
        Claim.faster_than(times["stock guardian"] / times["ours"], 7, "stock guardian"),
    ]
    return number


def thousand_checks(stage: Stage) -> Number:
    """Compare a thousand checks on a thousand profiles, reading included, with stock guardian's prefetch."""
    number = Number("1,000 checks in one request, cold", "a thousand profiles, one action, reading included")
    own_roles_are_read(stage)
    person, profiles = stage.person, stage.thousand
    codenames = list(stage.publishing_permissions.values())

    def ours() -> list[bool]:
        access = stage.access_cold(person)
        return [access.can(ACTION, profile) for profile in profiles]

    access = stage.access(person)
    right = [access.can(ACTION, profile) for profile in profiles]
    number.agrees = ours() == right
    number.timings = in_turns(
        {
            "select 1": select_one,
            "ours": ours,
            "stock guardian": lambda: stock.prefetched_checks(person, profiles, codenames),
        },
        seconds=stage.seconds * 2,
    )
    times = number.timings
    number.claims = [
        Claim.at_most(times["ours"] / times["select 1"], 20, "`select 1`"),
        Claim.faster_than(times["stock guardian"] / times["ours"], 25, "stock guardian's prefetch"),
    ]
    number.notes.append(f"He may publish on {sum(right)} of the 1,000.")
    return number


def explain(stage: Stage) -> Number:
    """Compare a cold answer told with its derivation with the same answer alone."""
    number = Number("Explain", "one answer with its derivation, nothing read before")
    own_roles_are_read(stage)
    person, profile = stage.person, stage.allowed
    with CaptureQueriesContext(connection) as queries:
        decision = stage.explain_cold(person, ACTION, profile)
    number.agrees = decision.allowed and bool(decision.steps)
    number.timings = in_turns(
        {
            "cold check": lambda: stage.ask_cold(person, ACTION, profile),
            "ours": lambda: stage.explain_cold(person, ACTION, profile),
        },
        seconds=stage.seconds,
    )
    ratio = number.timings["ours"] / number.timings["cold check"]
    number.claims = [Claim.exactly(len(queries), 1, "query"), Claim.at_most(ratio, 2, "a cold check")]
    return number
