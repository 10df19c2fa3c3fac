"""The bench itself: it runs, and everybody who is asked gives the same answers. How fast is not judged here."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from django.db import connection

from bench import numbers, plan
from bench.measuring import Claim, Number, Timing, duration, in_turns
from bench.numbers import ALL, changes, checks
from bench.peers import available
from bench.report import describe, page
from bench.seeding import seed
from bench.stage import Grants, Stage, opened
from devstack.benching import install_peers

SCALE = 0.004
LINES_WITHOUT_RACE = [line for line in ALL if line is not changes.revoke_to_effect]


@pytest.fixture
def stage(db: None) -> Iterator[Stage]:
    seed(scale=SCALE)
    with opened(scale=SCALE, seconds=0) as opened_stage:
        yield opened_stage


@pytest.mark.parametrize("line", LINES_WITHOUT_RACE, ids=lambda line: line.__name__)
def test_every_line_is_measured_and_all_answers_agree(stage: Stage, line: object) -> None:
    number = line(stage)  # type: ignore[operator]
    assert number.agrees, number.notes
    assert number.claims


@pytest.mark.peers
def test_other_engines_answer_as_we_do_on_the_same_grants(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHORUS_BENCH_PEERS", str(install_peers()))
    builders, missing = available()
    assert set(builders) == {"cedarpy", "oso", "pycasbin"}, missing
    for person in (stage.person, stage.person_number(stage.size.people - 2), stage.person_number(5)):
        access, grants = stage.access(person), stage.grants_of(person)
        others = [Grants.of(other, stage.at) for user, other in stage.some_accesses()[:6] if user != person]
        right = {(action, p.pk): access.can(action, p) for action in ACTIONS for p in stage.profiles}
        assert True in right.values() and False in right.values()
        for name, build in builders.items():
            ask = build([grants])
            assert {question: ask(*question) for question in right} == right, name
            # Beside others they know the grants of teams that one of his own would decide before (R5).
            ask = build([grants, *others])
            assert all(ask(*question) for question, answer in right.items() if answer), name


ACTIONS = (plan.MEASURED_ACTION, "profile.view_posts", "profile.manage_profile_access")


@pytest.mark.django_db(transaction=True)
def test_race_is_run_by_connections_that_commit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(changes, "TRIES", 2)
    seed(scale=SCALE)
    with opened(scale=SCALE, seconds=0) as stage:
        number = changes.revoke_to_effect(stage)
        assert number.agrees, "somebody acted before his revoke"
        assert number.is_met
        assert not stage.people_who_may(plan.MEASURED_ACTION, stage.measured) & {
            stage.person_number(stage.size.people - 2).pk
        }


def test_bench_that_finds_different_answers_says_so(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "available", lambda: ({"liar": lambda _grants: lambda _a, _p: True}, []))
    number = checks.warm_check(stage)
    number.made_by = "warm_check"
    assert not number.agrees and not number.is_met
    assert "ANSWERS DIFFER" in describe([number])
    assert "The answers differ" in page([number], scale=SCALE)


def test_page_tells_what_was_missed_and_names_no_machine(stage: Stage) -> None:
    number = Number("Cold check", "one check", made_by="cold_check")
    number.claims = [Claim.at_most(9, 5, "`select 1`"), Claim.faster_than(8, 7, "stock guardian")]
    number.timings = {"ours": Timing(9e-5, 1.5e-4, 1e-4, 2e-4, 7)}
    text = page([number], scale=SCALE)
    assert "| Cold check | at most 5x `select 1` | 9.0x | **no** |" in text
    assert "|  | at least 7x faster than stock guardian | 8.0x | yes |" in text
    assert "| ours | 90 µs | 150 µs | 100 µs to 200 µs | 7 |" in text
    assert connection.settings_dict["HOST"] not in text


def test_things_are_timed_in_turns_and_compared_by_their_quickest_rounds() -> None:
    order: list[str] = []

    def act(name: str, seconds: float) -> None:
        order.append(name)
        time.sleep(seconds)

    found = in_turns({"short": lambda: act("short", 0.012), "long": lambda: act("long", 0.03)}, seconds=0.15)
    assert order[-4:] == ["short", "long", "short", "long"]
    assert found["short"].rounds == found["long"].rounds >= 3
    assert 1.5 < found["long"] / found["short"] < 4
    assert duration(found["short"].median).endswith("ms")


def test_every_line_of_the_table_says_what_is_compared() -> None:
    assert len(ALL) == 10
    assert all((line.__doc__ or "").strip() for line in ALL)
    assert numbers.__doc__
