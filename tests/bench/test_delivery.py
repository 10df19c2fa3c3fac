"""The bench of delivery at its smallest: real workers, a sandbox that drops answers, and what the page says then."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.utils import timezone
from redis import Redis

from bench.delivery import plain
from bench.delivery.outcome import Outcome, Tally
from bench.delivery.report import describe, section
from bench.delivery.running import Ground, run
from bench.delivery.trials import CHORUS, PLAIN, SHORTEST_WAITS, Size, Trial, trials
from bench.document import parts_of, put
from devstack.pytest_plugin import SharedServers

SIZE = Size(posts=24, profiles=3, organizations=2)
NEVER = 1000.0


@pytest.fixture
def ground(servers: SharedServers, transactional_db: None) -> Iterator[Ground]:
    owner_url = os.environ["CHORUS_TEST_OWNER_URL"]

    def empty() -> None:
        with Redis.from_url(os.environ["REDIS_URL"]) as broker:
            broker.flushdb()  # this process's own; others use the server as well
        with psycopg.connect(owner_url) as connection:
            connection.execute("drop table if exists plain_post")

    yield Ground(servers.environment(), owner_url, {}, empty)
    empty()


def outcome_of(ground: Ground, system: str, *, has_keys: bool = False) -> Outcome:
    trial = Trial(
        system=system,
        workers=1,
        has_faults=True,
        has_keys=has_keys,
        answer_seconds=0.06,
        kill_every_seconds=NEVER,  # tests/proof kills them; here it would take a quarter minute to recover
        waits=SHORTEST_WAITS,
        seconds_max=240.0,
    )
    return run(trial, SIZE, ground)


def test_chorus_sends_nothing_twice_and_loses_nothing_and_the_plain_way_does(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plain.app.conf, "broker_url", os.environ["REDIS_URL"])

    ours, theirs = outcome_of(ground, CHORUS), outcome_of(ground, PLAIN)

    assert (ours.tally.out, ours.tally.twice, ours.lost, ours.unknown) == (SIZE.posts, 0, 0, 0)
    assert ours.is_kept and ours.found and ours.attempts > SIZE.posts
    assert theirs.tally.out == SIZE.posts and theirs.tally.twice and not theirs.is_kept
    text = section([ours, theirs])
    assert f"| Chorus, 1 worker, faults and kills | {SIZE.posts} | {SIZE.posts} | 0 | 0 | 0 | 0 | 0 |" in text
    out = f"{SIZE.posts} | {SIZE.posts}"
    assert f"| Plain Celery, 1 worker, faults and kills | {out} | {theirs.tally.twice} | 0 |" in text
    assert "0 twice, 0 lost" in describe(ours)
    assert ground.owner_url not in text


def test_what_is_there_again_or_sent_again_counts_as_twice() -> None:
    due = timezone.now()
    posts = [
        {"text": text, "received_count": count, "created_at": due.isoformat()}
        for text, count in (
            ("once", 1),
            ("sent again", 2),
            ("there again", 1),
            ("there again", 1),
            ("new", 1),
        )
    ]
    tally = Tally.of(posts, ["once", "sent again", "there again", "never"], due)
    assert (tally.out, tally.twice, tally.missing, tally.strange) == (3, 2, 1, 1)


def test_whole_bench_has_a_trial_of_each_way_with_and_without_faults() -> None:
    for scale in (0.05, 1):
        ways = {(trial.system, trial.has_faults) for trial in trials(scale)}
        assert ways == {(CHORUS, False), (CHORUS, True), (PLAIN, False), (PLAIN, True)}
        assert {trial.has_keys for trial in trials(scale) if trial.has_faults and trial.is_ours} == {
            False,
            True,
        }
    assert {trial.workers for trial in trials(1) if trial.system == CHORUS} == {1, 2, 4}
    assert Size.of(1) == Size(10_000, 500, 20) and Size.of(0.05).posts == 500


def test_each_part_of_the_page_is_written_without_the_other(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    put("delivery", "## Delivery\n\n1 lost", page)
    put("permissions", "## How fast", page)
    put("delivery", "## Delivery\n\n0 lost", page)
    assert parts_of(page.read_text()) == {"permissions": "## How fast", "delivery": "## Delivery\n\n0 lost"}
    assert page.read_text().startswith("# Performance\n") and "1 lost" not in page.read_text()
