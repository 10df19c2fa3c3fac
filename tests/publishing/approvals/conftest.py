from __future__ import annotations

from collections.abc import Iterator

import pytest

from tenancy.context import organization_open
from tests.cast import Acme


@pytest.fixture
def inside(acme: Acme) -> Iterator[Acme]:
    with organization_open(acme.organization.pk):
        yield acme
