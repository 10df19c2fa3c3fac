"""What came of the trials, for a terminal and as a part of docs/performance.md."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from bench.delivery.meter import MEGABYTE
from bench.delivery.outcome import Outcome
from bench.delivery.trials import (
    ANSWER_SECONDS,
    DROPPED_AFTER,
    DROPPED_BEFORE,
    Trial,
)
from bench.machine import machine
from devstack.fleet import WORKER_THREADS

NOTES = Path(__file__).parent / "notes.md"
OTHERS_NOTED = 0.1  # of the cores
PARTS = ("worker", "database", "sandbox", "broker", "beat")


def describe(outcome: Outcome) -> str:
    """Return one trial for a terminal."""
    late, tally = outcome.tally.lateness, outcome.tally
    parts = ", ".join(f"{part} {outcome.cpu_per_post(part) * 1000:.1f}" for part in PARTS)
    told = [
        f"{tally.out:,} of {outcome.size.posts:,} out after {late.last:.1f} s ({outcome.per_second:.0f} a second)",
        f"late: p50 {late.p50:.1f} s, p95 {late.p95:.1f} s, p99 {late.p99:.1f} s",
        f"{tally.twice} twice, {outcome.lost} lost, {outcome.an_hour_late} an hour late, {outcome.kills} kills",
        f"{outcome.found} found by looking, {outcome.repeated} sent once more, {outcome.asked} asked of a person,"
        f" {outcome.unknown} out and not known",
        f"ms of CPU for each post: {parts}",
        f"memory: a worker {_megabytes(outcome.worker_bytes)}, everything {_megabytes(outcome.total_bytes)};"
        f" other work used {outcome.others_share:.0%} of the cores",
    ]
    return "\n        ".join([outcome.trial.name, *told])


def section(outcomes: Sequence[Outcome], failed: Sequence[Trial] = ()) -> str:
    """Return the part of docs/performance.md; ``failed``: trials that did not come to their end."""
    size = max((one.size for one in outcomes), key=lambda size: size.posts)
    kill_every = max((one.trial.kill_every_seconds for one in outcomes if one.trial.has_faults), default=0)
    parts = [
        "## Delivery",
        f"{size.posts:,} posts due in the same second on {size.profiles:,} profiles"
        f" (organizations: {size.organizations:,}), at a sandbox that answers after"
        f" {ANSWER_SECONDS * 1000:.0f} ms. Everything runs as in production:"
        " PostgreSQL that writes each commit to the disk, Valkey, beat, and workers of"
        f" {WORKER_THREADS} threads, all of it and the sandbox on the same cores. What is counted is what the sandbox"
        " has taken: *late* is from the minute asked for to the moment the network has the post, *twice* is a text"
        " that is there again or was sent again, *lost* one that is not there without anybody being told.",
        f"Measured on {machine()}.{_how_busy(outcomes)}",
        *(f"**{trial.name}: not done within {trial.seconds_max:.0f} s.**" for trial in failed),
        "### How fast",
        _speed_table([one for one in outcomes if not one.trial.has_faults]),
        "### What it takes",
        _cost_table(outcomes),
        "Milliseconds of CPU for each post that went out; they change less than times when others use the machine."
        " Memory is what the largest worker, and all processes together, had at their largest; pages that processes"
        " share count once.",
        "### With dropped answers and workers that are killed",
        f"The sandbox drops {DROPPED_AFTER:.0%} of its answers after it has taken the post and {DROPPED_BEFORE:.0%}"
        f" before; every {kill_every:.0f} seconds one of the workers is killed (SIGKILL) and started again. *Keys*: the"
        " network makes one post of all requests with one key, as Mastodon and Bluesky do. At the others nothing that"
        " may be there is ever sent again.",
        _truth_table([one for one in outcomes if one.trial.has_faults]),
        _about_faults(outcomes),
        *([NOTES.read_text().strip()] if NOTES.exists() else []),
    ]
    return "\n\n".join(parts)


def _speed_table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "| | posts | last one out | a second | late p50 | p95 | p99 | twice | lost |",
        "|---" * 9 + "|",
    ]
    for one in outcomes:
        late = one.tally.lateness
        times = f"{late.p50:.1f} s | {late.p95:.1f} s | {late.p99:.1f} s"
        rows.append(
            f"| {one.trial.name} | {one.size.posts:,} | {late.last:.0f} s | {one.per_second:.0f} | {times}"
            f" | {one.tally.twice} | {one.lost} |"
        )
    return "\n".join(rows)


def _cost_table(outcomes: Sequence[Outcome]) -> str:
    rows = [f"| | {' | '.join(PARTS)} | a worker's memory | of all |", "|---" * (len(PARTS) + 3) + "|"]
    for one in outcomes:
        cells = " | ".join(f"{one.cpu_per_post(part) * 1000:.1f}" for part in PARTS)
        memory = f"{_megabytes(one.worker_bytes)} | {_megabytes(one.total_bytes)}"
        rows.append(f"| {one.trial.name} | {cells} | {memory} |")
    return "\n".join(rows)


def _truth_table(outcomes: Sequence[Outcome]) -> str:
    rows = [
        "| | posts | out | twice | lost | an hour late | out, and not known | asked of a person"
        " | late p50 | p95 | last |",
        "|---" * 11 + "|",
    ]
    for one in outcomes:
        late = one.tally.lateness
        rows.append(
            f"| {one.trial.name} | {one.size.posts:,} | {one.tally.out:,} | {one.tally.twice:,} | {one.lost:,}"
            f" | {one.an_hour_late:,} | {one.unknown:,} | {one.asked:,}"
            f" | {late.p50:.1f} s | {late.p95:.1f} s | {late.last:.0f} s |"
        )
    return "\n".join(rows)


def _about_faults(outcomes: Sequence[Outcome]) -> str:
    ours = [one for one in outcomes if one.trial.has_faults and one.trial.is_ours]
    told = []
    for one in ours:
        nowhere = one.repeated + one.asked
        told.append(
            f"- *{one.trial.name}*: of {one.attempts:,} attempts {one.found:,} ended without an answer and were found"
            f" at the network by looking; {nowhere:,} were found nowhere, because the answer was dropped or the worker"
            f" killed before the network took the post: {one.repeated:,} of them were sent once more under their key,"
            f" and for {one.asked:,} the author was asked. {one.kills} workers were killed. After {one.seconds:.0f} s"
            " nothing was left to do."
        )
    waits = ", ".join(f"`{name}={value}`" for one in ours[:1] for name, value in one.trial.waits.items())
    end = (
        f"The waits of recovery are shorter here than in production, so that their end is seen: {waits}."
        " The times count what went out by itself; an hour is not waited for."
    )
    return "\n".join([*told, "", end])


def _how_busy(outcomes: Sequence[Outcome]) -> str:
    most = max(one.others_share for one in outcomes)
    if most < OTHERS_NOTED:
        return ""
    return f" Other work used up to {most:.0%} of the cores meanwhile, so times are longer than they need be."


def _megabytes(size: int) -> str:
    return f"{size / MEGABYTE:,.0f} MB"
