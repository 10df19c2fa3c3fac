"""The settings for tools that read the project without running it: mypy's Django plugin."""

import os

for _name in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY"):
    os.environ.setdefault(_name, "postgresql://localhost/none")

from config.settings import *  # noqa: E402, F403
