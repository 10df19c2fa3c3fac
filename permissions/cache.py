"""What this process remembers of people's rights: each snapshot with the epoch it was read in.

Nothing is ever told to forget. Before a remembered snapshot counts, PostgreSQL is asked for the organization's epoch:
if that is still the same it counts; if not, the same statement has brought what holds now. So a change is seen by the
first question after it, in every process, and no message about it can be lost.

Why an equal epoch means an equal snapshot: whatever bears on rights writes a new epoch in its own transaction, and
epoch and rows are read at one moment. Where a snapshot needs several statements, the epoch is read first: rows that
change in between belong to a later epoch, and the next question finds that out (docs/adr/0008).
"""

from __future__ import annotations

from threading import Lock
from typing import Final, NamedTuple

from django.db import connection

from permissions.reading import UNKNOWN, Reading, read_person
from permissions.snapshot import Snapshot

PEOPLE_MAX: Final = 1000  # some tens of kilobytes each


class _Remembered(NamedTuple):
    epoch: int
    snapshot: Snapshot | None  # None: only that he was asked about


_Key = tuple[str, int, int]

_remembered: dict[_Key, _Remembered] = {}
_lock = Lock()


def snapshot_of(organization_id: int, user_id: int) -> Snapshot:
    """Return what holds now of a person, in one query. The organization must be open."""
    key = _key(organization_id, user_id)
    known = _remembered.get(key)
    if known is not None and known.snapshot is not None:
        reading = read_person(organization_id, user_id, known_epoch=known.epoch)
        if reading.snapshot is None:
            return known.snapshot
    else:
        reading = read_person(organization_id, user_id)
    assert reading.snapshot is not None, "nothing but a known epoch is answered without a snapshot"
    _remember(key, reading.epoch, reading.snapshot)
    return reading.snapshot


def reading_about(
    organization_id: int, user_id: int, profile_id: int, *, with_names: bool = False
) -> Reading:
    """Return what holds now of a person on one profile, in one query; other grants may be missing.

    Who is asked about for the second time is read whole and remembered.
    """
    key = _key(organization_id, user_id)
    known = _remembered.get(key)
    if known is not None:
        return Reading(None, snapshot_of(organization_id, user_id))
    reading = read_person(organization_id, user_id, profile_id=profile_id, with_names=with_names)
    _remember(key, UNKNOWN, None)
    return reading


def forget_snapshots() -> None:
    """Forget everything, as a process that has just begun. Only for tests and measurements: nothing needs it."""
    with _lock:
        _remembered.clear()


def _key(organization_id: int, user_id: int) -> _Key:
    return connection.settings_dict["NAME"], organization_id, user_id


def _remember(key: _Key, epoch: int | None, snapshot: Snapshot | None) -> None:
    if epoch is None:  # nothing has been written yet, so nothing says whether something is
        return
    with _lock:
        _remembered.pop(key, None)
        while len(_remembered) >= PEOPLE_MAX:  # the one remembered longest goes
            del _remembered[next(iter(_remembered))]
        _remembered[key] = _Remembered(epoch, snapshot)
