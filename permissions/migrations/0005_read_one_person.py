"""``permissions_read``: everything that bears on one member's rights, and the epoch it belongs to, in one statement.

A function because PostgreSQL keeps its plans: planned anew each time, the statement takes ten times as long. It is
stable, so all of it sees one and the same moment. Row-level security applies to it as to whoever calls it.

Asked about a profile, it reads only what decides there; asked to tell, it brings the names that explain it along.

``organization_id + 0`` keeps PostgreSQL from going through a whole organization: it plans for an ordinary one, once,
and the person's own rows are always the fewest.

Moments come as text: through Django each would be parsed in a dozen microseconds, and one person has hundreds.

Whatever a later migration changes in these tables, it replaces this function by one of its own.
"""

from django.db import migrations

COLUMNS = """
    kind text, object_id bigint, permission_id bigint, row_id bigint, group_id bigint, starts_at text,
    expires_at text, giver_id bigint, given_at text, words text, giver text, team text
"""

# The columns of a grant, after its kind.
GRANT = """g.content_object_id, g.permission_id::bigint, g.id, {group}::bigint, g.starts_at::text, g.expires_at::text,
    g.granted_by_id, g.granted_at::text, g.reason::text"""
GIVER = "left join accounts_user giver on giver.id = g.granted_by_id"
GIVER_NAME = "coalesce(nullif(giver.name, ''), giver.email)::text"
TEAM = "left join orgs_team t on t.members_group_id = g.group_id"


def way(kind: str, *, about: bool = False, telling: bool = False) -> str:
    """Return one of the four ways in which a grant reaches a person; only about a profile, and with names, if asked."""
    group, team, where = "null", "null", "g.user_id = of_person"
    if kind == "organization":
        tables = "orgs_organizationusergrant g"
        where += " and g.content_object_id = of_organization"
    elif kind == "team":
        tables, group = (
            "orgs_teamusergrant g join orgs_team t on t.id = g.content_object_id",
            "t.members_group_id",
        )
        team = "t.name"
    elif kind == "direct":
        tables = "social_accounts_profileusergrant g"
    else:
        tables = "accounts_user_groups p join social_accounts_profilegroupgrant g on g.group_id = p.group_id"
        tables, group, where = f"{tables} {TEAM if telling else ''}", "g.group_id", "p.user_id = of_person"
        where, team = f"{where} and g.partnership_id is null", "t.name"
    if about and kind in ("direct", "through_team"):
        where += " and g.content_object_id = about_profile"
    names = f"{GIVER_NAME}, {team}::text" if telling else "null::text, null::text"
    return (
        f"select '{kind}'::text, {GRANT.format(group=group)}, {names} from {tables} {GIVER if telling else ''}"  # noqa: S608
        f" where {where} and g.organization_id + 0 = of_organization"
    )


def ways(*kinds: str, about: bool = False, telling: bool = False) -> str:
    found = [way(kind, about=about, telling=telling) for kind in kinds]
    return f"return query {' union all '.join(found)};"


ALL = ("organization", "team", "direct", "through_team")

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

    select m.id, m.reaches_all_workspaces, m.starts_at::text, m.expires_at::text, m.status || ' ' || o.two_factor as words
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
            null::text, null::text, null::bigint, null::text, null::text, null::text, null::text
            from orgs_workspaceaccess w where w.membership_id = member.id;
    end if;

    if about_profile is null then
        {ways(*ALL)}
    elsif telling then
        {ways(*ALL, about=True, telling=True)}
    elsif exists (
        select from social_accounts_profileusergrant g
        where g.user_id = of_person and g.content_object_id = about_profile
            and g.organization_id + 0 = of_organization and g.starts_at is null and g.expires_at is null
    ) then  -- his own grant decides at every moment, whatever his teams have (R5.2)
        {ways("organization", "direct", about=True)}
    else
        {ways(*ALL, about=True)}
    end if;

    return query select 'role'::text, null::bigint, r.permission_id::bigint, r.id, null::bigint, null::text,
        null::text, null::bigint, null::text,
        r.scope || ' ' || r.slug || ' ' || array_to_string(r.actions, ','), r.name::text, null::text
        from permissions_role r where r.organization_id = of_organization;
end $$;
"""  # noqa: S608 - names of our own


class Migration(migrations.Migration):
    dependencies = [("permissions", "0004_epochs")]

    operations = [
        migrations.RunSQL(READ, "drop function permissions_read(bigint, bigint, bigint, bigint, boolean);"),
    ]
