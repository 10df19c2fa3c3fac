"""`make run` as one process tree: it uses the servers it is given, and ends as a whole."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

import pytest

from devstack.processes import free_port
from devstack.steps import ROOT

READY_SECONDS = 90


def start(state, **more):
    named = ("DATABASE_", "REDIS_URL", "SECRET_KEY", "CHORUS_TOKEN_KEYS", "CHORUS_BASE_URL", "CHORUS_BLUESKY")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(named)}
    environment |= {"CHORUS_STATE": str(state), "PORT": str(free_port()), **more}
    return subprocess.Popen(
        [sys.executable, "-m", "devstack", "run"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def lines_until(process, text):
    """Read what the supervisor prints up to a line; fails when it ends without it."""
    seen = []
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline and (line := process.stdout.readline()):
        seen.append(line)
        if text in line:
            return "".join(seen)
    process.kill()
    pytest.fail(f"no line with {text!r}:\n" + "".join(seen[-40:]))


def children_of(pid):
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(pid)], capture_output=True, text=True, check=True
    )
    return dict(line.strip().split(maxsplit=1) for line in listed.stdout.splitlines())


@pytest.mark.proof
@pytest.mark.django_db(transaction=True)
def test_run_uses_the_servers_it_is_given_and_starts_none(servers, tmp_path):
    given = {"DATABASE_URL": os.environ["DATABASE_URL"], "REDIS_URL": os.environ["REDIS_URL"]}
    with start(tmp_path, DATABASE_OWNER_URL=os.environ["CHORUS_TEST_OWNER_URL"], **given) as process:
        printed = lines_until(process, "Chorus is ready")
        assert "postgres answers" not in printed
        assert "valkey answers" not in printed
        address = re.search(r"Chorus is ready: (\S+)", printed).group(1)
        with urllib.request.urlopen(f"{address}/healthz", timeout=10) as page:
            assert page.status == 200
        process.send_signal(signal.SIGINT)
        assert "Traceback" not in process.stdout.read()
    assert process.returncode == 0


@pytest.mark.proof
def test_run_ends_as_a_whole_when_one_process_ends(tmp_path):
    with start(tmp_path) as process:
        printed = lines_until(process, "Chorus is ready")
        assert "postgres answers" in printed
        joined = json.loads((tmp_path / "servers.json").read_text())
        assert joined["DATABASE_URL"].startswith("postgresql://chorus_app:")
        worker = next(
            pid for pid, args in children_of(process.pid).items() if "celery" in args and "worker" in args
        )
        os.kill(int(worker), signal.SIGKILL)
        rest = process.stdout.read()
        assert "worker ended with -9" in rest
        assert "stopped in" in rest
    assert process.returncode == 1
    assert not (tmp_path / "servers.json").exists()


@pytest.mark.proof
def test_run_stops_cleanly_while_it_is_still_starting(tmp_path):
    with start(tmp_path) as process:
        lines_until(process, "postgres answers")
        process.send_signal(signal.SIGINT)
        rest = process.stdout.read()
        assert "stopped in" in rest
        assert "Traceback" not in rest
    assert process.returncode == 0
