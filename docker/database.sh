#!/bin/sh
# Run once by the database's image, when its volume is empty: the two roles, and what each may do.
# chorus_owner owns the schema and migrates; chorus_app serves people, owns nothing and is held by row-level security.
set -eu
: "${CHORUS_OWNER_PASSWORD:?}" "${CHORUS_APP_PASSWORD:?}"
psql --set ON_ERROR_STOP=1 --set owner="$CHORUS_OWNER_PASSWORD" --set app="$CHORUS_APP_PASSWORD" \
    --username "${POSTGRES_USER:-postgres}" --dbname "${POSTGRES_DB:-chorus}" ${CHORUS_PSQL_OPTIONS:-} <<'SQL'
create role chorus_owner login password :'owner';
create role chorus_app login password :'app';
select format('alter database %I owner to chorus_owner', current_database()) \gexec
create extension if not exists pg_trgm;
create extension if not exists btree_gist;
create extension if not exists citext;
alter schema public owner to chorus_owner;
grant usage on schema public to chorus_app;
alter default privileges for role chorus_owner in schema public
    grant select, insert, update, delete on tables to chorus_app;
alter default privileges for role chorus_owner in schema public grant usage, select on sequences to chorus_app;
SQL
