"""``permissions_read``: everything that bears on one member's rights, and the epoch it belongs to, in one statement.

A function because PostgreSQL keeps its plans: planned anew each time, the statement takes ten times as long. It is
stable, so all of it sees one and the same moment. Row-level security applies to it as to whoever calls it.

Asked about a profile, it reads only what decides there; asked to tell, it brings the names that explain it along.

``organization_id + 0`` keeps PostgreSQL from going through a whole organization: it plans for an ordinary one, once,
and the person's own rows are always the fewest.

Whatever a later migration changes in these tables, it replaces this function by one of its own.
"""

from django.db import migrations

COLUMNS = """
    kind text, object_id bigint, permission_id bigint, row_id bigint, group_id bigint, starts_at timestamptz,
    expires_at timestamptz, giver_id bigint, given_at timestamptz, words text, giver text, team text
"""

# The columns of a grant, after its kind.
GRANT = """g.content_object_id, g.permission_id::bigint, g.id, {group}::bigint, g.starts_at, g.expires_at,
    g.granted_by_id, g.granted_at, g.reason::text"""
HERE = "g.organization_id + 0 = of_organization"
TABLES = {
    "organization": "orgs_organizationusergrant g",
    "team": "orgs_teamusergrant g join orgs_team t on t.id = g.content_object_id",
    "direct": "social_accounts_profileusergrant g",
}
GROUPS = {"organization": "null", "team": "t.members_group_id", "direct": "null"}


def grants(*, about: bool, telling: bool) -> str:
    """Return the union of the four ways in which a grant reaches a person."""
    giver = "left join accounts_user giver on giver.id = g.granted_by_id" if telling else ""
    parts = []
    for kind, tables in TABLES.items():
        team = "t.name::text" if telling and kind == "team" else "null::text"
        names = (
            f"coalesce(nullif(giver.name, ''), giver.email)::text, {team}"
            if telling
            else "null::text, null::text"
        )
        there = {"organization": "and g.content_object_id = of_organization"}.get(kind, "")
        if about and kind == "direct":
            there = "and g.content_object_id = about_profile"
        parts.append(
            f"select '{kind}'::text, {GRANT.format(group=GROUPS[kind])}, {names} from {tables} {giver}"  # noqa: S608 - our own
            f" where g.user_id = of_person and {HERE} {there}"
        )
    names = (
        "coalesce(nullif(giver.name, ''), giver.email)::text, t.name::text"
        if telling
        else "null::text, null::text"
    )
    teams = f"left join orgs_team t on t.members_group_id = g.group_id {giver}" if telling else ""
    there = "and g.content_object_id = about_profile" if about else ""
    parts.append(
        f"select 'through_team'::text, {GRANT.format(group='g.group_id')}, {names}"  # noqa: S608 - our own
        f" from accounts_user_groups p join social_accounts_profilegroupgrant g on g.group_id = p.group_id {there}"
        f" {teams} where p.user_id = of_person and {HERE} and g.partnership_id is null"
    )
    return "return query " + " union all ".join(parts) + ";"


READ = f"""
create function permissions_read(
    of_organization bigint, of_person bigint, known_epoch bigint, about_profile bigint, telling boolean
) returns table ({COLUMNS}) language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    this_epoch bigint;
    member record;
begin
    select e.epoch into this_epoch from permissions_accessepoch e where e.organization_id = of_organization;
    kind := 'epoch';
    object_id := this_epoch;
    return next;
    if this_epoch = known_epoch then
        return;
    end if;

    select m.id, m.reaches_all_workspaces, m.starts_at, m.expires_at, m.status || ' ' || o.two_factor as words
        into member
        from orgs_membership m join orgs_organization o on o.id = m.organization_id
        where m.organization_id = of_organization and m.user_id = of_person;
    if not found then
        return;
    end if;
    kind := 'member';
    object_id := null;
    row_id := member.reaches_all_workspaces::int;
    starts_at := member.starts_at;
    expires_at := member.expires_at;
    words := member.words;
    return next;
    if not member.reaches_all_workspaces then
        return query select 'workspace'::text, w.workspace_id, null::bigint, null::bigint, null::bigint,
            null::timestamptz, null::timestamptz, null::bigint, null::timestamptz, null::text, null::text, null::text
            from orgs_workspaceaccess w where w.membership_id = member.id;
    end if;

    if about_profile is null then
        {grants(about=False, telling=False)}
    elsif telling then
        {grants(about=True, telling=True)}
    else
        {grants(about=True, telling=False)}
    end if;

    return query select 'role'::text, null::bigint, r.permission_id::bigint, r.id, null::bigint, null::timestamptz,
        null::timestamptz, null::bigint, null::timestamptz,
        r.scope || ' ' || r.slug || ' ' || array_to_string(r.actions, ','), r.name::text, null::text
        from permissions_role r where r.organization_id = of_organization;
end $$;
"""  # noqa: S608 - names of our own


class Migration(migrations.Migration):
    dependencies = [("permissions", "0004_epochs")]

    operations = [
        migrations.RunSQL(READ, "drop function permissions_read(bigint, bigint, bigint, bigint, boolean);"),
    ]
