from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.conf import global_settings

from devstack.test_servers import OwnServers
from tests.end_to_end.installation import Installation

Install = Callable[..., Installation]


@pytest.fixture
def install(own_servers: OwnServers, settings: Any, tmp_path: Path) -> Iterator[Install]:
    """Return what starts Chorus as processes, on servers of this test's own, with more environment given."""
    # The installation reads the passwords set here, so they are hashed as it hashes them.
    settings.PASSWORD_HASHERS = global_settings.PASSWORD_HASHERS
    with ExitStack() as stack:
        yield lambda **environment: stack.enter_context(Installation(own_servers, tmp_path, **environment))
