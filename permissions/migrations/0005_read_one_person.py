"""``permissions_read``: everything that bears on one member's rights, and the epoch it belongs to, in one statement.

A function because PostgreSQL keeps its plans: planned anew each time, the statement takes ten times as long. It is
stable, so all of it sees one and the same moment. Row-level security applies to it as to whoever calls it.

Whatever a later migration changes in these tables, it replaces this function by one of its own.
"""

from django.db import migrations

COLUMNS = """
    kind text, object_id bigint, permission_id bigint, row_id bigint, group_id bigint, starts_at timestamptz,
    expires_at timestamptz, giver_id bigint, given_at timestamptz, words text, giver text, team text
"""

# One row of a grant, in the order of the columns.
GRANT = """g.content_object_id, g.permission_id::bigint, g.id, {group}::bigint, g.starts_at, g.expires_at,
    g.granted_by_id, g.granted_at, g.reason::text"""
NO_NAMES = "null::text, null::text"
# Where one object is asked about, the names for its explanation come along.
NAMES = "coalesce(nullif(giver.name, ''), giver.email)::text, {team}::text"
GIVER = "left join accounts_user giver on giver.id = g.granted_by_id"

READ = f"""
create function permissions_read(of_organization bigint, of_person bigint, known_epoch bigint, about_profile bigint)
returns table ({COLUMNS}) language plpgsql stable as $$
#variable_conflict use_column
declare
    this_epoch bigint;
    reaches_all boolean;
begin
    select e.epoch into this_epoch from permissions_accessepoch e where e.organization_id = of_organization;
    return query select 'epoch'::text, this_epoch, null::bigint, null::bigint, null::bigint, null::timestamptz,
        null::timestamptz, null::bigint, null::timestamptz, null::text, {NO_NAMES};
    if this_epoch = known_epoch then
        return;
    end if;

    select m.reaches_all_workspaces into reaches_all from orgs_membership m
        where m.organization_id = of_organization and m.user_id = of_person;
    if not found then
        return;
    end if;
    return query select 'member'::text, null::bigint, null::bigint, m.reaches_all_workspaces::int::bigint, null::bigint,
        m.starts_at, m.expires_at, null::bigint, null::timestamptz, m.status || ' ' || o.two_factor, {NO_NAMES}
        from orgs_membership m join orgs_organization o on o.id = m.organization_id
        where m.organization_id = of_organization and m.user_id = of_person;
    if not reaches_all then
        return query select 'workspace'::text, w.workspace_id, null::bigint, null::bigint, null::bigint,
            null::timestamptz, null::timestamptz, null::bigint, null::timestamptz, null::text, {NO_NAMES}
            from orgs_workspaceaccess w join orgs_membership m on m.id = w.membership_id
            where w.organization_id = of_organization
                and m.organization_id = of_organization and m.user_id = of_person;
    end if;

    if about_profile is null then
        return query
            select 'organization'::text, {GRANT.format(group="null")}, {NO_NAMES}
                from orgs_organizationusergrant g
                where g.organization_id = of_organization and g.user_id = of_person
            union all
            select 'team', {GRANT.format(group="t.members_group_id")}, {NO_NAMES}
                from orgs_teamusergrant g join orgs_team t on t.id = g.content_object_id
                where g.organization_id = of_organization and g.user_id = of_person
            union all
            select 'direct', {GRANT.format(group="null")}, {NO_NAMES}
                from social_accounts_profileusergrant g
                where g.organization_id = of_organization and g.user_id = of_person
            union all
            select 'through_team', {GRANT.format(group="g.group_id")}, {NO_NAMES}
                from accounts_user_groups p join social_accounts_profilegroupgrant g on g.group_id = p.group_id
                where p.user_id = of_person and g.organization_id = of_organization and g.partnership_id is null;
    else
        return query
            select 'organization'::text, {GRANT.format(group="null")}, {NAMES.format(team="null")}
                from orgs_organizationusergrant g {GIVER}
                where g.content_object_id = of_organization and g.organization_id = of_organization
                    and g.user_id = of_person
            union all
            select 'team', {GRANT.format(group="t.members_group_id")}, {NAMES.format(team="t.name")}
                from orgs_teamusergrant g join orgs_team t on t.id = g.content_object_id {GIVER}
                where g.organization_id = of_organization and g.user_id = of_person
            union all
            select 'direct', {GRANT.format(group="null")}, {NAMES.format(team="null")}
                from social_accounts_profileusergrant g {GIVER}
                where g.content_object_id = about_profile and g.organization_id = of_organization
                    and g.user_id = of_person
            union all
            select 'through_team', {GRANT.format(group="g.group_id")}, {NAMES.format(team="t.name")}
                from accounts_user_groups p
                join social_accounts_profilegroupgrant g
                    on g.content_object_id = about_profile and g.group_id = p.group_id
                left join orgs_team t on t.members_group_id = g.group_id {GIVER}
                where p.user_id = of_person and g.organization_id = of_organization and g.partnership_id is null;
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
        migrations.RunSQL(READ, "drop function permissions_read(bigint, bigint, bigint, bigint);"),
    ]
