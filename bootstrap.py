#!/usr/bin/env python3
"""From a bare machine to a running command: find a Python, get uv, install the lock, hand over to devstack.

Standard library only, and syntax of Python 3.8, so that an old `python3` can say what is missing, or find
a newer one.
Usage: python3 bootstrap.py run | test | bench | check | fix | reset | assets | locks | messages [arguments].
"""

import errno
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOOLS = HERE / ".tools"
VENV = HERE / ".venv"
VENV_PYTHON = VENV / "bin" / "python"
OLDEST = (3, 11)
PREFERRED = ["3.13", "3.12", "3.14", "3.11"]
FETCHED = "3.13"  # what uv is asked for when the machine has nothing new enough
OLDEST_UV = (0, 9)
HEARTBEAT_SECONDS = 10
ENVIRONMENT_OF = {"run": "run", "assets": "run"}  # every other command needs the development environment

NO_NETWORK = (
    "dns error",
    "failed to lookup",
    "name resolution",
    "error sending request",
    "connection refused",
    "timed out",
    "newconnectionerror",
    "network is unreachable",
    "no route to host",
    "enotfound",
    "eai_again",
    "econnrefused",
    "tunnel error",
    "could not resolve",
    "could not find a version that satisfies",
)
DISK_FULL = ("no space left", "enospc", "os error 28", "disk quota exceeded")
NOT_ALLOWED = ("permission denied", "eacces", "read-only file system")


class Stop(Exception):
    """One sentence that tells the person what is missing."""


def say(text):
    print("bootstrap | " + text, flush=True)


def explain(output, what):
    """Return the sentence for a step that failed, by what its output says."""
    lower = output.lower()
    if any(sign in lower for sign in DISK_FULL):
        return "The disk is full: %s needs about 1 GB free below %s." % (what, HERE)
    if any(sign in lower for sign in NOT_ALLOWED):
        return "%s may not write below %s: the folder belongs to another account, or is read-only.\n%s" % (
            what[0].upper() + what[1:],
            HERE,
            last_lines(output, 3),
        )
    if any(sign in lower for sign in NO_NETWORK):
        return "The package registry cannot be reached: %s needs the network once.\n%s" % (
            what,
            last_lines(output, 3),
        )
    return "%s failed:\n%s" % (what[0].upper() + what[1:], last_lines(output, 15))


def last_lines(text, count):
    return "\n".join("  " + line for line in text.strip().splitlines()[-count:])


def step(what, command, env=None):
    """Run one long step: say what it is, show that it lives, and explain its failure in a sentence."""
    say(what + " ...")
    begin = shown = time.time()
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=HERE, env=env, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        while process.poll() is None:
            time.sleep(0.05)
            if time.time() - shown > HEARTBEAT_SECONDS:
                shown = time.time()
                say("%s: %d s so far" % (what, shown - begin))
        output.seek(0)
        text = output.read().decode("utf-8", "replace")
    if process.returncode:
        raise Stop(explain(text, what))
    return text


def works(executable):
    """Return ((major, minor), real path) of a Python that starts, or None: a pyenv shim may refuse."""
    code = "import sys, ssl; print('%d.%d' % sys.version_info[:2], sys.executable)"
    try:
        done = subprocess.run(
            [executable, "-c", code],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            universal_newlines=True,
        )
        version, path = done.stdout.split(None, 1)
        return tuple(int(part) for part in version.split(".")), path.strip()
    except (OSError, ValueError, subprocess.SubprocessError):
        return None


def candidates(environ):
    """Return the interpreters to try, best first; PYTHON names the only one."""
    if environ.get("PYTHON"):
        return [environ["PYTHON"]]
    pyenv = Path(environ.get("PYENV_ROOT") or Path(environ.get("HOME", "/")) / ".pyenv") / "versions"
    found = []
    for version in PREFERRED:
        found.append("python" + version)
        found += sorted(map(str, pyenv.glob(version + ".*/bin/python3")), reverse=True)
        found += [
            folder + "/python" + version for folder in ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
        ]
    return [*found, "python3", sys.executable]


def find_python(environ, old_enough=OLDEST):
    """Return the best Python of the machine as ((major, minor), path), or None."""
    for candidate in candidates(environ):
        got = works(candidate)
        if got and got[0] >= old_enough:
            return got
    return None


def find_uv(python):
    """Return a uv: a usable one on PATH, else our own below .tools, installed by `python`."""
    on_path = shutil.which("uv")
    if on_path and uv_version(on_path) >= OLDEST_UV:
        return on_path
    mine = str(TOOLS / "bin" / "uv")
    if uv_version(mine) >= OLDEST_UV:
        return mine
    shutil.rmtree(TOOLS, ignore_errors=True)
    install = [
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--require-hashes",
        "-r",
        "locks/uv.txt",
    ]
    if quiet([python, "-m", "venv", str(TOOLS)]):
        step("getting uv", [str(TOOLS / "bin" / "python"), "-m", "pip", *install])
    elif quiet([python, "-m", "pip", "--version"]):  # Debian without python3-venv
        shutil.rmtree(TOOLS, ignore_errors=True)
        step("getting uv", [python, "-m", "pip", *install, "--target", str(TOOLS)])
    else:
        shutil.rmtree(TOOLS, ignore_errors=True)
        raise Stop(
            "%s has neither venv nor pip: install one (on Debian: apt-get install python3-venv), or uv, "
            "and try again." % python
        )
    return mine


def uv_version(path):
    try:
        words = subprocess.run(
            [path, "--version"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=30,
            universal_newlines=True,
        ).stdout.split()
        return tuple(int(part) for part in words[1].split(".")[:2])
    except (OSError, ValueError, IndexError, subprocess.SubprocessError):
        return (0, 0)  # missing, or a shim that refuses


def quiet(command):
    done = subprocess.run(
        command, cwd=HERE, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    return done.returncode == 0


def fingerprint(name):
    return hashlib.sha256((HERE / "locks" / (name + ".txt")).read_bytes()).hexdigest()


def is_synced(name):
    """Whether the environment holds this lock; the development lock holds all that the run lock does."""
    for stamp in ("dev", "run") if name == "run" else ("dev",):
        written = VENV / (".chorus-" + stamp)
        if written.exists() and written.read_text() == fingerprint(stamp) and works(str(VENV_PYTHON)):
            return True
    return False


def sync(name):
    """Bring .venv to the lock called `name` (run or dev)."""
    if is_synced(name):
        return
    if any(VENV.glob("lib/python*/site-packages/pytest")):
        name = "dev"  # whoever has tested here keeps the tools of the tests
    begin = time.time()
    found = find_python(os.environ)
    installer = found or find_python(os.environ, (3, 8))
    if not installer:
        raise Stop("No Python was found that starts; Chorus needs Python %d.%d or later." % OLDEST)
    env = dict(os.environ, UV_LINK_MODE="copy", UV_PYTHON_INSTALL_DIR=str(TOOLS / "python"))
    env.pop("VIRTUAL_ENV", None)
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    uv = find_uv(installer[1])
    if not found:
        found = fetch_python(uv, env)
    env["UV_PYTHON_DOWNLOADS"] = "never"
    for stamp in ("dev", "run"):
        remove(VENV / (".chorus-" + stamp))
    have = works(str(VENV_PYTHON))
    if not have or have[0] < OLDEST:
        shutil.rmtree(VENV, ignore_errors=True)
        step("making the environment", [uv, "venv", "--quiet", "--python", found[1], str(VENV)], env)
    step(
        "installing the packages (%s)" % name,
        [
            uv,
            "pip",
            "sync",
            "--python",
            str(VENV_PYTHON),
            "--require-hashes",
            "--compile-bytecode",
            "locks/" + name + ".txt",
        ],
        env,
    )
    (VENV / (".chorus-" + name)).write_text(fingerprint(name))
    version = (have or found)[0]
    say("environment ready in %.0f s (Python %d.%d)" % (time.time() - begin, version[0], version[1]))


def fetch_python(uv, env):
    """Let uv download a Python below .tools, for machines that have only an older one."""
    try:
        step("getting Python " + FETCHED, [uv, "python", "install", "--no-bin", FETCHED], env)
        path = step("finding Python " + FETCHED, [uv, "python", "find", "--managed-python", FETCHED], env)
    except Stop as error:
        raise Stop(
            "No Python %d.%d or later is on this machine (looked on PATH, below pyenv and in the system's"
            " folders), and uv could not fetch one. Install it, or set PYTHON=/path/to/python3.\n%s"
            % (*OLDEST, error)
        ) from None
    got = works(path.strip().splitlines()[-1])
    if not got:
        raise Stop(
            "The Python that uv fetched does not start on this machine: install Python %d.%d or later."
            % OLDEST
        )
    return got


def remove(path):
    if path.exists():
        path.unlink()


def reset():
    """Delete the data of this checkout: database, Redis, uploads, mail, secrets. Packages and assets stay."""
    state = Path(os.environ.get("CHORUS_STATE") or HERE / ".data")
    if not state.is_dir():
        say("nothing to delete")
        return
    with (state / "servers.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Stop("Chorus runs from this folder: stop it first (ctrl-C in its terminal).") from None
        tag = hashlib.sha256(str(state.resolve()).encode()).hexdigest()[:8]
        elsewhere = Path(os.environ.get("CHORUS_ROOT_STATE", "/var/lib")) / ("chorus-" + tag)
        shutil.rmtree(elsewhere, ignore_errors=True)
        shutil.rmtree(state)
    say("all data of this checkout is deleted")


def main(arguments):
    command = arguments[0] if arguments else "run"
    if command == "reset":
        reset()
        return
    TOOLS.mkdir(exist_ok=True)
    with (HERE / ".bootstrap.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands at once: the second waits and finds everything done
        sync(ENVIRONMENT_OF.get(command, "dev"))
    env = dict(os.environ)
    env.pop("PYTHONDONTWRITEBYTECODE", None)  # without byte code every process start costs seconds
    os.chdir(HERE)
    os.execve(str(VENV_PYTHON), [str(VENV_PYTHON), "-m", "devstack", command, *arguments[1:]], env)


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except Stop as error:
        sys.exit("bootstrap | %s" % error)
    except KeyboardInterrupt:
        sys.exit("bootstrap | stopped")
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            sys.exit("bootstrap | The disk is full: Chorus needs about 1 GB free below %s." % HERE)
        if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
            sys.exit(
                "bootstrap | %s may not be written: the folder belongs to another account, or is read-only."
                % (error.filename or HERE)
            )
        raise
