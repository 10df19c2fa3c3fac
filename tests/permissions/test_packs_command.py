"""``manage.py packs``: what an operator sees when a published table has changed."""

from __future__ import annotations

import subprocess
import sys
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from permissions import packs
from permissions.packs import PACKS

MATRICES = Path(packs.__file__).parent / "data" / "matrices"


def run(*arguments: str) -> tuple[int, str, str]:
    """Return exit status, output, and what the error said."""
    out = StringIO()
    try:
        call_command("packs", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue(), str(error)
    return 0, out.getvalue(), ""


def changed(tmp_path: Path, name: str, old: str, new: str) -> str:
    text = (MATRICES / f"{name}.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / f"{name}.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return str(path)


def test_packs_list_names_every_pack_with_its_version_and_source() -> None:
    status, out, _error = run("list")
    assert status == 0
    for pack in PACKS.values():
        assert pack.slug in out and str(pack.version) in out and str(pack.source) in out
    assert "5 organization, 2 team, 5 profile" in out


@pytest.mark.parametrize("path", sorted(MATRICES.glob("*.csv")), ids=lambda path: path.stem)
def test_packs_compare_ends_well_where_nothing_differs(path: Path) -> None:
    status, out, error = run("compare", str(path))
    assert (status, error) == (0, "")
    assert out.startswith(f"No drift: {path.name}")


def test_packs_compare_prints_each_cell_that_differs_and_ends_with_one(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "agorapulse_profile",
        "publish_posts,Publish posts,yes,yes,no,no",
        "publish_posts,Publish posts,yes,yes,yes,no",
    )
    status, out, error = run("compare", path)
    assert (status, error) == (1, "2 cells differ.")
    lines = out.splitlines()
    assert len(lines) == 2
    assert [line.split("  ")[1:] for line in lines] == [
        ["profile.publish_posts", f"{pack}:moderator", "here: no", "there: yes"]
        for pack in ("standard", "agorapulse")
    ]
    status, out, error = run("compare", path, "--pack", "agorapulse")
    assert (status, error, len(out.splitlines())) == (1, "1 cell differs.", 1)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["compare", "nowhere/hootsuite_profile.csv"], "No such file"),
        (["compare", "prices.csv"], "none of the matrices"),
        (["compare", "hootsuite_profile.csv", "--pack", "pinterest"], "not made from"),
    ],
)
def test_packs_compare_says_what_it_cannot_compare(arguments: list[str], sentence: str) -> None:
    status, out, error = run(*arguments)
    assert (status, out) == (2, "")
    assert sentence in error


def test_packs_compare_gives_its_exit_status_to_the_shell(tmp_path: Path) -> None:
    path = changed(
        tmp_path,
        "agorapulse_profile",
        "publish_posts,Publish posts,yes,yes,no,no",
        "publish_posts,Publish posts,no,yes,no,no",
    )
    ran = subprocess.run(
        [sys.executable, "manage.py", "packs", "compare", path],
        cwd=settings.BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "standard:administrator  here: yes  there: no" in ran.stdout
