"""Many rows of one table in one statement. Row-level security stays on, so it is INSERT and not COPY."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from django.db import connection
from django.db.models import Field, Model

BATCH: Final = 50_000


def new_ids(model: type[Model], count: int) -> list[int]:
    """Take ids from the table's own sequence, so that rows can point at each other before they are written."""
    with connection.cursor() as cursor:
        cursor.execute(
            "select nextval(pg_get_serial_sequence(%s, 'id')) from generate_series(1, %s)",
            [model._meta.db_table, count],
        )
        return [row[0] for row in cursor.fetchall()]


def insert(model: type[Model], /, **columns: Any) -> int:
    """Insert rows and return their number. A list gives one value per row, anything else the same for all.

    A column that is not named takes the model's default.
    """
    fields = {field.attname: field for field in model._meta.concrete_fields}
    lists = {name: values for name, values in columns.items() if isinstance(values, list)}
    count = len(next(iter(lists.values())))
    assert all(len(values) == count for values in lists.values()), "columns of different length"
    same = {name: columns.get(name, field.get_default()) for name, field in fields.items()}
    same = {name: value for name, value in same.items() if name not in lists and name != "id"}
    for start in range(0, count, BATCH):
        part = {name: values[start : start + BATCH] for name, values in lists.items()}
        _insert(model, fields, part, same)
    return count


def _insert(
    model: type[Model],
    fields: dict[str, Field[Any, Any]],
    lists: Mapping[str, Sequence[Any]],
    same: dict[str, Any],
) -> None:
    quoted = connection.ops.quote_name
    names = ", ".join(quoted(str(fields[name].column)) for name in (*lists, *same))
    arrays = ", ".join(f"%s::{fields[name].db_type(connection)}[]" for name in lists)
    own = ", ".join(f"drawn.{quoted(name)}" for name in lists)
    constants = ", ".join(f"%s::{fields[name].db_type(connection)}" for name in same)
    drawn = ", ".join(quoted(name) for name in lists)
    values = [fields[name].get_db_prep_save(value, connection) for name, value in same.items()]
    with connection.cursor() as cursor:
        cursor.execute(
            f"insert into {quoted(model._meta.db_table)} ({names}) "  # noqa: S608 - names of our own models
            f"select {own}{', ' + constants if constants else ''} from unnest({arrays}) as drawn({drawn})",
            [*values, *(list(part) for part in lists.values())],
        )
