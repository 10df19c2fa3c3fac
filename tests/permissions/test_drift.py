"""Where a pack and a matrix file part: found cell by cell; and tables that contradict are refused."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from permissions import packs
from permissions.catalogue import Scope
from permissions.catalogue.tables import TableError
from permissions.packs import PACKS, drift, role

DATA = Path(packs.__file__).parent / "data"
MATRICES = DATA / "matrices"


@pytest.mark.parametrize(
    "path", [*MATRICES.glob("*.csv"), DATA / "actito_actions.csv"], ids=lambda path: path.stem
)
def test_drift_finds_nothing_in_our_own_copies(path: Path) -> None:
    assert drift(path) == []


def edited(tmp_path: Path, name: str, old: str, new: str) -> Path:
    text = (MATRICES / f"{name}.csv").read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / f"{name}.csv"
    path.write_text(text.replace(old, new), encoding="utf-8")
    return path


def test_drift_finds_a_flipped_cell_in_each_pack_made_from_the_matrix(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        "agorapulse_profile",
        "publish_posts,Publish posts,yes,yes,no,no",
        "publish_posts,Publish posts,yes,yes,yes,no",
    )
    found = drift(path)
    assert [(d.pack, d.row, d.action, d.role, d.in_matrix, d.in_pack) for d in found] == [
        ("standard", "AP14", "profile.publish_posts", "moderator", True, False),
        ("agorapulse", "AP14", "profile.publish_posts", "moderator", True, False),
    ]
    assert [d.pack for d in drift(path, pack="agorapulse")] == ["agorapulse"]
    assert "AP14 profile.publish_posts standard:moderator" in str(found[0])


def test_drift_finds_rows_that_came_and_rows_that_went(tmp_path: Path) -> None:
    path = edited(
        tmp_path,
        "pinterest_editor",
        "PE04,Boards,delete_boards,Delete boards",
        "PE12,Boards,paint_boards,Paint boards",
    )
    assert [(d.row, d.in_matrix, d.in_pack) for d in drift(path)] == [
        ("PE04", None, True),
        ("PE12", True, None),
    ]


def test_drift_finds_a_none_that_no_longer_closes(tmp_path: Path) -> None:
    path = edited(tmp_path, "hootsuite_profile", "to the network,no,no,no,yes", "to the network,no,no,no,no")
    assert [(d.row, d.role) for d in drift(path)] == [("HN10", "none")]


def test_drift_finds_a_changed_word_in_a_configuration(tmp_path: Path) -> None:
    path = edited(tmp_path, "actito_configurations", "Everyday applications", "Most applications")
    (found,) = drift(path)
    assert (found.row, found.action, found.role) == ("AC03", "access", "user")


def test_drift_finds_a_role_changed_on_our_side(monkeypatch: pytest.MonkeyPatch) -> None:
    standard = PACKS["standard"]
    cells = dict(role("standard:moderator").cells) | {"profile.publish_posts": "AP14"}
    roles = tuple(replace(r, cells=cells) if r.slug == "moderator" else r for r in standard.roles)
    monkeypatch.setattr(packs, "PACKS", {**PACKS, "standard": replace(standard, roles=roles)})
    assert [(d.pack, d.row, d.role) for d in drift(MATRICES / "agorapulse_profile.csv")] == [
        ("standard", "AP14", "moderator")
    ]


def test_drift_refuses_a_file_that_is_no_matrix(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="none of the matrices"):
        drift(tmp_path / "holidays.csv")


def test_cell_that_is_neither_yes_nor_no_is_refused(tmp_path: Path) -> None:
    path = edited(tmp_path, "hootsuite_team", "HT04,view_team", "HT04,view_team")
    path.write_text(path.read_text(encoding="utf-8").replace(",yes,yes,", ",yes,maybe,"), encoding="utf-8")
    with pytest.raises(TableError, match=r"HT04: default is 'maybe'"):
        drift(path)


def test_our_row_may_not_contradict_a_matrix(monkeypatch: pytest.MonkeyPatch) -> None:
    intruder = replace(
        packs.ROWS["CP01"], actions=("profile.publish_posts",), answers={"standard:guest": True}
    )
    monkeypatch.setitem(packs._OWN_ROWS, Scope.PROFILE, (intruder,))
    with pytest.raises(TableError, match="CP01: the matrix of standard decides"):
        packs._roles("standard")


def test_our_row_may_not_name_a_role_of_another_scope(monkeypatch: pytest.MonkeyPatch) -> None:
    intruder = replace(packs.ROWS["CP01"], answers={"standard:owner": True})
    monkeypatch.setitem(packs._OWN_ROWS, Scope.PROFILE, (intruder,))
    with pytest.raises(TableError, match="no profile role is called standard:owner"):
        packs._refuse_unknown_roles()
