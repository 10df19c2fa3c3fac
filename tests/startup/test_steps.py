"""What the start-up says when a step fails."""

import sys

import pytest

from devstack import __main__ as commands
from devstack.steps import StepFailed, run_step


@pytest.mark.parametrize(
    ("printed", "sentence"),
    [
        ("npm error code ENOSPC", "The disk is full"),
        ("npm error code ENOTFOUND", "cannot be reached"),
        ("npm error code EACCES", "may not be written"),
        ("npm error code EINTEGRITY", "npm error code EINTEGRITY"),
    ],
)
def test_a_failed_step_ends_with_a_sentence_and_the_last_lines(printed, sentence):
    with pytest.raises(StepFailed, match=sentence) as error:
        run_step("Building", [sys.executable, "-c", f"import sys; print({printed!r}); sys.exit(3)"])
    assert printed in str(error.value)


def test_a_step_returns_what_it_printed():
    assert run_step("Saying", [sys.executable, "-c", "print('said')"]) == "said\n"


def test_a_full_disk_is_one_sentence_wherever_it_happens(monkeypatch, capsys):
    def fail(_arguments):
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(commands.COMMANDS, "run", fail)
    monkeypatch.setattr(sys, "argv", ["devstack", "run"])
    assert commands.main() == 1
    assert (
        capsys.readouterr().err == "chorus | The disk is full: make room and start again; nothing was lost.\n"
    )


def test_an_unknown_command_names_the_known_ones(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["devstack", "rum"])
    assert commands.main() == 2
    assert "run, test, check" in capsys.readouterr().err


def test_a_missing_browser_is_named_to_who_may_not_install_it(monkeypatch):
    from devstack import testing

    monkeypatch.setattr(testing, "find_browser", lambda: None)
    monkeypatch.setattr(testing.os, "geteuid", lambda: 1000)
    with pytest.raises(StepFailed, match="apt-get install chromium"):
        testing.ensure_browser()
