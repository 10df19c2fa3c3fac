"""Never twice, never silently lost, always accounted for: with real processes that die."""

from __future__ import annotations

import random
import time

import pytest

from tests.proof.factory import Factory

pytestmark = [pytest.mark.proof, pytest.mark.long]

STATUSES = "POST /api/v1/statuses"
DESCRIPTION = "GET /api/v2/instance"
RECORDS = "com.atproto.repo.*Record"


def make_trouble(factory: Factory) -> None:
    """Let both networks take posts and drop the answer, fail before and after, and refuse a few.

    One of them does not say what it is, so it is not believed to make one post of two requests.
    """
    factory.sandbox.fault(kind="status", status=404, endpoint=DESCRIPTION, times=0)
    faults = [
        ("drop", True, 0.05),
        ("drop", False, 0.02),
        ("status", True, 0.02),
        ("status", False, 0.02),
        ("garble", True, 0.02),
        ("reject", False, 0.03),
    ]
    for endpoint in (STATUSES, RECORDS):
        factory.sandbox.fault(kind="slow", endpoint=endpoint, delay_ms=300, times=0, after=False)
        for kind, after, probability in faults:
            factory.sandbox.fault(
                kind=kind,
                endpoint=endpoint,
                after=after,
                probability=probability,
                seed=random.randrange(10**6),
                times=0,
            )


def test_five_hundred_posts_survive_ten_kills_of_their_workers(factory: Factory) -> None:
    factory.furnish(profiles=20, posts_each=25)
    make_trouble(factory)

    factory.start(workers=2)
    factory.wait_for(lambda: factory.posted() > 5, seconds=60, what="nothing began")
    while factory.kills < 10:
        time.sleep(random.uniform(0.3, 2.2))
        assert factory.unfinished() > 0, f"all was done before the last kill: {factory.summary()}"
        factory.kill_a_worker()
    factory.finish(seconds=150)

    told = factory.check_promise()
    assert told["published"] > 350 and told["rejected"], told
    assert told["unconfirmed"] and told["repeated"], told
    assert told["posts"] <= 500


def test_a_broker_that_forgets_everything_loses_nothing(factory: Factory) -> None:
    factory.furnish(profiles=8, posts_each=25)
    factory.sandbox.fault(kind="slow", endpoint="*", delay_ms=80, times=0, after=False)

    factory.start(workers=1)
    factory.wait_for(lambda: factory.posted() > 10, seconds=60, what="nothing began")
    for _time in range(3):
        factory.servers.flush_valkey()
        time.sleep(0.7)
    factory.servers.kill_valkey()
    time.sleep(2)
    factory.servers.restart_valkey()
    factory.finish(seconds=90)

    told = factory.check_promise()
    assert told["published"] == told["posts"] == 200, told


@pytest.mark.parametrize("is_crash", [False, True], ids=["restart", "crash"])
def test_a_database_that_restarts_loses_nothing_and_repeats_nothing(factory: Factory, is_crash: bool) -> None:
    factory.furnish(profiles=8, posts_each=15)
    factory.sandbox.fault(kind="slow", endpoint="*", delay_ms=80, times=0, after=False)

    factory.start(workers=1)
    factory.wait_for(lambda: factory.posted() > 10, seconds=60, what="nothing began")
    for _time in range(2):
        factory.restart_database(crash=is_crash)
        time.sleep(1.5)
    factory.finish(seconds=90)

    told = factory.check_promise()
    assert told["published"] == told["posts"], told
    # A worker cut off while it committed its attempt sends nothing, and nobody but a person can know that.
    assert told["published"] >= 100, told
