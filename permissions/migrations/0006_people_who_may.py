"""``permissions_people``: who of an organization may do one action on one object, as ids, in one statement.

The rules R1 and R3 to R7 over sets of people; which roles have the action is worked out by ``permissions.people``, and
comes as arrays of permission ids. Own roles are looked at here, for their actions lie in the table. Whoever is no
member, and might have a right here all the same, is named and not judged.

Kept by PostgreSQL with its plans, and stable: see ``0005_read_one_person``, also for ``organization_id + 0``. The
lateral joins with ``offset 0`` look each person's membership up instead of reading everybody's.
"""

from django.db import migrations

LIVE = "({0}.starts_at is null or {0}.starts_at <= at) and ({0}.expires_at is null or at < {0}.expires_at)"

# Each of the people with his membership, looked up one by one.
MEMBERSHIP = f"""cross join lateral (
            select m.id, m.reaches_all_workspaces from orgs_membership m
            where m.organization_id = of_organization and m.user_id = able.user_id
                and m.status = 'active' and {LIVE.format("m")}
            offset 0
        ) m"""  # noqa: S608 - names of our own


def holders(roles: str) -> str:
    """Return the organization grants of these roles, found role by role."""
    return f"""unnest({roles}) as roles(id) cross join lateral (
                select g.user_id, g.permission_id from orgs_organizationusergrant g
                where g.permission_id = roles.id and g.organization_id + 0 = of_organization and {LIVE.format("g")}
                offset 0
            ) g"""  # noqa: S608 - names of our own


PEOPLE = f"""
create function permissions_people(
    scope text, of_organization bigint, about bigint, in_workspace bigint, at timestamptz, action text,
    holding integer[],  -- roles of the object's own scope that have the action there
    bound_count boolean,  -- whether own roles bound to approval count there (R6)
    closing integer[],  -- roles that close a profile (R5.2)
    bringing integer[],  -- organization roles that bring the action on every object of the scope
    deciding integer[],  -- organization roles that bring anything there: nothing else counts (R5.1)
    running_teams integer[],   -- organization roles that bring the action wherever a team has the profile (H5, H6)
    running_team integer[],    -- team roles that bring the action on the team's profiles (H6)
    everywhere integer[]  -- organization roles that reach every workspace (R7)
) returns table (user_id bigint, is_member boolean)
language plpgsql stable set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
declare
    held integer[];
begin
    held := holding || array(
        select r.permission_id from permissions_role r
        where r.organization_id = of_organization and action = any(r.actions) and (
            bound_count or not 'profile.send_for_approval' = any(r.actions) or 'profile.publish_posts' = any(r.actions)
        )
    );
    if scope = 'profile' then
        return query
        with brought as materialized (
            select g.user_id, g.permission_id = any(bringing) as may
            from {holders("deciding")}
        ), direct as materialized (
            select g.user_id, bool_or(g.permission_id = any(held)) and not bool_or(g.permission_id = any(closing)) as may
            from social_accounts_profileusergrant g
            where g.content_object_id = about and g.organization_id + 0 = of_organization and {LIVE.format("g")}
            group by g.user_id
        ), links as materialized (
            select g.group_id, g.permission_id from social_accounts_profilegroupgrant g
            where g.content_object_id = about and g.organization_id + 0 = of_organization and g.partnership_id is null
                and {LIVE.format("g")}
        ), through_teams as (
            select p.user_id from links join accounts_user_groups p on p.group_id = links.group_id
            where links.permission_id = any(held)
            union
            select g.user_id from links join orgs_team t on t.members_group_id = links.group_id
            join orgs_teamusergrant g on g.content_object_id = t.id
            join accounts_user_groups p on p.group_id = links.group_id and p.user_id = g.user_id
            where cardinality(running_team) > 0 and g.permission_id = any(running_team) and {LIVE.format("g")}
            union
            select g.user_id from {holders("running_teams")}
            where exists (select from links)
        ), able as (
            select b.user_id from brought b where b.may
            union all
            select d.user_id from direct d where d.may and d.user_id not in (select b.user_id from brought b)
            union all
            select t.user_id from through_teams t
            where t.user_id not in (select d.user_id from direct d)
                and t.user_id not in (select b.user_id from brought b)
        )
        select able.user_id, true from able {MEMBERSHIP}
        where m.reaches_all_workspaces
            or exists (
                select from orgs_workspaceaccess w where w.membership_id = m.id and w.workspace_id = in_workspace
            )
            or exists (
                select from orgs_organizationusergrant g where g.content_object_id = of_organization
                    and g.user_id = able.user_id and g.permission_id = any(everywhere) and {LIVE.format("g")}
            );
    elsif scope = 'team' then
        return query
        with able as (
            select g.user_id from {holders("bringing")}
            union
            select g.user_id from orgs_teamusergrant g
            where g.content_object_id = about and g.organization_id + 0 = of_organization
                and g.permission_id = any(held) and {LIVE.format("g")}
        )
        select able.user_id, true from able {MEMBERSHIP};
    else
        return query
        select able.user_id, true from orgs_organizationusergrant able {MEMBERSHIP}
        where able.content_object_id = of_organization and able.permission_id = any(held) and {LIVE.format("able")};
    end if;

    return query
        with visitors as (
            select a.user_id from social_accounts_profileassignment a
            join social_accounts_profilegroupgrant g on g.id = a.grant_id
            where scope = 'profile' and g.content_object_id = about
            union
            select s.user_id from orgs_supportsession s
            where s.organization_id = of_organization and s.ended_at is null
        )
        select v.user_id, false from visitors v where not exists (
            select from orgs_membership m where m.organization_id = of_organization and m.user_id = v.user_id
        );
end $$;
"""  # noqa: S608 - names of our own


class Migration(migrations.Migration):
    dependencies = [("permissions", "0005_read_one_person")]

    operations = [
        migrations.RunSQL(
            PEOPLE,
            "drop function permissions_people(text, bigint, bigint, bigint, timestamptz, text, integer[], boolean,"
            " integer[], integer[], integer[], integer[], integer[], integer[]);",
        ),
    ]
