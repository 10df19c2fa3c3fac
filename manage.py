#!/usr/bin/env python
"""Django's command line. Without DATABASE_URL it joins the embedded servers, or starts them while it runs."""

import os
import sys
from contextlib import nullcontext


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ and "SECRET_KEY" in os.environ:
        servers = nullcontext()
        if "DATABASE_OWNER_URL" in os.environ:
            from devstack.embedded import use_owner_role

            use_owner_role(sys.argv[1] if len(sys.argv) > 1 else "")
    else:
        from devstack.embedded import servers_for_command

        servers = servers_for_command(sys.argv)
    with servers:
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
