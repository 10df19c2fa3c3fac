"""From a clean clone: `make run` as an ordinary user, and the steps of the image's build."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from pathlib import Path

import pytest

from devstack.processes import free_port
from devstack.steps import ROOT

pytestmark = [pytest.mark.proof, pytest.mark.long]

ORDINARY = 65534
COLD_SECONDS = 300
WARM_SECONDS = 60


def copy_of_the_repository(target: Path) -> Path:
    """Copy what git would give a newcomer, with the changes not yet committed."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.splitlines():
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    return target


def processes_of(folder: Path) -> list[str]:
    """Return the command lines of all processes that name the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            command = path.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in command:
            found.append(command)
    return found


def wait_until_gone(folder: Path) -> list[str]:
    deadline = time.monotonic() + 20
    while (left := processes_of(folder)) and time.monotonic() < deadline:
        time.sleep(0.1)
    return left


@pytest.fixture
def clone():
    """A clean clone below a folder that every account can enter, owned by whoever shall run it."""
    folder = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    repository = copy_of_the_repository(folder / "chorus")
    (folder / "home").mkdir()
    if os.geteuid() == 0:
        folder.chmod(0o755)
        for path in [folder, *folder.rglob("*")]:
            os.chown(path, ORDINARY, ORDINARY, follow_symlinks=False)
    yield repository
    subprocess.run(["rm", "-rf", str(folder)], check=False)


class Run:
    """`make run` of a clone by an ordinary user."""

    def __init__(self, clone: Path) -> None:
        self.port = free_port()
        named = ("DATABASE_", "REDIS_", "CHORUS_", "SECRET_KEY", "PYENV", "PYTEST", "DJANGO_", "CHROME")
        environment = {name: value for name, value in os.environ.items() if not name.startswith(named)}
        environment |= {
            "HOME": str(clone.parent / "home"),
            "PORT": str(self.port),
            "PATH": "/usr/local/bin:/usr/bin:/bin",
        }
        command = ["make", "run"]
        if os.geteuid() == 0:
            command = ["setpriv", f"--reuid={ORDINARY}", f"--regid={ORDINARY}", "--clear-groups", *command]
        self.begin = time.monotonic()
        self.process = subprocess.Popen(
            command, cwd=clone, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.lines: list[str] = []
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self) -> None:
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def wait_until_ready(self, seconds: float) -> float:
        """Return the seconds from the command to the line that prints the address."""
        while not any("Chorus is ready" in line for line in self.lines):
            if self.process.poll() is not None or time.monotonic() - self.begin > seconds:
                self.stop(signal.SIGTERM)
                pytest.fail("it did not start:\n" + "".join(self.lines[-40:]))
            time.sleep(0.05)
        return time.monotonic() - self.begin

    def supervisor(self, clone: Path) -> int:
        for path in Path("/proc").glob("[0-9]*/cmdline"):
            command = path.read_bytes().split(b"\0") if path.exists() else []
            if command[:1] == [str(clone / ".venv/bin/python").encode()] and b"devstack" in command:
                return int(path.parent.name)
        raise AssertionError("no supervisor is running")

    def stop(self, number: int) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)
        self.process.wait(40)
        self.reader.join(10)
        self.process.stdout.close()


def test_make_run_from_a_clean_clone_serves_stops_and_starts_again(clone, record_property):
    run = Run(clone)
    record_property("cold_seconds", run.wait_until_ready(COLD_SECONDS))
    with urllib.request.urlopen(f"http://127.0.0.1:{run.port}/accounts/login/", timeout=20) as page:
        assert b"<form" in page.read()
    secret = (clone / ".data" / "secret_key.secret").read_text()
    os.kill(run.supervisor(clone), signal.SIGINT)
    run.stop(0)
    assert wait_until_gone(clone) == []
    assert any("stopped in" in line for line in run.lines)
    assert not any("Traceback" in line for line in run.lines)

    again = Run(clone)
    record_property("warm_seconds", again.wait_until_ready(WARM_SECONDS))
    assert (clone / ".data" / "secret_key.secret").read_text() == secret
    os.kill(again.supervisor(clone), signal.SIGKILL)
    again.stop(0)
    assert wait_until_gone(clone) == []


@pytest.fixture
def image(tmp_path):
    """Run the steps of the Dockerfile in clean folders; returns the folder that would become the image."""
    app = copy_of_the_repository(tmp_path / "app")
    uv = shutil.which("uv") or str(ROOT / ".tools" / "bin" / "uv")
    packages, build = tmp_path / "venv", tmp_path / "build-venv"
    environment = {
        name: os.environ[name] for name in os.environ if not name.startswith(("CHORUS_", "DATABASE_"))
    }
    environment |= {"PATH": f"{Path(uv).parent}:{os.environ['PATH']}", "UV_PYTHON": sys.executable}
    environment |= {"HOME": os.environ.get("HOME", str(tmp_path)), "UV_LINK_MODE": "copy"}
    text = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
    steps = re.findall(r"^RUN (?:--mount=\S+ +)*(.*)$", text, flags=re.MULTILINE)
    steps = [step for step in steps if "pip install --no-cache-dir" not in step and "useradd" not in step]
    assert len(steps) == 5
    for step in steps:
        command = re.sub(r"(?<=\s)/build-venv", str(build), re.sub(r"(?<=\s)/venv", str(packages), step))
        command = re.sub(r"^/build-venv", str(build), command)
        done = subprocess.run(
            ["sh", "-ec", command], cwd=app, env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{step}\n{done.stdout[-2000:]}{done.stderr[-3000:]}"
    return app, packages


def test_build_steps_of_the_image_run_in_a_clean_directory(image):
    app, packages = image
    assert not (app / "node_modules").exists()
    assert not (app / "devstack").exists()
    assert (app / "staticfiles" / "staticfiles.json").exists()
    assert list(app.glob("staticfiles/css/app.*.css"))
    for catalog in app.glob("locale/*/LC_MESSAGES/django.po"):
        assert catalog.with_suffix(".mo").exists()
    from devstack.checks import PRODUCTION_LIKE

    environment = {"PATH": f"{packages}/bin:/usr/bin:/bin", "HOME": "/nonexistent", **PRODUCTION_LIKE}
    check = ["python", "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    done = subprocess.run(check, cwd=app, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for command in ("granian", "celery"):
        started = [str(packages / "bin" / command), "--help"]
        assert subprocess.run(started, env=environment, capture_output=True, check=False).returncode == 0
