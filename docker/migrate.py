"""Bring the database up to the code, once: of web containers that start together one migrates, others wait.

Runs as the owner role (DATABASE_OWNER_URL); a lock in the database itself keeps the others out.
"""

import os
import subprocess
import sys

import psycopg

LOCK = 715_517_001  # any number, the same in every container of an installation


def main() -> int:
    url = os.environ.get("DATABASE_OWNER_URL") or os.environ["DATABASE_URL"]
    with psycopg.connect(url, autocommit=True, connect_timeout=30) as connection:
        connection.execute("select pg_advisory_lock(%s)", [LOCK])
        return subprocess.run([sys.executable, "manage.py", "migrate", "--noinput"], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
