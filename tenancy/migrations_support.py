"""Row-level security for migrations: ``operations = [..., *protect("orgs_team", "orgs_workspace")]``."""

from __future__ import annotations

from django.db import migrations

from tenancy.context import EVERY, SETTING

_CURRENT = f"current_setting('{SETTING}', true)"
_OPEN = f"nullif(nullif({_CURRENT}, ''), '{EVERY}')::bigint"


def protect(
    *tables: str, shared_rows: bool = False, columns: tuple[str, ...] = ("organization_id",)
) -> list[migrations.RunSQL]:
    """Return operations that force row-level security on the tables.

    ``shared_rows``: rows without an organization (built-in roles) may be read by everybody. ``columns``: a row that
    belongs to two organizations names both.
    """
    matches = f"({_CURRENT} = '{EVERY}' or {_OPEN} in ({', '.join(columns)}))"
    readable = f"(organization_id is null or {matches})" if shared_rows else matches
    return [
        migrations.RunSQL(
            f"""
            alter table {table} enable row level security;
            alter table {table} force row level security;
            create policy tenant on {table} using ({readable}) with check ({matches});
            """,
            f"""
            drop policy tenant on {table};
            alter table {table} no force row level security;
            alter table {table} disable row level security;
            """,
        )
        for table in tables
    ]
