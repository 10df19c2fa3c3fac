"""One question that is asked of every post, with its SQL built once for each organization.

Django needs some twenty times as long to build this query as PostgreSQL needs to answer it.
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from django.db import connection

from publishing.models import Publication
from tenancy.context import open_organization_id

# What stands in the query for the two values that change; no row and no moment is like that.
ANY_ID: Final = -1
ANY_TIME: Final = datetime(1, 1, 1, tzinfo=UTC)


def server_fails_where_it_goes_on(publication_id: int, now: datetime) -> bool | None:
    """Return whether the server's last answer failed to come; None where something holds the publication back."""
    organization_id = open_organization_id()
    assert organization_id is not None, "asked in its own organization"
    sql, values = _question(organization_id)
    in_place: dict[Any, Any] = {ANY_ID: publication_id, ANY_TIME: now}
    with connection.cursor() as cursor:
        cursor.execute(sql, [in_place.get(value, value) for value in values])
        found = cursor.fetchone()
    return None if found is None else bool(found[0])


@lru_cache(maxsize=10_000)
def _question(organization_id: int) -> tuple[str, tuple[Any, ...]]:
    """Return the SQL and its values, as the open organization asks it."""
    rows: Any = Publication.objects.filter(pk=ANY_ID).goes_on(ANY_TIME).with_failing_server()
    sql, values = rows.values_list("server_fails", flat=True).query.sql_with_params()
    return sql, tuple(values)
