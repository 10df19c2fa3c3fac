"""Starting and ending child processes, free ports, and small secret files."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

LAUNCH = Path(__file__).with_name("launch.py")


def launch_command(
    command: list[str], *, mode: str = "plain", signal_number: int = signal.SIGTERM
) -> list[str]:
    """Return the command line that runs `command` in its own session and ends it with this process."""
    return [
        sys.executable,
        "-I",
        "-S",
        str(LAUNCH),
        mode,
        str(int(signal_number)),
        str(os.getpid()),
        "--",
        *command,
    ]


def launch(
    command: list[str], *, mode: str = "plain", signal_number: int = signal.SIGTERM, **options: Any
) -> subprocess.Popen[bytes]:
    """Start `command` so that ctrl-C reaches only this process, and its end ends the command."""
    return subprocess.Popen(launch_command(command, mode=mode, signal_number=signal_number), **options)


def end(process: subprocess.Popen[bytes], signal_number: int, *, patience_seconds: float) -> bool:
    """Signal a process and wait; kill its whole session when it takes too long.

    Returns whether it ended by itself.
    """
    if process.poll() is not None:
        return True
    process.send_signal(signal_number)
    try:
        process.wait(patience_seconds)
        return True
    except subprocess.TimeoutExpired:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
        process.kill()
        process.wait(10)
        return False


def free_port() -> int:
    """Return a port of the loopback interface that nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def write_private(path: Path, text: str) -> None:
    """Write a file only its owner can read; replaces an old one in one step."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(temporary, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    temporary.replace(path)


def secret_file(path: Path) -> str:
    """Return the secret kept in `path`, making it on first use."""
    if not path.exists():
        write_private(path, secrets.token_urlsafe(48))
    return path.read_text().strip()
