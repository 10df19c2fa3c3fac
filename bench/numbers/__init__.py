"""The measurements, one function for each line of the table, in the table's order."""

from __future__ import annotations

from collections.abc import Callable

from bench.measuring import Number
from bench.numbers import changes, checks, lists
from bench.stage import Stage

ALL: tuple[Callable[[Stage], Number], ...] = (
    checks.warm_check,
    checks.has_perm,
    checks.cold_check,
    checks.thousand_checks,
    lists.list_page,
    lists.people,
    changes.rows_written,
    checks.explain,
    changes.what_if,
    changes.revoke_to_effect,
)
