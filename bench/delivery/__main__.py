"""``python -m bench.delivery``, started by ``make bench``: servers of its own, one trial after the other, the page."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from devstack.embedded import schema_key, secrets_of
from devstack.steps import ROOT, say
from devstack.test_servers import TestServers, clone, make_template

DATABASE = "delivery"


class DeliveryServers(TestServers):
    """Servers as in production: what is committed is on the disk."""

    postgres_options: ClassVar[Mapping[str, str]] = {}
    has_durable_broker = True


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--trial", default="", help="only trials whose name contains this")
    parser.add_argument("--write", type=Path, help="write the page here; docs/performance.md at scale 1")
    options, _others = parser.parse_known_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    state = Path(os.environ.get("CHORUS_BENCH_STATE") or ROOT / ".data" / "bench") / "delivery"
    with DeliveryServers(state) as servers:
        os.environ |= secrets_of(state)
        template = make_template(servers.admin_url, schema_key())
        servers.database = DATABASE
        os.environ |= servers.variables() | {"DJANGO_SETTINGS_MODULE": "config.settings"}
        return _measure(options, servers, template)


def _measure(options: argparse.Namespace, servers: DeliveryServers, template: str) -> int:
    import django

    django.setup()
    from django.db import connection

    from bench.delivery.report import describe, section
    from bench.delivery.running import Ground, TrialFailed, run
    from bench.delivery.trials import Size, trials
    from bench.document import DOCUMENT, put

    def empty() -> None:
        connection.close()
        clone(servers.admin_url, template, DATABASE)
        servers.valkey.flush()

    processes = {"database": servers.postgres.process, "broker": servers.valkey.process}
    ground = Ground(
        environment=servers.environment(),
        owner_url=servers.owner_url,
        pids={part: process.pid for part, process in processes.items() if process},
        empty=empty,
    )
    found, failed = [], []
    for trial in trials(options.scale):
        if options.trial.lower() not in trial.name.lower():
            continue
        try:
            found.append(run(trial, Size.of(options.scale * trial.share), ground, say))
        except TrialFailed as failure:
            failed.append(trial)
            say(str(failure))
        else:
            say(describe(found[-1]))
    target = options.write or (DOCUMENT if options.scale == 1 and not options.trial else None)
    if target and found:
        put("delivery", section(found, failed), target)
        say(f"written to {target}")
    return 0 if not failed and all(outcome.is_kept for outcome in found if outcome.trial.is_ours) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
