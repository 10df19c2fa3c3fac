"""Which organization is open right now, in Python and in PostgreSQL.

The tenant comes from the URL, the task's argument or the API token - never from a session or a preference. It is set
with ``SET LOCAL`` semantics inside a transaction, so it cannot leak to the next request behind a connection pool.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

from django.db import connection, transaction

SETTING: Final = "chorus.organization"
EVERY: Final = "*"

_open: ContextVar[int | str | None] = ContextVar("open_organization", default=None)


class NoTenantOpen(RuntimeError):
    """A tenant table was asked for while no organization was open: a programming error, never a person's."""


def open_organization_id() -> int | None:
    """Return the id of the open organization, or None when none (or every one) is open."""
    current = _open.get()
    return current if isinstance(current, int) else None


def is_crossing() -> bool:
    return _open.get() == EVERY


@contextmanager
def organization_open(organization_id: int) -> Iterator[None]:
    """Open one organization, in a transaction of its own (or a savepoint of the one that runs)."""
    with _opened(organization_id):
        yield


@contextmanager
def unscoped() -> Iterator[None]:
    """Cross tenants. Every use carries a comment that says why."""
    with _opened(EVERY):
        yield


@contextmanager
def _opened(value: int | str) -> Iterator[None]:
    outer = _open.get()
    token = _open.set(value)
    is_inside = connection.in_atomic_block
    is_known = is_inside and outer == value  # opened again inside of itself: PostgreSQL was told already
    try:
        with transaction.atomic():
            if not is_known:
                _tell_postgres(value)
            yield
            if is_inside and not is_known and not connection.needs_rollback:
                # Releasing a savepoint keeps a setting made inside it: put the outer tenant back. The end of a
                # whole transaction drops it.
                _tell_postgres(outer)
    finally:
        _open.reset(token)


def _tell_postgres(value: int | str | None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("select set_config(%s, %s, true)", [SETTING, "" if value is None else str(value)])
