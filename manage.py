#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it joins the embedded servers, or starts them while it runs."""

import os
import sys
from contextlib import AbstractContextManager, nullcontext

# These change or compare the schema, so they run as the role that owns it.
OWNER_COMMANDS = {
    "migrate",
    "makemigrations",
    "optimizemigration",
    "pgtrigger",
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
}
NEEDED = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY")


def servers(*, migrating: bool) -> AbstractContextManager[None]:
    """Return what gives this command its servers: nothing where the environment names them all."""
    if all(name in os.environ for name in NEEDED):
        return nullcontext()
    from devstack.embedded import servers_for_command

    return servers_for_command(migrating=migrating)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    migrating = len(sys.argv) > 1 and sys.argv[1] in OWNER_COMMANDS
    with servers(migrating=migrating):
        if migrating and "DATABASE_OWNER_URL" in os.environ:
            os.environ["DATABASE_URL"] = os.environ["DATABASE_OWNER_URL"]
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
