"""Row-level security for migrations: ``operations = [..., *protect("orgs_team", "orgs_workspace")]``."""

from __future__ import annotations

from django.db import migrations

from tenancy.context import EVERY, SETTING

_CURRENT = f"current_setting('{SETTING}', true)"
_MATCHES = f"({_CURRENT} = '{EVERY}' or organization_id = nullif(nullif({_CURRENT}, ''), '{EVERY}')::bigint)"


def protect(*tables: str, shared_rows: bool = False) -> list[migrations.RunSQL]:
    """Return operations that force row-level security on the tables.

    ``shared_rows``: rows without an organization (built-in roles) may be read by everybody.
    """
    readable = f"(organization_id is null or {_MATCHES})" if shared_rows else _MATCHES
    return [
        migrations.RunSQL(
            f"""
            alter table {table} enable row level security;
            alter table {table} force row level security;
            create policy tenant on {table} using ({readable}) with check ({_MATCHES});
            """,
            f"""
            drop policy tenant on {table};
            alter table {table} no force row level security;
            alter table {table} disable row level security;
            """,
        )
        for table in tables
    ]
