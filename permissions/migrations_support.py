"""Triggers for migrations: ``operations = [*bump_epochs("orgs_membership", of=MEMBERSHIP)]``.

A row that bears on somebody's rights gives its organization a new epoch, in the same transaction, whoever writes it:
see ``permissions.epochs``.
"""

from __future__ import annotations

from typing import Final

from django.db import migrations

from tenancy.context import EVERY, SETTING

# How changed rows lead to the organizations whose epoch they end. ``{rows}`` are the changed rows.
OF_ROW: Final = "select organization_id from {rows}"
# The organizations that a company works for know its members, and its name.
MEMBERSHIP: Final = """
    select organization_id from {rows} union all
    select partnership.organization_id from orgs_partnership partnership
    join {rows} changed on changed.organization_id = partnership.partner_id
"""
ORGANIZATION: Final = """
    select id from {rows} union all
    select partnership.organization_id from orgs_partnership partnership
    join {rows} changed on changed.id = partnership.partner_id
"""
# Who is in a team's userset: a table of Django's, without an organization of its own.
USERSET: Final = """
    select team.organization_id from orgs_team team join {rows} changed on changed.group_id = team.members_group_id
"""

# A trigger runs as whoever wrote the row, behind the wall of whichever organization is open, or none. It opens every
# organization and puts back what was open; should it fail, PostgreSQL puts it back.
_OPEN_EVERY: Final = f"""
            outer_organization := current_setting('{SETTING}', true);
            perform set_config('{SETTING}', '{EVERY}', true);"""
_OPEN_OUTER: Final = f"""
            perform set_config('{SETTING}', coalesce(outer_organization, ''), true);"""

_TRANSITIONS: Final = {
    "insert": ("new table as after_rows", ("after_rows",)),
    "update": ("old table as before_rows new table as after_rows", ("before_rows", "after_rows")),
    "delete": ("old table as before_rows", ("before_rows",)),
}


def epoch_function() -> migrations.RunSQL:
    """Return the operation that makes ``permissions_new_epoch``: the one place where an epoch is written.

    Epochs come from a sequence, so one that was rolled back is never given again; and end in a random part, so that
    nobody takes the number of another database, or of one put back from a copy, for one he knows. The rows are taken in
    order, so two changes that touch the same organizations do not wait for each other in a circle.
    """
    return migrations.RunSQL(
        """
        create sequence permissions_epoch_seq;
        create function permissions_new_epoch(organizations bigint[]) returns void language plpgsql as $$
        begin
            insert into permissions_accessepoch (organization_id, epoch)
            select found.id, nextval('permissions_epoch_seq') * 1048576 + floor(random() * 1048576)::bigint
            from (select distinct id from unnest(organizations) as given(id) where id is not null order by id) found
            on conflict (organization_id) do update set epoch = excluded.epoch;
        end $$;
        """,
        """
        drop function permissions_new_epoch(bigint[]);
        drop sequence permissions_epoch_seq;
        """,
    )


def bump_epochs(
    *tables: str, of: str = OF_ROW, events: tuple[str, ...] = ("insert", "update", "delete")
) -> list[migrations.RunSQL]:
    """Return operations that end an organization's epoch whenever rows of these tables change.

    One trigger for each event and statement, so a thousand rows written at once cost what one costs.
    """
    return [_bump(table, event, of) for table in tables for event in events]


def _bump(table: str, event: str, of: str) -> migrations.RunSQL:
    transition, names = _TRANSITIONS[event]
    organizations = " union all ".join(of.format(rows=rows) for rows in names)
    return _trigger(
        table,
        f"new_epoch_{event}",
        organizations,
        f"after {event} on {table} referencing {transition} for each statement",
    )


def bump_epochs_of_staff() -> migrations.RunSQL:
    """Return the operation for the one column of people that bears on rights; signing in writes the others all day.

    What a member of the vendor's staff may do counts wherever he has a session (R10).
    """
    return _trigger(
        "accounts_user",
        "new_epoch_of_staff",
        "select session.organization_id from orgs_supportsession session where session.user_id = new.id",
        "after update of support_role on accounts_user for each row "
        "when (old.support_role is distinct from new.support_role)",
    )


def _trigger(table: str, name: str, organizations: str, when: str) -> migrations.RunSQL:
    function = f"{name}_{table}"
    return migrations.RunSQL(
        f"""
        create function {function}() returns trigger language plpgsql as $$
        declare outer_organization text;
        begin{_OPEN_EVERY}
            perform permissions_new_epoch(array({organizations}));{_OPEN_OUTER}
            return null;
        end $$;
        create trigger {name} {when} execute function {function}();
        """,
        f"""
        drop trigger {name} on {table};
        drop function {function}();
        """,
    )
