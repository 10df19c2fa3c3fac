"""Long steps of the start-up: shown while they run, explained in one sentence when they fail."""

from __future__ import annotations

import subprocess
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEARTBEAT_SECONDS = 10
TAIL_LINES = 15

REASONS = (
    (("no space left", "enospc", "disk quota exceeded"), "The disk is full: make room and start again."),
    (
        (
            "enotfound",
            "eai_again",
            "econnrefused",
            "etimedout",
            "network is unreachable",
            "could not resolve",
        ),
        "The package registry cannot be reached: this step needs the network once.",
    ),
    (
        ("eacces", "permission denied", "read-only file system"),
        "The folder may not be written by this account.",
    ),
)


class StepFailed(SystemExit):
    """A step did not go through: uncaught, it ends the process with its text, which is for the person."""

    def __init__(self, text: str) -> None:
        super().__init__(f"chorus | {text}")


def say(text: str) -> None:
    print(f"chorus | {text}", flush=True)


def explain(what: str, output: str) -> str:
    """Return the sentence for a failed step, followed by the end of its output."""
    tail = "\n".join("  " + line for line in output.strip().splitlines()[-TAIL_LINES:])
    lower = output.lower()
    for signs, sentence in REASONS:
        if any(sign in lower for sign in signs):
            return f"{what} failed. {sentence}\n{tail}"
    return f"{what} failed:\n{tail}"


def run_step(what: str, command: list[str], *, environment: Mapping[str, str] | None = None) -> str:
    """Run a command quietly, saying now and then that it lives. Raises StepFailed with its last lines."""
    begin = shown = time.monotonic()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while process.poll() is None:
                time.sleep(0.05)
                if time.monotonic() - shown > HEARTBEAT_SECONDS:
                    shown = time.monotonic()
                    say(f"{what}: {shown - begin:.0f} s so far")
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
        output.seek(0)
        text = output.read().decode(errors="replace")
    if process.returncode:
        raise StepFailed(explain(what, text))
    return text
