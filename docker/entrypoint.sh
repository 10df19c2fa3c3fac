#!/bin/sh
# The three processes of an installation. `web` migrates first, as the owner role, whose password it then forgets.
set -eu
cd "$(dirname "$0")/.."
case "${1:-web}" in
web)
    python docker/migrate.py
    unset DATABASE_OWNER_URL
    exec granian --interface wsgi --host "${CHORUS_BIND:-0.0.0.0}" --port "${PORT:-8000}" --no-ws \
        --workers "${CHORUS_WEB_WORKERS:-2}" --blocking-threads "${CHORUS_WEB_THREADS:-8}" config.wsgi:application
    ;;
worker)
    threads="${CHORUS_WORKER_THREADS:-16}"
    export CHORUS_DB_POOL="${CHORUS_DB_POOL:-2,$((threads + 4))}"
    exec celery -A config worker -P threads -c "$threads" -l "${CHORUS_CELERY_LOG_LEVEL:-WARNING}" \
        --without-gossip --without-mingle
    ;;
beat)
    exec celery -A config beat -l "${CHORUS_CELERY_LOG_LEVEL:-WARNING}" --pidfile= \
        --schedule "${CHORUS_BEAT_FILE:-/tmp/celerybeat-schedule}"
    ;;
*)
    exec "$@"
    ;;
esac
