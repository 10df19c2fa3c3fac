"""What ``manage.py check --deploy`` says of the networks."""

from __future__ import annotations

from datetime import UTC, date, datetime

import time_machine

from social_accounts.checks import network_versions_live
from social_accounts.networks.versions import VERSIONS, ending_soon


def test_a_version_that_ends_within_two_months_is_warned_of() -> None:
    ends = VERSIONS["linkedin"].ends
    assert ends is not None
    assert [name for name, _version in ending_soon(date(ends.year, ends.month - 1, ends.day))] == ["linkedin"]
    with time_machine.travel(datetime(ends.year, ends.month, ends.day, tzinfo=UTC), tick=False):
        (warning,) = network_versions_live()
    assert warning.id == "social_accounts.W001"
    assert "linkedin" in warning.msg and VERSIONS["linkedin"].name in warning.msg


def test_today_every_version_lives() -> None:
    with time_machine.travel(datetime(2026, 11, 22, tzinfo=UTC), tick=False):
        assert network_versions_live() == []
