"""One lock between acting and losing the right to act.

Whoever publishes, replies, exports or invites holds the organization's access still until his transaction ends;
whoever changes access waits for those and keeps new ones out. So nothing goes out after a revoke has returned.

What a partner's person may do rests on his membership in the partner, too (R8): acting holds the access in the partners
still as well. Several organizations are always locked by rising id, so that nobody waits for one who waits for him.
"""

from __future__ import annotations

from typing import Final

from django.db import connection

from permissions.scopes import partners_of

_NAMESPACE: Final = 0x43_48_4F  # any constant; pg advisory locks of two ints


def hold_access(organization_id: int) -> None:
    """Keep every right in the organization as it is until this transaction ends. Many may hold at once."""
    held: set[int] = set()
    while more := {organization_id, *partners_of(organization_id)} - held:
        for one in sorted(more):
            _lock("pg_advisory_xact_lock_shared", one)
        held |= more  # and once more: who became a partner while this waited


def change_access(organization_id: int) -> None:
    """Wait for all who act, then keep them out until this transaction ends. First line of every access change."""
    _lock("pg_advisory_xact_lock", organization_id)


def _lock(function: str, organization_id: int) -> None:
    assert connection.in_atomic_block, "an access lock lives as long as its transaction"
    with connection.cursor() as cursor:
        cursor.execute(f"select {function}(%s, %s)", [_NAMESPACE, organization_id])
