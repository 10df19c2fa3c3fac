"""CPU and memory of the processes of a trial, read from /proc while they run (Linux)."""

from __future__ import annotations

import os
import threading
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Final, Self

CPU_EVERY_SECONDS: Final = 0.5
MEMORY_EVERY: Final = 4  # looks; summing up a process's memory costs more than reading its clock
TICKS: Final = os.sysconf("SC_CLK_TCK")
MEGABYTE: Final = 2**20

Processes = Callable[[], Mapping[str, Iterable[int]]]


class Meter:
    """Looks at processes by their part ("worker", "database", ...) as long as it is open.

    A process that is killed counts with what it had used at the look before.
    """

    def __init__(self, processes: Processes) -> None:
        self._processes = processes
        self._used: dict[tuple[str, int], float] = {}
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self.worker_bytes = 0  # the largest worker at its largest
        self.total_bytes = 0  # all together at their largest; what they share counts once

    def __enter__(self) -> Self:
        self._machine_before, self._own_before = _machine_seconds(), cpu_of_tree(os.getpid())
        self._before = self._look()
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._done.set()
        self._thread.join()
        self._used |= self._look()
        self._machine_after, self._own_after = _machine_seconds(), cpu_of_tree(os.getpid())

    def others_share(self) -> float:
        """Return how much of the machine's cores was used by processes that are no part of this."""
        busy, whole = (
            after - before for after, before in zip(self._machine_after, self._machine_before, strict=True)
        )
        return max(0.0, busy - (self._own_after - self._own_before)) / whole if whole else 0.0

    def cpu_seconds(self) -> dict[str, float]:
        """Return what each part has used since the meter was opened."""
        found: dict[str, float] = defaultdict(float)
        for key, seconds in self._used.items():
            found[key[0]] += seconds - self._before.get(key, 0.0)
        return dict(found)

    def _run(self) -> None:
        looks = 0
        while not self._done.wait(CPU_EVERY_SECONDS):
            self._used |= self._look()
            if looks % MEMORY_EVERY == 0:
                self._weigh()
            looks += 1

    def _look(self) -> dict[tuple[str, int], float]:
        found = {}
        for part, pids in self._processes().items():
            for pid in pids:
                with suppress(OSError, IndexError):
                    found[part, pid] = cpu_of_tree(pid)
        return found

    def _weigh(self) -> None:
        total = 0
        for part, pids in self._processes().items():
            for pid in pids:
                size = sum(map(memory_of, tree(pid)))
                total += size
                if part == "worker":
                    self.worker_bytes = max(self.worker_bytes, size)
        self.total_bytes = max(self.total_bytes, total)


def _machine_seconds() -> tuple[float, float]:
    """Return the seconds all cores have worked, and have been there."""
    fields = [int(field) / TICKS for field in Path("/proc/stat").read_text().split("\n")[0].split()[1:9]]
    return sum(fields) - fields[3] - fields[4], sum(fields)


def tree(pid: int) -> list[int]:
    """Return a process and its children's children."""
    found = [pid]
    with suppress(OSError):
        for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
            found += tree(int(child))
    return found


def cpu_of_tree(pid: int) -> float:
    """Return the seconds a process and its children have used, those that ended included."""
    ended = sum(_times(pid))
    for child in tree(pid)[1:]:
        with suppress(OSError, IndexError):
            ended += sum(_times(child))
    return ended


def _times(pid: int) -> list[float]:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return [int(field) / TICKS for field in fields[11:15]]  # user, system, and of ended children


def memory_of(pid: int) -> int:
    """Return a process's memory, of what it shares with others its part alone; 0 when it is gone."""
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    with suppress(OSError, IndexError):
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return 0
