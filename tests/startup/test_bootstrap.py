"""bootstrap.py: which Python it takes, and what it says when something is missing."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap


def fake_python(folder: Path, name: str, answer: str, status: int = 0) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{answer} {path}'\nexit {status}\n")
    path.chmod(0o755)
    return path


@pytest.fixture
def only_fakes(monkeypatch, tmp_path):
    """A machine whose only interpreters are those the test makes below its PATH and its pyenv."""
    found = bootstrap.candidates

    def below(environ):
        real = ("/usr/", "/opt/", sys.prefix, sys.base_prefix)
        return [path for path in found(environ) if not path.startswith(real) and path != "python3"]

    monkeypatch.setattr(bootstrap, "candidates", below)
    monkeypatch.setenv("PATH", f"{tmp_path}/bin")
    return {"PYENV_ROOT": str(tmp_path / "pyenv"), "HOME": str(tmp_path)}


def test_bootstrap_prefers_python_3_13_over_newer_and_older_ones(tmp_path, only_fakes):
    for version in ("3.11", "3.12", "3.13", "3.14"):
        fake_python(tmp_path / "bin", "python" + version, version)
    assert bootstrap.find_python(only_fakes) == ((3, 13), str(tmp_path / "bin" / "python3.13"))


def test_bootstrap_passes_over_a_shim_that_refuses_to_run(tmp_path, only_fakes):
    fake_python(tmp_path / "bin", "python3.13", "3.13", status=127)
    (tmp_path / "bin" / "python3.13").write_text("#!/bin/sh\necho 'not installed' >&2\nexit 127\n")
    fake_python(tmp_path / "bin", "python3.11", "3.11")
    assert bootstrap.find_python(only_fakes) == ((3, 11), str(tmp_path / "bin" / "python3.11"))


def test_bootstrap_finds_a_python_that_pyenv_has_but_does_not_select(tmp_path, only_fakes):
    fake_python(tmp_path / "bin", "python3.11", "3.11")
    newest = fake_python(tmp_path / "pyenv/versions/3.13.2/bin", "python3", "3.13")
    assert bootstrap.find_python(only_fakes) == ((3, 13), str(newest))


def test_bootstrap_does_not_believe_the_name_of_an_interpreter(tmp_path, only_fakes):
    fake_python(tmp_path / "bin", "python3.13", "3.9")
    assert bootstrap.find_python(only_fakes) is None


def test_bootstrap_takes_the_interpreter_it_is_given_and_no_other(tmp_path, only_fakes):
    fake_python(tmp_path / "bin", "python3.13", "3.13")
    own = fake_python(tmp_path / "own", "python", "3.12")
    assert bootstrap.find_python(only_fakes | {"PYTHON": str(own)}) == ((3, 12), str(own))
    assert bootstrap.find_python(only_fakes | {"PYTHON": "/nowhere/python"}) is None


def test_bootstrap_can_be_read_by_an_old_python():
    ast.parse(Path(bootstrap.__file__).read_text(), feature_version=(3, 8))


@pytest.mark.parametrize(
    ("output", "sentence"),
    [
        ("error: write failed: No space left on device (os error 28)", "The disk is full"),
        ("error: dns error: failed to lookup address information", "cannot be reached"),
        ("ERROR: Could not find a version that satisfies the requirement uv", "cannot be reached"),
        ("error: failed to create directory: Permission denied (os error 13)", "may not write"),
        ("error: hash mismatch for django", "failed:\n  error: hash mismatch"),
    ],
)
def test_bootstrap_explains_a_failed_step_in_a_sentence(output, sentence):
    assert sentence in bootstrap.explain(output, "installing the packages")


def test_bootstrap_says_that_a_long_step_is_alive(monkeypatch, capsys):
    monkeypatch.setattr(bootstrap, "HEARTBEAT_SECONDS", 0.1)
    bootstrap.step("waiting", ["sleep", "0.4"])
    assert "waiting:" in capsys.readouterr().out


def test_bootstrap_names_what_to_install_when_python_has_neither_venv_nor_pip(monkeypatch, tmp_path):
    python = fake_python(tmp_path, "python3.13", "3.13", status=1)
    monkeypatch.setattr(bootstrap, "TOOLS", tmp_path / "tools")
    monkeypatch.setattr(bootstrap.shutil, "which", lambda _name: None)
    with pytest.raises(bootstrap.Stop, match="apt-get install python3-venv"):
        bootstrap.find_uv(str(python))


def test_bootstrap_says_that_no_python_is_new_enough_and_none_could_be_fetched(monkeypatch, tmp_path):
    uv = tmp_path / "uv"
    uv.write_text("#!/bin/sh\necho 'error: dns error' >&2\nexit 2\n")
    uv.chmod(0o755)
    with pytest.raises(bootstrap.Stop, match=r"No Python 3\.11 or later") as error:
        bootstrap.fetch_python(str(uv), {})
    assert "cannot be reached" in str(error.value)


def test_development_environment_serves_for_running_but_not_the_other_way(monkeypatch, tmp_path):
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / "bin" / "python")
    assert not bootstrap.is_synced("run")
    (tmp_path / ".chorus-run").write_text(bootstrap.fingerprint("run"))
    assert bootstrap.is_synced("run")
    assert not bootstrap.is_synced("dev")
    (tmp_path / ".chorus-run").unlink()
    (tmp_path / ".chorus-dev").write_text(bootstrap.fingerprint("dev"))
    assert bootstrap.is_synced("run")
    assert bootstrap.is_synced("dev")


def test_development_lock_holds_everything_the_run_lock_does():
    def pins(name):
        lines = (bootstrap.HERE / "locks" / f"{name}.txt").read_text().splitlines()
        return {line.split()[0] for line in lines if line and not line[0].isspace()}

    assert pins("production") < pins("build") < pins("run") < pins("dev")


@pytest.mark.parametrize("lock", ["production", "build", "run", "dev", "uv"])
def test_locks_name_versions_and_hashes_and_no_address(lock):
    text = (bootstrap.HERE / "locks" / f"{lock}.txt").read_text()
    assert "--hash=sha256:" in text
    assert "http" not in text.replace("httpcore", "").replace("httpx", "").replace("httptools", "")


def reset(state: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "bootstrap.py", "reset"]
    environment = {"PATH": "/usr/bin:/bin", "CHORUS_STATE": str(state)}
    return subprocess.run(
        command, cwd=bootstrap.HERE, env=environment, capture_output=True, text=True, check=False
    )


def test_reset_deletes_the_data(tmp_path):
    state = tmp_path / "data"
    (state / "pg").mkdir(parents=True)
    assert reset(state).returncode == 0
    assert not state.exists()
    assert "nothing to delete" in reset(state).stdout


def test_reset_refuses_while_chorus_runs(tmp_path):
    from devstack.embedded import try_lock

    lock = try_lock(tmp_path / "servers.lock")
    with lock:
        refused = reset(tmp_path)
    assert refused.returncode == 1
    assert "stop it first" in refused.stderr
    assert tmp_path.exists()


def test_an_environment_that_has_the_tools_of_the_tests_keeps_them(monkeypatch, tmp_path):
    (tmp_path / "lib/python3.13/site-packages/pytest").mkdir(parents=True)
    monkeypatch.setattr(bootstrap, "VENV", tmp_path)
    monkeypatch.setattr(bootstrap, "is_synced", lambda _name: False)
    monkeypatch.setattr(bootstrap, "find_python", lambda *_arguments: ((3, 13), sys.executable))
    monkeypatch.setattr(bootstrap, "find_uv", lambda _python: "uv")
    monkeypatch.setattr(bootstrap, "VENV_PYTHON", tmp_path / "bin" / "python")
    steps = []
    monkeypatch.setattr(bootstrap, "works", lambda _path: ((3, 13), sys.executable))
    monkeypatch.setattr(bootstrap, "step", lambda _what, command, _env=None: steps.append(command))
    bootstrap.sync("run")
    assert steps[-1][-1] == "locks/dev.txt"
    assert (tmp_path / ".chorus-dev").exists()
