from __future__ import annotations

from tests.publishing.delivery.conftest import clock, desk, network

__all__ = ["clock", "desk", "network"]
