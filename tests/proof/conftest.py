from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from devstack.test_servers import OwnServers
from sandbox.testing import SandboxServer
from tests.proof.factory import Factory, lead_to_sandbox


@pytest.fixture
def factory(own_servers: OwnServers, settings: Any, tmp_path: Path) -> Iterator[Factory]:
    with SandboxServer() as sandbox:
        lead_to_sandbox(sandbox, settings)
        with Factory(own_servers, sandbox, tmp_path) as made:
            yield made
